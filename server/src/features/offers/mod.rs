//! Offers: coupons, bundles, gifts, grants, points and the cart. Prices are decided by `domain::offers`; this
//! feature takes part in every order through [`Companion`](super::orders::Companion).

mod bundles;
mod cart;
mod coupons;
pub(crate) mod gifts;
pub mod jobs;
mod part;
pub mod points;
mod port;
pub mod store;
mod tries;

use std::sync::Arc;

use crate::features::orders;
use crate::kit::Kit;

/// What makes orders cheaper.
pub struct Service {
    kit: Kit,
    orders: Arc<orders::Service>,
}

impl Service {
    /// Offers on top of orders.
    pub fn new(kit: Kit, orders: Arc<orders::Service>) -> Self {
        Self { kit, orders }
    }
}
