//! What follows a finalised competition.

use async_trait::async_trait;
use domain::competitions::CompetitionId;
use serde::{Deserialize, Serialize};

use crate::jobs::{Job, JobError};
use crate::services::Services;

/// Gives the escrow of a finalised competition to its winners and its organiser.
#[derive(Debug, Serialize, Deserialize)]
pub struct SettlePrizes {
    /// The competition.
    pub competition: CompetitionId,
}

#[async_trait]
impl Job for SettlePrizes {
    const KIND: &'static str = "payouts.settle_prizes";
    async fn run(self, services: &Services) -> Result<(), JobError> {
        Ok(services.payouts.settle(self.competition).await?)
    }
}
