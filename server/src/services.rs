//! Every service, built once from the kit.

use std::sync::Arc;

use app::cx::Ports;

use crate::features::{accounts, rewards};
use crate::kit::Kit;

/// The services of this process.
pub struct Services {
    /// What they all work with.
    pub kit: Kit,
    /// Accounts and sessions.
    pub accounts: Arc<accounts::Service>,
    /// Certificates.
    pub rewards: Arc<rewards::Service>,
}

impl Services {
    /// Builds every service.
    pub fn new(kit: Kit) -> Arc<Self> {
        let accounts = Arc::new(accounts::Service::new(kit.clone()));
        let rewards = Arc::new(rewards::Service::new(kit.clone()));
        Arc::new(Self { kit, accounts, rewards })
    }

    /// The services as pages see them.
    pub fn ports(&self) -> Ports {
        Ports { accounts: self.accounts.clone(), rewards: self.rewards.clone() }
    }
}
