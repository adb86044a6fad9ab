//! Keys of idempotence that are used up.
//!
//! Stripe saves whatever it answers first under a key, a failure of its own included, and repeats that for a day.
//! Only an answer that was received uses a key up: after silence the same key must be used again, because what
//! it asked for may have been done.

use async_trait::async_trait;

use super::super::gateway::Unsure;
use super::super::store;
use crate::db::Db;

/// How many keys were used up, by what they were for.
#[async_trait]
pub trait Keys: Send + Sync {
    /// How many there are.
    async fn spent(&self, gateway: &str, purpose: &str) -> Result<u32, Unsure>;
    /// Notes, for good and before the next one is used, that there are so many.
    async fn spend(&self, gateway: &str, purpose: &str, spent: u32) -> Result<(), Unsure>;
}

/// The keys that the database knows of.
pub struct StoredKeys(pub Db);

#[async_trait]
impl Keys for StoredKeys {
    async fn spent(&self, gateway: &str, purpose: &str) -> Result<u32, Unsure> {
        let spent = store::spent_keys(&self.0, gateway, purpose).await;
        spent.map_err(|error| Unsure(format!("keys cannot be read: {error}")))
    }
    async fn spend(&self, gateway: &str, purpose: &str, spent: u32) -> Result<(), Unsure> {
        let noted = store::spend_key(&self.0, gateway, purpose, spent).await;
        noted.map_err(|error| Unsure(format!("a key cannot be noted: {error}")))
    }
}
