//! What follows an order by itself.

use async_trait::async_trait;
use domain::orders::OrderId;
use serde::{Deserialize, Serialize};

use crate::jobs::{Job, JobError};
use crate::services::Services;

/// Gives the seat of an unpaid order back when its time is over.
#[derive(Debug, Serialize, Deserialize)]
pub struct ExpireOrder {
    /// The order.
    pub order: OrderId,
}

#[async_trait]
impl Job for ExpireOrder {
    const KIND: &'static str = "orders.expire";
    async fn run(self, services: &Services) -> Result<(), JobError> {
        Ok(services.orders.expire(self.order).await?)
    }
}
