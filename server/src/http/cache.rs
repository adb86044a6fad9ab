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
use domain::time::{Span, Timestamp};
use ring::rand::{SecureRandom, SystemRandom};
use tokio::sync::broadcast::error::RecvError;

use super::Edge;
use crate::bus::{Bus, Note, Tag};

/// How many pages of a section are kept at most; beyond it the section starts anew.
const CAPACITY: usize = 1_000;
/// How long a page is kept though nothing was changed.
const LIFE: Span = Span::seconds(10);
/// The largest page that is kept.
const LARGEST: usize = 2 * 1024 * 1024;

/// The kept pages of this process.
#[derive(Clone, Default)]
pub struct Pages(Arc<RwLock<Kept>>);

/// Kept pages by section: the segment after the language.
type Kept = HashMap<&'static str, Section>;

#[derive(Default)]
struct Section {
    /// Grows with every change, so that a page rendered before a change is not kept after it.
    version: u64,
    pages: HashMap<String, Arc<Page>>,
}

struct Page {
    /// When it is too old: what a page shows also changes with the hour, as a competition begins or ends.
    until: Timestamp,
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
                let stale = match heard.recv().await {
                    Ok(note) => shown_by(&note),
                    Err(RecvError::Lagged(_)) => &PUBLIC_SECTIONS,
                    Err(RecvError::Closed) => return,
                };
                if !stale.is_empty() {
                    let mut kept = kept.write().unwrap_or_else(std::sync::PoisonError::into_inner);
                    for section in stale {
                        let section = kept.entry(section).or_default();
                        section.version += 1;
                        section.pages.clear();
                    }
                }
            }
        };
        if tokio::runtime::Handle::try_current().is_ok() {
            tokio::spawn(follow);
        }
    }

    fn find(&self, key: &Key) -> (u64, Option<Arc<Page>>) {
        let kept = self.0.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        let section = kept.get(key.section);
        (
            section.map_or(0, |section| section.version),
            section.and_then(|section| section.pages.get(&key.page).cloned()),
        )
    }

    fn keep(&self, version: u64, key: Key, page: Page) {
        let mut kept = self.0.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        let section = kept.entry(key.section).or_default();
        if section.version == version {
            if section.pages.len() >= CAPACITY {
                section.pages.clear();
            }
            section.pages.insert(key.page, Arc::new(page));
        }
    }
}

/// Where a page is kept.
struct Key {
    section: &'static str,
    page: String,
}

/// The sections whose pages show what a note says has changed.
fn shown_by(note: &Note) -> &'static [&'static str] {
    match note {
        Note::Touched(Tag::Courses) => &["", "courses", "pricing"],
        Note::Touched(Tag::Competitions | Tag::Competition(_)) | Note::Standings { .. } => {
            &["", "competitions", "courses", "pricing"]
        }
        Note::Touched(Tag::People) => &["", "people", "certificates", "competitions", "courses"],
        Note::Resynchronise => &PUBLIC_SECTIONS,
        Note::Jobs => &[],
    }
}

/// Sections whose pages show the same to every stranger.
const PUBLIC_SECTIONS: [&str; 7] =
    ["", "courses", "competitions", "people", "certificates", "gallery", "pricing"];

/// Where a stranger's view of a public page is kept, if it may be.
fn key(request: &Request) -> Option<Key> {
    let page = request.extensions().get::<PageContext>()?;
    let path = request.uri().path();
    Locale::of_path(path)?;
    let section = path.trim_start_matches('/').split('/').nth(1).unwrap_or_default();
    let section = PUBLIC_SECTIONS.into_iter().find(|public| *public == section)?;
    let fits = request.method() == Method::GET
        && page.viewer.is_none()
        && page.draft.is_none()
        && request.uri().query().is_none_or(|query| query.len() < 200);
    fits.then(|| Key { section, page: format!("{}|{}", page.theme, request.uri()) })
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
    let now = edge.services.kit.now();
    let (version, found) = edge.pages.find(&key);
    if let Some(page) = found.filter(|page| now < page.until) {
        return page.respond();
    }
    let response = next.run(request).await;
    if response.status() != StatusCode::OK {
        return response;
    }
    match Page::take_apart(response, now.plus(LIFE)).await {
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
    async fn take_apart(response: Response, until: Timestamp) -> Result<Self, Box<Response>> {
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
        Ok(Self { until, headers: parts.headers, policy, pieces: split(&bytes, nonce.as_bytes()) })
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
