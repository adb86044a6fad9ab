//! Messages: what the platform wrote to the reader.

mod page;

#[cfg(feature = "ssr")]
use async_trait::async_trait;
#[cfg(feature = "ssr")]
use domain::actor::Actor;
use domain::messages::Said;
use domain::time::Timestamp;
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;
use leptos_router::any_nested_route::{AnyNestedRoute, IntoAnyNestedRoute};
use leptos_router::components::Route;
use leptos_router::{Lazy, SsrMode, path};
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::cx::Cx;
use crate::error::Answer;
use page::MessagesPage;
pub use page::words;

/// A message as its reader sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageView {
    /// What it says.
    pub said: Said,
    /// When it was written.
    pub at: Timestamp,
    /// Whether it was marked as read.
    pub read: bool,
}

/// What the pages need from the server. Implemented in `server/src/features/messages`.
#[cfg(feature = "ssr")]
#[async_trait]
pub trait Messages: Send + Sync {
    /// The own messages, newest first.
    async fn mine(&self, actor: &Actor) -> Answer<Vec<MessageView>>;
    /// Marks every own message as read.
    async fn read(&self, actor: &Actor) -> Answer<()>;
}

/// The own messages, newest first.
#[server(endpoint = "messages/mine", input = GetUrl)]
pub async fn my_messages() -> Answer<Vec<MessageView>> {
    let cx = Cx::current();
    cx.ports.messages.mine(cx.actor()?).await
}

/// Marks every own message as read.
#[server(endpoint = "messages/read")]
pub async fn mark_read() -> Answer<()> {
    let cx = Cx::current();
    cx.ports.messages.read(cx.actor()?).await?;
    cx.redirect("/messages");
    Ok(())
}

/// The routes of this feature.
#[component(transparent)]
pub fn Routes() -> AnyNestedRoute {
    view! {
        <Route path=path!("/:locale/messages") view={Lazy::<MessagesPage>::new()} ssr=SsrMode::Async/>
    }
    .into_inner()
    .into_any_nested_route()
}
