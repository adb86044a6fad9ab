//! Deciding about refunds: what a policy promises to the buyer, and what a person of the platform gives.

use std::collections::BTreeMap;

use domain::accounts::AccountId;
use domain::actor::{Actor, Role};
use domain::invalid::{Denied, Invalid};
use domain::money::Money;
use domain::orders::{OrderId, OrderLineId, OrderState, Purpose, Step};
use domain::payments::{AlertId, RefundId};
use domain::refunds::{
    Carries, Destination, Facts, Left, NotGranted, Policy, RefundKind, Refundable, WhyNot, granted,
    refundable,
};
use domain::text;
use domain::time::Timestamp;

use super::Service;
use super::open::Opening;
use super::store::{self, Charge, Part};
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::features::offers::points;
use crate::features::offers::store::gifts;
use crate::features::orders::service::Cause;
use crate::features::orders::store::{self as orders, Order, OrderLine};
use crate::features::payments::store::close_alert;
use crate::features::payouts::terms;

/// A line, what is known of it, and what it gives back.
#[derive(Clone, Debug)]
pub struct Quoted {
    /// The line.
    pub line: OrderLine,
    /// What is known.
    pub facts: Facts,
    /// What was promised.
    pub policy: Policy,
    /// What it gives back to its buyer now.
    pub verdict: Refundable,
    /// The points that return with it.
    pub points: i64,
}

/// Only people of the platform; for everybody else the page does not exist.
pub(super) fn staff(actor: &Actor) -> Result<()> {
    if actor.is(Role::Admin) { Ok(()) } else { Err(Error::not_found()) }
}

/// The refusal of a rule, with what its sentence needs.
fn denied(why: &WhyNot) -> Error {
    match why {
        WhyNot::Consumed(consumed, limit) => Denied::with(why.code(), &[consumed, limit]).into(),
        _ => Denied::new(why.code()).into(),
    }
}

impl Service {
    /// What each line of an order gives back now. The locks are held, or nothing is changed.
    pub async fn quote(&self, tx: &mut Tx, order: &Order, now: Timestamp) -> Result<Vec<Quoted>> {
        let gift = gifts::of_order(tx, order.id).await?;
        let redeemed = gift.is_some_and(|gift| gift.redeemed_order.is_some());
        let spent = points::of_lines(tx, order.id).await?;
        let mut quoted = Vec::new();
        for line in orders::lines_in(tx, order.id).await? {
            let policy = match terms::promised(tx, line.id).await? {
                Some((policy, _)) => policy,
                None => terms::policy_now(tx, line.thing).await?,
            };
            let known = orders::facts_in(tx, line.id).await?;
            let of = |minor| Money::new(minor, line.price.currency);
            let facts = Facts {
                paid_at: order.paid_at,
                price: line.price,
                returned: of(known.returned),
                credited: of(known.counted),
                waiting: of(known.waiting),
                disputed: of(known.disputed),
                // What was given away is not what its giver has.
                carries: match order.purpose {
                    Purpose::Gift => Carries::Nothing,
                    _ => store::carries(tx, order.account, line.thing).await?,
                },
                ended: known.ended,
                given: order.purpose == Purpose::Redeemed,
                redeemed,
                consumed: terms::consumed(tx, order.account, line.thing).await?,
                starts: terms::about(tx, line.thing).await?.starts,
            };
            let verdict = refundable(&facts, &policy, now);
            let points = spent.get(&line.id).copied().unwrap_or(0);
            quoted.push(Quoted { line, facts, policy, verdict, points });
        }
        Ok(quoted)
    }

