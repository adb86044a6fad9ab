//! What gateways report of their own accord: refunds of their consoles, and disputes.

use async_trait::async_trait;
use domain::money::Money;
use domain::payments::{Code, LedgerAccount, Phase, Posting};
use domain::refunds::{Destination, RefundKind, RefundState, Settled};
use domain::time::Timestamp;

use super::Service;
use super::open::{Opening, belongs};
use super::send::{settle_again, settled};
use super::store::{self, Charge, Part, Refund};
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::features::orders::store::{self as orders, Order};
use crate::features::payments::gateway::{RefundTold, Reversal, ReversalKind};
use crate::features::payments::ledger::{self, derived};
use crate::features::payments::{Reversals, Reversed};

#[async_trait]
impl Reversals for Service {
    async fn unwanted(
        &self,
        tx: &mut Tx,
        order: &Order,
        gateway: &str,
        charge: &str,
        why: &str,
        now: Timestamp,
    ) -> Result<bool> {
        Ok(self.give_back(tx, order, (gateway, charge), why, None, now).await?.is_some())
    }
    async fn reversed(&self, tx: &mut Tx, reversed: &Reversed, now: Timestamp) -> Result<bool> {
        self.orders.lock_things_of(tx, reversed.order).await?;
        let order = orders::order_in(tx, reversed.order).await?.ok_or_else(Error::not_found)?;
        match &reversed.reversal.kind {
            ReversalKind::Refund { ours: Some(id), told } => {
                let refund = store::refund_in(tx, *id).await?;
                let fits = |refund: &Refund| {
                    refund.payment == reversed.payment && refund.amount == reversed.reversal.amount
                };
                let Some(refund) = refund.filter(fits) else { return Ok(false) };
                if refund.state == RefundState::Failed && *told == RefundTold::Succeeded {
                    // It was given up, and the money is with whom it came from: a person must look.
                    return Ok(false);
                }
                let state = self.apply(tx, &order, &refund, settled(told), "notice", now).await?;
                if matches!(told, RefundTold::Stuck(_)) && !state.is_settled() {
                    self.alert(tx, &refund, "refund_stuck", now).await?;
                }
                Ok(true)
            }
            ReversalKind::Refund { ours: None, told } => self.console(tx, &order, reversed, told, now).await,
            ReversalKind::Disputed | ReversalKind::DisputeWon | ReversalKind::DisputeLost => {
                let Some(dispute) = self.dispute(tx, &order, reversed, now).await? else {
                    return self.parked_dispute(tx, &order, reversed, now).await;
                };
                match &reversed.reversal.kind {
                    ReversalKind::DisputeWon => self.won(tx, &dispute, now).await,
                    ReversalKind::DisputeLost => self.lost(tx, &order, &dispute, now).await,
                    _ => Ok(true),
                }
            }
            // How much went back nobody can tell: a person must look.
            ReversalKind::Unnamed => Ok(false),
        }
    }
}

/// A refund that nobody here asked for: its gateway told of it, under its own name.
const fn told_of<'a>(
    charge: &'a Charge,
    parts: &'a [Part],
    kind: RefundKind,
    reason: &'a str,
    reversal: &'a Reversal,
) -> Opening<'a> {
    Opening {
        charge,
        parts,
        amount: reversal.amount,
        kind,
        destination: Destination::Gateway,
        reason,
        policy: "",
        outside: Some(reversal.reference.as_str()),
        actor: None,
        cause: "notice",
    }
}

impl Service {
    /// The charge of a reversal with what is left of it, where the reversal fits into that.
    async fn charge_left(&self, tx: &mut Tx, order: &Order, reversed: &Reversed) -> Result<Option<Charge>> {
        let Some(charge) = store::charge_of(tx, order.id).await? else { return Ok(None) };
        let back = store::returned_of_charge(tx, &charge.gateway, &charge.charge).await?;
        let amount = reversed.reversal.amount;
        let fits = charge.payment == reversed.payment
            && charge.gateway == reversed.gateway
            && amount.currency == charge.amount.currency
            && amount.minor > 0
            && amount.minor <= charge.amount.minor - back;
        Ok(Some(charge).filter(|_| fits && order.state.entitles()))
    }

