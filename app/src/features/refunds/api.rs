//! What pages need of refunds.

use std::collections::BTreeMap;

#[cfg(feature = "ssr")]
use async_trait::async_trait;
#[cfg(feature = "ssr")]
use domain::actor::Actor;
use domain::locale::Bilingual;
use domain::money::Money;
use domain::orders::{OrderId, OrderLineId, OrderState};
use domain::page::Page;
use domain::payments::RefundId;
#[cfg(feature = "ssr")]
use domain::refunds::PolicyForm;
use domain::refunds::{Destination, Policy, RefundState, Refundable};
use domain::time::Timestamp;
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::cx::Cx;
use crate::error::Answer;

/// What the lines of an order give back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuoteView {
    /// The order.
    pub order: OrderId,
    /// Its short name for people.
    pub number: String,
    /// Where it stands.
    pub state: OrderState,
    /// Who bought, for staff.
    pub username: Option<String>,
    /// Its lines.
    pub lines: Vec<QuoteLine>,
    /// What was refunded before.
    pub refunds: Vec<RefundView>,
    /// Where it was paid.
    pub gateway: Option<String>,
}

impl QuoteView {
    /// What can still go back of all its lines, in minor units.
    pub fn left(&self) -> i64 {
        self.lines.iter().fold(0, |sum, line| sum.saturating_add(line.left.minor))
    }
}

/// What staff gives back, as it is sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Granting {
    /// Decimal amounts by line.
    pub amounts: BTreeMap<String, String>,
    /// Whether the buyer gets it as credit.
    pub wallet: bool,
    /// Why.
    pub reason: String,
    /// What was left of the order in minor units when this was asked: what is sent again finds less, and is refused.
    pub seen: Option<i64>,
}

/// A line and what it gives back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuoteLine {
    /// The line.
    pub id: OrderLineId,
    /// Its title.
    pub title: Bilingual,
    /// What was paid for it.
    pub price: Money,
    /// What went back before, or is on its way.
    pub returned: Money,
    /// What can still go back; less than the rest where something of it counts elsewhere.
    pub left: Money,
    /// What was promised.
    pub policy: Policy,
    /// What it gives back now, and why.
    pub verdict: Refundable,
    /// The points that return with it.
    pub points: i64,
    /// Whether something of it can still go back, money or not.
    pub open: bool,
}

/// A refund.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundView {
    /// The refund.
    pub id: RefundId,
    /// The order.
    pub order: OrderId,
    /// The short name of the order for people.
    pub number: String,
    /// How much.
    pub amount: Money,
    /// Where it stands.
    pub state: RefundState,
    /// Where the money goes.
    pub destination: Destination,
    /// Where it was paid.
    pub gateway: String,
    /// Why.
    pub reason: String,
    /// When it was asked for.
    pub requested_at: Timestamp,
}

/// Refunds as staff sees them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundDesk {
    /// A page of them: those that are not settled oldest first, the others newest first.
    pub refunds: Page<RefundView>,
    /// How many are not settled, by state.
    pub waiting: Vec<(RefundState, i64)>,
}

/// A policy, as staff sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyView {
    /// What it promises.
    pub policy: Policy,
    /// Its name.
    pub name: Bilingual,
    /// The kinds of products that it is the default of.
    pub kinds: Vec<String>,
    /// The products that have it whatever their kind has.
    pub products: Vec<BoundProduct>,
}

/// A product with its own policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BoundProduct {
    /// `course`, `competition` or `plan`.
    pub kind: String,
    /// The last part of its address; the id of a plan.
    pub product: String,
    /// Its name.
    pub title: Bilingual,
}

/// What the pages need from the server. Implemented in `server/src/features/refunds`.
#[cfg(feature = "ssr")]
#[async_trait]
pub trait Refunds: Send + Sync {
    /// What an own order gives back.
    async fn quote(&self, actor: &Actor, order: String) -> Answer<QuoteView>;
    /// Gives lines of an own order back.
    async fn request(&self, actor: &Actor, order: String, lines: Vec<String>, wallet: bool) -> Answer<()>;
    /// What any order gives back, for staff.
    async fn staff_quote(&self, actor: &Actor, order: String) -> Answer<QuoteView>;
    /// Gives amounts of lines back, as staff decides.
    async fn grant(&self, actor: &Actor, order: String, asked: Granting) -> Answer<()>;
    /// Sends money back that paid nothing, and closes its alert.
    async fn send_back(&self, actor: &Actor, alert: String) -> Answer<()>;
    /// The refunds in a state or in any, for staff.
    async fn list(&self, actor: &Actor, state: Option<String>, after: Option<String>) -> Answer<RefundDesk>;
    /// What is promised to whoever buys things now, by their text forms with commas between, each once.
    async fn promises(&self, things: String) -> Answer<Vec<Policy>>;
    /// Every policy, for staff.
    async fn policies(&self, actor: &Actor) -> Answer<Vec<PolicyView>>;
    /// Gives a product another policy, or without a product every one of a kind that has none of its own.
    async fn bind(&self, actor: &Actor, kind: String, product: String, policy: String) -> Answer<()>;
    /// Takes the policy of a product away: it has that of its kind again.
    async fn unbind(&self, actor: &Actor, kind: String, product: String) -> Answer<()>;
    /// Writes a policy down.
    async fn new_policy(&self, actor: &Actor, form: PolicyForm) -> Answer<()>;
}

