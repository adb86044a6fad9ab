//! The job that judges.

use async_trait::async_trait;
use domain::judging::SubmissionId;
use serde::{Deserialize, Serialize};

use crate::jobs::{Job, JobError};
use crate::services::Services;

/// Judges a submission.
#[derive(Serialize, Deserialize)]
pub struct JudgeSubmission {
    /// The submission.
    pub submission: SubmissionId,
}

#[async_trait]
impl Job for JudgeSubmission {
    const KIND: &'static str = "judging.judge";
    async fn run(self, services: &Services) -> Result<(), JobError> {
        Ok(services.judging.judge(self.submission).await?)
    }
}
