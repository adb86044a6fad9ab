//! The port: texts of the wire become ids, records become what pages show.

use app::error::{Answer, Fault};
use app::features::orders::Orders;
use app::features::orders::api::{LineView, OrderRow, OrderView, StaffOrder, StaffRow};
use async_trait::async_trait;
use domain::accounts::AccountId;
use domain::actor::Actor;
use domain::money::Money;
use domain::orders::{OrderId, Purpose, Thing, by_kind};
use domain::page::Page;
use domain::payments::LedgerAccount;

use super::Service;
use super::staff::row;
use super::store::{self, number};
use crate::error::{Error, Result};
use crate::features::finance::store as books;
use crate::features::offers::gifts;
use crate::features::offers::store::gifts as bought;
use crate::features::payments::store as payments;
use crate::features::refunds::port::each_once;
use crate::features::refunds::store::policies;
use crate::features::refunds::{WALLET, store as refunds};

/// How many orders a page shows.
const PAGE: usize = 20;

impl Service {
    /// An order of the person who asks, as of one moment.
    ///
    /// A view takes several reads, between which the money may come: then a page that shows the state of before
    /// beside the attempts of after would wait for nothing, for ever. So the order is read again.
    async fn own_view(&self, actor: &Actor, id: OrderId) -> Result<OrderView> {
        let own = || store::own_order(&self.kit.db, id, actor.account);
        let mut order = own().await?.ok_or_else(Error::not_found)?;
        loop {
            let (before, view) = (order.state, self.view(order).await?);
            order = own().await?.ok_or_else(Error::not_found)?;
            // States only go forward, so this ends.
            if order.state == before {
                return Ok(view);
            }
        }
    }

    /// An order as its buyer sees it.
    pub(super) async fn view(&self, order: store::Order) -> Result<OrderView> {
        let (db, id) = (&self.kit.db, order.id);
        let mut lines = Vec::new();
        let ended = refunds::ended_lines(db, id).await?;
        for line in store::lines(db, id).await? {
            let page = match self.seller(&line.thing) {
                Ok(seller) => seller.page(&line.thing).await?,
                Err(_) => None,
            };
            lines.push(LineView {
                thing: line.thing,
                title: line.title,
                list_price: line.list_price,
                price: line.price,
                page,
                ended: ended.contains(&line.id),
            });
        }
        let waits = self.cashier()?.waits(&order).await?;
        let gift = match order.purpose {
            Purpose::Gift => bought::bought_with(db, id).await?.map(|gift| gifts::shown(&self.kit, gift)),
            _ => None,
        };
        let reductions = by_kind(&store::reductions(db, id).await?);
        Ok(OrderView {
            id,
            number: number(id),
            state: order.state,
            purpose: order.purpose,
            note: order.note,
            reductions: reductions.map_err(|_| Error::bug("reductions without a sum"))?,
            waits,
            under_review: payments::under_review(db, id).await?,
            gift,
            lines,
            total: order.total,
            promises: each_once(policies::of_order(db, id).await?),
            expires_at: order.expires_at,
            paid_at: order.paid_at,
            gateways: self.offered(order.account, order.total).await?,
            history: store::history(db, id).await?.into_iter().map(|past| (past.at, past.event)).collect(),
        })
    }

    /// Where the buyer may pay this much; credit is offered only to those who have enough of it.
    async fn offered(&self, buyer: AccountId, total: Money) -> Result<Vec<String>> {
        let mut ways = self.cashier()?.ways(total.currency);
        let credit = LedgerAccount::CustomerCredit(buyer);
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
        let orders = store::of_account(&self.kit.db, actor.account, before, limit).await?;
        Ok(Page::cut(orders, PAGE, |order| order.id.to_string()).map(|order| row(&order)))
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
        Ok(self.own_view(actor, id_of(&order)?).await?)
    }
    async fn mine(&self, actor: &Actor, after: Option<String>) -> Answer<Page<OrderRow>> {
        Ok(self.list(actor, after).await?)
    }
    async fn cancel(&self, actor: &Actor, order: String) -> Answer<()> {
        Ok(Self::cancel(self, actor, id_of(&order)?).await?)
    }
    async fn every(
        &self,
        actor: &Actor,
        search: String,
        state: String,
        after: Option<String>,
    ) -> Answer<Page<StaffRow>> {
        Ok(self.every_order(actor, &search, &state, after).await?)
    }
    async fn look(&self, actor: &Actor, order: String) -> Answer<StaffOrder> {
        Ok(self.look_at(actor, id_of(&order)?).await?)
    }
}
