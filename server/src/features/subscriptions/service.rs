//! What a subscriber does: subscribe, change, cancel, resume, pay.

use domain::actor::Actor;
use domain::invalid::{Denied, Invalid};
use domain::messages::{MessageKind, Said};
use domain::money::{Currency, Money};
use domain::orders::{HOLD, OrderId, OrderLineId, Purpose};
use domain::subscriptions::calendar::{months_after, period_end};
use domain::subscriptions::change::{self, When};
use domain::subscriptions::{Happening, InvoiceKind, PlanId, SubscriptionState, Tier, Turn};
use domain::time::{Span, Timestamp};

use super::Service;
use super::jobs::TurnSubscription;
use super::periods::Bill;
use super::store::{self, Plan, Subscription};
use crate::db::{Lock, Tx};
use crate::error::{Error, Result};

/// What became of a wish to change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    /// It happens when this order is paid; or it was paid by what was unused.
    ByOrder(OrderId),
    /// It happens when the paid period ends.
    At(Timestamp),
}

/// What a change would be.
pub(super) struct Quoted {
    /// When it happens.
    pub when: When,
    /// The price of the new period.
    pub price: Money,
    /// What of the running period counts, and of which line.
    pub credit: Option<(Money, OrderLineId)>,
}

impl Service {
    /// Subscribes to a plan: by its trial, or by an order that is to be paid.
    pub async fn subscribe(
        &self,
        actor: &Actor,
        plan: PlanId,
        currency: Currency,
        trial: bool,
        wallet: bool,
    ) -> Result<OrderId> {
        let now = self.kit.now();
        let mut tx = self.kit.db.begin().await?;
        tx.lock(Lock::Account(actor.account)).await?;
        let plan = offered(store::plan_in(&mut tx, plan).await?)?;
        let price = plan.price(currency).ok_or_else(|| Invalid::field("currency", "plan_not_in_currency"))?;
        if store::live_in(&mut tx, actor.account).await?.is_some() {
            return Err(Denied::new("already_subscribed").into());
        }
        if trial {
            may_try(&mut tx, actor, &plan).await?;
        }
        for open in store::open_of_account(&mut tx, actor.account).await? {
            let order = crate::features::orders::store::order_in(&mut tx, open.order).await?;
            let same = order.is_some_and(|order| {
                order.total.currency == currency && order.expires_at >= now && order.total == price
            });
            if same && open.plan == plan.id && !trial {
                return Ok(open.order);
            }
            self.end_invoice(&mut tx, open.order, Some(actor.account), "replaced", now).await?;
        }
        let from = if trial { now } else { begins(&mut tx, actor, now).await? };
        let until = if trial {
            now.plus(Span::days(plan.terms.trial_days))
        } else {
            months_after(from, plan.rank.interval.months())
        };
        let bill = Bill {
            subscription: self.kit.id(),
            plan: plan.id,
            kind: if trial { InvoiceKind::Trial } else { InvoiceKind::Start },
            price: if trial { Money::zero(currency) } else { price },
            period: (from, until),
            credit: None,
            wallet,
            purpose: Purpose::Purchase,
            hold: HOLD,
        };
        let order = self.bill(&mut tx, actor, &bill).await?;
        tx.commit().await?;
        Ok(order)
    }

    /// Changes the plan: at once with what is unused counted, or at the end of the period.
    pub async fn change(&self, actor: &Actor, to: PlanId) -> Result<Changed> {
        let now = self.kit.now();
        let mut tx = self.kit.db.begin().await?;
        tx.lock(Lock::Account(actor.account)).await?;
        let mut sub = live(&mut tx, actor).await?;
        let to = offered(store::plan_in(&mut tx, to).await?)?;
        if to.id == sub.plan && sub.next_plan.is_some() {
            // Back to what it was: the change that waits is forgotten.
            sub.next_plan = None;
            self.replan(&mut tx, actor, &sub, "change_forgotten", now).await?;
            tx.commit().await?;
            return Ok(Changed::At(sub.period.1));
        }
        let quoted = self.quote_change(&mut tx, &sub, &to, now).await?;
        if quoted.when == When::AtPeriodEnd {
            if sub.state == SubscriptionState::Canceled {
                return Err(Denied::new("subscription_canceled").into());
            }
            sub.next_plan = Some(to.id);
            self.replan(&mut tx, actor, &sub, "change_planned", now).await?;
            tx.commit().await?;
            return Ok(Changed::At(sub.period.1));
        }
        for open in store::open_of_subscription(&mut tx, sub.id).await? {
            if open.kind == InvoiceKind::Change {
                self.end_invoice(&mut tx, open.order, Some(actor.account), "replaced", now).await?;
            }
        }
        let from = begins(&mut tx, actor, now).await?;
        let bill = Bill {
            subscription: sub.id,
            plan: to.id,
            kind: InvoiceKind::Change,
            price: quoted.price,
            period: (from, months_after(from, to.rank.interval.months())),
            credit: quoted.credit,
            wallet: sub.wallet,
            purpose: Purpose::Purchase,
            hold: HOLD,
        };
        let order = self.bill(&mut tx, actor, &bill).await?;
        tx.commit().await?;
        Ok(Changed::ByOrder(order))
    }

