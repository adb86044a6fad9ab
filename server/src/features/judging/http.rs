//! The route that takes a file of predictions, with and without scripts.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Extension, Path, Request, State};
use axum::response::Response;
use axum::routing::post;
use domain::actor::Actor;

use super::Incoming;
use crate::error::Result;
use crate::http::upload;
use crate::services::Services;

/// The routes of judging.
pub fn routes(services: &Arc<Services>) -> Router {
    Router::new()
        .route("/api/competitions/{slug}/submit", post(submit))
        .layer(upload::limit())
        .with_state(Arc::clone(services))
}

async fn submit(
    State(services): State<Arc<Services>>,
    Extension(actor): Extension<Actor>,
    Path(slug): Path<String>,
    request: Request,
) -> Response {
    let (headers, endpoint) = (request.headers().clone(), request.uri().path().to_owned());
    let outcome = take(&services, &actor, &slug, request).await;
    let page = format!("/competitions/{slug}/submissions");
    upload::answer(&services.kit, &headers, &endpoint, outcome, &page).await
}

/// Whoever may not submit is refused before their file is read.
async fn take(services: &Services, actor: &Actor, slug: &str, request: Request) -> Result<()> {
    let received_at = upload::received_at(&services.kit, &request);
    services.judging.may_submit(actor, slug, received_at).await?;
    let file = upload::read(request, "file").await?;
    let incoming = Incoming { file_name: file.file_name, bytes: file.bytes, received_at };
    services.judging.submit(actor, slug, incoming).await?;
    Ok(())
}
