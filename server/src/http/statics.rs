//! Scripts, styles, fonts, icons: files of the site folder, with ranges, 304 and brotli.

use std::path::Path;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use leptos::WasmSplitManifest;
use leptos::prelude::ArcStoredValue;
use tower::ServiceExt;
use tower_http::services::ServeDir;

/// The folder of this build's scripts and styles, `/pkg/<hash>`, as the build wrote it into `site.txt`.
pub fn package(site: &Path) -> String {
    let hash = std::fs::read_to_string(site.join("site.txt")).unwrap_or_default();
    format!("/pkg/{}", hash.trim())
}

/// Which parts of the browser's module each lazy page needs, where the site was cut into parts.
pub fn parts(site: &Path) -> Option<WasmSplitManifest> {
    let package = package(site);
    let text = std::fs::read_to_string(site.join(package.trim_start_matches('/')).join("parts.json")).ok()?;
    let parts = serde_json::from_str(&text).ok()?;
    Some(WasmSplitManifest(ArcStoredValue::new((package, parts, "leitai_parts.js".to_owned()))))
}

/// Serves files of the site folder where an address names one, and everything else by `pages`.
pub fn before(pages: Router, site: &Path) -> Router {
    let files = ServeDir::new(site).precompressed_br().append_index_html_on_directories(false);
    pages.layer(from_fn(move |request: Request, next: Next| {
        let files = files.clone();
        async move {
            let path = request.uri().path();
            let last = path.rsplit('/').next().unwrap_or_default();
            let hidden = path.split('/').any(|segment| segment.starts_with('.')) || path == "/site.txt";
            let get = matches!(*request.method(), Method::GET | Method::HEAD);
            let file = last.contains('.')
                && get
                && !path.starts_with("/api/")
                && !path.starts_with("/en/")
                && !path.starts_with("/zh/");
            if !file {
                return next.run(request).await;
            }
            if hidden {
                return StatusCode::NOT_FOUND.into_response();
            }
            let immutable = path.starts_with("/pkg/") || path.starts_with("/fonts/");
            let response = files.oneshot(request).await.unwrap_or_else(|never| match never {});
            finish(response.map(axum::body::Body::new), immutable)
        }
    }))
}

fn finish(mut response: Response, immutable: bool) -> Response {
    if response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED {
        let policy = if immutable { "public, max-age=31536000, immutable" } else { "public, max-age=3600" };
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(policy));
        response.headers_mut().insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    }
    response
}
