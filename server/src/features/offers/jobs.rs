//! What follows gifts by itself.

use async_trait::async_trait;
use domain::orders::OrderId;
use serde::{Deserialize, Serialize};

use crate::jobs::{Job, JobError};
use crate::services::Services;

/// Ends what a gift gave after the money for it went back.
#[derive(Debug, Serialize, Deserialize)]
pub struct EndGift {
    /// The order that took the gift.
    pub order: OrderId,
}

#[async_trait]
impl Job for EndGift {
    const KIND: &'static str = "offers.end_gift";
    async fn run(self, services: &Services) -> Result<(), JobError> {
        Ok(services.offers.end_gift(self.order).await?)
    }
}
