//! Live streams: one topic per competition, any number of viewers, every message encoded once.
//!
//! A [`Topic`] keeps the recent frames in a ring of shared bytes. A [`Viewer`] is a response body
//! that holds a place in that ring and nothing else: no queue, no timer, no task of its own. It is
//! woken when there is something to read; if it did not read for so long that its place fell out of
//! the ring, it is told to take a fresh snapshot and goes on from there. So whoever never reads
//! costs what its connection costs, and never more.

mod topic;
mod viewer;

pub use topic::{Frame, Limits, Topic};
pub use viewer::{Viewer, stream_response};

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use uuid::Uuid;

/// How often a quiet stream shows that it is alive.
pub const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Every topic of this process.
#[derive(Clone, Default)]
pub struct Live {
    topics: Arc<Mutex<HashMap<Uuid, Arc<Topic>>>>,
}

impl Live {
    /// The topic of a thing; made at the first call.
    pub fn topic(&self, of: Uuid) -> Arc<Topic> {
        let mut topics = self.topics.lock().unwrap_or_else(PoisonError::into_inner);
        topics.entry(of).or_default().clone()
    }
    /// How many viewers all topics have.
    pub fn viewers(&self) -> usize {
        self.all().iter().map(|topic| topic.viewers()).sum()
    }
    /// Tells every open stream that the process ends, and ends it.
    pub fn close(&self) {
        for topic in self.all() {
            topic.close();
        }
    }
    /// Keeps quiet streams open: one timer for the process, one frame per topic.
    pub async fn beat(self) {
        let mut ticks = tokio::time::interval(KEEP_ALIVE);
        loop {
            ticks.tick().await;
            for topic in self.all() {
                topic.beat();
            }
        }
    }

    fn all(&self) -> Vec<Arc<Topic>> {
        self.topics.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }
}
