//! What pages need of subscriptions.

#[cfg(feature = "ssr")]
use async_trait::async_trait;
#[cfg(feature = "ssr")]
use domain::actor::Actor;
use domain::locale::Bilingual;
use domain::money::{Currency, Money};
use domain::orders::{OrderId, OrderState};
use domain::subscriptions::change::When;
use domain::subscriptions::input::PlanInput;
use domain::subscriptions::{Interval, InvoiceKind, Opens, PlanId, SubscriptionState, Tier};
use domain::time::Timestamp;
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::cx::Cx;
use crate::error::Answer;

/// Something that a plan opens, with its name and page where it has one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    /// What it is.
    pub opens: Opens,
    /// Its name.
    pub name: Option<Bilingual>,
    /// Its page, without the language.
    pub page: Option<String>,
}

/// A plan beside others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanCard {
    /// The plan.
    pub id: PlanId,
    /// How much it opens.
    pub tier: Tier,
    /// How long its period lasts.
    pub interval: Interval,
    /// Its name.
    pub title: Bilingual,
    /// What it is, in a sentence.
    pub summary: Bilingual,
    /// What a period costs.
    pub price: Money,
    /// The days of its trial, where the reader may try it.
    pub trial_days: i64,
    /// What it opens.
    pub opens: Vec<Opened>,
    /// Whether the reader has it.
    pub mine: bool,
}

/// The plans of an interval in a currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pricing {
    /// The interval that is shown.
    pub interval: Interval,
    /// The intervals in which plans are offered.
    pub intervals: Vec<Interval>,
    /// The currency that is shown.
    pub currency: Currency,
    /// From less to more.
    pub plans: Vec<PlanCard>,
    /// Whether the reader has a subscription, so that choosing a plan means changing it.
    pub subscribed: bool,
    /// Whether renewals can be paid from a balance.
    pub wallet: bool,
}

/// A plan to which one may change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeOffer {
    /// The plan.
    pub plan: PlanId,
    /// Its name.
    pub title: Bilingual,
    /// How long its period lasts.
    pub interval: Interval,
    /// What a period costs.
    pub price: Money,
    /// When the change would happen.
    pub when: When,
    /// What of the running period counts.
    pub credit: Money,
    /// What is to be paid now.
    pub due: Money,
}

/// An invoice in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvoiceRow {
    /// The order.
    pub order: OrderId,
    /// Its short name for people.
    pub number: String,
    /// Where it stands.
    pub state: OrderState,
    /// What it is for.
    pub kind: InvoiceKind,
    /// The name of the plan.
    pub title: Bilingual,
    /// The period.
    pub period: (Timestamp, Timestamp),
    /// The sum.
    pub total: Money,
}

/// A subscription as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubscriptionView {
    /// Where it stands.
    pub state: SubscriptionState,
    /// The name of its plan.
    pub title: Bilingual,
    /// How long a period lasts.
    pub interval: Interval,
    /// The running period.
    pub period: (Timestamp, Timestamp),
    /// What the next period costs, where there is one.
    pub next_price: Option<Money>,
    /// The plan of the next period, where it is another.
    pub next_title: Option<Bilingual>,
    /// Until when things stay open: the last paid period and the grace.
    pub access_until: Option<Timestamp>,
    /// The order by which they are open until then.
    pub because: Option<OrderId>,
    /// The days of grace.
    pub grace_days: i64,
    /// The order that waits to be paid for the next period.
    pub open_order: Option<OrderId>,
    /// Whether renewals are paid from the balance.
    pub wallet: bool,
    /// The plan itself, to forget a change that waits.
    pub plan: PlanId,
    /// The plans to which one may change.
    pub changes: Vec<ChangeOffer>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// What happened to it: when, and what in snake case.
    pub history: Vec<(Timestamp, String)>,
}

