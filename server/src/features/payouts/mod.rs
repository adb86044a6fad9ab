//! Revenue: who shares what a product brings, when it may be paid out, and the payouts.

pub mod jobs;
mod port;
pub mod prizes;
mod rules;
pub mod service;
pub mod store;
pub mod terms;

pub use rules::product;
pub use terms::{freeze, ledger_lines};

use std::sync::Arc;

use async_trait::async_trait;
use domain::time::Timestamp;

use crate::db::Tx;
use crate::error::Result;
use crate::features::orders::store::Order;
use crate::features::orders::{Companion, Placed};
use crate::features::standings;
use crate::kit::Kit;

/// Earnings, prizes and payouts.
pub struct Service {
    kit: Kit,
    standings: Arc<standings::Service>,
}

impl Service {
    /// Payouts; prizes follow the final standings.
    pub fn new(kit: Kit, standings: Arc<standings::Service>) -> Self {
        Self { kit, standings }
    }
}

/// Shares and promises are frozen with every order.
#[async_trait]
impl Companion for Service {
    async fn placed(&self, tx: &mut Tx, _order: &Order, placed: Placed<'_>, _now: Timestamp) -> Result<()> {
        freeze(tx, &self.kit, placed.lines).await
    }
}
