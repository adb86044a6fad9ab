//! What follows a period by itself.

use async_trait::async_trait;
use domain::orders::OrderId;
use domain::subscriptions::{SubscriptionId, Turn};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::jobs::{Job, JobError};
use crate::services::Services;

/// Looks at a subscription at a turn of the period that ends at an instant.
#[derive(Debug, Serialize, Deserialize)]
pub struct TurnSubscription {
    /// The subscription.
    pub subscription: SubscriptionId,
    /// The end of the period.
    pub until: Timestamp,
    /// The turn.
    pub turn: Turn,
}

#[async_trait]
impl Job for TurnSubscription {
    const KIND: &'static str = "subscriptions.turn";
    async fn run(self, services: &Services) -> Result<(), JobError> {
        Ok(services.subscriptions.turn(self.subscription, self.until, self.turn).await?)
    }
}

/// Gives up what a plan opened for nothing, after the money of the plan went back.
#[derive(Debug, Serialize, Deserialize)]
pub struct EndEntry {
    /// The order of what was opened.
    pub order: OrderId,
}

#[async_trait]
impl Job for EndEntry {
    const KIND: &'static str = "subscriptions.end_entry";
    async fn run(self, services: &Services) -> Result<(), JobError> {
        Ok(services.refunds.end_opened(self.order).await?)
    }
}
