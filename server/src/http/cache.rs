//! Rendered public pages, kept until what they show changes.
//!
//! Only strangers' views are kept: no session, no kept form. A page is kept by path, query and theme
//! as the pieces between its nonces, and each response gets a nonce of its own.

use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use app::context::PageContext;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use domain::locale::Locale;
use ring::rand::{SecureRandom, SystemRandom};

use super::Edge;
use crate::bus::{Bus, Note};

/// How many pages are kept at most; beyond it the cache starts anew.
const CAPACITY: usize = 2_000;
/// The largest page that is kept.
const LARGEST: usize = 2 * 1024 * 1024;

/// The kept pages of this process.
#[derive(Clone, Default)]
pub struct Pages(Arc<RwLock<Kept>>);

#[derive(Default)]
struct Kept {
    /// Grows with every change, so that a page rendered before a change is not kept after it.
    version: u64,
    pages: HashMap<String, Arc<Page>>,
}

struct Page {
    headers: HeaderMap,
    policy: Vec<String>,
    pieces: Vec<Bytes>,
}

impl Pages {
    /// An empty cache.
    pub fn new() -> Self {
        Self::default()
    }

    /// Forgets pages whenever the bus says that something they show has changed.
    pub fn follow(self, bus: &Bus) {
        let mut heard = bus.hear();
        let kept = self.0;
        let follow = async move {
            loop {
                use tokio::sync::broadcast::error::RecvError;
                match heard.recv().await {
                    Ok(Note::Touched(_) | Note::Standings { .. } | Note::Resynchronise)
                    | Err(RecvError::Lagged(_)) => {
                        let mut kept = kept.write().unwrap_or_else(std::sync::PoisonError::into_inner);
                        kept.version += 1;
                        kept.pages.clear();
                    }
                    Ok(_) => {}
                    Err(RecvError::Closed) => return,
                }
            }
        };
        if tokio::runtime::Handle::try_current().is_ok() {
            tokio::spawn(follow);
        }
    }

    fn find(&self, key: &str) -> (u64, Option<Arc<Page>>) {
        let kept = self.0.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        (kept.version, kept.pages.get(key).cloned())
    }

    fn keep(&self, version: u64, key: String, page: Page) {
        let mut kept = self.0.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        if kept.version == version {
            if kept.pages.len() >= CAPACITY {
                kept.pages.clear();
            }
            kept.pages.insert(key, Arc::new(page));
        }
    }
}

/// Sections whose pages show the same to every stranger.
const PUBLIC_SECTIONS: [&str; 6] = ["", "courses", "competitions", "people", "certificates", "gallery"];

/// Where a stranger's view of a public page is kept, if it may be.
fn key(request: &Request) -> Option<String> {
    let page = request.extensions().get::<PageContext>()?;
    let path = request.uri().path();
    Locale::of_path(path)?;
    let section = path.trim_start_matches('/').split('/').nth(1).unwrap_or_default();
    let fits = request.method() == Method::GET
        && page.viewer.is_none()
        && page.draft.is_none()
        && PUBLIC_SECTIONS.contains(&section)
        && request.uri().query().is_none_or(|query| query.len() < 200);
    fits.then(|| format!("{}|{}", page.theme, request.uri()))
}

/// Answers from the cache, or renders and keeps.
pub async fn layer(State(edge): State<Edge>, request: Request, next: Next) -> Response {
    let Some(key) = key(&request) else {
        let mut response = next.run(request).await;
        let page = response
            .headers()
            .get(header::CONTENT_TYPE)
            .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
        if page {
            response
                .headers_mut()
                .insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
        }
        return response;
    };
    let (version, found) = edge.pages.find(&key);
    if let Some(page) = found {
        return page.respond();
    }
    let response = next.run(request).await;
    if response.status() != StatusCode::OK {
        return response;
    }
    match Page::take_apart(response).await {
        Ok(page) => {
            let response = page.respond();
            edge.pages.keep(version, key, page);
            response
        }
        Err(response) => *response,
    }
}

impl Page {
    /// Splits a rendered page at its nonce; gives the response back where it has none.
    async fn take_apart(response: Response) -> Result<Self, Box<Response>> {
        let (mut parts, body) = response.into_parts();
        let policy = parts.headers.get(header::CONTENT_SECURITY_POLICY).and_then(|value| value.to_str().ok());
        let nonce = policy
            .and_then(|policy| policy.split("'nonce-").nth(1))
            .and_then(|rest| rest.split('\'').next())
            .map(str::to_owned);
        let (Some(policy), Some(nonce)) = (policy.map(str::to_owned), nonce) else {
            return Err(Box::new(Response::from_parts(parts, body)));
        };
        let bytes = match to_bytes(body, LARGEST).await {
            Ok(bytes) => bytes,
            Err(error) => {
                tracing::warn!(%error, "a page could not be read");
                return Err(Box::new(Response::from_parts(parts, Body::empty())));
            }
        };
        parts.headers.remove(header::CONTENT_SECURITY_POLICY);
        parts.headers.remove(header::SET_COOKIE);
        parts.headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
        parts.headers.insert(header::VARY, HeaderValue::from_static("Cookie"));
        let policy = policy.split(&nonce).map(str::to_owned).collect();
        Ok(Self { headers: parts.headers, policy, pieces: split(&bytes, nonce.as_bytes()) })
    }

    /// The page with a nonce of its own.
    fn respond(&self) -> Response {
        let nonce = fresh_nonce();
        let size: usize = self.pieces.iter().map(Bytes::len).sum();
        let mut body = Vec::with_capacity(size + self.pieces.len() * nonce.len());
        for (index, piece) in self.pieces.iter().enumerate() {
            if index > 0 {
                body.extend_from_slice(nonce.as_bytes());
            }
            body.extend_from_slice(piece);
        }
        let mut response = Response::new(Body::from(body));
        *response.headers_mut() = self.headers.clone();
        if let Ok(policy) = HeaderValue::from_str(&self.policy.join(&nonce)) {
            response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
        }
        response
    }
}

/// The pieces of a page between the occurrences of its nonce.
fn split(page: &Bytes, nonce: &[u8]) -> Vec<Bytes> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut at = 0;
    while let Some(window) = page.get(at..at + nonce.len()) {
        if window == nonce {
            pieces.push(page.slice(start..at));
            at += nonce.len();
            start = at;
        } else {
            at += 1;
        }
    }
    pieces.push(page.slice(start..));
    pieces
}

/// 128 random bits as hexadecimal digits.
fn fresh_nonce() -> String {
    let mut bytes = [0; 16];
    if SystemRandom::new().fill(&mut bytes).is_err() {
        std::process::abort();
    }
    format!("{:032x}", u128::from_be_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_split_at_its_nonces() {
        let page = Bytes::from_static(b"<a nonce=XY><b nonce=XY>");
        let pieces = split(&page, b"XY");
        assert_eq!(pieces, [&b"<a nonce="[..], b"><b nonce=", b">"]);
        assert_eq!(split(&page, b"ZZ"), [page]);
    }

    #[test]
    fn nonces_differ() {
        assert_ne!(fresh_nonce(), fresh_nonce());
    }
}
