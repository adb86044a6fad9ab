//! Attempts to pay, the door for notices, and what the sandbox does.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::http::HeaderMap;
use domain::actor::Actor;
use domain::invalid::{Denied, Invalid};
use domain::orders::{OrderId, Step};
use domain::payments::{AttemptState, NoticeId, PaymentId, Told};
use domain::time::Span;
use uuid::Uuid;

use super::gateway::{Gateway, Rejected};
use super::jobs::{ApplyNotice, ConfirmLater};
use super::store::{self, Attempt, Stored};
use super::{Service, sandbox::Sandbox};
use crate::db::Lock;
use crate::error::{Error, Result};
use crate::features::orders;

/// How long the sandbox waits when a person chose to be slow.
pub const DELAY: Span = Span::seconds(20);

/// What became of a notice at the door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Receipt {
    /// It is new, stored, and will be applied.
    Stored(NoticeId),
    /// It was stored before.
    Known(NoticeId),
}

/// What a person chooses at the sandbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// The money is taken.
    Paid,
    /// It is not.
    Declined,
    /// It is taken, but later.
    Delayed,
    /// It is taken, and the notice comes twice.
    Twice,
}

impl Choice {
    /// Reads the value of a button.
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "paid" => Self::Paid,
            "declined" => Self::Declined,
            "delayed" => Self::Delayed,
            "twice" => Self::Twice,
            _ => return None,
        })
    }
}

impl Service {
    /// The gateway of a name, where this installation has it.
    pub fn gateway(&self, name: &str) -> Option<Arc<dyn Gateway>> {
        let sandbox = self.sandbox.clone().filter(|sandbox| sandbox.name() == name);
        sandbox.map(|sandbox| sandbox as Arc<dyn Gateway>)
    }

    /// The names of the gateways at which a buyer may pay.
    pub fn gateways(&self) -> Vec<String> {
        self.sandbox.iter().map(|sandbox| sandbox.name().to_owned()).collect()
    }

    /// How many notices were refused at the door since the start.
    pub fn rejected(&self) -> u64 {
        self.rejected.load(Ordering::Relaxed)
    }

    /// Begins to pay an order, or goes on with an attempt at which nothing has happened yet.
    ///
    /// An earlier attempt that may still be open is superseded: should it bring money all the same, the
    /// order is paid once and the rest is parked.
    pub async fn begin(&self, actor: &Actor, id: OrderId, gateway: &str) -> Result<PaymentId> {
        let gateway = self.gateway(gateway).ok_or_else(|| Invalid::field("gateway", "unknown_gateway"))?;
        let now = self.kit.now();
        let mut tx = self.kit.db.begin().await?;
        tx.lock(Lock::Order(id.0)).await?;
        let order =
            orders::store::order_in(&mut tx, id).await?.filter(|order| order.account == actor.account);
        let order = order.ok_or_else(Error::not_found)?;
        order.state.after(Step::AwaitPayment)?;
        if order.expires_at < now {
            return Err(Denied::new("order_expired").into());
        }
        let attempts = store::attempts_in(&mut tx, id).await?;
        let fresh = attempts
            .iter()
            .find(|known| known.state == AttemptState::Created && known.gateway == gateway.name());
        if let Some(fresh) = fresh {
            return Ok(fresh.id);
        }
        let attempt = Attempt {
            id: self.kit.id(),
            order: id,
            gateway: gateway.name().to_owned(),
            amount: order.total,
            state: AttemptState::Created,
            created_at: now,
        };
        store::supersede(&mut tx, id, None, now).await?;
        store::add_attempt(&mut tx, &attempt).await?;
        self.orders.await_payment(&mut tx, &order, actor, now).await?;
        tx.commit().await?;
        Ok(attempt.id)
    }

