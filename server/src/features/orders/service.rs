//! Decisions about orders: load, ask the rules, write, record what follows.

use domain::accounts::AccountId;
use domain::actor::Actor;
use domain::invalid::Denied;
use domain::orders::{
    self, Access, Entitlement, GetItBy, HOLD, MAX_OPEN, OrderId, OrderLineId, OrderState, Step, Thing,
};
use domain::time::{Span, Timestamp};
use uuid::Uuid;

use super::jobs::ExpireOrder;
use super::store::{self, Order, OrderLine};
use super::{Offer, Service};
use crate::bus::Note;
use crate::db::{Lock, Tx};
use crate::error::{Error, Result};

/// Who moved an order, and through what.
#[derive(Clone, Copy, Debug)]
pub struct Cause<'a> {
    /// The person, if it was one.
    pub actor: Option<AccountId>,
    /// Through what: `clock`, `buyer`, `free`, or `notice:<id>`.
    pub by: &'a str,
}

impl Service {
    /// Places an order of one thing, or gives the open order that holds it already.
    ///
    /// What costs nothing is paid at once.
    pub async fn place(&self, actor: &Actor, thing: Thing) -> Result<OrderId> {
        let (seller, now, buyer) = (self.seller(&thing)?, self.kit.now(), actor.account);
        let mut tx = self.kit.db.begin().await?;
        tx.lock(Lock::Account(buyer)).await?;
        if orders::access(&store::entitlements_in(&mut tx, buyer, &thing).await?, &thing, now).is_allowed() {
            return Err(Denied::new("already_yours").into());
        }
        if let Some(open) = store::open_order(&mut tx, buyer, &thing).await? {
            if open.expires_at >= now {
                return Ok(open.id);
            }
            self.end(&mut tx, open.id, Step::Expire, Cause { actor: None, by: "clock" }, now).await?;
        }
        if store::count_open(&mut tx, buyer).await? >= MAX_OPEN {
            return Err(Denied::with("too_many_open_orders", &[&MAX_OPEN]).into());
        }
        let offer = seller.reserve(&mut tx, buyer, &thing, now).await?;
        let (order, line) = self.draw_up(buyer, thing, offer, now);
        store::add_order(&mut tx, &order).await?;
        store::add_line(&mut tx, &line, 0).await?;
        self.note(&mut tx, order.id, now, "placed", Cause { actor: Some(buyer), by: "buyer" }).await?;
        if order.total.is_zero() {
            let cause = Cause { actor: Some(buyer), by: "free" };
            self.pay(&mut tx, &order, &[line], Step::Pay, cause, now).await?;
        } else {
            // The last instant belongs to the buyer.
            let after = order.expires_at.plus(Span::from_micros(1));
            tx.enqueue_at(&ExpireOrder { order: order.id }, after).await?;
        }
        tx.commit().await?;
        Ok(order.id)
    }

    fn draw_up(&self, buyer: AccountId, thing: Thing, offer: Offer, now: Timestamp) -> (Order, OrderLine) {
        let order = Order {
            id: self.kit.id(),
            account: buyer,
            state: OrderState::Reserved,
            total: offer.price,
            placed_at: now,
            expires_at: now.plus(HOLD),
            paid_at: None,
        };
        let id: OrderLineId = self.kit.id();
        let line = OrderLine { id, order: order.id, thing, title: offer.title, price: offer.price };
        (order, line)
    }

    /// Gives an unpaid order up.
    pub async fn cancel(&self, actor: &Actor, id: OrderId) -> Result<()> {
        store::own_order(&self.kit.db, id, actor.account).await?.ok_or_else(Error::not_found)?;
        let now = self.kit.now();
        let mut tx = self.kit.db.begin().await?;
        self.end(&mut tx, id, Step::Cancel, Cause { actor: Some(actor.account), by: "buyer" }, now).await?;
        Ok(tx.commit().await?)
    }

    /// Expires an order whose time is over; leaves every other one alone.
    pub async fn expire(&self, id: OrderId) -> Result<()> {
        let now = self.kit.now();
        let mut tx = self.kit.db.begin().await?;
        tx.lock(Lock::Order(id.0)).await?;
        let Some(order) = store::order_in(&mut tx, id).await? else { return Ok(()) };
        if !order.state.is_open() || order.expires_at >= now {
            return Ok(());
        }
        self.end(&mut tx, id, Step::Expire, Cause { actor: None, by: "clock" }, now).await?;
        Ok(tx.commit().await?)
    }

