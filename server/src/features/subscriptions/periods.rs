//! Invoices: placed as orders, and what follows when they are paid, refunded or ended.

use domain::accounts::AccountId;
use domain::actor::Actor;
use domain::messages::{MessageKind, Said};
use domain::money::Money;
use domain::orders::{How, OrderId, OrderLineId, OrderState, Period, Purpose, Step, Thing, Wanted};
use domain::subscriptions::{Happening, InvoiceKind, PlanId, SubscriptionId, SubscriptionState};
use domain::time::{Span, Timestamp};

use super::Service;
use super::jobs::TurnSubscription;
use super::store::{self, Invoice, Quote, Subscription};
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::features::orders::service::Cause;
use crate::features::orders::store as orders;

/// A period to be ordered.
pub(super) struct Bill {
    /// The subscription.
    pub subscription: SubscriptionId,
    /// The plan.
    pub plan: PlanId,
    /// What it is for.
    pub kind: InvoiceKind,
    /// The price.
    pub price: Money,
    /// The period.
    pub period: Period,
    /// What of an earlier line counts.
    pub credit: Option<(Money, OrderLineId)>,
    /// Whether renewals are to be paid from the balance.
    pub wallet: bool,
    /// The purpose of the order.
    pub purpose: Purpose,
    /// How long the order can be paid.
    pub hold: Span,
}

impl Service {
    /// Places the order of a period; the account's lock is held.
    pub(super) async fn bill(&self, tx: &mut Tx, actor: &Actor, bill: &Bill) -> Result<OrderId> {
        let quote = Quote {
            subscription: bill.subscription,
            plan: bill.plan,
            kind: bill.kind,
            price: bill.price,
            credit: bill.credit.map(|(amount, line)| (amount.minor, line)),
            wallet: bill.wallet,
        };
        store::put_quote(tx, actor.account, &quote).await?;
        let wanted = [Wanted { thing: Thing::Plan(bill.plan), period: Some(bill.period), bundle: None }];
        let how = How { purpose: bill.purpose, hold: Some(bill.hold), ..How::default() };
        let order = self.orders.place_in(tx, actor, &wanted, &how).await?;
        store::drop_quote(tx, actor.account).await?;
        Ok(order)
    }

    /// Ends an invoice that waits for money; one that does not is left alone.
    pub(super) async fn end_invoice(
        &self,
        tx: &mut Tx,
        order: OrderId,
        by: Option<AccountId>,
        event: &str,
        now: Timestamp,
    ) -> Result<()> {
        let open = orders::order_in(tx, order).await?.is_some_and(|order| order.state.is_open());
        if open {
            let cause = Cause { actor: by, by: if by.is_some() { "subscriber" } else { "clock" } };
            self.orders.end(tx, order, Step::Cancel, event, cause, now).await?;
        }
        Ok(())
    }

    /// An invoice is paid: its subscription begins, goes on or changes.
    pub(super) async fn begin_period(&self, tx: &mut Tx, invoice: &Invoice, now: Timestamp) -> Result<()> {
        let known = store::in_tx(tx, invoice.subscription).await?;
        let live = store::live_in(tx, invoice.account).await?;
        if live.is_some_and(|live| live.id != invoice.subscription) {
            // Paid beside another subscription: the line opens what it opens, and nothing is renewed.
            return Ok(());
        }
        let (event, sub) = match known {
            None => ("began", self.begin(tx, invoice, now).await?),
            Some(sub) => self.go_on(tx, sub, invoice, now).await?,
        };
        self.note(tx, sub.id, event, None, &format!("order:{}", invoice.order)).await?;
        let plan = store::plan_in(tx, invoice.plan).await?.ok_or_else(Error::not_found)?;
        for (turn, at) in plan.terms.turns(sub.period.1) {
            let job = TurnSubscription { subscription: sub.id, until: sub.period.1, turn };
            let key = format!("{}:{}:{}", sub.id, sub.period.1.micros(), turn.key());
            tx.enqueue_once_at(&job, &key, at.max(now)).await?;
        }
        let order = orders::order_in(tx, invoice.order).await?.ok_or_else(Error::not_found)?;
        let trial = invoice.kind == InvoiceKind::Trial;
        let said = Said {
            kind: if trial { MessageKind::TrialBegan } else { MessageKind::PeriodPaid },
            title: plan.title,
            amount: (!trial).then_some(order.total),
            at: Some(sub.period.1),
            link: "/subscription".to_owned(),
        };
        self.say(tx, invoice.account, &format!("paid:{}", invoice.order), &said, now).await
    }

