//! Deny by default: a server function is closed to strangers until a line here opens it.

use app::error::Fault;
use axum::Json;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use domain::actor::Actor;
use domain::locale::Locale;

use super::Edge;

/// What anybody may call without being logged in.
pub const PUBLIC: &[&str] = &[
    "/api/accounts/log_in",
    "/api/accounts/log_out",
    "/api/accounts/person",
    "/api/accounts/register",
    "/api/accounts/set_theme",
    "/api/accounts/set_up",
    "/api/accounts/set_up_is_open",
    "/api/courses/catalogue",
    "/api/courses/course",
    "/api/courses/lesson",
    "/api/home/figures",
    "/api/competitions/list",
    "/api/competitions/show",
    "/api/offers/bundle",
    "/api/offers/bundles",
    // Asks whoever is not logged in to log in, and keeps the code.
    "/api/offers/redeem",
    "/api/refunds/promises",
    "/api/rewards/certificate",
    "/api/rewards/shelf",
    "/api/standings/board",
    "/api/standings/top",
    "/api/subscriptions/opening",
    "/api/subscriptions/pricing",
];

/// Lets through pages, what is public, and whoever is logged in.
pub async fn layer(State(_): State<Edge>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let open = !path.starts_with("/api/") || PUBLIC.contains(&path);
    if open || request.extensions().get::<Actor>().is_some() {
        return next.run(request).await;
    }
    // A form that a page without scripts sent after its session ended leads to the log-in page.
    let text = |name: header::HeaderName| request.headers().get(name).and_then(|value| value.to_str().ok());
    let wants_page = text(header::ACCEPT).is_some_and(|accept| accept.contains("text/html"));
    match text(header::REFERER).filter(|_| wants_page).and_then(|page| page.parse::<axum::http::Uri>().ok()) {
        Some(page) => {
            let locale = Locale::of_path(page.path()).unwrap_or_default();
            let next = page.path_and_query().map(ToString::to_string).unwrap_or_default();
            Redirect::to(&format!("/{}/log-in?next={}", locale.as_str(), app::parts::encode(&next)))
                .into_response()
        }
        None => (StatusCode::UNAUTHORIZED, Json(Fault::Unauthenticated)).into_response(),
    }
}
