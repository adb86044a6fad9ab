//! Stories of refunds, disputes, credit, payouts and prizes: every cent is where the ledger says.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use axum::http::HeaderMap;
use domain::actor::Actor;
use domain::money::{Currency, Money};
use domain::orders::{How, OrderId, OrderLineId, Thing, Wanted};
use domain::payments::{PaymentId, RefundId, Told};
use domain::payouts::{PayoutId, PayoutStep, Wish};
use domain::refunds::{Destination, RefundKind, RefundState};
use domain::time::{Span, Timestamp};
use server::db::Count;
use server::features::payments::gateway::{
    Checkout, Demand, Gateway, Hint, Opened, RefundDemand, RefundTold, Rejected, Reversal, ReversalKind,
    Unsure,
};
use server::features::payments::store::Attempt;
use server::features::payments::{Reversals, Reversed};
use server::features::refunds::store::{self, Refund};
use server::sql;

use crate::both;
use crate::support::shop::{self, COURSE, ENTRY};
use crate::support::{Person, TestApp};

/// How the bank answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mood {
    Works,
    Slow,
    Refuses,
    /// It gives the money back, and its answer is lost.
    LosesAnswers,
    /// It hears nothing, and its answer is lost.
    Deaf,
}

/// A gateway with a memory and moods.
struct Bank {
    mood: Mutex<Mood>,
    given: Mutex<HashMap<RefundId, i64>>,
    calls: Mutex<Vec<RefundId>>,
}

impl Bank {
    fn open(app: &TestApp) -> Arc<Self> {
        let bank = Arc::new(Self {
            mood: Mutex::new(Mood::Works),
            given: Mutex::default(),
            calls: Mutex::default(),
        });
        app.services.payments.register(bank.clone());
        bank
    }
    fn is(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }
    fn given(&self) -> i64 {
        self.given.lock().unwrap().values().sum()
    }
    fn calls(&self) -> Vec<RefundId> {
        self.calls.lock().unwrap().clone()
    }
}

#[async_trait]
impl Gateway for Bank {
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
        if matches!(mood, Mood::Works | Mood::Slow | Mood::LosesAnswers) {
            self.given.lock().unwrap().insert(refund.refund, refund.amount.minor);
        }
        match mood {
            Mood::Works => Ok(RefundTold::Succeeded),
            Mood::Slow => Ok(RefundTold::Pending),
            Mood::Refuses => Ok(RefundTold::Failed("the account is closed".to_owned())),
            Mood::LosesAnswers | Mood::Deaf => Err(Unsure("no answer".to_owned())),
        }
    }
    async fn query_refund(&self, refund: &RefundDemand) -> Result<RefundTold, Unsure> {
        let known = self.given.lock().unwrap().contains_key(&refund.refund);
        Ok(if known { RefundTold::Succeeded } else { RefundTold::NotFound })
    }
}

fn yuan(minor: i64) -> Money {
    Money::new(minor, Currency::Cny)
}

/// A person with a paid order.
struct Buyer {
    person: Person,
    actor: Actor,
    order: OrderId,
    payment: PaymentId,
    lines: Vec<OrderLineId>,
}

