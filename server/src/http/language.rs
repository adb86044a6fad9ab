//! A bare address leads to the reader's language: by cookie, then account, then `Accept-Language`.

use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::actor::Actor;
use domain::locale::Locale;

use super::Edge;
use super::identify::cookie;

/// First segments that are not pages.
const OTHERS: [&str; 9] = ["api", "live", "pay", "media", "pkg", "fonts", "healthz", "readyz", "metrics"];

/// Redirects bare page addresses, and remembers the language of the page that is shown.
pub async fn layer(State(edge): State<Edge>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    let page = matches!(*request.method(), Method::GET | Method::HEAD)
        && !OTHERS.contains(&first)
        && !first.contains('.');
    if !page {
        return next.run(request).await;
    }
    let remembered = cookie(request.headers(), "locale").and_then(Locale::parse);
    match Locale::parse(first) {
        Some(shown) => {
            let mut response = next.run(request).await;
            if remembered != Some(shown) {
                let secure = if edge.services.kit.config.secure_cookies() { "; Secure" } else { "" };
                let value =
                    format!("locale={}; Path=/; Max-Age=31536000; SameSite=Lax{secure}", shown.as_str());
                if let Ok(value) = HeaderValue::from_str(&value) {
                    response.headers_mut().append(header::SET_COOKIE, value);
                }
            }
            response
        }
        None => {
            let accepted = || {
                let header =
                    request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
                Locale::negotiate(header.unwrap_or_default())
            };
            let account = || request.extensions().get::<Actor>().map(|actor| actor.locale);
            let locale = remembered.or_else(account).unwrap_or_else(accepted);
            let rest = request.uri().path_and_query().map(|rest| rest.as_str()).unwrap_or("/");
            let rest = if rest == "/" { "" } else { rest };
            let vary = [
                (header::LOCATION, format!("/{}{rest}", locale.as_str())),
                (header::VARY, "Cookie, Accept-Language".to_owned()),
            ];
            (StatusCode::FOUND, vary).into_response()
        }
    }
}
