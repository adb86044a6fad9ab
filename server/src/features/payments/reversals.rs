//! Money that goes back or is held back: what a gateway tells is passed on to whoever keeps refunds.

use std::sync::{Arc, PoisonError};

use async_trait::async_trait;
use domain::orders::OrderId;
use domain::payments::{AttemptState, NoticeId, PaymentId};
use domain::time::Timestamp;

use super::Service;
use super::gateway::{Gateway, Of, Reversal};
use super::store::{self, NewAlert, Owner, Stored};
use crate::db::{Lock, Tx};
use crate::error::{Error, Result};
use crate::features::orders::store::Order;

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
        let owner = match of {
            Of::Payment(id) => store::owner(db, *id, gateway.name()).await?,
            Of::Charge(charge) => store::owner_of_charge(db, gateway.name(), charge).await?,
        };
        let now = self.kit.now();
        let Some(Owner { account_id, order_id, payment_id }) = owner else {
            if matches!(of, Of::Charge(_)) {
                // The money may be told of later than what became of it.
                return Err(Error::Outside {
                    who: "gateway",
                    what: format!("{reference} is of no charge known"),
                });
            }
            let mut tx = db.begin().await?;
            let reason = Some("no_such_payment");
            store::finish_notice(&mut tx, stored.id, "ignored", reason, None, now).await?;
            return Ok(tx.commit().await?);
        };
        let attempt = store::attempt(db, payment_id).await?.ok_or_else(Error::not_found)?;
        // What went back had been paid: where that is not known yet, it comes first.
        if attempt.state != AttemptState::Confirmed {
            let told = gateway.query(&attempt).await;
            let told = told.map_err(|unsure| Error::Outside { who: "gateway", what: unsure.0 })?;
            self.learn(payment_id, &told, "query").await?;
        }
        let reversal = gateway
            .reversal(&attempt, reference)
            .await
            .map_err(|unsure| Error::Outside { who: "gateway", what: unsure.0 })?;
        let mut tx = db.begin().await?;
        tx.lock(Lock::Account(account_id)).await?;
        tx.lock(Lock::Order(order_id.0)).await?;
        let outcome = match reversal {
            None => ("ignored", Some("no_such_reversal")),
            Some(reversal) => {
                let reversed = Reversed {
                    gateway: stored.gateway.clone(),
                    payment: payment_id,
                    order: order_id,
                    reversal,
                    notice: stored.id,
                };
                self.pass_on(&mut tx, &reversed, now).await?
            }
        };
        if store::finish_notice(&mut tx, stored.id, outcome.0, outcome.1, Some(payment_id), now).await? {
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
