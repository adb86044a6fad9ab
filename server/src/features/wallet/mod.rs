//! Customers' credit: its statement, and the gateway that takes it.
//!
//! Paying from credit is a transfer from `customer:<id>:credit` to `gateway:wallet:clearing`, under an id
//! that follows from the attempt; the order is then paid like any other. That transfer is the truth that
//! the gateway tells when it is asked, so nothing is lost where the process dies between the two.

mod gateway;
mod port;
mod service;

use std::sync::Arc;

pub use gateway::Wallet;

use crate::features::payments;
use crate::kit::Kit;

/// Customers' credit.
pub struct Service {
    kit: Kit,
    payments: Arc<payments::Service>,
}

impl Service {
    /// Credit that payments take.
    pub fn new(kit: Kit, payments: Arc<payments::Service>) -> Self {
        payments.register(Arc::new(Wallet::new(kit.clone())));
        Self { kit, payments }
    }
}