    /// The money that an attempt brought and that paid nothing, where the reversal fits into what is left of it.
    async fn parked_left(&self, tx: &mut Tx, reversed: &Reversed) -> Result<Option<Charge>> {
        let Some(charge) = store::parked_of(tx, reversed.payment).await? else { return Ok(None) };
        let back = store::returned_of_charge(tx, &charge.gateway, &charge.charge).await?;
        let amount = reversed.reversal.amount;
        let fits = charge.gateway == reversed.gateway
            && amount.currency == charge.amount.currency
            && amount.minor > 0
            && amount.minor <= charge.amount.minor - back;
        Ok(Some(charge).filter(|_| fits))
    }

    /// Spreads an amount over what is left of the lines of an order.
    async fn spread(&self, tx: &mut Tx, order: &Order, amount: Money) -> Result<Vec<Part>> {
        let lines = orders::lines_in(tx, order.id).await?;
        let mut left = Vec::new();
        for line in &lines {
            let gone =
                store::returned_of_line(tx, line.id).await?.0 + store::disputed_of_line(tx, line.id).await?;
            left.push((line.price.minor - gone).max(0));
        }
        let shares = amount.split_over(&left);
        let part = |((line, left), share): ((&orders::OrderLine, &i64), Money)| Part {
            line: line.id,
            amount: share.minor,
            whole: share.minor == *left,
        };
        let parts = lines.iter().zip(&left).zip(shares).map(part);
        Ok(parts.filter(|part| part.amount > 0).collect())
    }

    /// A refund that somebody made in the console of a gateway.
    async fn console(
        &self,
        tx: &mut Tx,
        order: &Order,
        reversed: &Reversed,
        told: &RefundTold,
        now: Timestamp,
    ) -> Result<bool> {
        let reference = &reversed.reversal.reference;
        if let Some(known) = store::by_outside(tx, &reversed.gateway, reference).await? {
            let fits = known.amount == reversed.reversal.amount;
            if fits {
                self.apply(tx, order, &known, settled(told), "notice", now).await?;
            }
            return Ok(fits);
        }
        if !matches!(told, RefundTold::Succeeded | RefundTold::Pending | RefundTold::Stuck(_)) {
            return Ok(true);
        }
        let (charge, parts, kind) = match self.parked_left(tx, reversed).await? {
            // Money that paid nothing has no lines: it leaves suspense.
            Some(charge) => (charge, Vec::new(), RefundKind::Parked),
            None => {
                let Some(charge) = self.charge_left(tx, order, reversed).await? else { return Ok(false) };
                (charge, self.spread(tx, order, reversed.reversal.amount).await?, RefundKind::Lines)
            }
        };
        let opening = told_of(&charge, &parts, kind, "console", &reversed.reversal);
        let uncovered = self.uncovers(tx, order, &parts).await?;
        let refund = self.open(tx, order, &opening, now).await?;
        self.withdraw(tx, &refund, &parts).await?;
        self.apply(tx, order, &refund, settled(told), "notice", now).await?;
        if uncovered {
            self.alert(tx, &refund, "credit_uncovered", now).await?;
        }
        Ok(true)
    }