    /// A buyer gives lines of an order back, each in full, as its policy promises; the refund of their money, if
    /// they cost any.
    pub async fn request(
        &self,
        actor: &Actor,
        id: OrderId,
        wanted: &[OrderLineId],
        destination: Destination,
    ) -> Result<Option<RefundId>> {
        if wanted.is_empty() {
            return Err(Invalid::field("lines", "choose_a_line").into());
        }
        let now = self.kit.now();
        let mut tx = self.kit.db.begin().await?;
        let order = self.locked(&mut tx, id).await?;
        if order.account != actor.account {
            return Err(Error::not_found());
        }
        let quoted = self.quote(&mut tx, &order, now).await?;
        let mut parts = Vec::new();
        let mut policies: Vec<&str> = Vec::new();
        for line in wanted {
            let found = quoted.iter().find(|quoted| quoted.line.id == *line).ok_or_else(Error::not_found)?;
            match &found.verdict {
                Refundable::Yes { amount, .. } => {
                    parts.push(Part { line: *line, amount: amount.minor, whole: true });
                    policies.push(&found.policy.code);
                }
                Refundable::No(why) => return Err(denied(why)),
            }
        }
        parts.extend(rest_of_bundles(&quoted, wanted)?);
        policies.dedup();
        let policy = policies.join(" ");
        let given = Given { parts, destination, reason: "guarantee", policy: &policy, cause: "buyer" };
        let refund = self.give(&mut tx, &order, given, Some(actor.account), now).await?;
        tx.commit().await?;
        Ok(refund)
    }

    /// A person of the platform gives amounts of lines back, whatever the policy says, and says why; an amount of
    /// nothing for a line that cost no money.
    pub async fn grant(
        &self,
        actor: &Actor,
        id: OrderId,
        amounts: &BTreeMap<String, String>,
        destination: Destination,
        reason: &str,
    ) -> Result<Option<RefundId>> {
        self.grant_seen(actor, id, amounts, destination, reason, None).await
    }

    /// The same, where the person saw what was left: whatever was given meanwhile, by this button pressed two times
    /// or by a colleague, must be looked at first.
    pub(super) async fn grant_seen(
        &self,
        actor: &Actor,
        id: OrderId,
        amounts: &BTreeMap<String, String>,
        destination: Destination,
        reason: &str,
        seen: Option<i64>,
    ) -> Result<Option<RefundId>> {
        staff(actor)?;
        let reason = text::line("reason", reason, 3..=300)?;
        let now = self.kit.now();
        let mut tx = self.kit.db.begin().await?;
        let order = self.locked(&mut tx, id).await?;
        // What went back may come back: then an order that was refunded has something left again.
        if !order.state.entitles() && order.state != OrderState::Refunded {
            return Err(denied(&WhyNot::NotPaid));
        }
        let quoted = self.quote(&mut tx, &order, now).await?;
        let left = |Quoted { line, facts, .. }: &Quoted| Left {
            line: line.id,
            money: Money::new(facts.left().max(0), line.price.currency),
            is_free: facts.is_open() && line.price.is_zero(),
        };
        let typed = |line: OrderLineId| amounts.get(&line.to_string()).map(String::as_str);
        let sum = quoted.iter().map(|quoted| quoted.facts.left().max(0)).sum::<i64>();
        if seen.is_some_and(|seen| seen != sum) {
            return Err(app::error::Fault::Conflict.into());
        }
        let chosen = granted(quoted.iter().map(left), typed).map_err(|why| match why {
            NotGranted::Invalid(invalid) => Error::from(invalid),
            NotGranted::Denied(denied) => Error::from(denied),
        })?;
        let part = |(line, amount): (OrderLineId, Money)| {
            let found = quoted.iter().find(|quoted| quoted.line.id == line);
            let whole = found.is_some_and(|found| found.facts.is_all(amount.minor));
            Part { line, amount: amount.minor, whole }
        };
        let parts = chosen.into_iter().map(part).collect();
        let given = Given { parts, destination, reason: &reason, policy: "staff", cause: "staff" };
        let refund = self.give(&mut tx, &order, given, Some(actor.account), now).await?;
        tx.commit().await?;
        Ok(refund)
    }

    /// A person of the platform sends money back that paid nothing, and so closes its alert.
    pub async fn send_back(&self, actor: &Actor, alert: AlertId) -> Result<()> {
        staff(actor)?;
        let found = store::of_alert(&self.kit.db, alert).await?;
        let (order, gateway, charge) = found.ok_or_else(Error::not_found)?;
        let now = self.kit.now();
        let mut tx = self.kit.db.begin().await?;
        let order = self.locked(&mut tx, order).await?;
        let named = (gateway.as_str(), charge.as_str());
        let refund = self.give_back(&mut tx, &order, named, "staff", Some(actor.account), now).await?;
        let refund = refund.ok_or_else(|| denied(&WhyNot::Returned))?;
        if !close_alert(&mut tx, alert, actor.account, &format!("refund {refund}"), now).await? {
            return Err(Denied::new("alert_closed").into());
        }
        let by = format!("refund:{refund}");
        let cause = Cause { actor: Some(actor.account), by: &by };
        self.orders.note(&mut tx, order.id, now, "sent_back", cause).await?;
        Ok(tx.commit().await?)
    }

