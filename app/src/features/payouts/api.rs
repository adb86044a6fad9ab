//! What pages need of earnings and payouts.

#[cfg(feature = "ssr")]
use async_trait::async_trait;
#[cfg(feature = "ssr")]
use domain::actor::Actor;
use domain::locale::Bilingual;
use domain::money::Money;
use domain::page::Page;
use domain::payments::Party;
use domain::payouts::{PayoutId, PayoutState};
use domain::time::Timestamp;
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::cx::Cx;
use crate::error::Answer;
use crate::features::finance::api::Statement;

/// What somebody has earned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EarningsView {
    /// In each currency.
    pub earned: Vec<EarnedView>,
    /// The own payouts, newest first.
    pub payouts: Vec<PayoutView>,
    /// What came and went.
    pub statement: Statement,
}

/// What somebody has earned in a currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EarnedView {
    /// Everything that is owed.
    pub owed: Money,
    /// What waits for the guarantee of buyers to end.
    pub held: Money,
    /// What may be paid out now.
    pub available: Money,
}

/// A payout.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayoutView {
    /// The payout.
    pub id: PayoutId,
    /// Whose.
    pub username: String,
    /// How much.
    pub amount: Money,
    /// Who holds the bank account.
    pub holder: String,
    /// The bank account.
    pub bank: String,
    /// Where it stands.
    pub state: PayoutState,
    /// Why it was refused, or came back.
    pub reason: Option<String>,
    /// How many approved.
    pub approvals: i64,
    /// When it was requested.
    pub requested_at: Timestamp,
    /// Whether the reader asked for it: then other people decide.
    pub own: bool,
    /// Whether the reader has approved it: then it needs another person.
    pub approved: bool,
}

/// Payouts as staff sees them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayoutDesk {
    /// A page of them: those that wait oldest first, the others newest first.
    pub payouts: Page<PayoutView>,
    /// How many wait, by state.
    pub waiting: Vec<(PayoutState, i64)>,
    /// The files whose payouts the bank has not answered yet: when each was made, and how many there are.
    pub files: Vec<(Timestamp, i64)>,
}

/// Who shares what a product brings, or every product of a kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleView {
    /// `course`, `competition` or `plan`.
    pub kind: String,
    /// The product's name in addresses, the id of a plan; nothing for every product of the kind without its own rule.
    pub product: String,
    /// The name of the plan, where it is one.
    pub plan: Option<Bilingual>,
    /// Who has how many basis points; a person by username.
    pub shares: Vec<(Party, u32, Option<String>)>,
}

/// A rule, as its form sends it: shares in per cent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RuleInput {
    /// `course` or `competition`.
    pub kind: String,
    /// The product's name in addresses; nothing for every product of the kind.
    pub product: String,
    /// What the platform has.
    pub platform: String,
    /// What the author or organiser has.
    pub owner: String,
    /// What the prizes of a competition have.
    pub prize_pool: String,
    /// What a sponsor has.
    pub sponsor: String,
    /// The username of the sponsor.
    pub sponsor_name: String,
}

/// What the pages need from the server. Implemented in `server/src/features/payouts`.
#[cfg(feature = "ssr")]
#[async_trait]
pub trait Payouts: Send + Sync {
    /// The own earnings.
    async fn earnings(&self, actor: &Actor, after: Option<String>) -> Answer<EarningsView>;
    /// Asks to be paid.
    async fn request(
        &self,
        actor: &Actor,
        amount: String,
        currency: String,
        holder: String,
        bank: String,
    ) -> Answer<()>;
    /// The payouts in a state or in any, for staff.
    async fn list(&self, actor: &Actor, state: Option<String>, after: Option<String>) -> Answer<PayoutDesk>;
    /// Moves a payout: `approve`, `pay`, `fail`, `reject` or `cancel`; two of them want a reason.
    async fn step(&self, actor: &Actor, payout: String, step: String, reason: String) -> Answer<()>;
    /// Every rule of sharing, for staff.
    async fn rules(&self, actor: &Actor) -> Answer<Vec<RuleView>>;
    /// Writes a rule of sharing, for staff.
    async fn set_rule(&self, actor: &Actor, rule: RuleInput) -> Answer<()>;
    /// Takes a rule of sharing away, for staff.
    async fn remove_rule(&self, actor: &Actor, kind: String, product: String) -> Answer<()>;
    /// Says which places of an own competition win which part of the entry fees.
    async fn set_prizes(&self, actor: &Actor, competition: String, prizes: String) -> Answer<()>;
}

/// The own earnings.
#[server(endpoint = "payouts/earnings", input = GetUrl)]
pub async fn load_earnings(after: Option<String>) -> Answer<EarningsView> {
    let cx = Cx::current();
    cx.ports.payouts.earnings(cx.actor()?, after).await
}

/// Asks to be paid.
#[server(endpoint = "payouts/request")]
pub async fn request_payout(amount: String, currency: String, holder: String, bank: String) -> Answer<()> {
    let cx = Cx::current();
    cx.ports.payouts.request(cx.actor()?, amount, currency, holder, bank).await?;
    cx.redirect("/earnings");
    Ok(())
}

/// Gives an own payout up.
#[server(endpoint = "payouts/cancel")]
pub async fn cancel_payout(payout: String) -> Answer<()> {
    let cx = Cx::current();
    cx.ports.payouts.step(cx.actor()?, payout, "cancel".to_owned(), String::new()).await?;
    cx.redirect("/earnings");
    Ok(())
}

/// The payouts in a state or in any, for staff.
#[server(endpoint = "payouts/list", input = GetUrl)]
pub async fn list_payouts(state: Option<String>, after: Option<String>) -> Answer<PayoutDesk> {
    let cx = Cx::current();
    cx.ports.payouts.list(cx.actor()?, state, after).await
}

/// Moves a payout, for staff, and leads back to the list that it stood in.
#[server(endpoint = "payouts/step")]
pub async fn step_payout(payout: String, step: String, #[server(default)] reason: String) -> Answer<()> {
    let cx = Cx::current();
    cx.ports.payouts.step(cx.actor()?, payout, step, reason).await?;
    cx.redirect_back();
    Ok(())
}

/// Every rule of sharing, for staff.
#[server(endpoint = "payouts/rules", input = GetUrl)]
pub async fn load_rules() -> Answer<Vec<RuleView>> {
    let cx = Cx::current();
    cx.ports.payouts.rules(cx.actor()?).await
}

/// Writes a rule of sharing, for staff.
#[server(endpoint = "payouts/set_rule")]
pub async fn set_rule(#[server(flatten)] rule: RuleInput) -> Answer<()> {
    let cx = Cx::current();
    cx.ports.payouts.set_rule(cx.actor()?, rule).await?;
    cx.redirect("/admin/shares");
    Ok(())
}

/// Takes a rule of sharing away, for staff.
#[server(endpoint = "payouts/remove_rule")]
pub async fn remove_rule(kind: String, #[server(default)] product: String) -> Answer<()> {
    let cx = Cx::current();
    cx.ports.payouts.remove_rule(cx.actor()?, kind, product).await?;
    cx.redirect("/admin/shares");
    Ok(())
}

/// Says which places of an own competition win which part of the entry fees.
#[server(endpoint = "payouts/set_prizes")]
pub async fn set_prizes(competition: String, #[server(default)] prizes: String) -> Answer<()> {
    let cx = Cx::current();
    let path = format!("/organise/{competition}#prizes");
    cx.ports.payouts.set_prizes(cx.actor()?, competition, prizes).await?;
    cx.redirect(&path);
    Ok(())
}
