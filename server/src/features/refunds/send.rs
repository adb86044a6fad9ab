//! Sending a refund to its gateway: outside of transactions, under one id for ever, asked until settled.

use domain::messages::MessageKind;
use domain::orders::{OrderId, OrderState, Step};
use domain::payments::{Code, LedgerAccount, Phase, Posting, RefundId};
use domain::refunds::{RefundKind, RefundState, Settled, ask_again_after, settle, tells_staff};
use domain::time::{Span, Timestamp};

use super::Service;
use super::jobs::SendRefund;
use super::open::belongs;
use super::store::{self, Refund};
use crate::db::{Lock, Tx};
use crate::error::{Error, Result};
use crate::features::orders::service::Cause;
use crate::features::orders::store::{self as orders, Order};
use crate::features::payments::gateway::{Gateway, RefundDemand, RefundTold, Unsure};
use crate::features::payments::ledger::{self, derived};
use crate::features::payments::store::{NewAlert, add_alert, settle_alert};
use crate::features::payouts::jobs::SettlePrizes;
use crate::features::subscriptions::store::ended_lines;

/// What an answer of a gateway comes to.
pub(super) fn settled(told: &RefundTold) -> Settled {
    match told {
        RefundTold::Succeeded => Settled::Succeeded,
        RefundTold::Pending | RefundTold::Stuck(_) => Settled::Pending,
        RefundTold::Failed(_) => Settled::Failed,
        RefundTold::NotFound => Settled::NotFound,
    }
}

/// Lets prizes be settled again where money has come back to the escrow of a competition that was settled before.
pub(super) async fn settle_again(tx: &mut Tx, to: impl Iterator<Item = &LedgerAccount>) -> Result<()> {
    for account in to {
        if let LedgerAccount::PrizeEscrow(competition) = account {
            tx.enqueue(&SettlePrizes { competition: *competition }).await?;
        }
    }
    Ok(())
}

/// The key of an alert about a refund.
fn alert_key(reason: &str, refund: RefundId) -> String {
    format!("{reason}:{refund}")
}

impl Service {
    /// Sends a refund, or asks about one that was sent; again later where it is not settled.
    ///
    /// Whatever happened to this process before: a refund that may have been sent is asked about first, and
    /// is sent again under its own id only where the gateway has never heard of it.
    pub async fn send(&self, id: RefundId, turn: u32) -> Result<()> {
        let Some(refund) = store::refund(&self.kit.db, id).await? else { return Ok(()) };
        if refund.state.is_settled() {
            return Ok(());
        }
        let answer = match self.payments.gateway(&refund.gateway) {
            None => Err(Unsure(format!("{} is not configured", refund.gateway))),
            Some(gateway) => self.call(gateway.as_ref(), &refund).await?,
        };
        let told = match &answer {
            Ok(told) => settled(told),
            Err(Unsure(why)) => {
                tracing::warn!(refund = %id, turn, why, "nobody knows of a refund");
                Settled::Unsure
            }
        };
        let why = match &answer {
            Ok(RefundTold::Failed(why) | RefundTold::Stuck(why)) => why.clone(),
            _ => "gateway".to_owned(),
        };
        let stuck = matches!(answer, Ok(RefundTold::Stuck(_)));
        self.learn(id, told, stuck, &why, turn).await
    }

    async fn call(&self, gateway: &dyn Gateway, refund: &Refund) -> Result<Result<RefundTold, Unsure>> {
        let charged = store::charged(&self.kit.db, &refund.gateway, &refund.charge)
            .await?
            .ok_or_else(|| Error::bug("a refund of no charge"))?;
        let demand = RefundDemand {
            refund: refund.id,
            payment: refund.payment,
            charge: refund.charge.clone(),
            charged,
            amount: refund.amount,
        };
        if refund.state != RefundState::Requested {
            let known = gateway.query_refund(&demand).await;
            if known != Ok(RefundTold::NotFound) {
                return Ok(known);
            }
        }
        // Durable before the call: should this process die now, the next one asks before it sends.
        self.mark_sent(refund).await?;
        Ok(gateway.refund(&demand).await)
    }

