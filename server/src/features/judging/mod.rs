//! Judging: accepting submissions, running the judge, telling the standings.
//!
//! A submission is durable before it is acknowledged. A leased job judges it; if the process dies in
//! between, the lease ends and the job is taken again. Judging twice changes nothing.

pub mod http;
pub mod jobs;
mod judge;
mod port;
mod quiz;
mod service;
pub mod store;

use std::sync::Arc;

use crate::features::{competitions, standings};
use crate::kit::Kit;

pub use service::Incoming;

/// The judging of this installation.
pub struct Service {
    kit: Kit,
    competitions: Arc<competitions::Service>,
    standings: Arc<standings::Service>,
}

impl Service {
    /// Judging for competitions, whose results go to the standings.
    pub fn new(
        kit: Kit,
        competitions: Arc<competitions::Service>,
        standings: Arc<standings::Service>,
    ) -> Self {
        Self { kit, competitions, standings }
    }
}
