//! A gateway with moods, a person who bought something there, and what the ledger says of it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use axum::http::HeaderMap;
use domain::actor::Actor;
use domain::money::{Currency, Money};
use domain::orders::{How, OrderId, OrderLineId, Thing, Wanted};
use domain::payments::{PaymentId, RefundId, Told};
use domain::payouts::Wish;
use domain::refunds::{Destination, RefundState};
use domain::time::Timestamp;
use server::db::Count;
use server::features::payments::gateway::{
    Checkout, Demand, Gateway, Hint, Opened, RefundDemand, RefundTold, Rejected, Reversal, ReversalKind,
    Unsure,
};
use server::features::payments::store::Attempt;
use server::features::payments::{Reversals, Reversed};
use server::features::refunds::service::Quoted;
use server::features::refunds::store;
use server::sql;

use super::shop::COURSE;
use super::{Person, TestApp};

/// How the bank answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    Works,
    Slow,
    Refuses,
    /// It cannot go on before a person looks at it.
    Stuck,
    /// It gives the money back, and its answer is lost.
    LosesAnswers,
    /// It hears nothing, and its answer is lost.
    Deaf,
}

/// A gateway with a memory and moods.
pub struct Moody {
    mood: Mutex<Mood>,
    given: Mutex<HashMap<RefundId, i64>>,
    calls: Mutex<Vec<RefundId>>,
}

impl Moody {
    pub fn open(app: &TestApp) -> Arc<Self> {
        let bank = Arc::new(Self {
            mood: Mutex::new(Mood::Works),
            given: Mutex::default(),
            calls: Mutex::default(),
        });
        app.services.payments.register(bank.clone());
        bank
    }
    pub fn is(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }
    pub fn given(&self) -> i64 {
        self.given.lock().unwrap().values().sum()
    }
    pub fn calls(&self) -> Vec<RefundId> {
        self.calls.lock().unwrap().clone()
    }
}

#[async_trait]
impl Gateway for Moody {
    fn name(&self) -> &'static str {
        "bank"
    }
    fn takes(&self, _: Currency) -> bool {
        true
    }
    async fn create(&self, demand: &Demand) -> Result<Opened, Unsure> {
        Ok(Checkout::Page(format!("/pay/bank/{}", demand.attempt)).into())
    }
    fn verify(&self, _: &HeaderMap, _: &[u8], _: Timestamp) -> Result<String, Rejected> {
        Err(Rejected::Signature)
    }
    fn read(&self, _: &[u8]) -> Option<Hint> {
        None
    }
    async fn query(&self, _: &Attempt) -> Result<Told, Unsure> {
        Ok(Told::Pending)
    }
    async fn close(&self, _: &Attempt) -> Result<Told, Unsure> {
        Ok(Told::Closed)
    }
    async fn refund(&self, refund: &RefundDemand) -> Result<RefundTold, Unsure> {
        self.calls.lock().unwrap().push(refund.refund);
        let mood = *self.mood.lock().unwrap();
        if matches!(mood, Mood::Works | Mood::Slow | Mood::Stuck | Mood::LosesAnswers) {
            self.given.lock().unwrap().insert(refund.refund, refund.amount.minor);
        }
        match mood {
            Mood::Works => Ok(RefundTold::Succeeded),
            Mood::Slow => Ok(RefundTold::Pending),
            Mood::Stuck => Ok(RefundTold::Stuck("ABNORMAL".to_owned())),
            Mood::Refuses => Ok(RefundTold::Failed("the account is closed".to_owned())),
            Mood::LosesAnswers | Mood::Deaf => Err(Unsure("no answer".to_owned())),
        }
    }
    async fn query_refund(&self, refund: &RefundDemand) -> Result<RefundTold, Unsure> {
        let known = self.given.lock().unwrap().contains_key(&refund.refund);
        if known && *self.mood.lock().unwrap() == Mood::Stuck {
            return Ok(RefundTold::Stuck("ABNORMAL".to_owned()));
        }
        Ok(if known { RefundTold::Succeeded } else { RefundTold::NotFound })
    }
}

pub fn yuan(minor: i64) -> Money {
    Money::new(minor, Currency::Cny)
}

/// A person with a paid order.
pub struct Buyer {
    pub person: Person,
    pub actor: Actor,
    pub order: OrderId,
    pub payment: PaymentId,
    pub lines: Vec<OrderLineId>,
}

pub async fn bought(app: &TestApp, name: &str, things: &[Thing]) -> Buyer {
    let person = app.learner(name).await;
    let actor = person.actor().await;
    let wanted = things.iter().map(|thing| Wanted::one(*thing)).collect();
    let order = app.services.orders.place_many(&actor, wanted, How::default()).await.unwrap();
    let payment = app.services.payments.begin(&actor, order, "bank").await.unwrap();
    let amount = server::features::payments::store::attempt(&app.services.kit.db, payment)
        .await
        .unwrap()
        .unwrap()
        .amount;
    let told = Told::Confirmed { charge: format!("ch_{name}"), amount };
    app.services.payments.learn(payment, &told, "test").await.unwrap();
    let lines = server::features::orders::store::lines(&app.services.kit.db, order).await.unwrap();
    Buyer { person, actor, order, payment, lines: lines.into_iter().map(|line| line.id).collect() }
}

