//! Orders: place, hold, pay, expire, and who may use what.
//!
//! Features that sell something implement [`Seller`] and are registered at start, so that selling a new
//! kind of thing never edits this feature.

pub mod jobs;
pub mod place;
pub(crate) mod port;
pub mod service;
mod staff;
pub mod store;

use std::sync::{Arc, PoisonError, RwLock};

use app::features::orders::api::Waits;
use async_trait::async_trait;
use domain::accounts::AccountId;
use domain::locale::Bilingual;
use domain::money::{Currency, Money};
use domain::orders::{Draft, How, OrderId, Reduction, Thing};
use domain::time::Timestamp;

use crate::db::Tx;
use crate::error::{Error, Result};
use crate::kit::Kit;
use store::{Order, OrderLine};

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
    /// As [`Seller::reserve`], for what somebody paid for already and gave away: it is owed, for sale or not.
    async fn promised(&self, tx: &mut Tx, taker: AccountId, thing: &Thing, now: Timestamp) -> Result<Offer> {
        self.reserve(tx, taker, thing, now).await
    }
    /// Whether an account has a thing without any order, such as a course that was free when it was begun.
    async fn had(&self, _account: AccountId, _thing: &Thing) -> Result<bool> {
        Ok(false)
    }
    /// As [`Seller::had`], inside a transaction.
    async fn had_in(&self, _tx: &mut Tx, _account: AccountId, _thing: &Thing) -> Result<bool> {
        Ok(false)
    }
    /// The order is paid, or free: gives what was bought.
    async fn fulfil(
        &self,
        tx: &mut Tx,
        buyer: AccountId,
        thing: &Thing,
        order: OrderId,
        now: Timestamp,
    ) -> Result<()>;
    /// The order expired, was cancelled or refunded: takes the seat back, or what was given.
    async fn release(
        &self,
        tx: &mut Tx,
        buyer: AccountId,
        thing: &Thing,
        order: OrderId,
        now: Timestamp,
    ) -> Result<()>;
    /// The title and price of a thing for anybody now, without holding it; nothing where it is not for sale.
    async fn quote(&self, _thing: &Thing, _now: Timestamp) -> Result<Option<Offer>> {
        Ok(None)
    }
    /// The page of the thing without its language, such as `/courses/sql-joins`.
    async fn page(&self, _thing: &Thing) -> Result<Option<String>> {
        Ok(None)
    }
}

/// A feature that takes part in every order without selling: it makes prices smaller, keeps count of what
/// was used, and follows what becomes of the order. All of it happens in the order's own transaction.
#[async_trait]
pub trait Companion: Send + Sync {
    /// Makes drafted prices smaller and says why; writes nothing yet.
    async fn reduce(
        &self,
        _tx: &mut Tx,
        _order: &Order,
        _drafts: &mut [Draft],
        _how: &How,
        _now: Timestamp,
    ) -> Result<Vec<Reduction>> {
        Ok(Vec::new())
    }
    /// The order was written with its lines and reductions; a refusal here undoes the whole order.
    async fn placed(&self, _tx: &mut Tx, _order: &Order, _placed: Placed<'_>, _now: Timestamp) -> Result<()> {
        Ok(())
    }
    /// The order is paid, or costs nothing.
    async fn paid(&self, _tx: &mut Tx, _order: &Order, _lines: &[OrderLine], _now: Timestamp) -> Result<()> {
        Ok(())
    }
    /// The unpaid order expired or was cancelled: what it used is free again.
    async fn ended(&self, _tx: &mut Tx, _order: &Order, _now: Timestamp) -> Result<()> {
        Ok(())
    }
    /// The ended order was paid after all: whether what it used could be had again.
    ///
    /// Must have written nothing when it says no.
    async fn regain(&self, _tx: &mut Tx, _order: &Order, _now: Timestamp) -> Result<bool> {
        Ok(true)
    }
    /// An account completed something.
    async fn completed(
        &self,
        _tx: &mut Tx,
        _account: AccountId,
        _thing: &Thing,
        _now: Timestamp,
    ) -> Result<()> {
        Ok(())
    }
    /// Lines of the paid order were given back; the order's state says whether all of it was.
    async fn taken_back(&self, _tx: &mut Tx, _back: TakenBack<'_>, _now: Timestamp) -> Result<()> {
        Ok(())
    }
}

