//! What pages need of the ledger.

#[cfg(feature = "ssr")]
use async_trait::async_trait;
#[cfg(feature = "ssr")]
use domain::actor::Actor;
use domain::money::Money;
use domain::orders::OrderId;
use domain::page::Page;
use domain::payments::LogEvent;
use domain::time::Timestamp;
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::cx::Cx;
use crate::error::Answer;

/// What came and went on an account, newest first.
pub type Statement = Page<Entry>;

/// A transfer as its account sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When.
    pub at: Timestamp,
    /// Why, in snake case.
    pub code: String,
    /// `single`, `pending`, `post` or `void`.
    pub kind: String,
    /// How much: more than nothing where the account grows.
    pub amount: Money,
    /// The title of the line that it is about, where there is one.
    pub title: Option<domain::locale::Bilingual>,
    /// The order that it is about and its number, where it is one of the reader's.
    pub order: Option<(OrderId, String)>,
    /// Until when it may not be paid out.
    pub matures: Option<Timestamp>,
}

/// An account of the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountView {
    /// Its name.
    pub name: String,
    /// Whose it is, where it belongs to a person or competition.
    pub owner: Option<String>,
    /// What it holds.
    pub holds: Money,
    /// What of it is reserved.
    pub reserved: Money,
}

/// A transfer as staff sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransferView {
    /// The transfer.
    pub id: String,
    /// When.
    pub at: Timestamp,
    /// Why, in snake case.
    pub code: String,
    /// `single`, `pending`, `post` or `void`.
    pub kind: String,
    /// The account that is debited.
    pub debit: String,
    /// The account that is credited.
    pub credit: String,
    /// How much.
    pub amount: Money,
    /// The order that it belongs to.
    pub order: Option<String>,
}

/// Something that a person changed about money without moving any.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogEntry {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub username: String,
    /// What.
    pub event: LogEvent,
    /// About what, by its name.
    pub about: String,
    /// How it is from then on.
    pub detail: String,
}

/// Which transfers to show.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filter {
    /// Of one account.
    pub account: String,
    /// For one reason.
    pub code: String,
    /// Not before this day, `2026-09-01`.
    pub from: String,
    /// Not after this day.
    pub until: String,
}

/// What the pages need from the server. Implemented in `server/src/features/finance`.
#[cfg(feature = "ssr")]
#[async_trait]
pub trait Finance: Send + Sync {
    /// The accounts of the ledger, for staff.
    async fn accounts(&self, actor: &Actor, after: Option<String>) -> Answer<Page<AccountView>>;
    /// Transfers, newest first, for staff.
    async fn transfers(
        &self,
        actor: &Actor,
        filter: Filter,
        after: Option<String>,
    ) -> Answer<Page<TransferView>>;
    /// What people changed about money without moving any, newest first, for staff.
    async fn log(&self, actor: &Actor, after: Option<String>) -> Answer<Page<LogEntry>>;
}

/// What people changed about money without moving any, newest first, for staff.
#[server(endpoint = "finance/log", input = GetUrl)]
pub async fn load_log(after: Option<String>) -> Answer<Page<LogEntry>> {
    let cx = Cx::current();
    cx.ports.finance.log(cx.actor()?, after).await
}

/// The accounts of the ledger, for staff.
#[server(endpoint = "finance/accounts", input = GetUrl)]
pub async fn load_accounts(after: Option<String>) -> Answer<Page<AccountView>> {
    let cx = Cx::current();
    cx.ports.finance.accounts(cx.actor()?, after).await
}

/// Transfers, newest first, for staff.
#[server(endpoint = "finance/transfers", input = GetUrl)]
pub async fn load_transfers(
    account: String,
    code: String,
    from: String,
    until: String,
    after: Option<String>,
) -> Answer<Page<TransferView>> {
    let cx = Cx::current();
    cx.ports.finance.transfers(cx.actor()?, Filter { account, code, from, until }, after).await
}
