//! Attempts to pay: written first, made at the gateway afterwards, never both at once.
//!
//! An attempt is `created` in a transaction that also records the job which will ask about it, so that
//! nothing is forgotten when this process dies; then the gateway is called; then its answer is written.

use std::time::Duration;

use domain::actor::Actor;
use domain::invalid::{Denied, Invalid};
use domain::orders::{OrderId, Purpose, Step, Thing};
use domain::payments::{AttemptState, PaymentId, Told};
use domain::time::Timestamp;
use tokio::time::{Instant, timeout_at};

use super::Service;
use super::ask::FIRST_TURN;
use super::gateway::{Checkout, Gateway, Opened, Unsure};
use super::jobs::AskGateway;
use super::store::{self, Attempt, KeptCard};
use crate::db::{Lock, Tx};
use crate::error::{Error, Result};
use crate::features::orders;
use crate::features::orders::store::Order;

/// How often earlier attempts are closed before a person is told to try again.
const ROUNDS: usize = 3;

/// How long a gateway may take for one answer, where nothing else is said.
const ONE: Duration = Duration::from_secs(15);

/// One time for everything that a single request of a person asks of gateways, however many they are and however
/// often each is asked: a third more than for one answer, 20 seconds. What is cut off then is left to its job.
struct Patience {
    until: Instant,
}

impl Patience {
    fn of(one: Option<Duration>) -> Self {
        Self { until: Instant::now() + one.unwrap_or(ONE) * 4 / 3 }
    }
    async fn wait<T>(&self, asked: impl Future<Output = Result<T, Unsure>>) -> Result<T, Unsure> {
        let answer = timeout_at(self.until, asked).await;
        answer.unwrap_or_else(|_| Err(Unsure("the time of the person is over".to_owned())))
    }
}

/// What stands after looking at the attempts of an order.
enum Stand {
    /// This attempt was written now, and is to be made.
    New(Box<Attempt>),
    /// This attempt is open already.
    Open(Box<Attempt>),
    /// These attempts elsewhere must be closed first.
    InTheWay(Vec<Attempt>),
}

impl Service {
    /// Begins to pay an order, or goes on with the attempt that is open at this gateway.
    ///
    /// An attempt that is open elsewhere is closed at its gateway first, so that nobody pays twice; where it
    /// turns out to be paid, the order is, and nothing new begins.
    pub async fn begin(&self, actor: &Actor, id: OrderId, gateway: &str) -> Result<PaymentId> {
        self.begin_by(actor, id, gateway, None).await
    }

    /// As [`Service::begin`]; a kept card is charged at once, whether its owner is there or not.
    pub(super) async fn begin_by(
        &self,
        actor: &Actor,
        id: OrderId,
        gateway: &str,
        card: Option<&KeptCard>,
    ) -> Result<PaymentId> {
        let gateway = self.gateway(gateway).ok_or_else(|| Invalid::field("gateway", "unknown_gateway"))?;
        let patience = Patience::of(self.kit.config.gateway_patience);
        for _ in 0..ROUNDS {
            match self.stand(actor, id, gateway.as_ref(), card).await? {
                Stand::Open(attempt) if attempt.card.is_some() => {
                    // Whether it was charged is found out by looking, never by charging again.
                    let told = patience.wait(gateway.query(&attempt)).await;
                    let told = told.map_err(|_| Denied::new("gateway_silent"))?;
                    self.learn(attempt.id, &told, "query").await?;
                    return Ok(attempt.id);
                }
                Stand::New(attempt) | Stand::Open(attempt) => {
                    if attempt.checkout.is_none() {
                        self.open(gateway.as_ref(), &attempt, &patience).await?;
                    }
                    return Ok(attempt.id);
                }
                Stand::InTheWay(attempts) => {
                    for attempt in attempts {
                        self.put_away(&attempt, &patience).await?;
                    }
                }
            }
        }
        Err(Denied::new("payment_still_open").into())
    }

    /// Finds the open attempt of an order at a gateway, or writes one, where nothing is in the way.
    async fn stand(
        &self,
        actor: &Actor,
        id: OrderId,
        gateway: &dyn Gateway,
        card: Option<&KeptCard>,
    ) -> Result<Stand> {
        let title = store::title(&self.kit.db, id).await?.get(actor.locale).to_owned();
        let now = self.kit.now();
        let mut tx = self.kit.db.begin().await?;
        if let Some(card) = card {
            // Its owner may have removed it meanwhile.
            tx.lock(Lock::Account(actor.account)).await?;
            let kept = store::kept_card_in(&mut tx, actor.account).await?;
            kept.filter(|kept| kept.id == card.id).ok_or_else(|| Denied::new("gateway_refuses"))?;
        }
        tx.lock(Lock::Order(id.0)).await?;
        let order =
            orders::store::order_in(&mut tx, id).await?.filter(|order| order.account == actor.account);
        let order = order.ok_or_else(Error::not_found)?;
        order.state.after(Step::AwaitPayment)?;
        if order.expires_at < now {
            return Err(Denied::new("order_expired").into());
        }
        if !gateway.takes(order.total.currency) {
            return Err(Invalid::field("gateway", "unknown_gateway").into());
        }
        let open: Vec<Attempt> = store::attempts_in(&mut tx, id)
            .await?
            .into_iter()
            .filter(|attempt| attempt.state.is_open())
            .collect();
        let (here, elsewhere): (Vec<_>, Vec<_>) = open.into_iter().partition(|attempt| {
            attempt.gateway == gateway.name() && attempt.card == card.map(KeptCard::card)
        });
        if !elsewhere.is_empty() {
            return Ok(Stand::InTheWay(elsewhere));
        }
        // An order may wait for days, and the page of a gateway for hours: what is too old is made anew.
        let old = |attempt: &Attempt| gateway.lasts().is_some_and(|span| now > attempt.created_at.plus(span));
        if let Some(open) = here.into_iter().next() {
            let stale = open.card.is_none() && old(&open);
            return Ok(if stale { Stand::InTheWay(vec![open]) } else { Stand::Open(Box::new(open)) });
        }
        let attempt = self.write(&mut tx, &order, actor, (gateway, card), title, now).await?;
        tx.commit().await?;
        Ok(Stand::New(Box::new(attempt)))
    }