    /// Ends an unpaid order and gives its seats back.
    async fn end(
        &self,
        tx: &mut Tx,
        id: OrderId,
        step: Step,
        cause: Cause<'_>,
        now: Timestamp,
    ) -> Result<()> {
        tx.lock(Lock::Order(id.0)).await?;
        let order = store::order_in(tx, id).await?.ok_or_else(Error::not_found)?;
        let event = if step == Step::Expire { "expired" } else { "cancelled" };
        self.step(tx, &order, step, now).await?;
        self.note(tx, id, now, event, cause).await?;
        for line in store::lines_in(tx, id).await? {
            self.seller(&line.thing)?.release(tx, order.account, &line.thing, id, now).await?;
        }
        Ok(())
    }

    /// Moves an order to `awaiting_payment`; the caller holds its lock.
    pub(crate) async fn await_payment(
        &self,
        tx: &mut Tx,
        order: &Order,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<()> {
        if order.expires_at < now {
            return Err(Denied::new("order_expired").into());
        }
        self.step(tx, order, Step::AwaitPayment, now).await?;
        self.note(tx, order.id, now, "payment_begun", Cause { actor: Some(actor.account), by: "buyer" }).await
    }

    /// Marks an order as paid and gives what was bought; the caller holds its lock.
    pub(crate) async fn pay(
        &self,
        tx: &mut Tx,
        order: &Order,
        lines: &[OrderLine],
        step: Step,
        cause: Cause<'_>,
        now: Timestamp,
    ) -> Result<()> {
        let event = match step {
            Step::PayLate => "paid_late",
            _ if order.total.is_zero() => "given",
            _ => "paid",
        };
        self.step(tx, order, step, now).await?;
        self.note(tx, order.id, now, event, cause).await?;
        for line in lines {
            self.seller(&line.thing)?.fulfil(tx, order.account, &line.thing, order.id, now).await?;
        }
        tx.tell(Note::Rights(order.account));
        Ok(())
    }

    /// Takes the seats of an ended order again, all of them or none; the caller holds its lock.
    pub(crate) async fn regain(
        &self,
        tx: &mut Tx,
        order: &Order,
        lines: &[OrderLine],
        now: Timestamp,
    ) -> Result<bool> {
        for (taken, line) in lines.iter().enumerate() {
            let rights = store::entitlements_in(tx, order.account, &line.thing).await?;
            let owned = orders::access(&rights, &line.thing, now).is_allowed();
            let held = store::open_order(tx, order.account, &line.thing).await?.is_some();
            let refused = owned || held || {
                let seller = self.seller(&line.thing)?;
                match seller.reserve(tx, order.account, &line.thing, now).await {
                    Ok(_) => false,
                    Err(Error::Fault(_)) => true,
                    Err(other) => return Err(other),
                }
            };
            if refused {
                for line in lines.iter().take(taken) {
                    self.seller(&line.thing)?.release(tx, order.account, &line.thing, order.id, now).await?;
                }
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn step(&self, tx: &mut Tx, order: &Order, step: Step, now: Timestamp) -> Result<()> {
        let to = order.state.after(step)?;
        let paid_at = if matches!(step, Step::Pay | Step::PayLate) { Some(now) } else { order.paid_at };
        Ok(store::set_state(tx, order.id, order.state, to, paid_at).await?)
    }

    /// Notes what happened to an order.
    pub(crate) async fn note(
        &self,
        tx: &mut Tx,
        order: OrderId,
        now: Timestamp,
        event: &str,
        cause: Cause<'_>,
    ) -> Result<()> {
        let id: Uuid = self.kit.id();
        store::add_history(tx, id, order, now, event, cause.actor, cause.by).await
    }

    /// Whether an account, or nobody, may use a thing, and why.
    pub async fn access(&self, account: Option<AccountId>, thing: &Thing, now: Timestamp) -> Result<Access> {
        let Some(account) = account else { return Ok(Access::Denied(GetItBy::LoggingIn)) };
        let rights = store::entitlements(&self.kit.db, account, thing).await?;
        let decided = orders::access(&rights, thing, now);
        if decided.is_allowed() {
            return Ok(decided);
        }
        let held = store::open_order_at(&self.kit.db, account, thing, now).await?;
        Ok(held.map_or(decided, |order| Access::Denied(GetItBy::Paying(order))))
    }

    /// Every right of an account, for a page that shows many things.
    pub async fn rights(&self, account: AccountId) -> Result<Vec<Entitlement>> {
        store::rights(&self.kit.db, account).await
    }

    /// Whether an account may use a thing, inside a transaction; says nothing of open orders.
    pub async fn access_in(
        &self,
        tx: &mut Tx,
        account: AccountId,
        thing: &Thing,
        now: Timestamp,
    ) -> Result<Access> {
        Ok(orders::access(&store::entitlements_in(tx, account, thing).await?, thing, now))
    }
}