/// What an own order gives back.
#[server(endpoint = "refunds/quote", input = GetUrl)]
pub async fn quote(order: String) -> Answer<QuoteView> {
    let cx = Cx::current();
    cx.ports.refunds.quote(cx.actor()?, order).await
}

/// The id of a line out of the key of a field: `l` stands before it, for what begins with a digit would be
/// read as a place in a list.
#[cfg(feature = "ssr")]
fn bare(key: String) -> String {
    key.strip_prefix('l').map(str::to_owned).unwrap_or(key)
}

/// Gives lines of an own order back.
#[server(endpoint = "refunds/request")]
pub async fn request_refund(
    order: String,
    #[server(default)] lines: BTreeMap<String, String>,
    #[server(default)] to: String,
) -> Answer<()> {
    let cx = Cx::current();
    let path = format!("/orders/{order}/refund");
    let lines = lines.into_keys().map(bare).collect();
    cx.ports.refunds.request(cx.actor()?, order, lines, to == "wallet").await?;
    cx.redirect(&path);
    Ok(())
}

/// What any order gives back, for staff.
#[server(endpoint = "refunds/staff-quote", input = GetUrl)]
pub async fn staff_quote(order: String) -> Answer<QuoteView> {
    let cx = Cx::current();
    cx.ports.refunds.staff_quote(cx.actor()?, order).await
}

/// Gives amounts of lines back, as staff decides.
#[server(endpoint = "refunds/grant")]
pub async fn grant_refund(
    order: String,
    #[server(default)] amounts: BTreeMap<String, String>,
    #[server(default)] to: String,
    reason: String,
    #[server(default)] seen: String,
) -> Answer<()> {
    let cx = Cx::current();
    let path = format!("/admin/refunds/{order}");
    let amounts = amounts.into_iter().map(|(line, amount)| (bare(line), amount)).collect();
    let asked = Granting { amounts, wallet: to == "wallet", reason, seen: seen.parse().ok() };
    cx.ports.refunds.grant(cx.actor()?, order, asked).await?;
    cx.redirect(&path);
    Ok(())
}

/// Sends money back that paid nothing, and closes its alert.
#[server(endpoint = "refunds/send-back")]
pub async fn send_back(alert: String) -> Answer<()> {
    let cx = Cx::current();
    cx.ports.refunds.send_back(cx.actor()?, alert).await?;
    cx.redirect_back();
    Ok(())
}

/// The refunds in a state or in any, for staff.
#[server(endpoint = "refunds/list", input = GetUrl)]
pub async fn list_refunds(state: Option<String>, after: Option<String>) -> Answer<RefundDesk> {
    let cx = Cx::current();
    cx.ports.refunds.list(cx.actor()?, state, after).await
}

/// What is promised to whoever buys things now, by their text forms with commas between, each once.
#[server(endpoint = "refunds/promises", input = GetUrl)]
pub async fn load_promises(things: String) -> Answer<Vec<Policy>> {
    Cx::current().ports.refunds.promises(things).await
}

/// Every policy, for staff.
#[server(endpoint = "refunds/policies", input = GetUrl)]
pub async fn load_policies() -> Answer<Vec<PolicyView>> {
    let cx = Cx::current();
    cx.ports.refunds.policies(cx.actor()?).await
}

/// Gives a product another policy, or without a product every one of a kind that has none of its own.
#[server(endpoint = "refunds/bind")]
pub async fn bind_policy(kind: String, #[server(default)] product: String, policy: String) -> Answer<()> {
    let cx = Cx::current();
    cx.ports.refunds.bind(cx.actor()?, kind, product, policy).await?;
    cx.redirect("/admin/refunds");
    Ok(())
}

/// Takes the policy of a product away: it has that of its kind again.
#[server(endpoint = "refunds/unbind")]
pub async fn unbind_policy(kind: String, product: String) -> Answer<()> {
    let cx = Cx::current();
    cx.ports.refunds.unbind(cx.actor()?, kind, product).await?;
    cx.redirect("/admin/refunds");
    Ok(())
}

/// Writes a policy down.
#[server(endpoint = "refunds/new-policy")]
pub async fn new_policy(
    code: String,
    name_en: String,
    name_zh: String,
    self_service: Option<bool>,
    hours: String,
    consumed_percent: String,
    until_start: Option<bool>,
) -> Answer<()> {
    let cx = Cx::current();
    let self_service = self_service.unwrap_or(false);
    let until_start = until_start.unwrap_or(false);
    let form = PolicyForm { code, name_en, name_zh, self_service, hours, consumed_percent, until_start };
    cx.ports.refunds.new_policy(cx.actor()?, form).await?;
    cx.redirect("/admin/refunds");
    Ok(())
}