    /// Lets a notice in: verified on its raw bytes, stored once with the job that applies it, then
    /// acknowledged. Whether it can be applied does not matter here.
    pub async fn receive(
        &self,
        gateway: &dyn Gateway,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<Result<Receipt, Rejected>> {
        let now = self.kit.now();
        let event = match gateway.verify(headers, body, now) {
            Ok(event) => event,
            Err(rejected) => {
                self.rejected.fetch_add(1, Ordering::Relaxed);
                tracing::warn!(
                    gateway = gateway.name(),
                    ?rejected,
                    bytes = body.len(),
                    "a notice was refused"
                );
                return Ok(Err(rejected));
            }
        };
        if let Some(known) = store::notice_of_event(&self.kit.db, gateway.name(), &event).await? {
            return Ok(Ok(Receipt::Known(known)));
        }
        let notice = Stored { id: self.kit.id(), gateway: gateway.name().to_owned(), body: body.to_vec() };
        let mut tx = self.kit.db.begin().await?;
        if !store::add_notice(&mut tx, &notice, &event, now).await? {
            drop(tx);
            let known = store::notice_of_event(&self.kit.db, gateway.name(), &event).await?;
            return Ok(Ok(Receipt::Known(known.unwrap_or(notice.id))));
        }
        tx.enqueue_once(&ApplyNotice { notice: notice.id }, &notice.id.to_string()).await?;
        tx.commit().await?;
        Ok(Ok(Receipt::Stored(notice.id)))
    }

    /// Does what a person chose at the sandbox; gives the order to go back to.
    pub async fn choose(&self, actor: &Actor, id: PaymentId, choice: Choice) -> Result<OrderId> {
        let sandbox = self.sandbox.clone().ok_or_else(Error::not_found)?;
        let attempt =
            store::own_attempt(&self.kit.db, id, actor.account).await?.ok_or_else(Error::not_found)?;
        let event = format!("evt_{}", self.kit.id::<Uuid>().simple());
        match choice {
            Choice::Paid => self.send(&sandbox, &attempt, &event, &taken(&attempt)).await?,
            Choice::Declined => self.send(&sandbox, &attempt, &event, &Told::Declined).await?,
            Choice::Twice => {
                self.send(&sandbox, &attempt, &event, &taken(&attempt)).await?;
                self.send(&sandbox, &attempt, &event, &taken(&attempt)).await?;
            }
            Choice::Delayed => {
                self.send(&sandbox, &attempt, &event, &Told::Pending).await?;
                let mut tx = self.kit.db.begin().await?;
                let later = ConfirmLater { payment: id, event: format!("{event}_late") };
                tx.enqueue_at(&later, self.kit.now().plus(DELAY)).await?;
                tx.commit().await?;
            }
        }
        Ok(attempt.order)
    }

    /// Confirms an attempt for which a person chose to wait.
    pub(crate) async fn confirm_later(&self, id: PaymentId, event: &str) -> Result<()> {
        let sandbox = self.sandbox.clone().ok_or_else(Error::not_found)?;
        let attempt = store::attempt(&self.kit.db, id).await?.ok_or_else(Error::not_found)?;
        self.send(&sandbox, &attempt, event, &taken(&attempt)).await
    }

    /// Sends a notice of the sandbox through the same door that every gateway uses.
    async fn send(&self, sandbox: &Sandbox, attempt: &Attempt, event: &str, told: &Told) -> Result<()> {
        let now = self.kit.now();
        let body = sandbox.body(event, attempt.id, told, now);
        let receipt = self.receive(sandbox, &sandbox.headers(now, &body), &body).await?;
        let Ok(Receipt::Stored(id) | Receipt::Known(id)) = receipt else {
            return Err(Error::bug("the sandbox's own notice was refused"));
        };
        // The job would do the same a moment later; a person who looks at the order should see it now.
        if let Err(error) = self.apply(id).await {
            tracing::warn!(%error, "a notice is left to its job");
        }
        Ok(())
    }

    /// Begins and pays an order in the sandbox: for the demonstration world and for bots.
    pub async fn pay_in_sandbox(&self, actor: &Actor, order: OrderId) -> Result<()> {
        let payment = self.begin(actor, order, "sandbox").await?;
        self.choose(actor, payment, Choice::Paid).await?;
        Ok(())
    }
}

/// The charge of the sandbox for an attempt: one, however often it is told.
fn taken(attempt: &Attempt) -> Told {
    Told::Confirmed { charge: format!("ch_{}", attempt.id.0.simple()), amount: attempt.amount }
}
