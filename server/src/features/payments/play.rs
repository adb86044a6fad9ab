//! What a person lets happen at the sandbox.

use domain::actor::Actor;
use domain::orders::OrderId;
use domain::payments::{PaymentId, Told};
use domain::time::Span;
use uuid::Uuid;

use super::jobs::ConfirmLater;
use super::sandbox::Sandbox;
use super::store::{self, Attempt};
use super::{Receipt, Service};
use crate::error::{Error, Result};

/// How long the sandbox waits when a person chose to be slow.
pub const DELAY: Span = Span::seconds(20);

/// What a person chooses at the sandbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// The money is taken.
    Paid,
    /// It is not.
    Declined,
    /// It is taken, but later.
    Delayed,
    /// It is taken, and the notice comes twice.
    Twice,
}

impl Choice {
    /// Reads the value of a button.
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "paid" => Self::Paid,
            "declined" => Self::Declined,
            "delayed" => Self::Delayed,
            "twice" => Self::Twice,
            _ => return None,
        })
    }
}

impl Service {
    /// Does what a person chose at the sandbox; gives the order to go back to.
    pub async fn choose(&self, actor: &Actor, id: PaymentId, choice: Choice) -> Result<OrderId> {
        let sandbox = self.sandbox.clone().ok_or_else(Error::not_found)?;
        let attempt = store::own_attempt(&self.kit.db, id, actor.account)
            .await?
            .filter(|attempt| attempt.gateway == "sandbox")
            .ok_or_else(Error::not_found)?;
        let event = format!("evt_{}", self.kit.id::<Uuid>().simple());
        match choice {
            Choice::Paid => self.send(&sandbox, &attempt, &event, &taken(&attempt)).await?,
            Choice::Declined => self.send(&sandbox, &attempt, &event, &Told::Declined).await?,
            Choice::Twice => {
                self.send(&sandbox, &attempt, &event, &taken(&attempt)).await?;
                self.send(&sandbox, &attempt, &event, &taken(&attempt)).await?;
            }
            Choice::Delayed => {
                self.send(&sandbox, &attempt, &event, &Told::Working).await?;
                let mut tx = self.kit.db.begin().await?;
                let later = ConfirmLater { payment: id, event: format!("{event}_late") };
                tx.enqueue_at(&later, self.kit.now().plus(DELAY)).await?;
                tx.commit().await?;
            }
        }
        Ok(attempt.order)
    }

    /// Confirms an attempt for which a person chose to wait.
    pub(crate) async fn confirm_later(&self, id: PaymentId, event: &str) -> Result<()> {
        let sandbox = self.sandbox.clone().ok_or_else(Error::not_found)?;
        let attempt = store::attempt(&self.kit.db, id).await?.ok_or_else(Error::not_found)?;
        self.send(&sandbox, &attempt, event, &taken(&attempt)).await
    }

    /// Sends a notice of the sandbox through the same door that every gateway uses.
    async fn send(&self, sandbox: &Sandbox, attempt: &Attempt, event: &str, told: &Told) -> Result<()> {
        let now = self.kit.now();
        let body = sandbox.body(event, attempt.id, told, now);
        let receipt = self.receive(sandbox, &sandbox.headers(now, &body), &body).await?;
        let Ok(Receipt::Stored(id) | Receipt::Known(id)) = receipt else {
            return Err(Error::bug("the sandbox's own notice was refused"));
        };
        // The job would do the same a moment later; a person who looks at the order should see it now.
        if let Err(error) = self.apply(id).await {
            tracing::warn!(%error, "a notice is left to its job");
        }
        Ok(())
    }

    /// Begins and pays an order in the sandbox: for the demonstration world and for bots.
    pub async fn pay_in_sandbox(&self, actor: &Actor, order: OrderId) -> Result<()> {
        let payment = self.begin(actor, order, "sandbox").await?;
        self.choose(actor, payment, Choice::Paid).await?;
        Ok(())
    }
}

/// The charge of the sandbox for an attempt: one, however often it is told.
fn taken(attempt: &Attempt) -> Told {
    Told::Confirmed { charge: format!("ch_{}", attempt.id.0.simple()), amount: attempt.amount }
}
