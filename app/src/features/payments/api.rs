//! What pages need of payments.

#[cfg(feature = "ssr")]
use async_trait::async_trait;
#[cfg(feature = "ssr")]
use domain::actor::Actor;
use domain::locale::Bilingual;
#[cfg(feature = "ssr")]
use domain::locale::Locale;
use domain::money::Money;
use domain::orders::OrderId;
use domain::page::Page;
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

/// A payment for the page on which its buyer waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayView {
    /// The attempt.
    pub id: PaymentId,
    /// The order that it pays.
    pub order: OrderId,
    /// The order's short name for people.
    pub number: String,
    /// Where it is paid.
    pub gateway: String,
    /// What is paid for.
    pub title: Bilingual,
    /// How much.
    pub amount: Money,
    /// What there is to do or to say.
    pub stage: PayStage,
    /// The last instant at which the order is held.
    pub expires_at: Timestamp,
    /// Whether money of the order waits for a person of the platform.
    pub under_review: bool,
}

/// What a buyer sees of a payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PayStage {
    /// The money is here.
    Confirmed,
    /// It is paid on a page of the gateway, or on another one of ours.
    Go {
        /// That page: an address, or a path without its language.
        address: String,
    },
    /// It is paid with a phone.
    Scan {
        /// The code as an SVG picture.
        square: String,
        /// The text of the code.
        code: String,
    },
    /// The buyer has done their part, and the gateway works on it.
    Working,
    /// Nobody knows whether it was paid.
    Unknown {
        /// Where it can still be paid.
        address: Option<String>,
    },
    /// The gateway did not answer, and there is no place to pay.
    Silent,
    /// The gateway declined.
    Declined,
    /// It was closed, and the order can still be paid otherwise.
    Closed,
    /// The gateway's page has run out, and the order can still be paid anew.
    Stale,
    /// The order is over, and nobody knows yet what became of this payment.
    Outcome,
    /// The time of the order is over; nothing was taken.
    Expired,
    /// The order was cancelled; nothing was taken.
    Cancelled,
    /// The money came when the order was over and could not be kept.
    Unused,
}

/// A payment of which nobody knows anything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnknownView {
    /// The attempt.
    pub id: PaymentId,
    /// The order's short name for people.
    pub number: String,
    /// The order itself.
    pub order: OrderId,
    /// Who pays.
    pub username: String,
    /// Where.
    pub gateway: String,
    /// How much.
    pub amount: Money,
    /// Since when.
    pub since: Timestamp,
}

/// Until when a gateway was compared with what was booked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComparedView {
    /// The gateway.
    pub gateway: String,
    /// Until when.
    pub until: Timestamp,
    /// Whether that is longer ago than it should be.
    pub late: bool,
}

/// Which of what waits for staff, or waited, is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// `closed`, `unknown`, `stuck`; anything else for open alerts.
    pub show: String,
    /// Alerts of this reason alone.
    pub reason: String,
    /// Alerts of this gateway alone.
    pub gateway: String,
    /// What comes after this one.
    pub after: Option<String>,
}

/// What waits for staff, or waited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewView {
    /// What was asked for.
    pub shown: Shown,
    /// How many alerts are open.
    pub open: i64,
    /// How many payments there are of which nobody has known anything for an hour.
    pub unknown: i64,
    /// How many notices could not be read or were not applied.
    pub stuck: i64,
    /// How many notices were refused at the door since the start.
    pub rejected: u64,
    /// The gateways of this installation.
    pub gateways: Vec<String>,
    /// Until when each gateway was compared with what was booked.
    pub compared: Vec<ComparedView>,
}

/// A page of what waits for staff, or waited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Shown {
    /// Alerts: open ones oldest first, closed ones newest first.
    Alerts(Page<AlertView>),
    /// Payments of which nobody knows anything, oldest first.
    Unknown(Page<UnknownView>),
    /// Notices, oldest first.
    Stuck(Page<StuckView>),
}

