//! Opening a refund: the money leaves everybody's balance, the rights end, the gateway is asked later.

use std::collections::BTreeMap;

use domain::accounts::AccountId;
use domain::invalid::Denied;
use domain::money::Money;
use domain::orders::{OrderLineId, Step};
use domain::payments::{Code, Had, LedgerAccount, Posting, RefundId, give_back};
use domain::refunds::{Destination, RefundKind, RefundState};
use domain::time::Timestamp;

use super::Service;
use super::jobs::SendRefund;
use super::store::{self, Charge, Part, Refund};
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::features::orders::service::Cause;
use crate::features::orders::store::{self as orders, Order};
use crate::features::payments::ledger::{self, Belongs, derived};

/// What is to be given back, decided already.
pub(super) struct Opening<'a> {
    /// The money that goes back.
    pub charge: &'a Charge,
    /// By line.
    pub parts: &'a [Part],
    /// How much in all.
    pub amount: Money,
    /// What kind it is.
    pub kind: RefundKind,
    /// Where the money goes.
    pub destination: Destination,
    /// Why.
    pub reason: &'a str,
    /// The policy that allows it.
    pub policy: &'a str,
    /// The gateway's name of it, where the gateway made it.
    pub outside: Option<&'a str>,
    /// Who asked.
    pub actor: Option<AccountId>,
    /// Through what.
    pub cause: &'a str,
}

/// What a refund's transfers belong to.
pub(super) fn belongs(refund: &Refund) -> Belongs {
    Belongs {
        order: Some(refund.order),
        payment: Some(refund.payment),
        refund: Some(refund.id),
        ..Belongs::default()
    }
}

impl Service {
    /// Opens a refund; the caller holds the locks of account and order. Never more than was taken goes back.
    pub(super) async fn open(
        &self,
        tx: &mut Tx,
        order: &Order,
        opening: &Opening<'_>,
        now: Timestamp,
    ) -> Result<Refund> {
        let Charge { payment, gateway, charge, amount: taken } = opening.charge;
        let back = store::returned_of_charge(tx, gateway, charge).await?;
        let left = Money::new(taken.minor - back, taken.currency);
        let fits = opening.amount.currency == taken.currency && opening.amount.minor <= left.minor;
        if opening.amount.minor <= 0 || !fits {
            return Err(Denied::with("refund_exceeds", &[&left]).into());
        }
        let refund = Refund {
            id: self.kit.id(),
            order: order.id,
            payment: *payment,
            gateway: gateway.clone(),
            charge: charge.clone(),
            amount: opening.amount,
            kind: opening.kind,
            destination: opening.destination,
            state: RefundState::Requested,
            reason: opening.reason.to_owned(),
            policy: opening.policy.to_owned(),
            outside: opening.outside.map(str::to_owned),
            requested_by: opening.actor,
            requested_at: now,
        };
        store::add(tx, &refund).await?;
        for part in opening.parts {
            store::add_part(tx, refund.id, *part).await?;
        }
        let history = self.kit.id();
        store::note(tx, history, refund.id, "requested", opening.actor, opening.cause, now).await?;
        Ok(refund)
    }

    /// Takes the money of a refund out of everybody's balance, on its way back.
    pub(super) async fn withdraw(&self, tx: &mut Tx, refund: &Refund, parts: &[Part]) -> Result<()> {
        let inflight = LedgerAccount::RefundInflight;
        let postings = match refund.kind {
            RefundKind::Parked => {
                vec![Posting::new(LedgerAccount::Suspense, inflight, refund.amount, Code::RefundRequested)]
            }
            RefundKind::Lines | RefundKind::Dispute => {
                let amounts: Vec<_> = parts.iter().map(|part| (part.line, part.amount)).collect();
                self.sources(tx, &amounts, refund.amount, &inflight, Code::RefundRequested).await?
            }
        };
        let group = derived("refund requested", refund.id.0);
        ledger::must_book(tx, &self.kit, group, postings, belongs(refund)).await
    }

    /// From whom the amounts of lines come; what somebody does not have any more the platform covers.
    pub(super) async fn sources(
        &self,
        tx: &mut Tx,
        amounts: &[(OrderLineId, i64)],
        whole: Money,
        to: &LedgerAccount,
        code: Code,
    ) -> Result<Vec<Posting>> {
        let mut spent: BTreeMap<LedgerAccount, i64> = BTreeMap::new();
        let mut postings = Vec::new();
        for (line, amount) in amounts.iter().filter(|(_, amount)| *amount > 0) {
            let mut had = Vec::new();
            for (account, amount) in ledger::had_of_line(tx, *line).await? {
                let limit = match account.refuses_overdraft() {
                    true => Some(ledger::free(tx, &account, whole.currency).await?),
                    false => None,
                };
                let free = limit.map(|limit| limit - spent.get(&account).copied().unwrap_or_default());
                had.push(Had { account, amount, free });
            }
            let amount = Money::new(*amount, whole.currency);
            for posting in give_back(*line, &had, amount, to, code) {
                *spent.entry(posting.debit.clone()).or_default() += posting.amount.minor;
                postings.push(posting);
            }
        }
        let sum: i64 = postings.iter().map(|posting| posting.amount.minor).sum();
        if sum != whole.minor {
            return Err(Error::bug(format!("{sum} of {} could be taken back", whole.minor)));
        }
        Ok(postings)
    }

