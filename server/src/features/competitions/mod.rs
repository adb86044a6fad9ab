//! Competitions: design, publication, entry, the course of the timetable, the final table.

mod certify;
mod entry;
pub mod http;
pub mod jobs;
mod port;
mod read;
pub mod service;
pub mod store;
mod timetable;

pub use service::Purpose;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use domain::actor::Actor;
use domain::competitions::policy;
use domain::competitions::{FileId, input::Task};
use domain::judging::Truth;

use crate::error::{Error, Result};
use crate::features::{orders, rewards, standings};
use crate::kit::Kit;
use store::Competition;

/// How many truths are kept ready for judging.
const MAX_KEPT: usize = 32;

/// The competitions of this installation.
pub struct Service {
    kit: Kit,
    orders: Arc<orders::Service>,
    standings: Arc<standings::Service>,
    rewards: Arc<rewards::Service>,
    truths: Mutex<HashMap<FileId, Arc<Truth>>>,
}

impl Service {
    /// Competitions that sell their entry through orders and show their results through standings.
    pub fn new(
        kit: Kit,
        orders: Arc<orders::Service>,
        standings: Arc<standings::Service>,
        rewards: Arc<rewards::Service>,
    ) -> Self {
        Self { kit, orders, standings, rewards, truths: Mutex::default() }
    }

    /// A competition that a viewer may see; a foreign draft is not there.
    pub async fn visible(&self, viewer: Option<&Actor>, slug: &str) -> Result<Competition> {
        store::by_slug(&self.kit.db, slug)
            .await?
            .filter(|found| policy::may_see(viewer, found.organiser, found.state))
            .ok_or_else(Error::not_found)
    }

    /// A competition that an account runs; to everybody else it is not there.
    pub async fn own(&self, actor: &Actor, slug: &str) -> Result<Competition> {
        store::by_slug(&self.kit.db, slug)
            .await?
            .filter(|found| policy::organises(actor, found.organiser))
            .ok_or_else(Error::not_found)
    }

    /// The truth of a prediction competition, where a file that suits its metric was uploaded.
    pub async fn truth(&self, competition: &Competition) -> Result<Option<Arc<Truth>>> {
        let Task::Prediction { metric, .. } = competition.design.task else { return Ok(None) };
        let file = store::files::files(&self.kit.db, competition.id, "truth").await?.into_iter().next();
        let Some(file) = file else { return Ok(None) };
        let published = competition.state != domain::competitions::State::Draft;
        // A draft's metric may still change under the same file.
        if published && let Some(kept) = self.kept().get(&file.id) {
            return Ok(Some(Arc::clone(kept)));
        }
        let bytes = self.kit.files.get(file.id.0).await?;
        let split = competition.split();
        let read = tokio::task::spawn_blocking(move || Truth::parse("file", &bytes, metric, split));
        let Ok(truth) = read.await.map_err(|error| Error::bug(error.to_string()))? else { return Ok(None) };
        let truth = Arc::new(truth);
        if published {
            let mut kept = self.kept();
            if kept.len() >= MAX_KEPT {
                kept.clear();
            }
            kept.insert(file.id, Arc::clone(&truth));
        }
        Ok(Some(truth))
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, HashMap<FileId, Arc<Truth>>> {
        self.truths.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
