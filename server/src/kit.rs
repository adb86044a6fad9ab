//! What every service works with.

use std::sync::Arc;

use domain::time::Timestamp;
use uuid::Uuid;

use crate::clock::{Clock, Entropy};
use crate::config::Config;
use crate::db::Db;
use crate::files::Files;

/// The database, time, randomness, settings and files.
#[derive(Clone)]
pub struct Kit {
    /// The database.
    pub db: Db,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Settings.
    pub config: Arc<Config>,
    /// Uploaded files.
    pub files: Files,
    /// Whether this installation is a demonstration; fixed when its data was made.
    pub demonstration: bool,
    /// The secret from which signing keys are derived.
    pub secret: Arc<[u8; 32]>,
}

impl Kit {
    /// The present instant.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }
    /// Random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.entropy.fill(&mut bytes);
        bytes
    }
    /// A fresh id of any kind.
    pub fn id<T: From<Uuid>>(&self) -> T {
        T::from(domain::id::uuid_v7(self.now(), self.bytes()))
    }
    /// A key for one purpose, derived from the installation's secret (HMAC-SHA256 of the purpose).
    pub fn key(&self, purpose: &str) -> ring::hmac::Key {
        let root = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, self.secret.as_ref());
        let derived = ring::hmac::sign(&root, purpose.as_bytes());
        ring::hmac::Key::new(ring::hmac::HMAC_SHA256, derived.as_ref())
    }
}
