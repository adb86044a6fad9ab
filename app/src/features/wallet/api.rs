//! What pages need of a customer's credit.

#[cfg(feature = "ssr")]
use async_trait::async_trait;
#[cfg(feature = "ssr")]
use domain::actor::Actor;
use domain::locale::Bilingual;
use domain::money::Money;
use domain::orders::OrderId;
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::cx::Cx;
use crate::error::Answer;
use crate::features::finance::api::Statement;

/// What a customer has with us.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WalletView {
    /// In each currency.
    pub balances: Vec<Money>,
    /// What came and went.
    pub statement: Statement,
}

/// An attempt to pay from credit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WalletPayView {
    /// The attempt.
    pub payment: String,
    /// The order that it pays.
    pub order: OrderId,
    /// For what.
    pub title: Bilingual,
    /// How much.
    pub amount: Money,
    /// What there is.
    pub balance: Money,
    /// Whether it may still be paid.
    pub open: bool,
}

/// What the pages need from the server. Implemented in `server/src/features/wallet`.
#[cfg(feature = "ssr")]
#[async_trait]
pub trait Wallet: Send + Sync {
    /// The own credit.
    async fn wallet(&self, actor: &Actor, after: Option<String>) -> Answer<WalletView>;
    /// An own attempt to pay from credit.
    async fn show(&self, actor: &Actor, payment: String) -> Answer<WalletPayView>;
    /// Pays an own attempt from credit; gives the order.
    async fn pay(&self, actor: &Actor, payment: String) -> Answer<OrderId>;
}

/// The own credit.
#[server(endpoint = "wallet/show", input = GetUrl)]
pub async fn load_wallet(after: Option<String>) -> Answer<WalletView> {
    let cx = Cx::current();
    cx.ports.wallet.wallet(cx.actor()?, after).await
}

/// An own attempt to pay from credit.
#[server(endpoint = "wallet/payment", input = GetUrl)]
pub async fn load_payment(payment: String) -> Answer<WalletPayView> {
    let cx = Cx::current();
    cx.ports.wallet.show(cx.actor()?, payment).await
}

/// Pays an own attempt from credit.
#[server(endpoint = "wallet/pay")]
pub async fn pay_from_wallet(payment: String) -> Answer<()> {
    let cx = Cx::current();
    let order = cx.ports.wallet.pay(cx.actor()?, payment).await?;
    cx.redirect(&format!("/orders/{order}"));
    Ok(())
}
