//! What the pages of certificates ask of the server.

#[cfg(feature = "ssr")]
use async_trait::async_trait;
use domain::rewards::{Certificate, CertificateRow};
use domain::time::Timestamp;
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::cx::Cx;
use crate::error::Answer;

/// A certificate with its square code.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CertificateView {
    /// What it says.
    pub certificate: Certificate,
    /// The address at which anyone can check it, in full.
    pub address: String,
    /// The address as a square code: SVG.
    pub square: String,
    /// Since when the money for what it certifies is given back, where it is.
    pub given_back: Option<Timestamp>,
}

/// What the pages need from the server.
#[cfg(feature = "ssr")]
#[async_trait]
pub trait Rewards: Send + Sync {
    /// A certificate by its code.
    async fn certificate(&self, code: &str, locale: domain::locale::Locale) -> Answer<CertificateView>;
    /// The certificates of a person, latest first; at most 100.
    async fn shelf(&self, username: &str) -> Answer<Vec<CertificateRow>>;
}

/// A certificate by its code.
#[server(endpoint = "rewards/certificate", input = GetUrl)]
pub async fn load_certificate(code: String) -> Answer<CertificateView> {
    let cx = Cx::current();
    cx.ports.rewards.certificate(&code, cx.locale).await
}

/// The certificates of a person.
#[server(endpoint = "rewards/shelf", input = GetUrl)]
pub async fn shelf(username: String) -> Answer<Vec<CertificateRow>> {
    Cx::current().ports.rewards.shelf(&username).await
}
