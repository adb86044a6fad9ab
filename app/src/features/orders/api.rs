//! What pages need of orders.

#[cfg(feature = "ssr")]
use async_trait::async_trait;
#[cfg(feature = "ssr")]
use domain::actor::Actor;
use domain::locale::Bilingual;
use domain::money::Money;
use domain::orders::{OrderId, OrderState, Purpose, ReductionKind, Thing};
use domain::page::Page;
use domain::payments::AttemptState;
use domain::refunds::Policy;
use domain::time::Timestamp;
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::cx::Cx;
use crate::error::Answer;
use crate::features::offers::api::GiftView;
use crate::features::payments::api::AlertView;

/// What an order waits for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Waits {
    /// For nothing: it is settled.
    Nothing,
    /// It is over, and nobody knows yet what became of a payment that was begun.
    Outcome,
    /// The time to pay is over, and it ends in a moment.
    End,
    /// For the buyer to choose how to pay.
    Choice(Before),
    /// For the buyer to go on where a payment was begun.
    Buyer(Begun),
    /// For an answer: nobody knows whether the payment that was begun was made.
    Answer(Begun),
    /// For the gateway: the buyer has done their part.
    Gateway,
}

/// What became of the last try to pay, where it is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Before {
    /// There was none, or it was given up.
    Nothing,
    /// The gateway declined.
    Declined,
    /// The gateway did not answer, and the buyer came nowhere.
    Silent,
}

/// A payment that was begun, and where it goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begun {
    /// Where it is paid.
    pub gateway: String,
    /// The page of ours that leads there, without its language.
    pub page: String,
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
    /// What it is for.
    pub purpose: Purpose,
    /// Why it was given, or what is said with a gift.
    pub note: String,
    /// What it waits for.
    pub waits: Waits,
    /// Whether money of it waits for a person of the platform.
    pub under_review: bool,
    /// The gift that it paid for, with its code as long as nobody took it.
    pub gift: Option<GiftView>,
    /// What was ordered.
    pub lines: Vec<LineView>,
    /// What the list prices are not demanded for, by kind.
    pub reductions: Vec<(ReductionKind, Money)>,
    /// The sum.
    pub total: Money,
    /// What was promised with its lines, each once.
    pub promises: Vec<Policy>,
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
    /// Its price without any reduction.
    pub list_price: Money,
    /// Its frozen price: what it demands.
    pub price: Money,
    /// Its page, without the language.
    pub page: Option<String>,
    /// Whether all of it was given back, or is on its way back.
    pub ended: bool,
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
    /// How many lines it has beside that one.
    pub more: i64,
    /// The sum.
    pub total: Money,
    /// When it was placed.
    pub placed_at: Timestamp,
}

/// An order in the list of staff.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffRow {
    /// The order as its buyer finds it.
    pub row: OrderRow,
    /// What it is for.
    pub purpose: Purpose,
    /// Whose it is.
    pub username: String,
}

/// Something that happened to an order, and through whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    /// When.
    pub at: Timestamp,
    /// What, in snake case.
    pub event: String,
    /// Who, if it was a person.
    pub by: Option<String>,
    /// Through what: `clock`, `buyer`, `free`, `notice:<id>`.
    pub cause: String,
}

/// A state that a try to pay came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TryStep {
    /// When.
    pub at: Timestamp,
    /// Where it stood from then on.
    pub state: AttemptState,
    /// Through what: `buyer`, `renewal`, `answer`, `silence`, `notice:<id>`.
    pub cause: String,
}

/// A try to pay an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tried {
    /// When.
    pub at: Timestamp,
    /// Where.
    pub gateway: String,
    /// What it demanded.
    pub amount: Money,
    /// Where it stands.
    pub state: AttemptState,
    /// The gateway's own name of it.
    pub reference: Option<String>,
    /// How it came to stand there, in order.
    pub steps: Vec<TryStep>,
}

/// An order as staff sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffOrder {
    /// The order as its buyer sees it.
    pub view: OrderView,
    /// Whose it is.
    pub username: String,
    /// Everything that happened, and through whom.
    pub traces: Vec<Trace>,
    /// Every try to pay it, newest first.
    pub tries: Vec<Tried>,
    /// What a person had or has to look at, oldest first.
    pub alerts: Vec<AlertView>,
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
    /// The orders of everybody, newest first, for staff.
    async fn every(
        &self,
        actor: &Actor,
        search: String,
        state: String,
        after: Option<String>,
    ) -> Answer<Page<StaffRow>>;
    /// Anybody's order, for staff.
    async fn look(&self, actor: &Actor, order: String) -> Answer<StaffOrder>;
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

/// The orders of everybody, newest first: of a person or with a number, in a state.
#[server(endpoint = "orders/every", input = GetUrl)]
pub async fn every(search: String, state: String, after: Option<String>) -> Answer<Page<StaffRow>> {
    let cx = Cx::current();
    cx.ports.orders.every(cx.actor()?, search, state, after).await
}

/// Anybody's order, for staff.
#[server(endpoint = "orders/look", input = GetUrl)]
pub async fn look(order: String) -> Answer<StaffOrder> {
    let cx = Cx::current();
    cx.ports.orders.look(cx.actor()?, order).await
}