/// Pays a placed order at the bank, through the locks and the ledger as a notice does; its buyer.
pub async fn pays(app: &TestApp, order: OrderId) -> Buyer {
    let db = &app.services.kit.db;
    let placed = server::features::orders::store::order(db, order).await.unwrap().unwrap();
    let mut person = app.stranger();
    person.username = server::features::orders::store::username(db, placed.account).await.unwrap();
    let actor = person.actor().await;
    let payment = app.services.payments.begin(&actor, order, "bank").await.unwrap();
    let told = Told::Confirmed { charge: format!("ch_{order}"), amount: placed.total };
    app.services.payments.learn(payment, &told, "test").await.unwrap();
    let lines = server::features::orders::store::lines(db, order).await.unwrap();
    Buyer { person, actor, order, payment, lines: lines.into_iter().map(|line| line.id).collect() }
}

/// Somebody of the platform.
pub async fn steward(app: &TestApp) -> Actor {
    match app.services.accounts.actor("steward").await.unwrap() {
        Some(steward) => steward,
        None => app.admin("steward").await.actor().await,
    }
}

/// Staff gives back all that is left of an order, and the bank sends it.
pub async fn gives_back(app: &TestApp, order: OrderId) {
    let steward = steward(app).await;
    let refunds = &app.services.refunds;
    let mut tx = app.services.kit.db.begin().await.unwrap();
    let placed = server::features::orders::store::order_in(&mut tx, order).await.unwrap().unwrap();
    let quoted = refunds.quote(&mut tx, &placed, app.services.kit.now()).await.unwrap();
    drop(tx);
    let left = |one: &Quoted| (one.line.id.to_string(), yuan(one.facts.left()).decimal());
    let amounts = quoted.iter().map(left).collect();
    refunds.grant(&steward, order, &amounts, Destination::Gateway, "all of it").await.unwrap();
    app.runs_jobs().await;
}

pub async fn owns(app: &TestApp, actor: &Actor, thing: Thing) -> bool {
    let now = app.services.kit.now();
    app.services.orders.access(Some(actor.account), &thing, now).await.unwrap().is_allowed()
}

pub async fn holds(app: &TestApp, name: &str) -> i64 {
    let sql = sql!(
        "select coalesce(cast(sum(credits - debits) as bigint), 0) as n from ledger_accounts where name = $1",
        name
    );
    app.services.kit.db.one::<Count>(sql).await.unwrap().n
}

pub async fn balanced(app: &TestApp) {
    assert_eq!(server::audit::audit(&app.services.kit.db).await.unwrap().findings, []);
}

pub async fn state(app: &TestApp, order: OrderId) -> (RefundState, i64) {
    let refund = store::of_order(&app.services.kit.db, order).await.unwrap().remove(0);
    (refund.state, refund.amount.minor)
}

pub async fn request(app: &TestApp, buyer: &Buyer, lines: &[OrderLineId]) -> server::Result<RefundId> {
    let refunds = &app.services.refunds;
    let refund = refunds.request(&buyer.actor, buyer.order, lines, Destination::Gateway).await?;
    Ok(refund.expect("it cost money"))
}

/// Lets an author have four fifths of the course.
pub async fn shared(app: &TestApp, author: &Actor) {
    let mut tx = app.services.kit.db.begin().await.unwrap();
    for (position, party, account, points) in
        [(0_i64, "platform", None, 2_000_i64), (1, "author", Some(author.account), 8_000)]
    {
        tx.run(sql!(
            "insert into revenue_rules (thing_kind, thing_id, position, party, account_id, basis_points, changed_at)
             values ('course', $1, $2, $3, $4, $5, 0)",
            COURSE.uuid(),
            position,
            party,
            account,
            points
        ))
        .await
        .unwrap();
    }
    tx.commit().await.unwrap();
}

pub fn payable(actor: &Actor) -> String {
    format!("payable:organiser:{}", actor.account)
}

pub fn wish(minor: i64) -> Wish {
    Wish { amount: yuan(minor), holder: "Ada".to_owned(), bank: "Bank 1234".to_owned() }
}

pub async fn tells(app: &TestApp, buyer: &Buyer, reference: &str, kind: ReversalKind, minor: i64) -> bool {
    let db = &app.services.kit.db;
    let mut tx = db.begin().await.unwrap();
    let reversed = Reversed {
        gateway: "bank".to_owned(),
        payment: buyer.payment,
        order: buyer.order,
        reversal: Reversal { reference: reference.to_owned(), kind, amount: yuan(minor) },
        notice: app.services.kit.id(),
    };
    let explained = app.services.refunds.reversed(&mut tx, &reversed, app.services.kit.now()).await.unwrap();
    tx.commit().await.unwrap();
    explained
}
