//! Orders: place, hold, pay, expire, and who may use what.
//!
//! Features that sell something implement [`Seller`] and are registered at start, so that selling a new
//! kind of thing never edits this feature.

pub mod jobs;
pub(crate) mod port;
pub mod service;
pub mod store;

use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use domain::accounts::AccountId;
use domain::locale::Bilingual;
use domain::money::Money;
use domain::orders::{OrderId, Thing};
use domain::time::Timestamp;

use crate::db::Tx;
use crate::error::{Error, Result};
use crate::kit::Kit;

/// What a seller offers to one buyer now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The title that stands on the order.
    pub title: Bilingual,
    /// The price, frozen with the order.
    pub price: Money,
}

/// A feature that sells things.
#[async_trait]
pub trait Seller: Send + Sync {
    /// Whether this feature sells the thing.
    fn sells(&self, thing: &Thing) -> bool;
    /// The price and title for this account now; holds a seat where seats are limited.
    ///
    /// Refuses what may not be bought, and must have written nothing when it refuses.
    async fn reserve(&self, tx: &mut Tx, buyer: AccountId, thing: &Thing, now: Timestamp) -> Result<Offer>;
    /// The order is paid, or free: gives what was bought.
    async fn fulfil(
        &self,
        tx: &mut Tx,
        buyer: AccountId,
        thing: &Thing,
        order: OrderId,
        now: Timestamp,
    ) -> Result<()>;
    /// The order expired or was cancelled: takes the seat back.
    async fn release(
        &self,
        tx: &mut Tx,
        buyer: AccountId,
        thing: &Thing,
        order: OrderId,
        now: Timestamp,
    ) -> Result<()>;
    /// The page of the thing without its language, such as `/courses/sql-joins`.
    async fn page(&self, _thing: &Thing) -> Result<Option<String>> {
        Ok(None)
    }
}

/// The orders of every account.
pub struct Service {
    kit: Kit,
    sellers: RwLock<Vec<Arc<dyn Seller>>>,
}

impl Service {
    /// Orders without anything to sell yet.
    pub fn new(kit: Kit) -> Self {
        Self { kit, sellers: RwLock::default() }
    }

    /// Lets a feature sell its things; called once each at start. Of several, the latest is asked first.
    pub fn register_seller(&self, seller: Arc<dyn Seller>) {
        self.sellers.write().unwrap_or_else(PoisonError::into_inner).push(seller);
    }

    /// Who sells a thing.
    fn seller(&self, thing: &Thing) -> Result<Arc<dyn Seller>> {
        let sellers = self.sellers.read().unwrap_or_else(PoisonError::into_inner);
        sellers.iter().rev().find(|seller| seller.sells(thing)).cloned().ok_or_else(Error::not_found)
    }
}
