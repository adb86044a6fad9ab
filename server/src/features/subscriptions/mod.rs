//! Subscriptions: plans, their invoices, and the turns of their periods.
//!
//! An invoice is an order with one line, the plan, and its period; so the ledger, refunds and receipts
//! know it without knowing subscriptions. Orders call back: [`seller`] gives the price, makes prices
//! smaller where a plan opens something, and moves the subscription when its invoice is paid.

mod desk;
mod entries;
pub mod jobs;
mod periods;
mod port;
mod seller;
pub mod service;
pub mod store;
mod turns;
mod views;

use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use domain::accounts::AccountId;
use domain::actor::Actor;
use domain::messages::Said;
use domain::orders::OrderId;
use domain::subscriptions::SubscriptionId;
use domain::time::Timestamp;

use crate::db::Tx;
use crate::error::Result;
use crate::features::{messages, orders};
use crate::kit::Kit;

/// Where a renewal can be paid from without its owner being there.
#[async_trait]
pub trait Purse: Send + Sync {
    /// Pays an order where there is enough; says whether it is paid now. Repeating it pays once.
    async fn pay(&self, actor: &Actor, order: OrderId) -> Result<bool>;
    /// The subscription of an account is over: what was kept for it is let go. The account's lock is held.
    async fn released(&self, _tx: &mut Tx, _account: AccountId) -> Result<()> {
        Ok(())
    }
}

/// The subscriptions of every account.
pub struct Service {
    kit: Kit,
    orders: Arc<orders::Service>,
    purse: RwLock<Option<Arc<dyn Purse>>>,
    cards: RwLock<Option<Arc<dyn Purse>>>,
}

impl Service {
    /// Subscriptions whose renewals are paid by people alone.
    pub fn new(kit: Kit, orders: Arc<orders::Service>) -> Self {
        Self { kit, orders, purse: RwLock::default(), cards: RwLock::default() }
    }

    /// Names the purse from which renewals may be paid; called at start.
    pub fn register_purse(&self, purse: Arc<dyn Purse>) {
        *self.purse.write().unwrap_or_else(PoisonError::into_inner) = Some(purse);
    }

    /// Names who charges the cards that people let us keep; called at start.
    pub fn register_cards(&self, cards: Arc<dyn Purse>) {
        *self.cards.write().unwrap_or_else(PoisonError::into_inner) = Some(cards);
    }

    fn cards(&self) -> Option<Arc<dyn Purse>> {
        self.cards.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn purse(&self) -> Option<Arc<dyn Purse>> {
        self.purse.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Lets go what was kept for renewals that will not be.
    async fn release(&self, tx: &mut Tx, account: AccountId) -> Result<()> {
        match self.cards() {
            Some(cards) => cards.released(tx, account).await,
            None => Ok(()),
        }
    }

    /// Notes what happened to a subscription.
    async fn note(
        &self,
        tx: &mut Tx,
        subscription: SubscriptionId,
        event: &str,
        actor: Option<AccountId>,
        cause: &str,
    ) -> Result<()> {
        let now = self.kit.now();
        Ok(store::add_history(tx, self.kit.id(), subscription, now, event, actor, cause).await?)
    }

    /// Writes a message to a subscriber, once for each key.
    async fn say(
        &self,
        tx: &mut Tx,
        account: AccountId,
        key: &str,
        said: &Said,
        now: Timestamp,
    ) -> Result<()> {
        Ok(messages::write(tx, self.kit.id(), account, key, said, now).await?)
    }
}
