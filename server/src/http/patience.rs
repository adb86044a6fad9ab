//! No page is waited for without end: a render that stalls is begun once more, then given up.

use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// How long the first render of a page may take, and the second.
const PATIENCE: [Duration; 2] = [Duration::from_secs(10), Duration::from_secs(20)];

/// Bounds the time of a page. Only reads are tried again; what may change something is let be.
pub async fn layer(request: Request, next: Next) -> Response {
    if request.method() != Method::GET {
        return next.run(request).await;
    }
    let (parts, _) = request.into_parts();
    for patience in PATIENCE {
        let attempt = Request::from_parts(parts.clone(), Body::empty());
        match tokio::time::timeout(patience, next.clone().run(attempt)).await {
            Ok(response) => return response,
            Err(_) => tracing::warn!(path = %parts.uri.path(), ?patience, "a page took too long"),
        }
    }
    (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "5")], "This page takes too long. Try again.")
        .into_response()
}