    /// Opens a refund of lines, takes its money from whoever had it, and lets it go.
    pub(super) async fn give(
        &self,
        tx: &mut Tx,
        order: &Order,
        given: Given<'_>,
        actor: Option<AccountId>,
        now: Timestamp,
    ) -> Result<Option<RefundId>> {
        if given.parts.iter().all(|part| part.amount == 0) {
            self.give_without_money(tx, order, given, actor, now).await?;
            return Ok(None);
        }
        let charge: Charge = store::charge_of(tx, order.id).await?.ok_or_else(|| denied(&WhyNot::NotPaid))?;
        let amount = given.parts.iter().map(|part| part.amount).sum();
        // What came from the wallet goes back to it.
        let destination =
            if charge.gateway == super::WALLET { Destination::Wallet } else { given.destination };
        let opening = Opening {
            charge: &charge,
            parts: &given.parts,
            amount: Money::new(amount, order.total.currency),
            kind: RefundKind::Lines,
            destination,
            reason: given.reason,
            policy: given.policy,
            outside: None,
            actor,
            cause: given.cause,
        };
        let refund = self.open(tx, order, &opening, now).await?;
        self.withdraw(tx, &refund, &given.parts).await?;
        self.let_go(tx, order, &refund, now).await?;
        Ok(Some(refund.id))
    }

    /// Ends what cost no money: points, credit and seats are free again, and no gateway hears of it.
    async fn give_without_money(
        &self,
        tx: &mut Tx,
        order: &Order,
        given: Given<'_>,
        actor: Option<AccountId>,
        now: Timestamp,
    ) -> Result<()> {
        for part in &given.parts {
            let Given { reason, policy, cause, .. } = given;
            let given = store::GivenUp { line: part.line, policy, reason, actor, cause };
            store::give_up(tx, given, now).await?;
        }
        let (mut gone, mut kept) = (Vec::new(), 0);
        for line in orders::lines_in(tx, order.id).await? {
            if given.parts.iter().any(|part| part.line == line.id) {
                gone.push(line);
            } else if !orders::facts_in(tx, line.id).await?.ended {
                kept += 1;
            }
        }
        // Where some of it cost money, the last of that money ends the order.
        let step = if kept == 0 && order.total.is_zero() { Step::RefundAll } else { Step::RefundPart };
        let cause = Cause { actor, by: given.cause };
        self.orders.take_back(tx, order, &gone, step, cause, now).await
    }
}

/// What goes back with the chosen lines of bundles, each of which was sold whole, for less than its parts: the
/// parts that cost nothing. Those that cost something must have been chosen.
fn rest_of_bundles(quoted: &[Quoted], wanted: &[OrderLineId]) -> Result<Vec<Part>> {
    let chosen = |quoted: &Quoted| wanted.contains(&quoted.line.id);
    let bundles: Vec<_> = quoted.iter().filter(|one| chosen(one)).filter_map(|one| one.line.bundle).collect();
    let of_bundles = |one: &&Quoted| one.line.bundle.is_some_and(|bundle| bundles.contains(&bundle));
    let mut rest = Vec::new();
    for one in quoted.iter().filter(of_bundles).filter(|one| !chosen(one) && !one.facts.ended) {
        if !one.line.price.is_zero() {
            return Err(Denied::new("refund_whole_bundle").into());
        }
        rest.push(Part { line: one.line.id, amount: 0, whole: true });
    }
    Ok(rest)
}

/// What somebody decided to give back.
pub(super) struct Given<'a> {
    /// By line.
    pub parts: Vec<Part>,
    /// Where the money goes, unless it came from the wallet.
    pub destination: Destination,
    /// Why: a word, or what staff wrote.
    pub reason: &'a str,
    /// The policy that allows it.
    pub policy: &'a str,
    /// Through what.
    pub cause: &'a str,
}