/// What was written with an order.
#[derive(Clone, Copy, Debug)]
pub struct Placed<'a> {
    /// Its lines.
    pub lines: &'a [OrderLine],
    /// What they do not demand.
    pub reductions: &'a [Reduction],
    /// How it was placed.
    pub how: &'a How,
}

/// What was given back of a paid order.
#[derive(Clone, Copy, Debug)]
pub struct TakenBack<'a> {
    /// The order, as it was before.
    pub order: &'a Order,
    /// The lines that are given back in full now.
    pub gone: &'a [OrderLine],
    /// Whether nothing of the order is left.
    pub whole: bool,
}

/// The feature at which orders are paid.
#[async_trait]
pub trait Cashier: Send + Sync {
    /// The gateways at which one can pay in a currency.
    fn ways(&self, currency: Currency) -> Vec<String>;
    /// What an order waits for.
    async fn waits(&self, order: &Order) -> Result<Waits>;
}

/// The orders of every account.
pub struct Service {
    kit: Kit,
    sellers: RwLock<Vec<Arc<dyn Seller>>>,
    cashier: RwLock<Option<Arc<dyn Cashier>>>,
    companions: RwLock<Vec<Arc<dyn Companion>>>,
}

impl Service {
    /// Orders without anything to sell yet.
    pub fn new(kit: Kit) -> Self {
        Self { kit, sellers: RwLock::default(), companions: RwLock::default(), cashier: RwLock::default() }
    }

    /// Says where orders are paid; called once at start.
    pub fn register_cashier(&self, cashier: Arc<dyn Cashier>) {
        *self.cashier.write().unwrap_or_else(PoisonError::into_inner) = Some(cashier);
    }

    fn cashier(&self) -> Result<Arc<dyn Cashier>> {
        let cashier = self.cashier.read().unwrap_or_else(PoisonError::into_inner);
        cashier.clone().ok_or_else(|| Error::bug("nobody takes money"))
    }

    /// Lets a feature sell its things; called once each at start. Of several, the latest is asked first.
    pub fn register_seller(&self, seller: Arc<dyn Seller>) {
        self.sellers.write().unwrap_or_else(PoisonError::into_inner).push(seller);
    }

    /// Lets a feature take part in every order; they are asked in the order of registration.
    pub fn register_companion(&self, companion: Arc<dyn Companion>) {
        self.companions.write().unwrap_or_else(PoisonError::into_inner).push(companion);
    }

    fn companions(&self) -> Vec<Arc<dyn Companion>> {
        self.companions.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Tells every companion that an account completed something; in the transaction that says so.
    pub async fn completed(
        &self,
        tx: &mut Tx,
        account: AccountId,
        thing: &Thing,
        now: Timestamp,
    ) -> Result<()> {
        for companion in self.companions() {
            companion.completed(tx, account, thing, now).await?;
        }
        Ok(())
    }

    /// What a thing costs anybody now, and its page.
    pub async fn quote(&self, thing: &Thing) -> Result<(Option<Offer>, Option<String>)> {
        let Ok(seller) = self.seller(thing) else { return Ok((None, None)) };
        Ok((seller.quote(thing, self.kit.now()).await?, seller.page(thing).await?))
    }

    /// Who sells a thing.
    fn seller(&self, thing: &Thing) -> Result<Arc<dyn Seller>> {
        let sellers = self.sellers.read().unwrap_or_else(PoisonError::into_inner);
        sellers.iter().rev().find(|seller| seller.sells(thing)).cloned().ok_or_else(Error::not_found)
    }
}
