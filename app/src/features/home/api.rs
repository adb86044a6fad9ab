//! What the first page asks of the server.

#[cfg(feature = "ssr")]
use async_trait::async_trait;
use domain::money::Money;
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::cx::Cx;
use crate::error::Answer;

/// What the house has brought about so far.
///
/// It counts nothing that moves while a board is frozen: no submissions and no scores.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// What was paid, by currency.
    pub paid: Vec<Money>,
    /// How many people have an account.
    pub people: i64,
    /// How many lessons were finished.
    pub lessons: i64,
    /// How many results are proven by a certificate.
    pub proven: i64,
}

/// What the first page needs from the server.
#[cfg(feature = "ssr")]
#[async_trait]
pub trait Home: Send + Sync {
    /// What the house has brought about so far.
    async fn figures(&self) -> Answer<Figures>;
}

/// What the house has brought about so far.
#[server(endpoint = "home/figures", input = GetUrl)]
pub async fn load_figures() -> Answer<Figures> {
    Cx::current().ports.home.figures().await
}
