//! Finance: statements of accounts, and the ledger as staff sees it.

pub mod http;
pub mod log;
mod port;
pub mod store;

use crate::kit::Kit;

/// The ledger, read.
pub struct Service {
    kit: Kit,
}

impl Service {
    /// Readers of the ledger.
    pub fn new(kit: Kit) -> Self {
        Self { kit }
    }
}
