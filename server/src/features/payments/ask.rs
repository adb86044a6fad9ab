//! Asking a gateway: what became of an attempt, until it is settled.

use domain::invalid::Denied;
use domain::payments::{AttemptState, PaymentId, Told};
use domain::time::Span;
use serde_json::json;

use super::Service;
use super::gateway::Unsure;
use super::jobs::AskGateway;
use super::store::{self, NewAlert, Stored};
use crate::db::Lock;
use crate::error::{Error, Result};
use crate::features::orders::store as orders;

/// After which time an attempt is asked about first.
pub(super) const FIRST_TURN: Span = Span::minutes(1);
/// How long to wait before each further question.
const TURNS: [Span; 5] = [Span::minutes(5), Span::minutes(15), Span::hours(1), Span::hours(6), Span::days(1)];

/// The key of the alert about an attempt of which nobody knows.
pub(super) fn never_resolved(id: PaymentId) -> String {
    format!("never_resolved:{id}")
}

impl Service {
    /// Asks about an attempt that is not settled, and again later if it still is not.
    ///
    /// An attempt whose order no longer waits for money is closed rather than asked about.
    pub(crate) async fn ask(&self, id: PaymentId, turn: usize) -> Result<()> {
        let Some(attempt) = store::attempt(&self.kit.db, id).await? else { return Ok(()) };
        if !attempt.state.is_open() {
            return Ok(());
        }
        let Some(gateway) = self.gateway(&attempt.gateway) else {
            tracing::error!(gateway = attempt.gateway, payment = %id, "its gateway is no longer configured");
            return self.ask_later(id, AttemptState::Unknown, turn).await;
        };
        let waits = orders::own_order(&self.kit.db, attempt.order, attempt.buyer)
            .await?
            .is_some_and(|order| order.state.is_open());
        let answer = if waits { gateway.query(&attempt).await } else { gateway.close(&attempt).await };
        match answer {
            Ok(told) => {
                let settled = !matches!(told, Told::Pending | Told::Working);
                self.learn(id, &told, if waits { "query" } else { "close" }).await?;
                if settled { Ok(()) } else { self.ask_later(id, AttemptState::Pending, turn).await }
            }
            Err(Unsure(why)) => {
                tracing::warn!(gateway = gateway.name(), payment = %id, turn, why, "a payment stays unknown");
                self.ask_later(id, AttemptState::Unknown, turn).await
            }
        }
    }

    /// Asks about an attempt now, because a person wants to know; the turns of its job stay as they are.
    pub(crate) async fn ask_once(&self, id: PaymentId) -> Result<()> {
        let attempt = store::attempt(&self.kit.db, id).await?.ok_or_else(Error::not_found)?;
        let gateway = self.gateway(&attempt.gateway).ok_or_else(Error::not_found)?;
        match gateway.query(&attempt).await {
            Ok(told) => self.learn(id, &told, "query").await,
            Err(Unsure(_)) => Err(Denied::new("gateway_silent").into()),
        }
    }

    /// Records the next question. When nobody knew for more than a day, a person must look, and the gateway is asked
    /// each day from then on; an attempt that a gateway knows and nobody pays is no riddle.
    async fn ask_later(&self, id: PaymentId, to: AttemptState, turn: usize) -> Result<()> {
        let now = self.kit.now();
        let Some(attempt) = store::attempt(&self.kit.db, id).await? else { return Ok(()) };
        let mut tx = self.kit.db.begin().await?;
        tx.lock(Lock::Order(attempt.order.0)).await?;
        let attempt = store::attempt_in(&mut tx, id).await?.ok_or_else(Error::not_found)?;
        if !attempt.state.is_open() {
            return Ok(());
        }
        if to == AttemptState::Unknown && attempt.state != to {
            store::set_attempt(&mut tx, self.kit.id(), id, attempt.state, to, "silence", now).await?;
        }
        let pause = TURNS.get(turn).copied().unwrap_or(Span::days(1));
        tx.enqueue_at(&AskGateway { payment: id, turn: turn.saturating_add(1) }, now.plus(pause)).await?;
        if turn >= TURNS.len() && to == AttemptState::Unknown {
            let alert = NewAlert {
                id: self.kit.id(),
                reason: "never_resolved",
                key: &never_resolved(id),
                detail: &format!("{} {}", attempt.gateway, attempt.number()),
                notice: None,
                payment: Some(id),
                order: Some(attempt.order),
                amount: attempt.amount,
            };
            store::add_alert(&mut tx, &alert, now).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Applies what a gateway answered about an attempt, as if a notice had said so.
    ///
    /// An answer that changes something is stored like a notice: whatever moves money has its evidence.
    pub async fn learn(&self, id: PaymentId, told: &Told, asked: &str) -> Result<()> {
        let Some(attempt) = store::attempt(&self.kit.db, id).await? else { return Ok(()) };
        let now = self.kit.now();
        let mut tx = self.kit.db.begin().await?;
        tx.lock(Lock::Account(attempt.buyer)).await?;
        tx.lock(Lock::Order(attempt.order.0)).await?;
        let order = orders::order_in(&mut tx, attempt.order).await?.ok_or_else(Error::not_found)?;
        let attempt = store::attempt_in(&mut tx, id).await?.ok_or_else(Error::not_found)?;
        let stored = self.evidence(&attempt, told, asked);
        store::add_notice(&mut tx, &stored, &format!("asked-{}", stored.id), now).await?;
        let (state, reason) = self.judge(&mut tx, &stored, &order, &attempt, told, now).await?;
        if state == "ignored" {
            return Ok(());
        }
        store::finish_notice(&mut tx, stored.id, state, reason, Some(id), now).await?;
        Ok(tx.commit().await?)
    }

    fn evidence(&self, attempt: &store::Attempt, told: &Told, asked: &str) -> Stored {
        let body = json!({ "asked": asked, "payment": attempt.number(), "told": told });
        let body = body.to_string().into_bytes();
        Stored { id: self.kit.id(), gateway: attempt.gateway.clone(), body }
    }
}
