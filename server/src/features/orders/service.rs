//! Decisions about orders: load, ask the rules, write, record what follows.

use std::collections::BTreeSet;

use domain::accounts::AccountId;
use domain::actor::Actor;
use domain::invalid::Denied;
use domain::orders::{self, Access, Entitlement, GetItBy, OrderId, Purpose, Source, Step, Thing};
use domain::time::Timestamp;
use uuid::Uuid;

use super::store::{self, Order, OrderLine};
use super::{Service, TakenBack};
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

/// Lines in the order in which everybody locks their things.
fn by_thing(lines: &[OrderLine]) -> Vec<&OrderLine> {
    let mut sorted: Vec<&OrderLine> = lines.iter().collect();
    sorted.sort_by_key(|line| line.thing);
    sorted
}

/// Whether rights hold without those of plans.
fn owned(mut rights: Vec<Entitlement>, thing: &Thing, now: Timestamp) -> bool {
    rights.retain(|right| !matches!(right.source, Source::Plan(_)));
    orders::access(&rights, thing, now).is_allowed()
}

impl Service {
    /// Gives an unpaid order up.
    pub async fn cancel(&self, actor: &Actor, id: OrderId) -> Result<()> {
        store::own_order(&self.kit.db, id, actor.account).await?.ok_or_else(Error::not_found)?;
        let now = self.kit.now();
        let mut tx = self.kit.db.begin().await?;
        tx.lock(Lock::Account(actor.account)).await?;
        let cause = Cause { actor: Some(actor.account), by: "buyer" };
        self.end(&mut tx, id, Step::Cancel, "cancelled", cause, now).await?;
        Ok(tx.commit().await?)
    }

    /// Expires an order whose time is over; leaves every other one alone.
    pub async fn expire(&self, id: OrderId) -> Result<()> {
        let now = self.kit.now();
        let Some(order) = store::order(&self.kit.db, id).await? else { return Ok(()) };
        let mut tx = self.kit.db.begin().await?;
        tx.lock(Lock::Account(order.account)).await?;
        tx.lock(Lock::Order(id.0)).await?;
        let Some(order) = store::order_in(&mut tx, id).await? else { return Ok(()) };
        if !order.state.is_open() || order.expires_at >= now {
            return Ok(());
        }
        self.end(&mut tx, id, Step::Expire, "expired", Cause { actor: None, by: "clock" }, now).await?;
        Ok(tx.commit().await?)
    }

    /// Ends an unpaid order: gives its seats back, and what it used. The caller holds the account's lock.
    pub(crate) async fn end(
        &self,
        tx: &mut Tx,
        id: OrderId,
        step: Step,
        event: &str,
        cause: Cause<'_>,
        now: Timestamp,
    ) -> Result<()> {
        tx.lock(Lock::Order(id.0)).await?;
        let order = store::order_in(tx, id).await?.ok_or_else(Error::not_found)?;
        self.step(tx, &order, step, now).await?;
        self.note(tx, id, now, event, cause).await?;
        let lines = store::lines_in(tx, id).await?;
        self.release(tx, &order, &lines, now).await?;
        for companion in self.companions() {
            companion.ended(tx, &order, now).await?;
        }
        Ok(())
    }

    /// Gives the seats of lines back, in the order in which everybody locks things.
    async fn release(&self, tx: &mut Tx, order: &Order, lines: &[OrderLine], now: Timestamp) -> Result<()> {
        if order.purpose == Purpose::Gift {
            return Ok(());
        }
        for line in by_thing(lines) {
            self.seller(&line.thing)?.release(tx, order.account, &line.thing, order.id, now).await?;
        }
        Ok(())
    }

    /// Locks what is limited among things, in the order in which everybody does: after accounts and orders, before
    /// the ledger.
    pub(crate) async fn lock_things(
        &self,
        tx: &mut Tx,
        things: impl IntoIterator<Item = Thing>,
    ) -> Result<()> {
        let things: BTreeSet<Thing> = things.into_iter().collect();
        for thing in things {
            if let Thing::Competition(id) = thing {
                tx.lock(Lock::Competition(id.0)).await?;
            }
        }
        Ok(())
    }

