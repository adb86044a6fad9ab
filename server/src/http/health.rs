//! Whether the process lives, and whether it can serve.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;

use crate::db::Count;
use crate::services::Services;
use crate::sql;

/// `/healthz`: the process lives. `/readyz`: the database answers, too.
pub fn routes(services: &Arc<Services>) -> Router {
    Router::new()
        .route("/healthz", get(|| async { "ok" }))
        .route("/readyz", get(ready))
        .with_state(Arc::clone(services))
}

async fn ready(State(services): State<Arc<Services>>) -> (StatusCode, &'static str) {
    match services.kit.db.one::<Count>(sql!("select count(*) as n from installation")).await {
        Ok(_) => (StatusCode::OK, "ready"),
        Err(error) => {
            tracing::warn!(%error, "the database does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer")
        }
    }
}
