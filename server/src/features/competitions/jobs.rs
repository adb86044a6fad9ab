//! Jobs of competitions: following the timetable, handing out certificates.

use async_trait::async_trait;
use domain::competitions::CompetitionId;
use serde::{Deserialize, Serialize};

use crate::jobs::{Job, JobError};
use crate::services::Services;

/// Does what the timetable asks at an instant.
#[derive(Serialize, Deserialize)]
pub struct Advance {
    /// The competition.
    pub competition: CompetitionId,
}

#[async_trait]
impl Job for Advance {
    const KIND: &'static str = "competitions.advance";
    async fn run(self, services: &Services) -> Result<(), JobError> {
        Ok(services.competitions.advance(self.competition).await?)
    }
}

/// Hands out the certificates of a finalised competition.
#[derive(Serialize, Deserialize)]
pub struct Certify {
    /// The competition.
    pub competition: CompetitionId,
}

#[async_trait]
impl Job for Certify {
    const KIND: &'static str = "competitions.certify";
    async fn run(self, services: &Services) -> Result<(), JobError> {
        Ok(services.competitions.certify(self.competition).await?)
    }
}