    /// Whether parts that a gateway took back had counted towards another order, which now is paid in part by
    /// money that is gone.
    async fn uncovers(&self, tx: &mut Tx, order: &Order, parts: &[Part]) -> Result<bool> {
        for line in orders::lines_in(tx, order.id).await? {
            let part = parts.iter().find(|part| part.line == line.id).map_or(0, |part| part.amount);
            let known = orders::facts_in(tx, line.id).await?;
            let (credited, gone) = (known.counted, known.returned);
            if part > 0 && credited > 0 && part > line.price.minor - gone - credited {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// A bank takes money back while it looks at the case: nobody may be paid out of it meanwhile.
    async fn dispute(
        &self,
        tx: &mut Tx,
        order: &Order,
        reversed: &Reversed,
        now: Timestamp,
    ) -> Result<Option<Refund>> {
        let reference = &reversed.reversal.reference;
        if let Some(known) = store::by_outside(tx, &reversed.gateway, reference).await? {
            return Ok(Some(known).filter(|known| known.kind == RefundKind::Dispute));
        }
        let Some(charge) = self.charge_left(tx, order, reversed).await? else { return Ok(None) };
        let amount = reversed.reversal.amount;
        let opening = told_of(&charge, &[], RefundKind::Dispute, "dispute", &reversed.reversal);
        let refund = self.open(tx, order, &opening, now).await?;
        let held = LedgerAccount::DisputeHeld;
        let clearing = LedgerAccount::of_gateway(&reversed.gateway);
        let parts = self.spread(tx, order, amount).await?;
        let amounts: Vec<_> = parts.iter().map(|part| (part.line, part.amount)).collect();
        let sources = self.sources(tx, &amounts, amount, &held, Code::DisputeHeld).await?;
        let mut postings = vec![Posting::new(held, clearing, amount, Code::Disputed)];
        postings.extend(sources.into_iter().map(|posting| posting.in_phase(Phase::Pending)));
        let group = derived("disputed", refund.id.0);
        ledger::must_book(tx, &self.kit, group, postings, belongs(&refund)).await?;
        self.alert(tx, &refund, "disputed", now).await?;
        Ok(Some(refund))
    }

    /// Settles the reservations of a dispute, all of them.
    async fn settle_held(&self, tx: &mut Tx, refund: &Refund, lost: bool) -> Result<Vec<Part>> {
        let mut parts: Vec<Part> = Vec::new();
        let mut postings = Vec::new();
        for transfer in ledger::group(tx, derived("disputed", refund.id.0)).await? {
            if transfer.posting.phase != Phase::Pending {
                continue;
            }
            if let Some(line) = transfer.posting.line {
                match parts.iter_mut().find(|part| part.line == line) {
                    Some(part) => part.amount += transfer.posting.amount.minor,
                    None => {
                        parts.push(Part { line, amount: transfer.posting.amount.minor, whole: false });
                    }
                }
            }
            let phase = if lost { Phase::Post(transfer.id) } else { Phase::Void(transfer.id) };
            postings.push(transfer.posting.in_phase(phase));
        }
        if !lost {
            let clearing = LedgerAccount::of_gateway(&refund.gateway);
            postings.push(Posting::new(
                clearing,
                LedgerAccount::DisputeHeld,
                refund.amount,
                Code::DisputeWon,
            ));
        }
        if !lost {
            settle_again(tx, postings.iter().map(|posting| &posting.debit)).await?;
        }
        let group = derived(if lost { "dispute lost" } else { "dispute won" }, refund.id.0);
        ledger::must_book(tx, &self.kit, group, postings, belongs(refund)).await?;
        Ok(parts)
    }

    /// Money that paid nothing has no lines to be held: a bank that takes it back has it, until a dispute is won.
    async fn parked_dispute(
        &self,
        tx: &mut Tx,
        order: &Order,
        reversed: &Reversed,
        now: Timestamp,
    ) -> Result<bool> {
        let reference = &reversed.reversal.reference;
        let won = reversed.reversal.kind == ReversalKind::DisputeWon;
        if let Some(known) = store::by_outside(tx, &reversed.gateway, reference).await? {
            let fits = known.kind == RefundKind::Parked && known.amount == reversed.reversal.amount;
            if fits && won {
                self.apply(tx, order, &known, Settled::Failed, "notice", now).await?;
            }
            return Ok(fits);
        }
        let Some(charge) = self.parked_left(tx, reversed).await? else { return Ok(false) };
        if won {
            return Ok(true);
        }
        let opening = told_of(&charge, &[], RefundKind::Parked, "dispute", &reversed.reversal);
        let refund = self.open(tx, order, &opening, now).await?;
        self.withdraw(tx, &refund, &[]).await?;
        self.apply(tx, order, &refund, Settled::Succeeded, "notice", now).await?;
        Ok(true)
    }

    async fn won(&self, tx: &mut Tx, refund: &Refund, now: Timestamp) -> Result<bool> {
        if refund.state == RefundState::Requested {
            self.settle_held(tx, refund, false).await?;
            store::step(tx, self.kit.id(), refund, RefundState::Failed, None, "notice", now).await?;
        }
        Ok(refund.state != RefundState::Succeeded)
    }

    /// The money is gone for good, and with it what it had bought.
    async fn lost(&self, tx: &mut Tx, order: &Order, refund: &Refund, now: Timestamp) -> Result<bool> {
        if refund.state != RefundState::Requested {
            return Ok(refund.state == RefundState::Succeeded);
        }
        let lines = orders::lines_in(tx, order.id).await?;
        let parts = self.settle_held(tx, refund, true).await?;
        if self.uncovers(tx, order, &parts).await? {
            self.alert(tx, refund, "credit_uncovered", now).await?;
        }
        for part in parts {
            let price = lines.iter().find(|line| line.id == part.line).map_or(0, |line| line.price.minor);
            let whole = part.amount >= price - store::returned_of_line(tx, part.line).await?.0;
            store::add_part(tx, refund.id, Part { whole, ..part }).await?;
        }
        self.finish(tx, order, refund, "notice", now).await?;
        Ok(true)
    }
}
