//! Refunds: decided by a policy or a person, booked at once, sent by a job, asked about until settled.
//!
//! Deciding takes the money out of everybody's balance and ends the rights; the gateway is asked outside of
//! transactions, under one id for ever. What gateways report of their own accord, refunds of their consoles
//! and disputes, comes in by [`Reversals`](crate::features::payments::Reversals).

mod entries;
pub mod jobs;
mod open;
pub(crate) mod port;
mod reversals;
mod send;
pub mod service;
pub mod store;
mod tell;

use std::sync::Arc;

use crate::features::{orders, payments};
use crate::kit::Kit;

/// The name of the gateway that takes customers' credit.
pub const WALLET: &str = "wallet";

/// The refunds of this installation.
pub struct Service {
    kit: Kit,
    orders: Arc<orders::Service>,
    payments: Arc<payments::Service>,
}

impl Service {
    /// Refunds of what orders sold and payments took.
    pub fn new(kit: Kit, orders: Arc<orders::Service>, payments: Arc<payments::Service>) -> Self {
        Self { kit, orders, payments }
    }
}
