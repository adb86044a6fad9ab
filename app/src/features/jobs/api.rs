//! What the page of dead jobs needs.

#[cfg(feature = "ssr")]
use async_trait::async_trait;
#[cfg(feature = "ssr")]
use domain::actor::Actor;
use domain::page::Page;
use domain::time::Timestamp;
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::cx::Cx;
use crate::error::Answer;

/// A job that failed too often.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeadJobView {
    /// Its id.
    pub id: String,
    /// What it does: `feature.verb`.
    pub kind: String,
    /// How often it was tried.
    pub attempts: i64,
    /// What the last try said.
    pub error: String,
    /// When it was recorded.
    pub created_at: Timestamp,
}

/// What the page needs from the server. Implemented in `server/src/jobs`.
#[cfg(feature = "ssr")]
#[async_trait]
pub trait Jobs: Send + Sync {
    /// Dead jobs, latest first.
    async fn dead(&self, actor: &Actor, after: Option<String>) -> Answer<Page<DeadJobView>>;
    /// Gives a dead job another round of tries.
    async fn revive(&self, actor: &Actor, job: String) -> Answer<()>;
}

/// Dead jobs, latest first.
#[server(endpoint = "jobs/dead", input = GetUrl)]
pub async fn dead(after: Option<String>) -> Answer<Page<DeadJobView>> {
    let cx = Cx::current();
    cx.ports.jobs.dead(cx.actor()?, after).await
}

/// Gives a dead job another round of tries.
#[server(endpoint = "jobs/revive")]
pub async fn revive(job: String) -> Answer<()> {
    let cx = Cx::current();
    cx.ports.jobs.revive(cx.actor()?, job).await?;
    cx.redirect("/admin/jobs");
    Ok(())
}