    /// When a change would happen, and what it would cost.
    pub(super) async fn quote_change(
        &self,
        tx: &mut Tx,
        sub: &Subscription,
        to: &Plan,
        now: Timestamp,
    ) -> Result<Quoted> {
        let from = store::plan_in(tx, sub.plan).await?.ok_or_else(Error::not_found)?;
        let price =
            to.price(sub.currency).ok_or_else(|| Invalid::field("currency", "plan_not_in_currency"))?;
        let credit = match store::current(tx, sub).await? {
            None => None,
            Some(invoice) => {
                let paid = Money::new(store::worth(tx, invoice.line).await?, sub.currency);
                Some((change::credit(paid, invoice.period, now), invoice.line))
            }
        };
        let counted = credit.map_or(Money::zero(sub.currency), |(amount, _)| amount);
        let when = change::when(from.rank, to.rank, counted, price)?;
        Ok(Quoted { when, price, credit: credit.filter(|_| when == When::Now) })
    }

    /// Writes another plan for the next period, and bills it anew where it was billed already.
    async fn replan(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        sub: &Subscription,
        event: &str,
        now: Timestamp,
    ) -> Result<()> {
        store::save(tx, sub, now).await?;
        self.note(tx, sub.id, event, Some(actor.account), "subscriber").await?;
        for open in store::open_of_subscription(tx, sub.id).await? {
            self.end_invoice(tx, open.order, Some(actor.account), "replaced", now).await?;
        }
        self.bill_when_due(tx, sub, now).await
    }

    /// Enqueues the next bill: soon, where its time has come.
    async fn bill_when_due(&self, tx: &mut Tx, sub: &Subscription, now: Timestamp) -> Result<()> {
        let plan = store::plan_in(tx, sub.plan).await?.ok_or_else(Error::not_found)?;
        for (turn, at) in plan.terms.turns(sub.period.1) {
            if turn == Turn::Bill {
                let job = TurnSubscription { subscription: sub.id, until: sub.period.1, turn };
                tx.enqueue_at(&job, at.max(now)).await?;
            }
        }
        Ok(())
    }

    /// Ends the subscription with the paid period; at once where that is over.
    pub async fn cancel(&self, actor: &Actor) -> Result<()> {
        let now = self.kit.now();
        let mut tx = self.kit.db.begin().await?;
        tx.lock(Lock::Account(actor.account)).await?;
        let mut sub = live(&mut tx, actor).await?;
        sub.state = sub.state.after(Happening::Cancel)?;
        sub.next_plan = None;
        let over = sub.state == SubscriptionState::Expired;
        sub.ended_at = over.then_some(now);
        store::save(&mut tx, &sub, now).await?;
        if over {
            self.release(&mut tx, sub.account).await?;
        }
        let event = if over { "ended" } else { "canceled" };
        self.note(&mut tx, sub.id, event, Some(actor.account), "subscriber").await?;
        for open in store::open_of_subscription(&mut tx, sub.id).await? {
            self.end_invoice(&mut tx, open.order, Some(actor.account), "cancelled", now).await?;
        }
        let plan = store::plan_in(&mut tx, sub.plan).await?.ok_or_else(Error::not_found)?;
        let kind = if over { MessageKind::Ended } else { MessageKind::WillEnd };
        let at = Some(sub.period.1.plus(plan.terms.grace()));
        let said = Said { kind, title: plan.title, amount: None, at, link: "/subscription".to_owned() };
        let key = format!("{}:{}:{event}:{}", sub.id, sub.period.1.micros(), now.micros());
        self.say(&mut tx, sub.account, &key, &said, now).await?;
        Ok(tx.commit().await?)
    }

