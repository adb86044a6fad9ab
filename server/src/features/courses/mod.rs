//! Courses: writing, publishing, finding, enrolling, learning.

pub mod http;
pub mod jobs;
mod port;
mod seller;
mod service;
mod store;

use std::sync::Arc;

use crate::features::{orders, rewards};
use crate::kit::Kit;

/// Courses.
pub struct Service {
    kit: Kit,
    orders: Arc<orders::Service>,
    rewards: Arc<rewards::Service>,
}

impl Service {
    /// The service of a kit, which sells through orders and hands out certificates through rewards.
    pub fn new(kit: Kit, orders: Arc<orders::Service>, rewards: Arc<rewards::Service>) -> Self {
        Self { kit, orders, rewards }
    }
}
