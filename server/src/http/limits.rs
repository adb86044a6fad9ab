//! Rate limits of the edge, by account or address. Logins have their own, in the database.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};

use app::cx::Origin;
use app::error::Fault;
use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::actor::Actor;
use domain::locale::Locale;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use super::Edge;
use super::identify::cookie;

/// What orders something or begins to pay: it holds seats, takes numbers and asks gateways.
const CHECKOUTS: &[&str] = &[
    "/api/offers/checkout",
    "/api/offers/give",
    "/api/offers/order_bundle",
    "/api/orders/place",
    "/api/payments/begin",
    "/api/subscriptions/pay",
    "/api/subscriptions/subscribe",
];

type Limiter = Option<DefaultKeyedRateLimiter<String>>;

/// How often one account or address may ask.
pub struct Limits {
    all: Limiter,
    writes: Limiter,
    checkouts: Limiter,
    checkouts_of_address: Limiter,
    asked: AtomicU64,
}

impl Limits {
    /// Limits of so many requests a minute, a quarter of them writes; none for 0. Of the usual 600, ten may be
    /// checkouts of one account, and thirty of one address, which a school may share.
    pub fn new(per_minute: u32) -> Self {
        let limiter =
            |count: u32| NonZeroU32::new(count).map(|count| RateLimiter::keyed(Quota::per_minute(count)));
        // Whoever allows little still lets people buy.
        let part = |of: u32| limiter(if per_minute == 0 { 0 } else { (per_minute / of).max(1) });
        Self {
            all: limiter(per_minute),
            writes: part(4),
            checkouts: part(60),
            checkouts_of_address: part(20),
            asked: AtomicU64::new(0),
        }
    }

    /// Seconds to wait, where a request comes too early.
    fn wait(&self, account: Option<&str>, address: &str, path: &str, write: bool) -> Option<u32> {
        if self.asked.fetch_add(1, Ordering::Relaxed) % 10_000 == 9_999 {
            self.tidy();
        }
        let key = account.unwrap_or(address);
        let checkout = write && CHECKOUTS.contains(&path);
        early(if write { &self.writes } else { &self.all }, key)
            .or_else(|| checkout.then(|| early(&self.checkouts, key)).flatten())
            .or_else(|| checkout.then(|| early(&self.checkouts_of_address, address)).flatten())
    }

    /// Forgets keys that have been quiet.
    fn tidy(&self) {
        let every = [&self.all, &self.writes, &self.checkouts, &self.checkouts_of_address];
        every.into_iter().flatten().for_each(RateLimiter::retain_recent);
    }
}

/// Seconds until a key may ask again, where it asks too early.
fn early(limiter: &Limiter, key: &str) -> Option<u32> {
    let early = limiter.as_ref()?.check_key(&key.to_owned()).err()?;
    let wait = early.wait_time_from(DefaultClock::default().now());
    u32::try_from(wait.as_secs() + 1).ok()
}

/// Refuses what comes too often; static files and gateways' notices are free.
pub async fn layer(State(edge): State<Edge>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if ["/pkg/", "/fonts/", "/pay/", "/healthz", "/readyz"].iter().any(|free| path.starts_with(free)) {
        return next.run(request).await;
    }
    let account = request.extensions().get::<Actor>().map(|actor| actor.account.to_string());
    let address = request.extensions().get::<Origin>().map(|origin| origin.address.as_str());
    let write = !request.method().is_safe();
    match edge.limits.wait(account.as_deref(), address.unwrap_or_default(), path, write) {
        Some(retry_after) => refused(request.headers(), path, retry_after),
        None => next.run(request).await,
    }
}

/// The refusal: words for whoever reads pages, JSON for programs.
fn refused(headers: &HeaderMap, path: &str, retry_after: u32) -> Response {
    let fault = Fault::TooMany { retry_after };
    let seconds = [(header::RETRY_AFTER, retry_after.to_string())];
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !accept.contains("text/html") {
        return (StatusCode::TOO_MANY_REQUESTS, seconds, Json(fault)).into_response();
    }
    let remembered = cookie(headers, "locale").and_then(Locale::parse);
    let locale = Locale::of_path(path).or(remembered).unwrap_or_default();
    (StatusCode::TOO_MANY_REQUESTS, seconds, fault.text(locale)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checkouts_are_limited_by_account_and_by_address() {
        let limits = Limits::new(600);
        let buys = |account: &str, address: &str| {
            limits.wait(Some(account), address, "/api/orders/place", true).is_none()
        };
        let allowed = (0..20).filter(|_| buys("bob", "1.2.3.4")).count();
        assert_eq!(allowed, 10, "ten a minute for one account");
        let others = (0..40).filter(|place| buys(&format!("eve{place}"), "1.2.3.4")).count();
        assert_eq!(others, 20, "thirty a minute for one address, whoever asks");
        assert!(buys("eve", "5.6.7.8"), "and nobody elsewhere is held up");
        assert!(limits.wait(Some("bob"), "1.2.3.4", "/api/offers/put", true).is_none(), "nor anything else");
    }

    #[test]
    fn without_limits_everybody_may() {
        let limits = Limits::new(0);
        assert!((0..1_000).all(|_| limits.wait(None, "1.2.3.4", "/api/orders/place", true).is_none()));
    }

    #[test]
    fn a_person_reads_words_and_a_program_reads_json() {
        let mut headers = HeaderMap::new();
        let kind = |headers: &HeaderMap| {
            let response = refused(headers, "/api/orders/place", 7);
            response.headers()[header::CONTENT_TYPE].to_str().unwrap_or_default().to_owned()
        };
        assert_eq!(kind(&headers), "application/json");
        headers.insert(header::ACCEPT, header::HeaderValue::from_static("text/html,*/*"));
        assert!(kind(&headers).starts_with("text/plain"));
    }
}