/// The page of the own subscription.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mine {
    /// The subscription, if there ever was one.
    pub subscription: Option<SubscriptionView>,
    /// The latest invoices, newest first.
    pub invoices: Vec<InvoiceRow>,
    /// The card to which renewals are charged, as its owner recognises it.
    pub card: Option<String>,
}

/// A plan at the desk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanRow {
    /// The plan.
    pub id: PlanId,
    /// Its name.
    pub title: Bilingual,
    /// How much it opens.
    pub tier: Tier,
    /// How long its period lasts.
    pub interval: Interval,
    /// What it costs.
    pub prices: Vec<Money>,
    /// Whether it is offered.
    pub active: bool,
    /// How many have it.
    pub subscribers: i64,
}

/// What the pages need from the server. Implemented in `server/src/features/subscriptions`.
#[cfg(feature = "ssr")]
#[async_trait]
pub trait Subscriptions: Send + Sync {
    /// The plans of an interval in a currency.
    async fn pricing(&self, viewer: Option<&Actor>, interval: &str, currency: &str) -> Answer<Pricing>;
    /// The names of the plans that open a thing, by its text form.
    async fn opening(&self, thing: &str) -> Answer<Vec<Bilingual>>;
    /// The own subscription.
    async fn mine(&self, actor: &Actor) -> Answer<Mine>;
    /// Subscribes; gives the page to go on to.
    async fn subscribe(
        &self,
        actor: &Actor,
        plan: &str,
        currency: &str,
        trial: bool,
        wallet: bool,
    ) -> Answer<String>;
    /// Changes the plan; gives the page to go on to.
    async fn change(&self, actor: &Actor, plan: &str) -> Answer<String>;
    /// Ends the subscription with its period.
    async fn cancel(&self, actor: &Actor) -> Answer<()>;
    /// Takes a cancellation back.
    async fn resume(&self, actor: &Actor) -> Answer<()>;
    /// Says whether renewals are paid from the balance where it is enough.
    async fn set_wallet(&self, actor: &Actor, wallet: bool) -> Answer<()>;
    /// The order of the next period.
    async fn next_order(&self, actor: &Actor) -> Answer<OrderId>;
    /// Every plan, for staff.
    async fn plans(&self, actor: &Actor) -> Answer<Vec<PlanRow>>;
    /// A plan as its form shows it, for staff.
    async fn plan(&self, actor: &Actor, plan: &str) -> Answer<(PlanRow, PlanInput)>;
    /// Writes a new plan.
    async fn add_plan(&self, actor: &Actor, input: &PlanInput) -> Answer<PlanId>;
    /// Changes a plan.
    async fn change_plan(&self, actor: &Actor, plan: &str, input: &PlanInput) -> Answer<()>;
    /// Offers or withdraws a plan.
    async fn offer_plan(&self, actor: &Actor, plan: &str, active: bool) -> Answer<()>;
}

/// The plans of an interval in a currency; both may be empty.
#[server(endpoint = "subscriptions/pricing", input = GetUrl)]
pub async fn load_pricing(interval: String, currency: String) -> Answer<Pricing> {
    let cx = Cx::current();
    let currency = match (currency.as_str(), cx.locale) {
        ("", domain::locale::Locale::En) => "USD".to_owned(),
        ("", domain::locale::Locale::Zh) => "CNY".to_owned(),
        _ => currency,
    };
    cx.ports.subscriptions.pricing(cx.viewer(), &interval, &currency).await
}

/// The names of the plans that open a thing.
#[server(endpoint = "subscriptions/opening", input = GetUrl)]
pub async fn plans_opening(thing: String) -> Answer<Vec<Bilingual>> {
    Cx::current().ports.subscriptions.opening(&thing).await
}

/// The own subscription.
#[server(endpoint = "subscriptions/mine", input = GetUrl)]
pub async fn my_subscription() -> Answer<Mine> {
    let cx = Cx::current();
    cx.ports.subscriptions.mine(cx.actor()?).await
}

