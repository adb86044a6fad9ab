//! The port: texts of the wire become ids, records become what pages show.

use app::error::{Answer, Fault};
use app::features::orders::Orders;
use app::features::orders::api::{LineView, OrderRow, OrderView, Waits};
use async_trait::async_trait;
use domain::actor::Actor;
use domain::money::Money;
use domain::orders::{OrderId, Thing};
use domain::page::Page;
use domain::payments::{AttemptState, LedgerAccount};

use super::Service;
use super::store;
use crate::error::{Error, Result};
use crate::features::finance::store as books;
use crate::features::payments::store as payments;
use crate::features::refunds::WALLET;

/// How many orders a page shows.
const PAGE: usize = 20;

/// The short name of an order for people: the last eight digits of its id, which are random.
pub fn number(order: OrderId) -> String {
    let digits = order.0.simple().to_string().to_uppercase();
    digits.get(24..).unwrap_or_default().to_owned()
}

impl Service {
    async fn view(&self, actor: &Actor, id: OrderId) -> Result<OrderView> {
        let db = &self.kit.db;
        let order = store::own_order(db, id, actor.account).await?.ok_or_else(Error::not_found)?;
        let mut lines = Vec::new();
        for line in store::lines(db, id).await? {
            let page = match self.seller(&line.thing) {
                Ok(seller) => seller.page(&line.thing).await?,
                Err(_) => None,
            };
            lines.push(LineView { thing: line.thing, title: line.title, price: line.price, page });
        }
        let attempts = payments::attempts(db, id).await?;
        let last = attempts.first().map(|attempt| attempt.state);
        let waits = match last {
            _ if !order.state.is_open() => Waits::Nobody,
            Some(AttemptState::Pending | AttemptState::Unknown) => Waits::Gateway,
            _ => Waits::Buyer,
        };
        Ok(OrderView {
            id,
            number: number(id),
            state: order.state,
            waits,
            declined: last == Some(AttemptState::Failed),
            under_review: payments::under_review(db, id).await?,
            lines,
            total: order.total,
            expires_at: order.expires_at,
            paid_at: order.paid_at,
            gateways: self.offered(actor, order.total).await?,
            history: store::history(db, id).await?.into_iter().map(|past| (past.at, past.event)).collect(),
        })
    }

    /// Where the buyer may pay this much; credit is offered only to those who have enough of it.
    async fn offered(&self, actor: &Actor, total: Money) -> Result<Vec<String>> {
        let mut ways = self.ways_to_pay(total.currency);
        let credit = LedgerAccount::CustomerCredit(actor.account);
        let rows = books::balances(&self.kit.db, &credit).await?;
        let enough =
            |row: &books::AccountRow| row.currency == total.currency && row.balance().free() >= total.minor;
        if !rows.iter().any(enough) {
            ways.retain(|way| way != WALLET);
        }
        Ok(ways)
    }

    async fn list(&self, actor: &Actor, after: Option<String>) -> Result<Page<OrderRow>> {
        let before = after.and_then(|cursor| cursor.parse().ok());
        let limit = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
        let orders = store::orders_of(&self.kit.db, actor.account, before, limit).await?;
        let page = Page::cut(orders, PAGE, |order| order.id.to_string());
        let mut items = Vec::new();
        for order in page.items {
            items.push(OrderRow {
                id: order.id,
                number: number(order.id),
                state: order.state,
                title: payments::title(&self.kit.db, order.id).await?,
                total: order.total,
                placed_at: order.placed_at,
            });
        }
        Ok(Page { items, next: page.next })
    }
}

/// Reads an id of the wire; one that is none names nothing.
pub(crate) fn id_of<T: std::str::FromStr>(text: &str) -> Answer<T> {
    text.parse().map_err(|_| Fault::NotFound)
}

#[async_trait]
impl Orders for Service {
    async fn place(&self, actor: &Actor, thing: String) -> Answer<OrderId> {
        let thing = Thing::parse(&thing).ok_or(Fault::NotFound)?;
        Ok(Self::place(self, actor, thing).await?)
    }
    async fn show(&self, actor: &Actor, order: String) -> Answer<OrderView> {
        Ok(self.view(actor, id_of(&order)?).await?)
    }
    async fn mine(&self, actor: &Actor, after: Option<String>) -> Answer<Page<OrderRow>> {
        Ok(self.list(actor, after).await?)
    }
    async fn cancel(&self, actor: &Actor, order: String) -> Answer<()> {
        Ok(Self::cancel(self, actor, id_of(&order)?).await?)
    }
}
