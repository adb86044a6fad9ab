//! Payments: attempts at gateways, the door for their notices, and the ledger.
//!
//! A notice is verified on its raw bytes, stored once, acknowledged, and applied by a job. What it does to
//! the order and to the money is decided by [`domain::payments::decide`] under the lock of the order, and
//! written in one transaction.

mod apply;
pub mod gateway;
pub mod http;
pub mod jobs;
pub mod ledger;
mod port;
pub mod sandbox;
pub mod service;
pub mod signature;
pub mod store;

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

pub use gateway::{Gateway, Rejected};
pub use service::Receipt;

use crate::features::orders;
use crate::kit::Kit;

/// Payments of orders.
pub struct Service {
    kit: Kit,
    orders: Arc<orders::Service>,
    sandbox: Option<Arc<sandbox::Sandbox>>,
    rejected: AtomicU64,
}

impl Service {
    /// Payments with the gateways that this installation may use.
    ///
    /// The sandbox exists in a demonstration alone: play money never opens anything in a live installation.
    pub fn new(kit: Kit, orders: Arc<orders::Service>) -> Self {
        let sandbox = kit.demonstration.then(|| Arc::new(sandbox::Sandbox::new(kit.key("sandbox notices"))));
        Self { kit, orders, sandbox, rejected: AtomicU64::new(0) }
    }
}
