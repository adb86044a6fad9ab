//! Plans as something that orders sell, and what a plan makes cheaper.

use async_trait::async_trait;
use domain::accounts::AccountId;
use domain::money::{Money, MoneyFault};
use domain::orders::{Draft, How, OrderId, Purpose, Reduction, ReductionKind, Thing};
use domain::subscriptions::{InvoiceKind, PlanId};
use domain::time::Timestamp;

use super::Service;
use super::store::{self, Invoice};
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::features::orders::store::Order;
use crate::features::orders::{Companion, Offer, Placed, Seller};

fn plan_of(thing: &Thing) -> Result<PlanId> {
    match thing {
        Thing::Plan(id) => Ok(*id),
        _ => Err(Error::bug("subscriptions were asked to sell something else")),
    }
}

fn range(_: MoneyFault) -> Error {
    Error::bug("a credit that is larger than its price")
}

#[async_trait]
impl Seller for Service {
    fn sells(&self, thing: &Thing) -> bool {
        matches!(thing, Thing::Plan(_))
    }

    /// Only what the subscription page began, or late money for what it had begun, is sold.
    async fn reserve(&self, tx: &mut Tx, buyer: AccountId, thing: &Thing, now: Timestamp) -> Result<Offer> {
        let id = plan_of(thing)?;
        let plan = store::plan_in(tx, id).await?.ok_or_else(Error::not_found)?;
        if let Some(quote) = store::quote(tx, buyer).await?.filter(|quote| quote.plan == id) {
            return Ok(Offer { title: plan.title, price: quote.price });
        }
        for invoice in store::regainable(tx, buyer, id).await? {
            if self.still_fits(tx, &invoice, now).await? {
                let price = plan.prices.first().copied().ok_or_else(Error::not_found)?;
                return Ok(Offer { title: plan.title, price });
            }
        }
        Err(Error::denied("plans_are_subscribed"))
    }

    async fn fulfil(
        &self,
        tx: &mut Tx,
        _: AccountId,
        _: &Thing,
        order: OrderId,
        now: Timestamp,
    ) -> Result<()> {
        let invoice = store::invoice_of(tx, order).await?;
        let invoice = invoice.ok_or_else(|| Error::bug("a plan was paid without an invoice"))?;
        self.begin_period(tx, &invoice, now).await
    }

    async fn release(
        &self,
        tx: &mut Tx,
        _: AccountId,
        _: &Thing,
        order: OrderId,
        now: Timestamp,
    ) -> Result<()> {
        self.given_up(tx, order, now).await
    }

    async fn page(&self, _: &Thing) -> Result<Option<String>> {
        Ok(Some("/subscription".to_owned()))
    }
}

#[async_trait]
impl Companion for Service {
    async fn reduce(
        &self,
        tx: &mut Tx,
        order: &Order,
        drafts: &mut [Draft],
        _: &How,
        now: Timestamp,
    ) -> Result<Vec<Reduction>> {
        let mut reductions = Vec::new();
        for draft in drafts {
            match draft.thing {
                Thing::Plan(_) => {
                    let Some(quote) = store::quote(tx, order.account).await? else { continue };
                    if let Some((minor, line)) = quote.credit {
                        let credit = Money::new(minor, draft.price.currency);
                        let made = draft.reduce(ReductionKind::Credit, &format!("line:{line}"), credit);
                        reductions.extend(made.map_err(range)?);
                    }
                }
                // An entry that a plan opens costs nothing, but takes its seat like any other.
                Thing::Competition(_) if order.purpose == Purpose::Purchase && !draft.price.is_zero() => {
                    let by = self.orders.opened_by(tx, order.account, &draft.thing, now).await?;
                    let Some(by) = by else { continue };
                    // Nobody plays for the fees of others without having paid anything.
                    let invoice = store::invoice_of(tx, by).await?;
                    if invoice.is_none_or(|invoice| invoice.kind == InvoiceKind::Trial) {
                        continue;
                    }
                    let all = draft.price;
                    let made = draft.reduce(ReductionKind::Plan, &format!("order:{by}"), all);
                    reductions.extend(made.map_err(range)?);
                }
                _ => {}
            }
        }
        Ok(reductions)
    }

    async fn placed(&self, tx: &mut Tx, order: &Order, placed: Placed<'_>, now: Timestamp) -> Result<()> {
        self.note_entries(tx, placed.reductions).await?;
        for line in placed.lines {
            let Thing::Plan(plan) = line.thing else { continue };
            let quote = store::quote(tx, order.account).await?.filter(|quote| quote.plan == plan);
            let (Some(quote), Some(period)) = (quote, line.period) else {
                return Err(Error::denied("plans_are_subscribed"));
            };
            let invoice = Invoice {
                id: self.kit.id(),
                subscription: quote.subscription,
                account: order.account,
                order: order.id,
                line: line.id,
                plan,
                kind: quote.kind,
                period,
                credit_line: quote.credit.map(|(_, line)| line).filter(|_| quote.kind == InvoiceKind::Change),
                wallet: quote.wallet,
            };
            store::add_invoice(tx, &invoice, now).await?;
        }
        Ok(())
    }
}
