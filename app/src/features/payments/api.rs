//! What pages need of payments.

#[cfg(feature = "ssr")]
use async_trait::async_trait;
#[cfg(feature = "ssr")]
use domain::actor::Actor;
use domain::locale::Bilingual;
use domain::money::Money;
use domain::orders::OrderId;
use domain::payments::{AlertId, AttemptState, NoticeId, PaymentId};
use domain::time::Timestamp;
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::cx::Cx;
use crate::error::Answer;

/// An attempt as the sandbox shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttemptView {
    /// The attempt.
    pub id: PaymentId,
    /// The order that it pays.
    pub order: OrderId,
    /// The order's short name for people.
    pub number: String,
    /// What is paid for.
    pub title: Bilingual,
    /// How much.
    pub amount: Money,
    /// Where the attempt stands.
    pub state: AttemptState,
}

/// Money and notices that wait for a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewView {
    /// Open alerts, oldest first.
    pub alerts: Vec<AlertView>,
    /// Notices that could not be read or were not applied.
    pub stuck: Vec<StuckView>,
    /// How many notices were refused at the door since the start.
    pub rejected: u64,
    /// The accounts of the house: name, what they hold.
    pub accounts: Vec<(String, Money)>,
}

/// An open alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertView {
    /// The alert.
    pub id: AlertId,
    /// Why, in snake case.
    pub reason: String,
    /// How much money it is about.
    pub amount: Money,
    /// The short name of the order, if one is known.
    pub number: Option<String>,
    /// Who placed the order.
    pub username: Option<String>,
    /// The gateway and its id of the event.
    pub event: String,
    /// Since when.
    pub opened_at: Timestamp,
}

/// A notice that was not applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StuckView {
    /// The notice.
    pub id: NoticeId,
    /// The gateway and its id of the event.
    pub event: String,
    /// Whether it could be tried again; else it cannot be read.
    pub waiting: bool,
    /// When it came.
    pub received_at: Timestamp,
}

/// What the pages need from the server. Implemented in `server/src/features/payments`.
#[cfg(feature = "ssr")]
#[async_trait]
pub trait Payments: Send + Sync {
    /// Begins to pay an order; gives the path, or the gateway's address, where it is paid.
    async fn begin(&self, actor: &Actor, order: String, gateway: String) -> Answer<String>;
    /// An attempt at an own order in the sandbox.
    async fn show(&self, actor: &Actor, payment: String) -> Answer<AttemptView>;
    /// Does what a person chose in the sandbox; gives the order.
    async fn choose(&self, actor: &Actor, payment: String, choice: String) -> Answer<OrderId>;
    /// What waits for staff.
    async fn review(&self, actor: &Actor) -> Answer<ReviewView>;
    /// Closes an alert with a note on what was done.
    async fn close_alert(&self, actor: &Actor, alert: String, note: String) -> Answer<()>;
    /// Tries to apply a notice again.
    async fn retry(&self, actor: &Actor, notice: String) -> Answer<()>;
}

/// Begins to pay an order and leads to the gateway's page.
#[server(endpoint = "payments/begin")]
pub async fn begin(order: String, gateway: String) -> Answer<()> {
    let cx = Cx::current();
    let page = cx.ports.payments.begin(cx.actor()?, order, gateway).await?;
    if page.starts_with('/') {
        cx.redirect(&page)
    } else {
        cx.redirect_to(&page)
    }
    Ok(())
}

/// An attempt at an own order in the sandbox.
#[server(endpoint = "payments/show", input = GetUrl)]
pub async fn show(payment: String) -> Answer<AttemptView> {
    let cx = Cx::current();
    cx.ports.payments.show(cx.actor()?, payment).await
}

/// Does what a person chose in the sandbox and leads back to the order.
#[server(endpoint = "payments/choose")]
pub async fn choose(payment: String, choice: String) -> Answer<()> {
    let cx = Cx::current();
    let order = cx.ports.payments.choose(cx.actor()?, payment, choice).await?;
    cx.redirect(&format!("/orders/{order}"));
    Ok(())
}

/// What waits for staff.
#[server(endpoint = "payments/review", input = GetUrl)]
pub async fn review() -> Answer<ReviewView> {
    let cx = Cx::current();
    cx.ports.payments.review(cx.actor()?).await
}

/// Closes an alert with a note on what was done.
#[server(endpoint = "payments/close_alert")]
pub async fn close_alert(alert: String, note: String) -> Answer<()> {
    let cx = Cx::current();
    cx.ports.payments.close_alert(cx.actor()?, alert, note).await?;
    cx.redirect("/admin/payments");
    Ok(())
}

/// Tries to apply a notice again.
#[server(endpoint = "payments/retry")]
pub async fn retry(notice: String) -> Answer<()> {
    let cx = Cx::current();
    cx.ports.payments.retry(cx.actor()?, notice).await?;
    cx.redirect("/admin/payments");
    Ok(())
}