    /// Lets a withdrawn refund go on: to the wallet at once, to a gateway by its job.
    pub(super) async fn let_go(
        &self,
        tx: &mut Tx,
        order: &Order,
        refund: &Refund,
        now: Timestamp,
    ) -> Result<()> {
        match refund.destination {
            Destination::Gateway => {
                tx.enqueue_once(&SendRefund { refund: refund.id, turn: 0 }, &refund.id.to_string()).await?;
                Ok(())
            }
            Destination::Wallet => {
                let to = LedgerAccount::CustomerCredit(order.account);
                self.arrive(tx, order, refund, &to, Code::WalletRefund, "wallet", now).await
            }
        }
    }

    /// The money is back: booked, and the order says so.
    pub(super) async fn arrive(
        &self,
        tx: &mut Tx,
        order: &Order,
        refund: &Refund,
        to: &LedgerAccount,
        code: Code,
        cause: &str,
        now: Timestamp,
    ) -> Result<()> {
        let posting = Posting::new(LedgerAccount::RefundInflight, to.clone(), refund.amount, code);
        let group = derived("refund succeeded", refund.id.0);
        ledger::must_book(tx, &self.kit, group, vec![posting], belongs(refund)).await?;
        self.finish(tx, order, refund, cause, now).await
    }

    /// Marks a refund as succeeded and takes back what its lines gave.
    pub(super) async fn finish(
        &self,
        tx: &mut Tx,
        order: &Order,
        refund: &Refund,
        cause: &str,
        now: Timestamp,
    ) -> Result<()> {
        store::step(tx, self.kit.id(), refund, RefundState::Succeeded, None, cause, now).await?;
        self.say(tx, order, refund, Self::done(refund.destination), now).await?;
        if refund.kind == RefundKind::Parked || !order.state.entitles() {
            return Ok(());
        }
        let parts = store::parts(tx, refund.id).await?;
        let whole = |line| parts.iter().any(|part| part.line == line && part.whole);
        let lines = orders::lines_in(tx, order.id).await?;
        let back = store::returned_of_order(tx, order.id).await?;
        let step = if back >= order.total.minor { Step::RefundAll } else { Step::RefundPart };
        // What cost nothing goes with the last of the money: its seat must not be held by an order that is over.
        let before = store::given_up(tx, order.id).await?;
        let free = |line: &orders::OrderLine| {
            step == Step::RefundAll && line.price.is_zero() && !before.contains(&line.id)
        };
        let gone: Vec<_> = lines.into_iter().filter(|line| whole(line.id) || free(line)).collect();
        let by = format!("refund:{}", refund.id);
        let cause = Cause { actor: refund.requested_by, by: &by };
        self.orders.take_back(tx, order, &gone, step, cause, now).await
    }

    /// Gives back what is left of money that fits no order: it leaves suspense and is sent to where it came from.
    ///
    /// The caller holds the locks of account and order. The same charge twice is one refund.
    pub(super) async fn give_back(
        &self,
        tx: &mut Tx,
        order: &Order,
        (gateway, charge): (&str, &str),
        reason: &str,
        actor: Option<AccountId>,
        now: Timestamp,
    ) -> Result<Option<RefundId>> {
        let Some(charge) = store::charge_named(tx, gateway, charge).await? else { return Ok(None) };
        let gone = store::returned_of_charge(tx, &charge.gateway, &charge.charge).await?;
        let left = Money::new(charge.amount.minor - gone, charge.amount.currency);
        if left.minor <= 0 {
            return Ok(None);
        }
        let opening = Opening {
            charge: &charge,
            parts: &[],
            amount: left,
            kind: RefundKind::Parked,
            destination: Destination::Gateway,
            reason,
            policy: "",
            outside: None,
            actor,
            cause: if actor.is_some() { "staff" } else { "platform" },
        };
        let refund = self.open(tx, order, &opening, now).await?;
        self.withdraw(tx, &refund, &[]).await?;
        self.let_go(tx, order, &refund, now).await?;
        Ok(Some(refund.id))
    }
}
