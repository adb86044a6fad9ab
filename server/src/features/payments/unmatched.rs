//! Money of no order that goes back: nobody here can send it, but the console of its gateway can.

use domain::payments::{NoticeId, UnmatchedState, unmatched_refund};
use domain::time::Timestamp;

use super::Service;
use super::gateway::{RefundTold, Reversal, ReversalKind};
use super::ledger::{self, Belongs, derived};
use super::lines::Evidence;
use super::reversals::NOBODY;
use super::store::{self, NewAlert, UnmatchedCharge, UnmatchedRefund};
use crate::db::{Lock, Tx};
use crate::error::{Error, Result};

impl Service {
    /// Books what a gateway says of money of no order that went back, and tells whoever looks at that money.
    pub(super) async fn unmatched_reversal(
        &self,
        charge: &str,
        evidence: &Evidence,
        reversal: Reversal,
    ) -> Result<()> {
        let gateway = evidence.stored.gateway.as_str();
        let Some(told) = state_of(&reversal.kind) else {
            let what = format!("{} is told of and not known", reversal.reference);
            return Err(Error::Outside { who: NOBODY, what });
        };
        let now = self.kit.now();
        let mut tx = self.kit.db.begin().await?;
        // There is no order to lock: the ledger, which is locked when it is booked, takes its place.
        tx.lock(Lock::Ledger).await?;
        if !evidence.is_new(&mut tx, now).await? {
            return Ok(());
        }
        let known = store::unmatched_charge(&mut tx, gateway, charge).await?;
        let known = known.ok_or_else(|| Error::bug("money of no order is not there"))?;
        let (state, reason) = self.book_unmatched(&mut tx, &known, evidence, &reversal, told, now).await?;
        if store::finish_notice(&mut tx, evidence.stored.id, state, reason, None, now).await? {
            tx.commit().await?;
        }
        Ok(())
    }

    async fn book_unmatched(
        &self,
        tx: &mut Tx,
        charge: &UnmatchedCharge,
        evidence: &Evidence,
        reversal: &Reversal,
        told: UnmatchedState,
        now: Timestamp,
    ) -> Result<(&'static str, Option<&'static str>)> {
        let UnmatchedCharge { gateway, charge: name, .. } = charge;
        let before = store::unmatched_refund(tx, gateway, &reversal.reference).await?;
        let left = charge.left(before.as_ref().map(|refund| refund.id));
        let fits = reversal.amount.currency == charge.amount.currency
            && (1..=left).contains(&reversal.amount.minor)
            && before.as_ref().is_none_or(|refund| refund.amount == reversal.amount.minor);
        if !fits {
            // More than there is, or another amount than before.
            let reason = reversal.kind.as_str();
            self.unmatched_alert(tx, charge, evidence.stored.id, reversal, reason, now).await?;
            return Ok(("parked", Some(reason)));
        }
        let from = before.as_ref().map(|refund| refund.state);
        let postings = unmatched_refund(gateway, reversal.amount, from, told);
        if postings.is_empty() {
            return Ok(("ignored", Some("repeated")));
        }
        let refund = UnmatchedRefund {
            id: before.map_or_else(|| self.kit.id(), |refund| refund.id),
            amount: reversal.amount.minor,
            state: told,
        };
        let group = derived(&format!("unmatched refund {}", told.as_str()), refund.id);
        ledger::must_book(tx, &self.kit, group, postings, Belongs::default()).await?;
        let step = (self.kit.id(), evidence.stored.id, group);
        store::set_unmatched(tx, charge, &refund, &reversal.reference, step, now).await?;
        if told == UnmatchedState::Failed {
            // The money lies there again, and whoever looks for who was told of it finds this.
            self.unmatched_alert(tx, charge, charge.notice, reversal, "refund_failed", now).await?;
        } else {
            let left = left - reversal.amount.minor;
            // Of a part it is told once, when it has gone.
            if left <= 0 || told == UnmatchedState::Succeeded {
                store::tell_of_unmatched(tx, gateway, name, &reversal.reference, left, now).await?;
            }
        }
        Ok(("applied", None))
    }

    async fn unmatched_alert(
        &self,
        tx: &mut Tx,
        charge: &UnmatchedCharge,
        notice: NoticeId,
        reversal: &Reversal,
        reason: &str,
        now: Timestamp,
    ) -> Result<()> {
        let (gateway, reference) = (&charge.gateway, &reversal.reference);
        let alert = NewAlert {
            id: self.kit.id(),
            reason,
            key: &format!("{reason}:{gateway}:{reference}"),
            detail: &format!("{gateway} {reference} ({})", charge.charge),
            notice: Some(notice),
            payment: None,
            order: None,
            amount: reversal.amount,
        };
        store::add_alert(tx, &alert, now).await?;
        Ok(())
    }
}

/// What a reversal comes to for money of no order: a bank that takes it back has it until a dispute is won.
const fn state_of(kind: &ReversalKind) -> Option<UnmatchedState> {
    match kind {
        ReversalKind::Refund { told, .. } => match told {
            RefundTold::Succeeded => Some(UnmatchedState::Succeeded),
            RefundTold::Pending | RefundTold::Stuck(_) => Some(UnmatchedState::Requested),
            RefundTold::Failed(_) => Some(UnmatchedState::Failed),
            RefundTold::NotFound => None,
        },
        ReversalKind::Disputed | ReversalKind::DisputeLost => Some(UnmatchedState::Succeeded),
        ReversalKind::DisputeWon => Some(UnmatchedState::Failed),
        ReversalKind::Unnamed => None,
    }
}
