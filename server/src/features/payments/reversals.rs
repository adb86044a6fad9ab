//! Money that goes back or is held back: what a gateway tells is passed on to whoever keeps refunds.

use std::sync::{Arc, PoisonError};

use async_trait::async_trait;
use domain::orders::OrderId;
use domain::payments::{AttemptState, NoticeId, PaymentId};
use domain::time::Timestamp;

use super::Service;
use super::gateway::{Gateway, Of, Reversal};
use super::lines::Evidence;
use super::reconcile::outside;
use super::store::{self, NewAlert, Owner, Stored};
use crate::db::{Lock, Tx};
use crate::error::{Error, Result};
use crate::features::orders::store::Order;

/// Who failed where something that went back belongs to nothing that anybody knows of yet.
pub(super) const NOBODY: &str = "nobody";

/// A reversal and what it belongs to.
#[derive(Clone, Debug)]
pub struct Reversed {
    /// The gateway.
    pub gateway: String,
    /// The attempt whose money it is.
    pub payment: PaymentId,
    /// The order of that attempt.
    pub order: OrderId,
    /// What the gateway tells, asked for after its notice.
    pub reversal: Reversal,
    /// The notice that led to it.
    pub notice: NoticeId,
}

/// Whoever keeps refunds and disputes.
#[async_trait]
pub trait Reversals: Send + Sync {
    /// Sends money back that its order cannot use, out of suspense; the locks of account and order are held.
    ///
    /// Says whether it is on its way.
    async fn unwanted(
        &self,
        tx: &mut Tx,
        order: &Order,
        gateway: &str,
        charge: &str,
        why: &str,
        now: Timestamp,
    ) -> Result<bool>;
    /// Applies a reversal; the locks of its account and order are held. The same one twice changes nothing.
    ///
    /// Says whether it could be explained; what cannot opens an alert.
    async fn reversed(&self, tx: &mut Tx, reversed: &Reversed, now: Timestamp) -> Result<bool>;
}

impl Service {
    /// Asks about a reversal and passes it on.
    pub(super) async fn reverse(
        &self,
        stored: &Stored,
        gateway: &dyn Gateway,
        of: &Of,
        reference: &str,
    ) -> Result<()> {
        let db = &self.kit.db;
        let Some(owner) = self.owner_of(gateway.name(), of).await? else {
            return self.reverse_unmatched(stored, gateway, of, reference).await;
        };
        let attempt = store::attempt(db, owner.payment_id).await?.ok_or_else(Error::not_found)?;
        // What went back had been paid: where that is not known yet, it comes first.
        if attempt.state != AttemptState::Confirmed {
            let told = gateway.query(&attempt).await.map_err(outside)?;
            self.learn(owner.payment_id, &told, "query").await?;
        }
        let reversal = gateway.reversal(&attempt, reference).await.map_err(outside)?;
        match reversal {
            None => self.no_reversal(stored, Some(owner.payment_id)).await,
            Some(reversal) => {
                let evidence = Evidence { stored: stored.clone(), event: None };
                self.pass_on_told(gateway.name(), owner, &evidence, reversal).await
            }
        }
    }

    async fn owner_of(&self, gateway: &str, of: &Of) -> Result<Option<Owner>> {
        let by_number = match of.payment() {
            Some(id) => store::owner(&self.kit.db, id, gateway).await?,
            None => None,
        };
        match (by_number, of.charge()) {
            (None, Some(charge)) => store::owner_of_charge(&self.kit.db, gateway, charge).await,
            (owner, _) => Ok(owner),
        }
    }