    async fn begin(&self, tx: &mut Tx, invoice: &Invoice, now: Timestamp) -> Result<Subscription> {
        let order = orders::order_in(tx, invoice.order).await?.ok_or_else(Error::not_found)?;
        let trial = invoice.kind == InvoiceKind::Trial;
        let sub = Subscription {
            id: invoice.subscription,
            account: invoice.account,
            plan: invoice.plan,
            next_plan: None,
            currency: order.total.currency,
            state: if trial { SubscriptionState::Trialing } else { SubscriptionState::Active },
            wallet: invoice.wallet,
            // The days of the trial do not count: the calendar begins with the first paid period.
            anchor: if trial { invoice.period.1 } else { invoice.period.0 },
            period: invoice.period,
            started_at: now,
            ended_at: None,
        };
        store::add(tx, &sub, now).await?;
        if trial {
            store::add_trial(tx, sub.account, sub.id, now).await?;
        }
        Ok(sub)
    }

    async fn go_on(
        &self,
        tx: &mut Tx,
        mut sub: Subscription,
        invoice: &Invoice,
        now: Timestamp,
    ) -> Result<(&'static str, Subscription)> {
        sub.state = sub.state.after(Happening::Paid(invoice.kind))?;
        sub.ended_at = None;
        sub.plan = invoice.plan;
        sub.next_plan = None;
        let changed = invoice.kind == InvoiceKind::Change;
        if changed {
            sub.anchor = invoice.period.0;
        }
        if changed || invoice.period.1 > sub.period.1 {
            sub.period = invoice.period;
        }
        store::save(tx, &sub, now).await?;
        for open in store::open_of_subscription(tx, sub.id).await? {
            if open.order != invoice.order {
                self.end_invoice(tx, open.order, None, "replaced", now).await?;
            }
        }
        Ok((if changed { "changed" } else { "renewed" }, sub))
    }

    /// The money of an invoice went back: the subscription ends with it, where it was the running period.
    pub(super) async fn taken_back(&self, tx: &mut Tx, invoice: &Invoice, now: Timestamp) -> Result<()> {
        let Some(mut sub) = store::in_tx(tx, invoice.subscription).await? else { return Ok(()) };
        if sub.period != invoice.period || !sub.state.is_live() {
            return Ok(());
        }
        sub.state = sub.state.after(Happening::Refunded)?;
        sub.ended_at = Some(now);
        store::save(tx, &sub, now).await?;
        self.release(tx, sub.account).await?;
        self.note(tx, sub.id, "refunded", None, &format!("order:{}", invoice.order)).await?;
        for open in store::open_of_subscription(tx, sub.id).await? {
            self.end_invoice(tx, open.order, None, "replaced", now).await?;
        }
        Ok(())
    }

    /// Whether money that comes after an invoice ended still fits it.
    pub(super) async fn still_fits(&self, tx: &mut Tx, invoice: &Invoice, now: Timestamp) -> Result<bool> {
        let live = store::live_in(tx, invoice.account).await?;
        let other = live.as_ref().is_some_and(|live| live.id != invoice.subscription);
        if other || invoice.period.1 <= now {
            return Ok(false);
        }
        let sub = store::in_tx(tx, invoice.subscription).await?;
        Ok(match (invoice.kind, sub) {
            (InvoiceKind::Start, None) => true,
            (InvoiceKind::Renewal, Some(sub)) => sub.period.1 == invoice.period.0,
            _ => false,
        })
    }

    /// What became of an order whose line is given up: money went back, or it was never paid.
    pub(super) async fn given_up(&self, tx: &mut Tx, order: OrderId, now: Timestamp) -> Result<()> {
        let Some(invoice) = store::invoice_of(tx, order).await? else { return Ok(()) };
        let state = orders::order_in(tx, order).await?.map(|order| order.state);
        match state {
            Some(OrderState::Refunded | OrderState::PartiallyRefunded) => {
                self.end_entries(tx, invoice.line).await?;
                self.taken_back(tx, &invoice, now).await
            }
            _ => Ok(()),
        }
    }
}