/// Subscribes and leads to the order, or to the subscription where nothing is to be paid.
#[server(endpoint = "subscriptions/subscribe")]
pub async fn subscribe(
    plan: String,
    currency: String,
    #[server(default)] trial: bool,
    #[server(default)] wallet: bool,
) -> Answer<()> {
    let cx = Cx::current();
    let next = cx.ports.subscriptions.subscribe(cx.actor()?, &plan, &currency, trial, wallet).await?;
    cx.redirect(&next);
    Ok(())
}

/// Changes the plan.
#[server(endpoint = "subscriptions/change")]
pub async fn change_subscription(plan: String) -> Answer<()> {
    let cx = Cx::current();
    let next = cx.ports.subscriptions.change(cx.actor()?, &plan).await?;
    cx.redirect(&next);
    Ok(())
}

/// Ends the subscription with its period.
#[server(endpoint = "subscriptions/cancel")]
pub async fn cancel_subscription() -> Answer<()> {
    let cx = Cx::current();
    cx.ports.subscriptions.cancel(cx.actor()?).await?;
    cx.redirect("/subscription");
    Ok(())
}

/// Takes a cancellation back.
#[server(endpoint = "subscriptions/resume")]
pub async fn resume_subscription() -> Answer<()> {
    let cx = Cx::current();
    cx.ports.subscriptions.resume(cx.actor()?).await?;
    cx.redirect("/subscription");
    Ok(())
}

/// Says whether renewals are paid from the balance where it is enough.
#[server(endpoint = "subscriptions/wallet")]
pub async fn renew_from_wallet(wallet: bool) -> Answer<()> {
    let cx = Cx::current();
    cx.ports.subscriptions.set_wallet(cx.actor()?, wallet).await?;
    cx.redirect("/subscription");
    Ok(())
}

/// Leads to the order of the next period.
#[server(endpoint = "subscriptions/pay")]
pub async fn pay_subscription() -> Answer<()> {
    let cx = Cx::current();
    let order = cx.ports.subscriptions.next_order(cx.actor()?).await?;
    cx.redirect(&format!("/orders/{order}"));
    Ok(())
}

/// Every plan, for staff.
#[server(endpoint = "subscriptions/plans", input = GetUrl)]
pub async fn load_plans() -> Answer<Vec<PlanRow>> {
    let cx = Cx::current();
    cx.ports.subscriptions.plans(cx.actor()?).await
}

/// A plan as its form shows it, for staff.
#[server(endpoint = "subscriptions/plan", input = GetUrl)]
pub async fn load_plan(plan: String) -> Answer<(PlanRow, PlanInput)> {
    let cx = Cx::current();
    cx.ports.subscriptions.plan(cx.actor()?, &plan).await
}

/// Writes a new plan.
#[server(endpoint = "subscriptions/add_plan")]
pub async fn add_plan(#[server(flatten)] raw: PlanInput) -> Answer<()> {
    let cx = Cx::current();
    let plan = cx.ports.subscriptions.add_plan(cx.actor()?, &raw).await?;
    cx.redirect(&format!("/admin/plans/{plan}"));
    Ok(())
}

/// Changes a plan.
#[server(endpoint = "subscriptions/change_plan")]
pub async fn change_plan(plan: String, #[server(flatten)] raw: PlanInput) -> Answer<()> {
    let cx = Cx::current();
    cx.ports.subscriptions.change_plan(cx.actor()?, &plan, &raw).await?;
    cx.redirect("/admin/plans");
    Ok(())
}

/// Offers a plan, or withdraws it.
#[server(endpoint = "subscriptions/offer_plan")]
pub async fn offer_plan(plan: String, active: bool) -> Answer<()> {
    let cx = Cx::current();
    cx.ports.subscriptions.offer_plan(cx.actor()?, &plan, active).await?;
    cx.redirect("/admin/plans");
    Ok(())
}
