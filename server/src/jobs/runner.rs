//! The worker: claims due jobs, does several at once, stops in good order.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{broadcast, watch};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::JobError;
use super::queue::{self, Claimed};
use super::registry::kinds;
use crate::bus::Note;
use crate::services::Services;

/// A worker of this process.
pub struct Runner {
    services: Arc<Services>,
    id: Uuid,
    width: usize,
}

impl Runner {
    /// A worker that does up to `width` jobs at once.
    pub fn new(services: Arc<Services>, width: usize) -> Self {
        let id = Uuid::from_bytes(services.kit.bytes());
        Self { services, id, width: width.max(1) }
    }

    /// Works until told to stop, then finishes what it began, or gives it back after ten seconds.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut heard = self.services.kit.db.around.bus.hear();
        let mut tasks = JoinSet::new();
        while !*stop.borrow() {
            let free = self.width.saturating_sub(tasks.len());
            let claimed = if free == 0 { Vec::new() } else { self.claim(free).await };
            let idle = claimed.len() < free;
            for job in claimed {
                tasks.spawn(perform(Arc::clone(&self.services), self.id, job));
            }
            if idle || free == 0 {
                tokio::select! {
                    _ = stop.changed() => {}
                    _ = jobs_recorded(&mut heard), if free > 0 => {}
                    Some(_) = tasks.join_next(), if !tasks.is_empty() => {}
                    () = tokio::time::sleep(Duration::from_millis(500)) => {}
                }
            }
        }
        let rest = async { while tasks.join_next().await.is_some() {} };
        let _ = tokio::time::timeout(Duration::from_secs(10), rest).await;
        tasks.abort_all();
        if let Err(error) = queue::release(&self.services.kit.db, self.id).await {
            tracing::warn!(%error, "unfinished jobs will wait for the end of their lease");
        }
    }

    async fn claim(&self, limit: usize) -> Vec<Claimed> {
        let now = self.services.kit.now();
        let limit = i64::try_from(limit).unwrap_or(1);
        match queue::claim(&self.services.kit.db, self.id, now, limit).await {
            Ok(jobs) => jobs,
            Err(error) => {
                tracing::warn!(%error, "jobs cannot be claimed");
                Vec::new()
            }
        }
    }
}

async fn jobs_recorded(heard: &mut broadcast::Receiver<Note>) {
    loop {
        match heard.recv().await {
            Ok(Note::Jobs) | Err(broadcast::error::RecvError::Lagged(_)) => return,
            Ok(_) => {}
            Err(broadcast::error::RecvError::Closed) => std::future::pending::<()>().await,
        }
    }
}

/// Does every job that is due, one after the other, until none is; how many were done or failed.
///
/// For tests and for making the demonstration world, where time is moved by hand.
pub async fn run_due(services: &Arc<Services>) -> Result<usize, crate::db::DbError> {
    let worker = Uuid::from_bytes(services.kit.bytes());
    let mut count = 0;
    loop {
        let jobs = queue::claim(&services.kit.db, worker, services.kit.now(), 16).await?;
        if jobs.is_empty() {
            return Ok(count);
        }
        for job in jobs {
            perform(Arc::clone(services), worker, job).await;
            count += 1;
        }
    }
}

/// Does one claimed job under its lease and notes how it ended.
async fn perform(services: Arc<Services>, worker: Uuid, job: Claimed) {
    let db = &services.kit.db;
    let outcome = match kinds().get(job.kind.as_str()) {
        None => Err(JobError::GiveUp(format!("no such kind of job: {}", job.kind))),
        Some(begin) => {
            // A set ends its tasks when it is dropped: work does not go on once nobody holds its lease.
            let mut work = JoinSet::new();
            work.spawn(begin(job.payload.0.clone(), Arc::clone(&services)));
            loop {
                tokio::select! {
                    Some(done) = work.join_next() => {
                        break done.unwrap_or_else(|panic| Err(JobError::Retry(panic.to_string())));
                    }
                    () = tokio::time::sleep(Duration::from_secs(20)) => {
                        if !queue::keep(db, worker, job.id, services.kit.now()).await.unwrap_or(true) {
                            return;
                        }
                    }
                }
            }
        }
    };
    let noted = match &outcome {
        Ok(()) => queue::finish(db, worker, job.id).await,
        Err(error) => {
            let final_ = matches!(error, JobError::GiveUp(_));
            tracing::warn!(kind = %job.kind, id = %job.id, attempt = job.attempts, %error, "a job failed");
            queue::fail(db, worker, &job, services.kit.now(), &error.to_string(), final_).await
        }
    };
    if let Err(error) = noted {
        tracing::warn!(%error, id = %job.id, "how a job ended could not be noted; it will be done again");
    }
}