    /// Money of no attempt went back: it is in suspense, or nobody has told of it yet.
    async fn reverse_unmatched(
        &self,
        stored: &Stored,
        gateway: &dyn Gateway,
        of: &Of,
        reference: &str,
    ) -> Result<()> {
        let Some(charge) = of.charge() else {
            let mut tx = self.kit.db.begin().await?;
            let (reason, now) = (Some("no_such_payment"), self.kit.now());
            store::finish_notice(&mut tx, stored.id, "ignored", reason, None, now).await?;
            return Ok(tx.commit().await?);
        };
        if !store::is_unmatched(&self.kit.db, gateway.name(), charge).await? {
            // The money may be told of later than what became of it.
            return Err(Error::Outside { who: NOBODY, what: format!("{reference} is of no charge known") });
        }
        match gateway.reversal_of_charge(charge, reference).await.map_err(outside)? {
            None => self.no_reversal(stored, None).await,
            Some(reversal) => {
                let evidence = Evidence { stored: stored.clone(), event: None };
                self.unmatched_reversal(charge, &evidence, reversal).await
            }
        }
    }

    /// Notes that no money moves by what a notice named: an early warning of a bank, say.
    async fn no_reversal(&self, stored: &Stored, payment: Option<PaymentId>) -> Result<()> {
        let mut tx = self.kit.db.begin().await?;
        let (reason, now) = (Some("no_such_reversal"), self.kit.now());
        store::finish_notice(&mut tx, stored.id, "ignored", reason, payment, now).await?;
        Ok(tx.commit().await?)
    }

    /// Passes on what a gateway said of something that went back, under the locks of its account and order.
    pub(super) async fn pass_on_told(
        &self,
        gateway: &str,
        owner: Owner,
        evidence: &Evidence,
        reversal: Reversal,
    ) -> Result<()> {
        if !reversal.kind.is_known() {
            // It was told, and is not to be found: perhaps a moment later.
            let what = format!("{} is told of and not known", reversal.reference);
            return Err(Error::Outside { who: NOBODY, what });
        }
        let Owner { account_id, order_id, payment_id } = owner;
        let now = self.kit.now();
        let mut tx = self.kit.db.begin().await?;
        tx.lock(Lock::Account(account_id)).await?;
        tx.lock(Lock::Order(order_id.0)).await?;
        if !evidence.is_new(&mut tx, now).await? {
            return Ok(());
        }
        let (gateway, notice) = (gateway.to_owned(), evidence.stored.id);
        let reversed = Reversed { gateway, payment: payment_id, order: order_id, reversal, notice };
        let (state, reason) = self.pass_on(&mut tx, &reversed, now).await?;
        if store::finish_notice(&mut tx, notice, state, reason, Some(payment_id), now).await? {
            tx.commit().await?;
        }
        Ok(())
    }

    /// Whoever keeps refunds and disputes, once they are there.
    pub(super) fn keeper(&self) -> Option<Arc<dyn Reversals>> {
        self.reversals.read().unwrap_or_else(PoisonError::into_inner).as_ref().cloned()
    }

    pub(super) async fn pass_on(
        &self,
        tx: &mut Tx,
        reversed: &Reversed,
        now: Timestamp,
    ) -> Result<(&'static str, Option<&'static str>)> {
        let explained = match self.keeper() {
            Some(keeper) => keeper.reversed(tx, reversed, now).await?,
            None => false,
        };
        if explained {
            return Ok(("applied", None));
        }
        let reason = reversed.reversal.kind.as_str();
        self.reversal_alert(tx, reversed, reason, now).await?;
        Ok(("parked", Some(reason)))
    }

    /// Tells staff once of each stage of a reversal.
    async fn reversal_alert(
        &self,
        tx: &mut Tx,
        reversed: &Reversed,
        reason: &str,
        now: Timestamp,
    ) -> Result<()> {
        let Reversal { reference, amount, .. } = &reversed.reversal;
        let alert = NewAlert {
            id: self.kit.id(),
            reason,
            key: &format!("{reason}:{}:{reference}", reversed.gateway),
            detail: &format!("{} {reference}", reversed.gateway),
            notice: Some(reversed.notice),
            payment: Some(reversed.payment),
            order: Some(reversed.order),
            amount: *amount,
        };
        store::add_alert(tx, &alert, now).await?;
        Ok(())
    }
}