    async fn write(
        &self,
        tx: &mut Tx,
        order: &Order,
        actor: &Actor,
        (gateway, card): (&dyn Gateway, Option<&KeptCard>),
        title: String,
        now: Timestamp,
    ) -> Result<Attempt> {
        let lines = orders::store::lines_in(tx, order.id).await?;
        // What is given away is not renewed.
        let renewed =
            order.purpose != Purpose::Gift && lines.iter().any(|line| matches!(line.thing, Thing::Plan(_)));
        let attempt = Attempt {
            id: self.kit.id(),
            order: order.id,
            buyer: order.account,
            gateway: gateway.name().to_owned(),
            amount: order.total,
            state: AttemptState::Created,
            title,
            locale: actor.locale,
            created_at: now,
            expires_at: order.expires_at,
            reference: None,
            checkout: None,
            keeps: renewed && card.is_none() && gateway.keeps_cards(),
            card: card.map(KeptCard::card),
        };
        store::add_attempt(tx, self.kit.id(), &attempt, card.map(|card| card.id)).await?;
        self.orders.await_payment(tx, order, actor, now).await?;
        tx.enqueue_at(&AskGateway { payment: attempt.id, turn: 0 }, now.plus(FIRST_TURN)).await?;
        Ok(attempt)
    }

    /// Makes an attempt at its gateway and writes down where it can be paid.
    async fn open(&self, gateway: &dyn Gateway, attempt: &Attempt, patience: &Patience) -> Result<()> {
        let demand = attempt.demand();
        match patience.wait(gateway.create(&demand)).await {
            Ok(Opened::At { checkout, reference }) => {
                self.opened(attempt, Some((&checkout, reference.as_deref())), AttemptState::Pending).await
            }
            Ok(Opened::Charged { reference, told }) => {
                self.charged(attempt, reference.as_deref(), &told).await
            }
            Ok(Opened::Refused(why)) => {
                tracing::error!(gateway = gateway.name(), payment = %attempt.id, why, "a payment was refused");
                self.opened(attempt, None, AttemptState::Failed).await?;
                Err(Denied::new("gateway_refuses").into())
            }
            Err(Unsure(why)) => {
                tracing::warn!(gateway = gateway.name(), payment = %attempt.id, why, "nobody knows of a payment");
                self.opened(attempt, None, AttemptState::Unknown).await?;
                Err(Denied::new("gateway_silent").into())
            }
        }
    }

    /// Writes what the gateway answered, unless something outranked it meanwhile.
    async fn opened(
        &self,
        attempt: &Attempt,
        at: Option<(&Checkout, Option<&str>)>,
        to: AttemptState,
    ) -> Result<()> {
        let now = self.kit.now();
        let mut tx = self.kit.db.begin().await?;
        tx.lock(Lock::Order(attempt.order.0)).await?;
        let known = store::attempt_in(&mut tx, attempt.id).await?.ok_or_else(Error::not_found)?;
        if let Some((checkout, reference)) = at {
            store::set_checkout(&mut tx, known.id, checkout, reference, now).await?;
        }
        // Another call for the same attempt may have got its answer where this one got none.
        let outdated = to == AttemptState::Unknown && known.checkout.is_some();
        if known.state.is_open() && known.state != to && !outdated {
            let cause = if to == AttemptState::Unknown { "silence" } else { "answer" };
            store::set_attempt(&mut tx, self.kit.id(), known.id, known.state, to, cause, now).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Writes what became of a kept card that was charged.
    async fn charged(&self, attempt: &Attempt, reference: Option<&str>, told: &Told) -> Result<()> {
        self.opened(attempt, None, AttemptState::Pending).await?;
        if let Some(reference) = reference {
            let mut tx = self.kit.db.begin().await?;
            store::set_reference(&mut tx, attempt.id, reference, self.kit.now()).await?;
            tx.commit().await?;
        }
        self.learn(attempt.id, told, "charge").await
    }

    /// Closes an attempt at its gateway, so that it can no longer be paid.
    async fn put_away(&self, attempt: &Attempt, patience: &Patience) -> Result<()> {
        let still_open = || Error::from(Denied::new("payment_still_open"));
        let gateway = self.gateway(&attempt.gateway).ok_or_else(still_open)?;
        match patience.wait(gateway.close(attempt)).await {
            Ok(Told::Pending | Told::Working) => Err(still_open()),
            Ok(told) => self.learn(attempt.id, &told, "close").await,
            Err(Unsure(why)) => {
                tracing::warn!(gateway = gateway.name(), payment = %attempt.id, why, "a payment stays open");
                Err(still_open())
            }
        }
    }
}
