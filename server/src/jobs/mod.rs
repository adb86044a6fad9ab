//! Jobs: what must follow a change, recorded in the same transaction, done by a leased worker.
//!
//! A job is done at least once: it holds ids, not data, and doing it twice must change nothing. A
//! worker that dies loses its lease and the job is taken again. A job that keeps failing becomes
//! `dead` and waits for a person on the page of dead jobs.

mod desk;
mod queue;
mod registry;
mod runner;

use async_trait::async_trait;
use serde::Serialize;
use serde::de::DeserializeOwned;

pub use desk::Desk;
pub use queue::{DeadJob, dead_jobs, revive};
pub use registry::kinds;
pub use runner::{Runner, run_due};

use crate::error::Error;
use crate::services::Services;

/// Work that follows a change.
#[async_trait]
pub trait Job: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The name of the kind in the database: `feature.verb`; never changed once used.
    const KIND: &'static str;
    /// Does the work; must change nothing when it was done before.
    async fn run(self, services: &Services) -> Result<(), JobError>;
}

/// Why a job was not done.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// Try again later.
    #[error("{0}")]
    Retry(String),
    /// No later try can succeed.
    #[error("{0}")]
    GiveUp(String),
}

impl From<Error> for JobError {
    fn from(error: Error) -> Self {
        Self::Retry(error.to_string())
    }
}
impl From<crate::db::DbError> for JobError {
    fn from(error: crate::db::DbError) -> Self {
        Self::Retry(error.to_string())
    }
}
