//! What follows a refund by itself.

use async_trait::async_trait;
use domain::competitions::{CompetitionId, RegistrationId};
use domain::payments::RefundId;
use serde::{Deserialize, Serialize};

use crate::jobs::{Job, JobError};
use crate::services::Services;

/// Sends a refund to its gateway, or asks what became of it.
#[derive(Debug, Serialize, Deserialize)]
pub struct SendRefund {
    /// The refund.
    pub refund: RefundId,
    /// How often the gateway was asked before.
    pub turn: u32,
}

#[async_trait]
impl Job for SendRefund {
    const KIND: &'static str = "refunds.send";
    async fn run(self, services: &Services) -> Result<(), JobError> {
        Ok(services.refunds.send(self.refund, self.turn).await?)
    }
}

/// Gives the fees of a competition back that was called off, some at a time.
#[derive(Debug, Serialize, Deserialize)]
pub struct GiveEntriesBack {
    /// The competition.
    pub competition: CompetitionId,
    /// The last registration that was dealt with before.
    pub after: Option<RegistrationId>,
}

#[async_trait]
impl Job for GiveEntriesBack {
    const KIND: &'static str = "refunds.give_entries_back";
    async fn run(self, services: &Services) -> Result<(), JobError> {
        Ok(services.refunds.give_entries_back(self.competition, self.after).await?)
    }
}