    async fn mark_sent(&self, refund: &Refund) -> Result<()> {
        let mut tx = self.kit.db.begin().await?;
        tx.lock(Lock::Order(refund.order.0)).await?;
        let now = self.kit.now();
        let refund = store::refund_in(&mut tx, refund.id).await?.ok_or_else(Error::not_found)?;
        if refund.state == RefundState::Requested {
            store::step(&mut tx, self.kit.id(), &refund, RefundState::Sent, None, "job", now).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Applies an answer under the locks, and records the next question where there is one to ask.
    async fn learn(&self, id: RefundId, told: Settled, stuck: bool, why: &str, turn: u32) -> Result<()> {
        let Some(refund) = store::refund(&self.kit.db, id).await? else { return Ok(()) };
        let now = self.kit.now();
        let mut tx = self.kit.db.begin().await?;
        let order = self.locked(&mut tx, refund.order).await?;
        let refund = store::refund_in(&mut tx, id).await?.ok_or_else(Error::not_found)?;
        let state = self.apply(&mut tx, &order, &refund, told, why, now).await?;
        if state.is_settled() {
            return Ok(tx.commit().await?);
        }
        if stuck {
            self.alert(&mut tx, &refund, "refund_stuck", now).await?;
        }
        if tells_staff(state, turn) {
            self.alert(&mut tx, &refund, "refund_unresolved", now).await?;
        }
        let (turn, pause) = match ask_again_after(turn) {
            Some(pause) => (turn.saturating_add(1), pause),
            None => (turn, Span::days(1)),
        };
        tx.enqueue_at(&SendRefund { refund: id, turn }, now.plus(pause)).await?;
        Ok(tx.commit().await?)
    }

    /// An order with the locks of its account, of itself and of its things.
    pub(super) async fn locked(&self, tx: &mut Tx, id: OrderId) -> Result<Order> {
        let buyer = store::buyer(tx, id).await?.ok_or_else(Error::not_found)?;
        tx.lock(Lock::Account(buyer)).await?;
        tx.lock(Lock::Order(id.0)).await?;
        self.orders.lock_things_of(tx, id).await?;
        orders::order_in(tx, id).await?.ok_or_else(Error::not_found)
    }

    /// Applies what is known of a refund; the state afterwards. The locks are held.
    pub(super) async fn apply(
        &self,
        tx: &mut Tx,
        order: &Order,
        refund: &Refund,
        told: Settled,
        why: &str,
        now: Timestamp,
    ) -> Result<RefundState> {
        let Some(to) = settle(refund.state, told) else { return Ok(refund.state) };
        match to {
            RefundState::Succeeded => {
                let clearing = LedgerAccount::of_gateway(&refund.gateway);
                self.arrive(tx, order, refund, &clearing, Code::RefundSucceeded, why, now).await?;
            }
            RefundState::Failed => self.fail(tx, order, refund, why, now).await?,
            RefundState::Requested | RefundState::Sent | RefundState::Unknown => {
                store::step(tx, self.kit.id(), refund, to, None, why, now).await?;
            }
        }
        if to.is_settled() {
            for reason in ["refund_unresolved", "refund_stuck"] {
                settle_alert(tx, &alert_key(reason, refund.id), to.as_str(), now).await?;
            }
        }
        Ok(to)
    }

    /// The money does not go back: it returns to whom it came from, and the rights return with it.
    async fn fail(
        &self,
        tx: &mut Tx,
        order: &Order,
        refund: &Refund,
        why: &str,
        now: Timestamp,
    ) -> Result<()> {
        // A success that the gateway took back has left its clearing account already.
        let from = if refund.state == RefundState::Succeeded {
            LedgerAccount::of_gateway(&refund.gateway)
        } else {
            LedgerAccount::RefundInflight
        };
        let taken = ledger::group(tx, derived("refund requested", refund.id.0)).await?;
        let postings = taken.into_iter().map(|transfer| {
            let posting = transfer.posting;
            Posting {
                debit: from.clone(),
                credit: posting.debit,
                code: Code::RefundFailed,
                phase: Phase::Single,
                matures: None,
                amount: posting.amount,
                line: posting.line,
            }
        });
        let postings: Vec<Posting> = postings.collect();
        settle_again(tx, postings.iter().map(|posting| &posting.credit)).await?;
        let group = derived("refund failed", refund.id.0);
        ledger::must_book(tx, &self.kit, group, postings, belongs(refund)).await?;
        store::step(tx, self.kit.id(), refund, RefundState::Failed, None, why, now).await?;
        if refund.kind == RefundKind::Lines && refund.state == RefundState::Succeeded {
            self.give_again(tx, order, refund, now).await?;
        }
        self.say(tx, order, refund, MessageKind::RefundFailed, now).await?;
        self.alert(tx, refund, "refund_failed", now).await
    }

    /// What a refund took that came to nothing after all is the buyer's again; a seat only where one is free.
    async fn give_again(&self, tx: &mut Tx, order: &Order, refund: &Refund, now: Timestamp) -> Result<()> {
        let parts = store::parts(tx, refund.id).await?;
        let given_up = store::given_up(tx, order.id).await?;
        let taken = |line: &orders::OrderLine| {
            let with_it = order.state == OrderState::Refunded && line.price.is_zero();
            (with_it && !given_up.contains(&line.id))
                || parts.iter().any(|part| part.line == line.id && part.whole)
        };
        let opened = ended_lines(tx, order.id).await?;
        let mut lines = Vec::new();
        for line in orders::lines_in(tx, order.id).await?.into_iter().filter(taken) {
            // What another refund ended stays ended, its own or that of the plan that opened it.
            if !orders::facts_in(tx, line.id).await?.ended && !opened.contains(&line.id) {
                lines.push(line);
            }
        }
        let gone = store::returned_of_order(tx, order.id).await?;
        let step = if gone == 0 && given_up.is_empty() { Step::ReturnAll } else { Step::ReturnPart };
        let by = format!("refund:{}", refund.id);
        self.orders.give_again(tx, order, &lines, step, Cause { actor: None, by: &by }, now).await
    }

    /// Tells staff, once for each refund and reason.
    pub(super) async fn alert(
        &self,
        tx: &mut Tx,
        refund: &Refund,
        reason: &str,
        now: Timestamp,
    ) -> Result<()> {
        // Money that paid for nothing is in suspense again, or still: whoever told of it is told of here too.
        let notice = store::parked_notice(tx, &refund.gateway, &refund.charge).await?;
        let alert = NewAlert {
            id: self.kit.id(),
            reason,
            key: &alert_key(reason, refund.id),
            detail: &format!("{} {}", refund.gateway, refund.id),
            notice,
            payment: Some(refund.payment),
            order: Some(refund.order),
            amount: refund.amount,
        };
        add_alert(tx, &alert, now).await?;
        Ok(())
    }
}
