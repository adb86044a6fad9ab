//! For whoever changes the sources: an open page loads again once the server was started anew.
//!
//! Only in a demonstration, and only with `WATCH=1`, which `cargo xtask watch` sets. Each page knows
//! the id of the process that rendered it, and a small script listens to `/live/reload`, which says the
//! id of the process that answers.

use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use bytes::Bytes;
use uuid::Uuid;

use crate::live::{Viewer, stream_response};
use crate::services::Services;

/// The id of this process where pages are to follow it.
pub fn start_id(services: &Services) -> Option<String> {
    let kit = &services.kit;
    (kit.config.watch && kit.demonstration).then(|| kit.db.around.bus.process().to_string())
}

/// `/live/reload`: says the process once, and stays open until it ends.
pub fn routes(services: &Arc<Services>) -> Router {
    let Some(id) = start_id(services) else { return Router::new() };
    // A topic of nobody: it carries the keep-alive and the end of the process.
    let topic = services.standings.live.topic(Uuid::nil());
    let greeting = Bytes::from(format!("retry: 250\ndata: {id}\n\n"));
    Router::new().route(
        "/live/reload",
        get(move || async move { stream_response(Viewer::new(topic.clone(), 0, greeting.clone())) }),
    )
}