    /// The same for the things of an order.
    pub(crate) async fn lock_things_of(&self, tx: &mut Tx, order: OrderId) -> Result<()> {
        let lines = store::lines_in(tx, order).await?;
        self.lock_things(tx, lines.iter().map(|line| line.thing)).await
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
    pub async fn pay(
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
        if order.purpose != Purpose::Gift {
            for line in by_thing(lines) {
                self.seller(&line.thing)?.fulfil(tx, order.account, &line.thing, order.id, now).await?;
            }
        }
        for companion in self.companions() {
            companion.paid(tx, order, lines, now).await?;
        }
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
        let sorted = by_thing(lines);
        let mut taken = 0;
        if order.purpose != Purpose::Gift {
            for line in &sorted {
                if !self.regain_seat(tx, order, line, now).await? {
                    break;
                }
                taken += 1;
            }
        }
        let mut agreed = Vec::new();
        let mut all = order.purpose == Purpose::Gift || taken == sorted.len();
        for companion in self.companions() {
            all = all && companion.regain(tx, order, now).await?;
            if !all {
                break;
            }
            agreed.push(companion);
        }
        if !all {
            for line in sorted.into_iter().take(taken) {
                self.seller(&line.thing)?.release(tx, order.account, &line.thing, order.id, now).await?;
            }
            for companion in agreed {
                companion.ended(tx, order, now).await?;
            }
        }
        Ok(all)
    }

    async fn regain_seat(
        &self,
        tx: &mut Tx,
        order: &Order,
        line: &OrderLine,
        now: Timestamp,
    ) -> Result<bool> {
        let owned = line.period.is_none() && self.owns_in(tx, order.account, &line.thing, now).await?;
        if owned || store::open_order(tx, order.account, &line.thing).await?.is_some() {
            return Ok(false);
        }
        self.hold_again(tx, order, line, now).await
    }

    /// Holds a seat again where its seller still gives one; what is theirs already it refuses.
    async fn hold_again(&self, tx: &mut Tx, order: &Order, line: &OrderLine, now: Timestamp) -> Result<bool> {
        let seller = self.seller(&line.thing)?;
        match seller.reserve(tx, order.account, &line.thing, now).await {
            Ok(_) => Ok(true),
            Err(Error::Fault(_)) => Ok(false),
            Err(other) => Err(other),
        }
    }

    /// Takes back what lines of a paid order gave; the caller holds the locks of account and order.
    ///
    /// `step` is [`Step::RefundAll`] where nothing of the order is left, [`Step::RefundPart`] otherwise;
    /// `gone` are the lines that are given back in full now. Rights end with this transaction: every
    /// page, file and picture asks for them anew.
    pub async fn take_back(
        &self,
        tx: &mut Tx,
        order: &Order,
        gone: &[OrderLine],
        step: Step,
        cause: Cause<'_>,
        now: Timestamp,
    ) -> Result<()> {
        let whole = step == Step::RefundAll;
        self.step(tx, order, step, now).await?;
        let event = if whole { "refunded" } else { "partially_refunded" };
        self.note(tx, order.id, now, event, cause).await?;
        self.release(tx, order, gone, now).await?;
        for companion in self.companions() {
            companion.taken_back(tx, TakenBack { order, gone, whole }, now).await?;
        }
        Ok(())
    }

    /// Gives lines again that [`Service::take_back`] took; the caller holds the locks of account and order.
    ///
    /// A seat that cannot be had any more (somebody else has it, or it is too late) stays away, and so do
    /// points and gifts as they are by now: staff hears of the refund, and decides.
    pub(crate) async fn give_again(
        &self,
        tx: &mut Tx,
        order: &Order,
        lines: &[OrderLine],
        step: Step,
        cause: Cause<'_>,
        now: Timestamp,
    ) -> Result<()> {
        if order.purpose != Purpose::Gift {
            for line in by_thing(lines) {
                if self.hold_again(tx, order, line, now).await? {
                    self.seller(&line.thing)?.fulfil(tx, order.account, &line.thing, order.id, now).await?;
                }
            }
        }
        self.step(tx, order, step, now).await?;
        self.note(tx, order.id, now, "refund_returned", cause).await
    }

    pub(super) async fn step(&self, tx: &mut Tx, order: &Order, step: Step, now: Timestamp) -> Result<()> {
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

    /// Whether a thing is an account's own: what a plan opens for a time may still be bought or given for good.
    pub async fn owns(&self, account: AccountId, thing: &Thing, now: Timestamp) -> Result<bool> {
        Ok(owned(store::entitlements(&self.kit.db, account, thing).await?, thing, now))
    }

    /// The same inside a transaction.
    pub async fn owns_in(
        &self,
        tx: &mut Tx,
        account: AccountId,
        thing: &Thing,
        now: Timestamp,
    ) -> Result<bool> {
        Ok(owned(store::entitlements_in(tx, account, thing).await?, thing, now))
    }

    /// Whether an account has a thing for good: by an order, or because it needed none.
    pub async fn has(&self, account: AccountId, thing: &Thing, now: Timestamp) -> Result<bool> {
        Ok(self.owns(account, thing, now).await? || self.seller(thing)?.had(account, thing).await?)
    }

    /// The same inside a transaction.
    pub async fn has_in(
        &self,
        tx: &mut Tx,
        account: AccountId,
        thing: &Thing,
        now: Timestamp,
    ) -> Result<bool> {
        let owned = self.owns_in(tx, account, thing, now).await?;
        Ok(owned || self.seller(thing)?.had_in(tx, account, thing).await?)
    }

    /// The order of a plan that opens a thing to an account that does not own it.
    pub async fn opened_by(
        &self,
        tx: &mut Tx,
        account: AccountId,
        thing: &Thing,
        now: Timestamp,
    ) -> Result<Option<OrderId>> {
        let opened = store::opened_in(tx, account, thing).await?;
        let because = match orders::access(&opened, thing, now) {
            Access::Allowed(because) => Some(because.source),
            Access::Denied(_) => None,
        };
        Ok(because.and_then(|source| if let Source::Plan(order) = source { Some(order) } else { None }))
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
