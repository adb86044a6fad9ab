//! Same origin: whatever changes something must come from our own pages.
//!
//! Server functions accept plain forms, which any site could send with the reader's cookie.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::Edge;

/// Refuses a request that may change something and does not come from our own pages.
pub async fn layer(State(edge): State<Edge>, request: Request, next: Next) -> Response {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    // Notices of gateways come from elsewhere and prove themselves by their signature.
    let notice = request.uri().path().starts_with("/pay/") && request.uri().path().ends_with("/notify");
    if safe || notice || is_own(request.headers(), &edge.services.kit.config.public_url) {
        next.run(request).await
    } else {
        (StatusCode::FORBIDDEN, "This request did not come from a page of this site.").into_response()
    }
}

fn is_own(headers: &HeaderMap, public_url: &str) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match (text("sec-fetch-site"), text(header::ORIGIN.as_str())) {
        (Some(site), _) if site != "same-origin" && site != "none" => false,
        (_, Some(origin)) => origin == public_url,
        (Some(_), None) => true,
        // Neither: no browser of the last years; a program that sends no cookie by accident.
        (None, None) => text(header::COOKIE.as_str()).is_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(pairs: &[(&'static str, &'static str)]) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(*name, header::HeaderValue::from_static(value));
        }
        is_own(&headers, "https://leitai.example")
    }

    #[test]
    fn foreign_forms_are_refused() {
        assert!(verdict(&[("sec-fetch-site", "same-origin"), ("origin", "https://leitai.example")]));
        assert!(verdict(&[("origin", "https://leitai.example")]));
        assert!(!verdict(&[("sec-fetch-site", "cross-site")]));
        assert!(!verdict(&[("sec-fetch-site", "same-site"), ("origin", "https://leitai.example")]));
        assert!(!verdict(&[("origin", "https://evil.example")]));
        assert!(!verdict(&[("origin", "null")]));
        assert!(!verdict(&[("cookie", "a=b")]));
    }
}
