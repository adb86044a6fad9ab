//! The turns of a period: billed, due, tried again, given up. Each may be taken twice.

use std::sync::Arc;

use domain::accounts::AccountId;
use domain::actor::Actor;
use domain::messages::{MessageKind, Said};
use domain::money::Money;
use domain::orders::OrderId;
use domain::subscriptions::{Happening, SubscriptionId, SubscriptionState, Turn};
use domain::time::{Span, Timestamp};

use super::jobs::TurnSubscription;
use super::store::{self, Subscription};
use super::{Purse, Service};
use crate::db::{Lock, Tx};
use crate::error::{Error, Result};
use app::error::Fault;

/// How long a turn waits for what becomes of the money of its period.
const LATER: Span = Span::hours(6);

impl Service {
    /// Takes a turn of a period; nothing where the subscription has moved on.
    pub async fn turn(&self, id: SubscriptionId, until: Timestamp, turn: Turn) -> Result<()> {
        let Some(account) = store::owner(&self.kit.db, id).await? else { return Ok(()) };
        let actor = store::subscriber(&self.kit.db, account).await?.ok_or_else(Error::not_found)?;
        let now = self.kit.now();
        if self.postponed(account, id, until, turn, now).await? {
            return Ok(());
        }
        // A card is charged when the period is over, not while its owner can still cancel; and before anybody
        // is told that something is unpaid.
        if matches!(turn, Turn::Due | Turn::Retry(_))
            && let Some((order, wallet)) = self.awaited(&actor, id, until, now).await?
        {
            self.charge(&actor, order, self.purse().filter(|_| wallet)).await?;
            self.charge(&actor, order, self.cards()).await?;
        }
        let mut tx = self.kit.db.begin().await?;
        tx.lock(Lock::Account(account)).await?;
        let Some(sub) = store::in_tx(&mut tx, id).await? else { return Ok(()) };
        if sub.period.1 != until || !sub.state.is_live() {
            return Ok(());
        }
        let order = self.take(&mut tx, &actor, sub.clone(), turn, now).await?;
        tx.commit().await?;
        match order {
            Some(order) if turn == Turn::Bill && sub.wallet => self.charge(&actor, order, self.purse()).await,
            _ => Ok(()),
        }
    }