/// Something about money that a person looks at, or did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertView {
    /// The alert.
    pub id: AlertId,
    /// Why, in snake case.
    pub reason: String,
    /// How much money it is about.
    pub amount: Money,
    /// The attempt, if one is known.
    pub payment: Option<PaymentId>,
    /// The order and its short name, if one is known.
    pub order: Option<(OrderId, String)>,
    /// Who placed the order.
    pub username: Option<String>,
    /// The gateway and its id of the event.
    pub event: String,
    /// Since when.
    pub opened_at: Timestamp,
    /// When it was closed, by whom, and what was done.
    pub closed: Option<(Timestamp, String, String)>,
    /// What of its money lies there for a known buyer and can be sent back.
    pub parked: Option<Money>,
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
    /// Begins to pay an order in the language of a page; gives the path of the page where it is paid.
    async fn begin(&self, actor: &Actor, order: String, gateway: String, locale: Locale) -> Answer<String>;
    /// An attempt at an own order in the sandbox.
    async fn show(&self, actor: &Actor, payment: String) -> Answer<AttemptView>;
    /// Does what a person chose in the sandbox; gives the order.
    async fn choose(&self, actor: &Actor, payment: String, choice: String) -> Answer<OrderId>;
    /// A payment of an own order, for the page on which its buyer waits.
    async fn wait(&self, actor: &Actor, payment: String) -> Answer<PayView>;
    /// Asks the gateway about a payment at once.
    async fn ask_now(&self, actor: &Actor, payment: String) -> Answer<()>;
    /// What waits for staff, or waited.
    async fn review(&self, actor: &Actor, asked: Asked) -> Answer<ReviewView>;
    /// Closes an alert with a note on what was done.
    async fn close_alert(&self, actor: &Actor, alert: String, note: String) -> Answer<()>;
    /// Forgets the own card, to which renewals are charged.
    async fn forget_card(&self, actor: &Actor) -> Answer<()>;
    /// Tries to apply a notice again.
    async fn retry(&self, actor: &Actor, notice: String) -> Answer<()>;
}

/// Begins to pay an order and leads to the gateway's page.
#[server(endpoint = "payments/begin")]
pub async fn begin(order: String, gateway: String) -> Answer<()> {
    let cx = Cx::current();
    let page = cx.ports.payments.begin(cx.actor()?, order, gateway, cx.locale).await?;
    cx.redirect(&page);
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

/// A payment of an own order, for the page on which its buyer waits.
#[server(endpoint = "payments/wait", input = GetUrl)]
pub async fn wait(payment: String) -> Answer<PayView> {
    let cx = Cx::current();
    cx.ports.payments.wait(cx.actor()?, payment).await
}

/// Asks the gateway about a payment at once.
#[server(endpoint = "payments/ask_now")]
pub async fn ask_now(payment: String) -> Answer<()> {
    let cx = Cx::current();
    cx.ports.payments.ask_now(cx.actor()?, payment).await?;
    cx.redirect_back();
    Ok(())
}

/// What waits for staff, or waited.
#[server(endpoint = "payments/review", input = GetUrl)]
pub async fn review(
    show: String,
    reason: String,
    gateway: String,
    after: Option<String>,
) -> Answer<ReviewView> {
    let cx = Cx::current();
    cx.ports.payments.review(cx.actor()?, Asked { show, reason, gateway, after }).await
}

/// Closes an alert with a note on what was done.
#[server(endpoint = "payments/close_alert")]
pub async fn close_alert(alert: String, note: String) -> Answer<()> {
    let cx = Cx::current();
    cx.ports.payments.close_alert(cx.actor()?, alert, note).await?;
    cx.redirect_back();
    Ok(())
}

/// Forgets the own card, to which renewals are charged.
#[server(endpoint = "payments/forget_card")]
pub async fn forget_card() -> Answer<()> {
    let cx = Cx::current();
    cx.ports.payments.forget_card(cx.actor()?).await?;
    cx.redirect("/subscription");
    Ok(())
}

/// Tries to apply a notice again.
#[server(endpoint = "payments/retry")]
pub async fn retry(notice: String) -> Answer<()> {
    let cx = Cx::current();
    cx.ports.payments.retry(cx.actor()?, notice).await?;
    cx.redirect_back();
    Ok(())
}
