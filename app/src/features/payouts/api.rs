//! What pages need of earnings and payouts.

#[cfg(feature = "ssr")]
use async_trait::async_trait;
#[cfg(feature = "ssr")]
use domain::actor::Actor;
use domain::money::Money;
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
    /// How many approved.
    pub approvals: i64,
    /// When it was requested.
    pub requested_at: Timestamp,
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
    /// The newest payouts, for staff.
    async fn list(&self, actor: &Actor, state: Option<String>) -> Answer<Vec<PayoutView>>;
    /// Moves a payout: `approve`, `pay`, `fail`, `reject` or `cancel`.
    async fn step(&self, actor: &Actor, payout: String, step: String) -> Answer<()>;
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
    cx.ports.payouts.step(cx.actor()?, payout, "cancel".to_owned()).await?;
    cx.redirect("/earnings");
    Ok(())
}

/// The newest payouts, for staff.
#[server(endpoint = "payouts/list", input = GetUrl)]
pub async fn list_payouts(state: Option<String>) -> Answer<Vec<PayoutView>> {
    let cx = Cx::current();
    cx.ports.payouts.list(cx.actor()?, state).await
}

/// Moves a payout, for staff.
#[server(endpoint = "payouts/step")]
pub async fn step_payout(payout: String, step: String) -> Answer<()> {
    let cx = Cx::current();
    cx.ports.payouts.step(cx.actor()?, payout, step).await?;
    cx.redirect("/admin/payouts");
    Ok(())
}
