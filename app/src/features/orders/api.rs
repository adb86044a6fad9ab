//! What pages need of orders.

#[cfg(feature = "ssr")]
use async_trait::async_trait;
#[cfg(feature = "ssr")]
use domain::actor::Actor;
use domain::locale::Bilingual;
use domain::money::Money;
use domain::orders::{OrderId, OrderState, Thing};
use domain::page::Page;
use domain::time::Timestamp;
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::cx::Cx;
use crate::error::Answer;

/// For whom an order waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Waits {
    /// For nobody: it is settled.
    Nobody,
    /// For the buyer to pay.
    Buyer,
    /// For the gateway to confirm.
    Gateway,
}

/// An order as its buyer sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderView {
    /// The order.
    pub id: OrderId,
    /// Its short name for people.
    pub number: String,
    /// Where it stands.
    pub state: OrderState,
    /// For whom it waits.
    pub waits: Waits,
    /// Whether the last attempt was declined.
    pub declined: bool,
    /// Whether money of it waits for a person of the platform.
    pub under_review: bool,
    /// What was ordered.
    pub lines: Vec<LineView>,
    /// The sum.
    pub total: Money,
    /// The last instant at which it is held.
    pub expires_at: Timestamp,
    /// When it was paid.
    pub paid_at: Option<Timestamp>,
    /// Where it can be paid.
    pub gateways: Vec<String>,
    /// What happened to it: when, and what in snake case.
    pub history: Vec<(Timestamp, String)>,
}

/// A line of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineView {
    /// What was ordered.
    pub thing: Thing,
    /// Its title.
    pub title: Bilingual,
    /// Its frozen price.
    pub price: Money,
    /// Its page, without the language.
    pub page: Option<String>,
}

/// An order in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderRow {
    /// The order.
    pub id: OrderId,
    /// Its short name for people.
    pub number: String,
    /// Where it stands.
    pub state: OrderState,
    /// The title of its first line.
    pub title: Bilingual,
    /// The sum.
    pub total: Money,
    /// When it was placed.
    pub placed_at: Timestamp,
}

/// What the pages need from the server. Implemented in `server/src/features/orders`.
#[cfg(feature = "ssr")]
#[async_trait]
pub trait Orders: Send + Sync {
    /// Orders a thing, by its text form.
    async fn place(&self, actor: &Actor, thing: String) -> Answer<OrderId>;
    /// An own order.
    async fn show(&self, actor: &Actor, order: String) -> Answer<OrderView>;
    /// The own orders, newest first.
    async fn mine(&self, actor: &Actor, after: Option<String>) -> Answer<Page<OrderRow>>;
    /// Gives an unpaid order up.
    async fn cancel(&self, actor: &Actor, order: String) -> Answer<()>;
}

/// Orders a thing and leads to the order.
#[server(endpoint = "orders/place")]
pub async fn place(thing: String) -> Answer<()> {
    let cx = Cx::current();
    let order = cx.ports.orders.place(cx.actor()?, thing).await?;
    cx.redirect(&format!("/orders/{order}"));
    Ok(())
}

/// An own order.
#[server(endpoint = "orders/show", input = GetUrl)]
pub async fn show(order: String) -> Answer<OrderView> {
    let cx = Cx::current();
    cx.ports.orders.show(cx.actor()?, order).await
}

/// The own orders, newest first.
#[server(endpoint = "orders/mine", input = GetUrl)]
pub async fn mine(after: Option<String>) -> Answer<Page<OrderRow>> {
    let cx = Cx::current();
    cx.ports.orders.mine(cx.actor()?, after).await
}

/// Gives an unpaid order up.
#[server(endpoint = "orders/cancel")]
pub async fn cancel(order: String) -> Answer<()> {
    let cx = Cx::current();
    let path = format!("/orders/{order}");
    cx.ports.orders.cancel(cx.actor()?, order).await?;
    cx.redirect(&path);
    Ok(())
}
