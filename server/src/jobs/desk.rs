//! The desk of dead jobs: what administrators see, and the button that tries again.

use app::error::{Answer, Fault};
use app::features::jobs::Jobs;
use app::features::jobs::api::DeadJobView;
use async_trait::async_trait;
use domain::actor::{Actor, Role};
use domain::page::Page;
use domain::time::Timestamp;

use super::{dead_jobs, revive};
use crate::error::{Error, Result};
use crate::kit::Kit;

/// The desk of dead jobs.
pub struct Desk {
    kit: Kit,
}

impl Desk {
    /// A desk over the jobs of a kit.
    pub fn new(kit: Kit) -> Self {
        Self { kit }
    }

    async fn list(&self, after: Option<String>) -> Result<Page<DeadJobView>> {
        let before = after.and_then(|cursor| cursor.parse().ok());
        let page = dead_jobs(&self.kit.db, before).await?;
        Ok(page.map(|job| DeadJobView {
            id: job.id.to_string(),
            kind: job.kind,
            attempts: job.attempts,
            error: job.last_error.unwrap_or_default(),
            created_at: Timestamp::from_micros(job.created_at),
        }))
    }

    async fn again(&self, job: &str) -> Result<()> {
        let id = job.parse().map_err(|_| Error::not_found())?;
        if revive(&self.kit.db, id, self.kit.now()).await? {
            Ok(())
        } else {
            Err(Error::denied("job_not_dead"))
        }
    }
}

/// For everybody but administrators the page does not exist.
fn staff(actor: &Actor) -> Answer<()> {
    if actor.is(Role::Admin) { Ok(()) } else { Err(Fault::NotFound) }
}

#[async_trait]
impl Jobs for Desk {
    async fn dead(&self, actor: &Actor, after: Option<String>) -> Answer<Page<DeadJobView>> {
        staff(actor)?;
        Ok(self.list(after).await?)
    }
    async fn revive(&self, actor: &Actor, job: String) -> Answer<()> {
        staff(actor)?;
        Ok(self.again(&job).await?)
    }
}
