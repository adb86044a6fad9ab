//! The door for notices: raw bytes in, an acknowledgement out.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;

use crate::services::Services;

/// The largest notice that is read; no gateway sends a tenth of it.
pub const LIMIT: usize = 1024 * 1024;

/// `POST /pay/<gateway>/notify`, without login and without cookies.
pub fn routes(services: &Arc<Services>) -> Router {
    Router::new().route("/pay/{gateway}/notify", post(notify)).with_state(Arc::clone(services))
}

async fn notify(
    State(services): State<Arc<Services>>,
    Path(name): Path<String>,
    request: Request,
) -> Response {
    let Some(gateway) = services.payments.gateway(&name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let (parts, body): (_, Body) = request.into_parts();
    if is_packed(&parts.headers) {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    }
    let Ok(bytes) = to_bytes(body, LIMIT).await else { return StatusCode::PAYLOAD_TOO_LARGE.into_response() };
    match services.payments.receive(gateway.as_ref(), &parts.headers, &bytes).await {
        Ok(received) => gateway.acknowledge(received.is_ok()),
        Err(error) => {
            // The gateway will send it again.
            tracing::error!(%error, gateway = name, "a notice could not be stored");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

/// Whether a body is compressed: how long it is nobody can say before it is unpacked, and no gateway sends one.
fn is_packed(headers: &HeaderMap) -> bool {
    headers.get_all(header::CONTENT_ENCODING).iter().any(|coding| coding != "identity")
}