    /// Takes a turn later, where the money of the running period is on its way back: nobody is billed or charged for
    /// going on with what they give up, and if the money stays after all the turns come then.
    async fn postponed(
        &self,
        account: AccountId,
        id: SubscriptionId,
        until: Timestamp,
        turn: Turn,
        now: Timestamp,
    ) -> Result<bool> {
        let mut tx = self.kit.db.begin().await?;
        tx.lock(Lock::Account(account)).await?;
        let Some(sub) = store::in_tx(&mut tx, id).await? else { return Ok(false) };
        if sub.period.1 != until || !sub.state.is_live() || !store::is_going_back(&mut tx, &sub).await? {
            return Ok(false);
        }
        tx.enqueue_at(&TurnSubscription { subscription: id, until, turn }, now.plus(LATER)).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// The order of the next period, where one waits to be paid, and whether it may be paid from credit.
    async fn awaited(
        &self,
        actor: &Actor,
        id: SubscriptionId,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Option<(OrderId, bool)>> {
        let mut tx = self.kit.db.begin().await?;
        tx.lock(Lock::Account(actor.account)).await?;
        let Some(sub) = store::in_tx(&mut tx, id).await? else { return Ok(None) };
        if sub.period.1 != until || !sub.state.renews() {
            return Ok(None);
        }
        match self.renewal(&mut tx, actor, &sub, now).await {
            Ok(order) => {
                tx.commit().await?;
                Ok(Some((order, sub.wallet)))
            }
            // The turn itself says what becomes of it.
            Err(Error::Fault(_)) => Ok(None),
            Err(other) => Err(other),
        }
    }

    /// Does what a turn asks for; gives the order that waits to be paid.
    async fn take(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        mut sub: Subscription,
        turn: Turn,
        now: Timestamp,
    ) -> Result<Option<OrderId>> {
        let before = sub.state;
        match turn {
            Turn::Bill if !before.renews() => return Ok(None),
            Turn::Bill => {}
            Turn::Due | Turn::Retry(_) => sub.state = before.after(Happening::PeriodEnds)?,
            // After a standstill the turns of a period come all at once, in any order.
            Turn::GiveUp => sub.state = before.after(Happening::PeriodEnds)?.after(Happening::GiveUp)?,
        }
        if sub.state == SubscriptionState::Expired {
            self.over(tx, sub, turn, now).await?;
            return Ok(None);
        }
        if !sub.state.renews() {
            return Ok(None);
        }
        let order = match self.renewal(tx, actor, &sub, now).await {
            Ok(order) => order,
            // A plan that cannot be bought any more is not renewed, nor is one whose last chance has passed.
            Err(Error::Fault(Fault::Denied(denied))) => {
                let late = denied.code == "subscription_over" || turn != Turn::Bill;
                sub.state = if late { SubscriptionState::Expired } else { SubscriptionState::Canceled };
                self.over(tx, sub, turn, now).await?;
                return Ok(None);
            }
            Err(other) => return Err(other),
        };
        if sub.state != before {
            store::save(tx, &sub, now).await?;
            self.note(tx, sub.id, sub.state.as_str(), None, "clock").await?;
        }
        self.tell(tx, &sub, turn, order, now).await?;
        Ok(Some(order))
    }

    /// Writes that a subscription is over, or will be with its period.
    async fn over(&self, tx: &mut Tx, mut sub: Subscription, turn: Turn, now: Timestamp) -> Result<()> {
        let ended = sub.state == SubscriptionState::Expired;
        sub.ended_at = ended.then_some(now);
        sub.next_plan = None;
        store::save(tx, &sub, now).await?;
        if ended {
            self.release(tx, sub.account).await?;
        }
        self.note(tx, sub.id, if ended { "ended" } else { "canceled" }, None, "clock").await?;
        for open in store::open_of_subscription(tx, sub.id).await? {
            self.end_invoice(tx, open.order, None, "expired", now).await?;
        }
        let plan = store::plan_in(tx, sub.plan).await?.ok_or_else(Error::not_found)?;
        let kind = if ended { MessageKind::Ended } else { MessageKind::WillEnd };
        let at = Some(sub.period.1.plus(plan.terms.grace()));
        let said = Said { kind, title: plan.title, amount: None, at, link: "/subscription".to_owned() };
        self.say(tx, sub.account, &key(&sub, turn), &said, now).await
    }

    /// Writes to the subscriber what is to be paid, and until when things stay open.
    async fn tell(
        &self,
        tx: &mut Tx,
        sub: &Subscription,
        turn: Turn,
        order: OrderId,
        now: Timestamp,
    ) -> Result<()> {
        let plan =
            store::plan_in(tx, sub.next_plan.unwrap_or(sub.plan)).await?.ok_or_else(Error::not_found)?;
        let (kind, at) = match turn {
            Turn::Bill => (MessageKind::BillSoon, sub.period.1),
            Turn::Due | Turn::GiveUp => (MessageKind::PastDue, sub.period.1.plus(plan.terms.grace())),
            Turn::Retry(_) => (MessageKind::StillUnpaid, plan.terms.last_chance(sub.period.1)),
        };
        let amount: Option<Money> = plan.price(sub.currency);
        let said = Said { kind, title: plan.title, amount, at: Some(at), link: format!("/orders/{order}") };
        self.say(tx, sub.account, &key(sub, turn), &said, now).await
    }

    /// Pays a renewal without its owner; where nothing pays, the order waits for them.
    async fn charge(&self, actor: &Actor, order: OrderId, purse: Option<Arc<dyn Purse>>) -> Result<()> {
        let Some(purse) = purse else { return Ok(()) };
        match purse.pay(actor, order).await {
            Ok(_) => Ok(()),
            Err(Error::Fault(fault)) => {
                tracing::warn!(%order, ?fault, "a renewal could not be charged");
                Ok(())
            }
            Err(other) => Err(other),
        }
    }
}

fn key(sub: &Subscription, turn: Turn) -> String {
    format!("{}:{}:{}", sub.id, sub.period.1.micros(), turn.key())
}