    /// Takes a cancellation back before the paid period ends.
    pub async fn resume(&self, actor: &Actor) -> Result<()> {
        let now = self.kit.now();
        let mut tx = self.kit.db.begin().await?;
        tx.lock(Lock::Account(actor.account)).await?;
        let mut sub = live(&mut tx, actor).await?;
        let current = store::current(&mut tx, &sub).await?;
        let trial = current.is_some_and(|invoice| invoice.kind == InvoiceKind::Trial);
        sub.state = sub.state.after(Happening::Resume { trial })?;
        if sub.period.1 <= now {
            return Err(Denied::new("subscription_over").into());
        }
        store::save(&mut tx, &sub, now).await?;
        self.note(&mut tx, sub.id, "resumed", Some(actor.account), "subscriber").await?;
        self.bill_when_due(&mut tx, &sub, now).await?;
        Ok(tx.commit().await?)
    }

    /// Says whether renewals are paid from the balance where it is enough, from the next one on.
    pub async fn set_wallet(&self, actor: &Actor, wallet: bool) -> Result<()> {
        let now = self.kit.now();
        let mut tx = self.kit.db.begin().await?;
        tx.lock(Lock::Account(actor.account)).await?;
        let mut sub = live(&mut tx, actor).await?;
        if sub.wallet != wallet {
            sub.wallet = wallet;
            store::save(&mut tx, &sub, now).await?;
            let event = if wallet { "wallet_on" } else { "wallet_off" };
            self.note(&mut tx, sub.id, event, Some(actor.account), "subscriber").await?;
        }
        Ok(tx.commit().await?)
    }

    /// The order to pay for the next period: the open one, or a new one.
    pub async fn next_order(&self, actor: &Actor) -> Result<OrderId> {
        let now = self.kit.now();
        let mut tx = self.kit.db.begin().await?;
        tx.lock(Lock::Account(actor.account)).await?;
        let sub = live(&mut tx, actor).await?;
        if !sub.state.renews() {
            return Err(Denied::new("subscription_canceled").into());
        }
        let order = self.renewal(&mut tx, actor, &sub, now).await?;
        tx.commit().await?;
        Ok(order)
    }

    /// The open order of the next period, or a new one; the account's lock is held.
    pub(super) async fn renewal(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        sub: &Subscription,
        now: Timestamp,
    ) -> Result<OrderId> {
        let plan =
            store::plan_in(tx, sub.next_plan.unwrap_or(sub.plan)).await?.ok_or_else(Error::not_found)?;
        let from = sub.period.1;
        for open in store::open_of_subscription(tx, sub.id).await? {
            if open.kind != InvoiceKind::Renewal {
                continue;
            }
            let order = crate::features::orders::store::order_in(tx, open.order).await?;
            let holds = order.is_some_and(|order| order.expires_at >= now);
            if holds && open.plan == plan.id && open.period.0 == from {
                return Ok(open.order);
            }
            self.end_invoice(tx, open.order, None, "replaced", now).await?;
        }
        let price = plan.price(sub.currency).ok_or_else(|| Denied::new("plan_not_in_currency"))?;
        let last = plan.terms.last_chance(from);
        if last <= now {
            return Err(Denied::new("subscription_over").into());
        }
        let bill = Bill {
            subscription: sub.id,
            plan: plan.id,
            kind: InvoiceKind::Renewal,
            price,
            period: (from, period_end(sub.anchor, from, plan.rank.interval)),
            credit: None,
            wallet: sub.wallet,
            purpose: Purpose::Renewal,
            hold: last.since(now),
        };
        self.bill(tx, actor, &bill).await
    }
}

/// When a period begins that is bought now: where the grace of the last paid one still runs, at its end, for those
/// days were used; else now.
async fn begins(tx: &mut Tx, actor: &Actor, now: Timestamp) -> Result<Timestamp> {
    let last = store::last_paid(tx, actor.account).await?;
    let in_grace = |(end, grace): &(Timestamp, Span)| *end < now && now <= end.plus(*grace);
    Ok(last.filter(in_grace).map_or(now, |(end, _)| end))
}

/// The subscription of an account that goes on.
async fn live(tx: &mut Tx, actor: &Actor) -> Result<Subscription> {
    store::live_in(tx, actor.account).await?.ok_or_else(|| Denied::new("not_subscribed").into())
}

/// A plan that one may choose.
fn offered(plan: Option<Plan>) -> Result<Plan> {
    let plan = plan.filter(|plan| plan.active).ok_or_else(Error::not_found)?;
    if plan.rank.tier == Tier::Free { Err(Denied::new("free_plan").into()) } else { Ok(plan) }
}

/// Whether an account may try a plan: once, whichever plan it was.
async fn may_try(tx: &mut Tx, actor: &Actor, plan: &Plan) -> Result<()> {
    if plan.terms.trial_days == 0 {
        return Err(Denied::new("plan_without_trial").into());
    }
    if store::had_trial_in(tx, actor.account).await? {
        return Err(Denied::new("trial_used").into());
    }
    Ok(())
}
