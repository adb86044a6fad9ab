//! Payments: attempts at gateways, the door for their notices, and the ledger.
//!
//! A notice is verified on its raw bytes, stored once, acknowledged, and applied by a job that asks the
//! gateway for the truth. What that truth does to the order and to the money is decided by
//! [`domain::payments::decide`] under the lock of the order, and written in one transaction. No gateway is
//! ever called while a transaction is open.

mod apply;
mod ask;
mod begin;
mod cards;
pub mod gateway;
pub mod gateways;
pub mod http;
pub mod jobs;
pub mod ledger;
mod lines;
pub mod list;
mod missing;
mod play;
mod port;
mod reconcile;
mod reversals;
mod review;
pub mod sandbox;
pub mod service;
pub mod signature;
pub mod store;
mod turns;
mod unmatched;
mod waits;

use std::sync::atomic::AtomicU64;
use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use domain::time::Timestamp;
pub use gateway::{Gateway, Rejected};
pub use play::Choice;
pub use reversals::{Reversals, Reversed};
pub(crate) use review::alert_view;
pub use service::Receipt;

use crate::db::Tx;
use crate::error::Result;
use crate::features::orders;
use crate::kit::Kit;

/// Payments of orders.
pub struct Service {
    kit: Kit,
    orders: Arc<orders::Service>,
    sandbox: Option<Arc<sandbox::Sandbox>>,
    gateways: RwLock<Vec<Arc<dyn Gateway>>>,
    reversals: RwLock<Option<Arc<dyn Reversals>>>,
    rejected: AtomicU64,
}

impl Service {
    /// Payments with the gateways that this installation may use.
    ///
    /// The sandbox exists in a demonstration alone: play money never opens anything in a live installation.
    pub fn new(kit: Kit, orders: Arc<orders::Service>) -> Self {
        let sandbox = kit.demonstration.then(|| Arc::new(sandbox::Sandbox::new(kit.key("sandbox notices"))));
        let mut gateways = gateways::configured(&kit);
        gateways.extend(sandbox.iter().map(|sandbox| Arc::clone(sandbox) as Arc<dyn Gateway>));
        Self {
            kit,
            orders,
            sandbox,
            gateways: RwLock::new(gateways),
            reversals: RwLock::default(),
            rejected: AtomicU64::new(0),
        }
    }

    /// Adds a gateway; called at start.
    pub fn register(&self, gateway: Arc<dyn Gateway>) {
        self.gateways.write().unwrap_or_else(PoisonError::into_inner).push(gateway);
    }

    /// Names who deals with money that goes back; called at start.
    pub fn register_reversals(&self, reversals: Arc<dyn Reversals>) {
        *self.reversals.write().unwrap_or_else(PoisonError::into_inner) = Some(reversals);
    }

    /// The gateway of a name, where this installation has it.
    pub fn gateway(&self, name: &str) -> Option<Arc<dyn Gateway>> {
        let gateways = self.gateways.read().unwrap_or_else(PoisonError::into_inner);
        gateways.iter().find(|gateway| gateway.name() == name).cloned()
    }

    /// Every gateway.
    pub(crate) fn every_gateway(&self) -> Vec<Arc<dyn Gateway>> {
        self.gateways.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Every gateway at which a buyer may pay in a currency.
    pub fn gateways(&self, currency: domain::money::Currency) -> Vec<Arc<dyn Gateway>> {
        let gateways = self.gateways.read().unwrap_or_else(PoisonError::into_inner);
        gateways.iter().filter(|gateway| gateway.takes(currency)).cloned().collect()
    }
}

#[async_trait]
impl orders::Companion for Service {
    /// An order that waits for money no longer must not be paid: its payments are closed at their gateways.
    async fn ended(&self, tx: &mut Tx, order: &orders::store::Order, _now: Timestamp) -> Result<()> {
        Ok(tx.enqueue(&jobs::CloseOrder { order: order.id }).await?)
    }
}