async fn bought(app: &TestApp, name: &str, things: &[Thing]) -> Buyer {
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

async fn owns(app: &TestApp, actor: &Actor, thing: Thing) -> bool {
    let now = app.services.kit.now();
    app.services.orders.access(Some(actor.account), &thing, now).await.unwrap().is_allowed()
}

async fn holds(app: &TestApp, name: &str) -> i64 {
    let sql = sql!(
        "select coalesce(cast(sum(credits - debits) as bigint), 0) as n from ledger_accounts where name = $1",
        name
    );
    app.services.kit.db.one::<Count>(sql).await.unwrap().n
}

async fn balanced(app: &TestApp) {
    assert_eq!(server::audit::audit(&app.services.kit.db).await.unwrap().findings, []);
}

async fn state(app: &TestApp, order: OrderId) -> (RefundState, i64) {
    let refund = store::of_order(&app.services.kit.db, order).await.unwrap().remove(0);
    (refund.state, refund.amount.minor)
}

async fn request(app: &TestApp, buyer: &Buyer, lines: &[OrderLineId]) -> server::Result<RefundId> {
    app.services.refunds.request(&buyer.actor, buyer.order, lines, Destination::Gateway).await
}

/// Lets an author have four fifths of the course.
async fn shared(app: &TestApp, author: &Actor) {
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

fn payable(actor: &Actor) -> String {
    format!("payable:organiser:{}", actor.account)
}

fn wish(minor: i64) -> Wish {
    Wish { amount: yuan(minor), holder: "Ada".to_owned(), bank: "Bank 1234".to_owned() }
}

async fn tells(app: &TestApp, buyer: &Buyer, reference: &str, kind: ReversalKind, minor: i64) -> bool {
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

both! {
    async fn what_is_given_back_ends_at_once_and_the_money_follows(app: TestApp) {
        shop::open(&app);
        let bank = Bank::open(&app);
        let mut bob = bought(&app, "bob", &[COURSE]).await;
        assert!(owns(&app, &bob.actor, COURSE).await);
        let page = format!("/en/orders/{}/refund", bob.order);
        bob.person.gets(&page).await.status(200).shows("You get ¥39 back.").shows("within 168 hours after paying");
        bob.person.gets(&page.replace("/en/", "/zh/")).await.status(200).shows("可退回¥39。");
        let order = bob.order.to_string();
        let field = format!("lines[{}]", bob.lines[0]);
        let fields = [("order", order.as_str()), (field.as_str(), "true"), ("to", "gateway")];
        bob.person.submits(&page, "/api/refunds/request", &fields).await.status(303);
        assert!(!owns(&app, &bob.actor, COURSE).await, "the right ends with the request, not with the bank");
        assert_eq!(holds(&app, "refund:inflight").await, 3_900);
        balanced(&app).await;
        app.runs_jobs().await;
        assert_eq!((state(&app, bob.order).await, bank.given()), ((RefundState::Succeeded, 3_900), 3_900));
        for account in ["refund:inflight", "platform:fee", "gateway:bank:clearing"] {
            assert_eq!(holds(&app, account).await, 0, "{account}");
        }
        bob.person.gets(&format!("/en/orders/{order}")).await.shows("Refunded");
        bob.person.posts("/api/refunds/request", &fields).await.denied("refund_not_paid");
        balanced(&app).await;
    }

    async fn somebody_elses_order_gives_nothing_back(app: TestApp) {
        shop::open(&app);
        Bank::open(&app);
        let bob = bought(&app, "bob", &[COURSE]).await;
        let mut eve = app.learner("eve").await;
        let order = bob.order.to_string();
        let field = format!("lines[{}]", bob.lines[0]);
        eve.gets(&format!("/en/orders/{order}/refund")).await.status(404).hides("¥39");
        eve.posts("/api/refunds/request", &[("order", &order), (&field, "true")]).await.status(404);
        eve.posts("/api/refunds/grant", &[("order", &order), ("reason", "I am staff")]).await.status(404);
        for page in ["/en/admin/refunds", "/en/admin/finance", "/en/admin/finance/transfers", "/en/admin/payouts"] {
            eve.gets(page).await.status(404);
        }
        eve.gets("/api/finance/transfers.csv").await.status(404);
        eve.posts("/api/payouts/export.csv", &[]).await.status(404);
        app.stranger().posts("/api/refunds/request", &[("order", &order)]).await.status(401);
        let mut bob = bob.person;
        bob.posts("/api/refunds/request", &[("order", &order)]).await.invalid("lines", "choose_a_line");
        bob.posts("/api/refunds/request", &[("order", &order), ("lines[x]", "true")]).await.status(404);
        bob.posts("/api/refunds/request", &[("order", "x"), (&field, "true")]).await.status(404);
    }

    async fn the_policy_of_the_day_of_buying_counts_to_the_last_instant(app: TestApp) {
        shop::open(&app);
        Bank::open(&app);
        let bob = bought(&app, "bob", &[COURSE]).await;
        let eve = bought(&app, "eve", &[COURSE]).await;
        let mut tx = app.services.kit.db.begin().await.unwrap();
        tx.run(sql!("update refund_policy_bindings set policy = 'staff' where thing_kind = 'course'")).await.unwrap();
        tx.commit().await.unwrap();
        app.wait(Span::hours(168));
        request(&app, &bob, &bob.lines).await.expect("the last instant belongs to the buyer");
        app.wait(Span::from_micros(1));
        let refused = request(&app, &eve, &eve.lines).await.unwrap_err();
        assert!(refused.to_string().contains("refund_too_late"), "{refused}");
        let carl = bought(&app, "carl", &[COURSE]).await;
        let refused = request(&app, &carl, &carl.lines).await.unwrap_err();
        assert!(refused.to_string().contains("refund_staff_only"), "{refused}");
        app.runs_jobs().await;
        balanced(&app).await;
    }

    async fn part_of_an_order_goes_back_and_the_rest_stays(app: TestApp) {
        shop::open(&app);
        let bank = Bank::open(&app);
        let bob = bought(&app, "bob", &[COURSE, ENTRY]).await;
        request(&app, &bob, &bob.lines[..1]).await.unwrap();
        app.runs_jobs().await;
        assert!(!owns(&app, &bob.actor, COURSE).await && owns(&app, &bob.actor, ENTRY).await);
        assert_eq!(bank.given(), 3_900);
        let staff = app.admin("root").await.actor().await;
        let amounts = BTreeMap::from([(bob.lines[1].to_string(), "40".to_owned())]);
        let grant = |amounts: BTreeMap<String, String>| {
            let (app, staff) = (app.clone(), staff.clone());
            async move { app.services.refunds.grant(&staff, bob.order, &amounts, Destination::Gateway, "goodwill").await }
        };
        grant(amounts).await.unwrap();
        app.runs_jobs().await;
        assert!(owns(&app, &bob.actor, ENTRY).await, "a part of a price ends no right");
        let over = grant(BTreeMap::from([(bob.lines[1].to_string(), "60.01".to_owned())])).await.unwrap_err();
        assert!(over.to_string().contains("refund_exceeds"), "{over}");
        grant(BTreeMap::from([(bob.lines[1].to_string(), "60".to_owned())])).await.unwrap();
        app.runs_jobs().await;
        assert!(!owns(&app, &bob.actor, ENTRY).await);
        assert_eq!(bank.given(), 13_900);
        assert_eq!(holds(&app, "gateway:bank:clearing").await, 0);
        balanced(&app).await;
    }

    async fn never_more_than_was_taken_and_the_unlocked_twin_does(app: TestApp) {
        shop::open(&app);
        let bank = Bank::open(&app);
        let bob = bought(&app, "bob", &[COURSE]).await;
        let tries = (0..8).map(|_| request(&app, &bob, &bob.lines));
        let given = futures_util::future::join_all(tries).await.into_iter().filter(Result::is_ok).count();
        assert_eq!(given, 1, "eight clicks, one refund");
        app.runs_jobs().await;
        assert_eq!(bank.given(), 3_900);
        balanced(&app).await;

        // The twin looks first and writes later, without a lock between.
        let eve = bought(&app, "eve", &[COURSE]).await;
        let db = &app.services.kit.db;
        let barrier = tokio::sync::Barrier::new(4);
        let twins = (0..4).map(|_| async {
            let mut tx = db.begin().await.unwrap();
            let back = store::returned_of_charge(&mut tx, "bank", "ch_eve").await.unwrap();
            drop(tx);
            barrier.wait().await;
            if back > 0 {
                return;
            }
            let refund = Refund {
                id: app.services.kit.id(),
                order: eve.order,
                payment: eve.payment,
                gateway: "bank".to_owned(),
                charge: "ch_eve".to_owned(),
                amount: yuan(3_900),
                kind: RefundKind::Lines,
                destination: Destination::Gateway,
                state: RefundState::Requested,
                reason: String::new(),
                policy: String::new(),
                outside: None,
                requested_by: None,
                requested_at: app.services.kit.now(),
            };
            let mut tx = db.begin().await.unwrap();
            store::add(&mut tx, &refund).await.unwrap();
            tx.commit().await.unwrap();
        });
        futures_util::future::join_all(twins).await;
        let findings = server::audit::audit(db).await.unwrap().findings;
        let found = findings.iter().find(|found| found.rule == "never more goes back than was taken");
        assert_eq!(found.map(|found| found.what.as_str()), Some("15600 of 3900 go back"), "{findings:?}");
    }

    async fn an_answer_that_is_lost_is_asked_for_and_nothing_goes_back_twice(app: TestApp) {
        shop::open(&app);
        let bank = Bank::open(&app);
        let bob = bought(&app, "bob", &[COURSE]).await;
        bank.is(Mood::LosesAnswers);
        let refund = request(&app, &bob, &bob.lines).await.unwrap();
        app.runs_jobs().await;
        assert_eq!(state(&app, bob.order).await.0, RefundState::Unknown);
        assert!(!owns(&app, &bob.actor, COURSE).await);
        balanced(&app).await;
        app.wait(Span::minutes(1));
        app.restarted().await;
        app.runs_jobs().await;
        assert_eq!(state(&app, bob.order).await.0, RefundState::Succeeded);
        assert_eq!((bank.calls(), bank.given()), (vec![refund], 3_900), "asked, not sent again");
        balanced(&app).await;
    }

    async fn what_the_gateway_never_heard_of_is_sent_again_under_its_own_id(app: TestApp) {
        shop::open(&app);
        let bank = Bank::open(&app);
        let bob = bought(&app, "bob", &[COURSE]).await;
        bank.is(Mood::Deaf);
        let refund = request(&app, &bob, &bob.lines).await.unwrap();
        app.runs_jobs().await;
        for pause in [Span::minutes(1), Span::minutes(5), Span::minutes(15)] {
            assert_eq!(state(&app, bob.order).await.0, RefundState::Unknown);
            app.wait(pause);
            app.runs_jobs().await;
        }
        bank.is(Mood::Works);
        app.wait(Span::hours(1));
        app.runs_jobs().await;
        assert_eq!(state(&app, bob.order).await.0, RefundState::Succeeded);
        assert!(bank.calls().iter().all(|id| *id == refund), "never under another id");
        assert_eq!(bank.given(), 3_900);
        balanced(&app).await;
    }

    async fn what_the_gateway_refuses_comes_back_with_its_right_and_a_person_hears(app: TestApp) {
        shop::open(&app);
        let bank = Bank::open(&app);
        let ada = app.expert("ada").await.actor().await;
        shared(&app, &ada).await;
        let bob = bought(&app, "bob", &[COURSE]).await;
        bank.is(Mood::Refuses);
        request(&app, &bob, &bob.lines).await.unwrap();
        assert_eq!(holds(&app, &payable(&ada)).await, 0);
        app.runs_jobs().await;
        assert_eq!(state(&app, bob.order).await.0, RefundState::Failed);
        assert!(owns(&app, &bob.actor, COURSE).await);
        assert_eq!((holds(&app, &payable(&ada)).await, holds(&app, "platform:fee").await), (3_120, 780));
        let mut root = app.admin("root").await;
        root.gets("/en/admin/refunds?state=failed").await.status(200).shows("¥39");
        balanced(&app).await;
        bank.is(Mood::Slow);
        request(&app, &bob, &bob.lines).await.expect("a new request is a new refund");
        app.runs_jobs().await;
        assert_eq!(state(&app, bob.order).await.0, RefundState::Sent);
        app.wait(Span::minutes(1));
        app.runs_jobs().await;
        assert_eq!(state(&app, bob.order).await.0, RefundState::Succeeded);
        balanced(&app).await;
    }

    async fn a_refund_of_the_console_is_booked_once_and_spread(app: TestApp) {
        shop::open(&app);
        Bank::open(&app);
        let bob = bought(&app, "bob", &[COURSE, ENTRY]).await;
        let done = || ReversalKind::Refund { ours: None, told: RefundTold::Succeeded };
        assert!(tells(&app, &bob, "re_1", done(), 1_390).await);
        assert!(tells(&app, &bob, "re_1", done(), 1_390).await, "the same again is the same");
        assert_eq!(holds(&app, "gateway:bank:clearing").await, -12_510);
        assert!(owns(&app, &bob.actor, COURSE).await);
        assert!(!tells(&app, &bob, "re_2", done(), 12_511).await, "more than is left is a person's matter");
        assert!(!tells(&app, &bob, "re_1", done(), 1_391).await, "the same name with another amount too");
        balanced(&app).await;
        assert!(tells(&app, &bob, "re_3", done(), 12_510).await);
        assert!(!owns(&app, &bob.actor, COURSE).await && !owns(&app, &bob.actor, ENTRY).await);
        assert_eq!(holds(&app, "gateway:bank:clearing").await, 0);
        balanced(&app).await;
    }

    async fn a_dispute_holds_the_money_and_a_lost_one_takes_the_right(app: TestApp) {
        shop::open(&app);
        Bank::open(&app);
        let ada = app.expert("ada").await.actor().await;
        shared(&app, &ada).await;
        let bob = bought(&app, "bob", &[COURSE]).await;
        let eve = bought(&app, "eve", &[COURSE]).await;
        app.wait(Span::days(8));
        for _ in 0..2 {
            assert!(tells(&app, &bob, "dp_1", ReversalKind::Disputed, 3_900).await);
        }
        assert!(owns(&app, &bob.actor, COURSE).await, "a dispute is not lost yet");
        let earned = app.services.payouts.earned(ada.account).await.unwrap()[0];
        assert_eq!(earned.available, yuan(3_120), "the disputed part waits");
        balanced(&app).await;
        let staff = app.admin("root").await.actor().await;
        let amounts = BTreeMap::from([(bob.lines[0].to_string(), "1".to_owned())]);
        let twice = app.services.refunds.grant(&staff, bob.order, &amounts, Destination::Gateway, "goodwill").await;
        assert!(twice.unwrap_err().to_string().contains("refund_exceeds"));
        for _ in 0..2 {
            assert!(tells(&app, &bob, "dp_1", ReversalKind::DisputeLost, 3_900).await);
        }
        assert!(!owns(&app, &bob.actor, COURSE).await);
        assert_eq!(holds(&app, &payable(&ada)).await, 3_120);
        assert_eq!(holds(&app, "dispute:held").await, 0);
        balanced(&app).await;
        assert!(tells(&app, &eve, "dp_2", ReversalKind::Disputed, 3_900).await);
        assert!(tells(&app, &eve, "dp_2", ReversalKind::DisputeWon, 3_900).await);
        assert!(owns(&app, &eve.actor, COURSE).await);
        assert_eq!((holds(&app, "dispute:held").await, holds(&app, "gateway:bank:clearing").await), (0, -3_900));
        balanced(&app).await;
    }

    async fn credit_is_spent_once_and_never_overdrawn(app: TestApp) {
        shop::open(&app);
        Bank::open(&app);
        let mut bob = bought(&app, "bob", &[COURSE]).await;
        let services = &app.services;
        services.refunds.request(&bob.actor, bob.order, &bob.lines, Destination::Wallet).await.unwrap();
        assert_eq!(state(&app, bob.order).await.0, RefundState::Succeeded, "to the wallet at once");
        assert_eq!(holds(&app, &format!("customer:{}:credit", bob.actor.account)).await, 3_900);
        bob.person.gets("/en/wallet").await.status(200).shows("¥39").shows("Refund to credit");
        let order = services.orders.place(&bob.actor, COURSE).await.unwrap();
        let payment = services.payments.begin(&bob.actor, order, "wallet").await.unwrap();
        let page = format!("/en/pay/wallet/{payment}");
        bob.person.gets(&page).await.status(200).shows("Pay ¥39");
        app.learner("eve").await.gets(&page).await.status(404);
        let tries = (0..6).map(|_| services.wallet.pay(&bob.actor, payment));
        futures_util::future::join_all(tries).await;
        assert_eq!(holds(&app, &format!("customer:{}:credit", bob.actor.account)).await, 0, "paid once");
        assert!(owns(&app, &bob.actor, COURSE).await);
        assert_eq!(holds(&app, "gateway:wallet:clearing").await, 0);
        balanced(&app).await;
        let dear = services.orders.place(&bob.actor, ENTRY).await.unwrap();
        let payment = services.payments.begin(&bob.actor, dear, "wallet").await.unwrap();
        bob.person.posts("/api/wallet/pay", &[("payment", &payment.to_string())]).await.denied("wallet_too_little");
        assert!(!owns(&app, &bob.actor, ENTRY).await);
        balanced(&app).await;
        let lines = server::features::orders::store::lines(&services.kit.db, order).await.unwrap();
        services.refunds.request(&bob.actor, order, &[lines[0].id], Destination::Gateway).await.unwrap();
        assert_eq!(holds(&app, &format!("customer:{}:credit", bob.actor.account)).await, 3_900, "back where it was");
        balanced(&app).await;
    }

    async fn two_orders_and_credit_for_one(app: TestApp) {
        shop::open(&app);
        Bank::open(&app);
        let bob = bought(&app, "bob", &[ENTRY]).await;
        let services = &app.services;
        let staff = app.admin("root").await.actor().await;
        let amounts = BTreeMap::from([(bob.lines[0].to_string(), "39".to_owned())]);
        services.refunds.grant(&staff, bob.order, &amounts, Destination::Wallet, "goodwill").await.unwrap();
        let order = services.orders.place(&bob.actor, COURSE).await.unwrap();
        let payment = services.payments.begin(&bob.actor, order, "wallet").await.unwrap();
        services.wallet.pay(&bob.actor, payment).await.unwrap();
        let other = Thing::Course(domain::courses::CourseId(uuid::Uuid::from_u128(0xc0)));
        assert!(services.orders.place(&bob.actor, other).await.is_err(), "it is bought");
        balanced(&app).await;
    }

    async fn earnings_wait_for_the_guarantee_and_two_people_approve(app: TestApp) {
        shop::open(&app);
        Bank::open(&app);
        let mut ada = app.expert("ada").await;
        let author = ada.actor().await;
        shared(&app, &author).await;
        bought(&app, "bob", &[COURSE]).await;
        let payouts = &app.services.payouts;
        let earned = payouts.earned(author.account).await.unwrap()[0];
        assert_eq!((earned.owed, earned.held, earned.available), (yuan(3_120), yuan(3_120), yuan(0)));
        assert!(payouts.request(&author, wish(1_000)).await.unwrap_err().to_string().contains("payout_too_much"));
        app.wait(Span::hours(168));
        assert!(payouts.request(&author, wish(1_000)).await.is_err(), "the last instant belongs to the buyer");
        app.wait(Span::from_micros(1));
        ada.gets("/en/earnings").await.status(200).shows("¥31.20");
        let tries = (0..6).map(|_| payouts.request(&author, wish(3_000)));
        let made: Vec<PayoutId> = futures_util::future::join_all(tries).await.into_iter().filter_map(Result::ok).collect();
        assert_eq!(made.len(), 1, "six clicks, one payout");
        let payout = made[0];
        balanced(&app).await;
        app.services.accounts.change_role(None, "ada", domain::actor::Role::Admin, true).await.unwrap();
        let (root, mate) = (app.admin("root").await.actor().await, app.admin("mate").await.actor().await);
        let author = ada.actor().await;
        assert!(payouts.approve(&author, payout).await.unwrap_err().to_string().contains("payout_own"));
        assert!(payouts.step(&root, payout, PayoutStep::Export).await.is_err(), "not approved yet");
        payouts.approve(&root, payout).await.unwrap();
        assert!(payouts.approve(&root, payout).await.unwrap_err().to_string().contains("payout_approved_twice"));
        payouts.approve(&mate, payout).await.unwrap();
        let bob = app.services.accounts.actor("bob").await.unwrap().unwrap();
        assert!(payouts.step(&bob, payout, PayoutStep::Cancel).await.is_err());
        let mut staff = app.admin("clerk").await;
        staff.submits("/en/admin/payouts", "/api/payouts/export.csv", &[]).await.status(200).shows("30.00,CNY");
        payouts.step(&root, payout, PayoutStep::Pay).await.unwrap();
        assert!(payouts.step(&root, payout, PayoutStep::Pay).await.is_err(), "paid once");
        assert_eq!((holds(&app, &payable(&author)).await, holds(&app, "bank:clearing").await), (120, 3_000));
        balanced(&app).await;
        payouts.step(&root, payout, PayoutStep::Fail).await.unwrap();
        assert_eq!((holds(&app, &payable(&author)).await, holds(&app, "bank:clearing").await), (3_120, 0));
        balanced(&app).await;
        let next = payouts.request(&author, wish(3_120)).await.unwrap();
        payouts.step(&author, next, PayoutStep::Cancel).await.unwrap();
        let last = payouts.request(&author, wish(3_120)).await.unwrap();
        payouts.step(&root, last, PayoutStep::Reject).await.unwrap();
        assert_eq!(payouts.earned(author.account).await.unwrap()[0].available, yuan(3_120));
        balanced(&app).await;
    }

    async fn the_platform_covers_a_refund_of_what_was_paid_out(app: TestApp) {
        shop::open(&app);
        let bank = Bank::open(&app);
        let ada = app.expert("ada").await.actor().await;
        shared(&app, &ada).await;
        let bob = bought(&app, "bob", &[COURSE]).await;
        app.wait(Span::days(8));
        app.services.payouts.request(&ada, wish(3_000)).await.unwrap();
        let staff = app.admin("root").await.actor().await;
        let amounts = BTreeMap::from([(bob.lines[0].to_string(), "39".to_owned())]);
        app.services.refunds.grant(&staff, bob.order, &amounts, Destination::Gateway, "goodwill").await.unwrap();
        app.runs_jobs().await;
        assert_eq!(bank.given(), 3_900);
        assert_eq!((holds(&app, &payable(&ada)).await, holds(&app, "platform:fee").await), (3_000, -3_000));
        balanced(&app).await;
    }

    async fn staff_reads_the_ledger_in_both_languages_and_as_a_file(app: TestApp) {
        shop::open(&app);
        Bank::open(&app);
        let bob = bought(&app, "bob", &[COURSE]).await;
        let mut root = app.admin("root").await;
        for locale in ["en", "zh"] {
            root.gets(&format!("/{locale}/admin/finance")).await.status(200).shows("platform:fee").shows("¥39");
            root.gets(&format!("/{locale}/admin/finance/transfers?code=sale")).await.status(200).shows("gateway:bank:clearing");
            root.gets(&format!("/{locale}/admin/refunds")).await.status(200);
            root.gets(&format!("/{locale}/admin/refunds/{}", bob.order)).await.status(200).shows("bob");
            root.gets(&format!("/{locale}/admin/payouts")).await.status(200);
            root.gets(&format!("/{locale}/earnings")).await.status(200);
        }
        root.gets("/en/admin/finance/transfers?from=2026-09-02").await.status(200).hides("gateway:bank:clearing");
        root.gets("/en/admin/finance/transfers?from=yesterday").await.status(422);
        let file = root.gets("/api/finance/transfers.csv?code=sale").await.status(200);
        assert_eq!(file.text().lines().count(), 2, "{}", file.text());
        let order = bob.order.to_string();
        let field = format!("amounts[{}]", bob.lines[0]);
        root.posts("/api/refunds/grant", &[("order", &order), (&field, "x"), ("reason", "why not")]).await.invalid("amounts", "amount");
        root.posts("/api/refunds/grant", &[("order", &order), (&field, "1"), ("reason", "")]).await.invalid("reason", "required");
        root.posts("/api/refunds/bind", &[("kind", "course"), ("policy", "none")]).await.invalid("policy", "unknown_choice");
        root.posts("/api/refunds/bind", &[("kind", "course"), ("policy", "staff")]).await.ok();
        root.gets("/en/admin/refunds").await.status(200).shows("By decision of the platform");
    }
}
