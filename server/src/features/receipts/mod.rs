//! Receipts: a number without gaps for each order that was paid with money, and its PDF.
//!
//! The number is taken in the transaction that marks the order as paid, so a payment that is undone leaves
//! no gap, and two at once wait for each other.

mod document;
pub mod http;
mod sheet;
pub mod store;
mod typeface;

use std::sync::Arc;

use async_trait::async_trait;
use domain::accounts::AccountId;
use domain::actor::{Actor, Role};
use domain::locale::Locale;
use domain::orders::OrderId;
use domain::time::Timestamp;

use crate::db::Tx;
use crate::error::{Error, Result};
use crate::features::orders::store::{self as orders, Order, OrderLine};
use crate::features::orders::{self as ordering, Companion};
use crate::features::refunds::store as refunds;
use crate::kit::Kit;
use typeface::Typeface;

/// Receipts of paid orders.
pub struct Service {
    kit: Kit,
    typeface: Arc<Typeface>,
}

impl Service {
    /// Receipts on top of orders, drawn with the font that the settings name.
    pub fn new(kit: Kit, orders: &Arc<ordering::Service>) -> Arc<Self> {
        let typeface = Arc::new(Typeface::open(kit.config.pdf_font.as_deref()));
        let service = Arc::new(Self { kit, typeface });
        orders.register_companion(service.clone());
        service
    }

    /// The receipt of an order as a PDF, for its buyer and for people of the platform; and its file name.
    ///
    /// # Errors
    /// Not found where the order is somebody else's, or no money was paid for it.
    pub async fn pdf(&self, actor: &Actor, id: OrderId, locale: Locale) -> Result<(String, Vec<u8>)> {
        let db = &self.kit.db;
        let order = orders::order(db, id).await?.ok_or_else(Error::not_found)?;
        if order.account != actor.account && !actor.is(Role::Admin) {
            return Err(Error::not_found());
        }
        let receipt = store::of_order(db, id).await?.ok_or_else(Error::not_found)?;
        let name = format!("{}.pdf", document::number_text(receipt.number));
        let facts = document::Facts {
            receipt,
            lines: orders::lines(db, id).await?,
            reductions: domain::orders::by_kind(&orders::reductions(db, id).await?)
                .map_err(|_| Error::bug("reductions without a sum"))?,
            refunds: refunds::of_order(db, id).await?,
            gateway: store::gateway(db, id).await?,
            order,
        };
        let typeface = Arc::clone(&self.typeface);
        // Drawing takes some milliseconds of a processor: not among what must answer at once.
        let drawn = tokio::task::spawn_blocking(move || document::draw(&facts, &typeface, locale)).await;
        Ok((name, drawn.map_err(|_| Error::bug("a receipt could not be drawn"))??))
    }

    async fn buyer(&self, tx: &mut Tx, account: AccountId) -> Result<String> {
        store::buyer(tx, account).await?.ok_or_else(Error::not_found)
    }
}

#[async_trait]
impl Companion for Service {
    async fn paid(&self, tx: &mut Tx, order: &Order, _: &[OrderLine], now: Timestamp) -> Result<()> {
        if order.total.is_zero() {
            return Ok(());
        }
        let buyer = self.buyer(tx, order.account).await?;
        store::issue(tx, order.id, &self.kit.config.seller, &buyer, now).await
    }
}
