//! Rate limits of the edge, by account or address. Logins have their own, in the database.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};

use app::cx::Origin;
use app::error::Fault;
use axum::Json;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::actor::Actor;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use super::Edge;

/// How often one account or address may ask.
pub struct Limits {
    all: Option<DefaultKeyedRateLimiter<String>>,
    writes: Option<DefaultKeyedRateLimiter<String>>,
    asked: AtomicU64,
}

impl Limits {
    /// Limits of so many requests a minute, a quarter of them writes; none for 0.
    pub fn new(per_minute: u32) -> Self {
        let limiter =
            |count: u32| NonZeroU32::new(count).map(|count| RateLimiter::keyed(Quota::per_minute(count)));
        Self { all: limiter(per_minute), writes: limiter(per_minute / 4), asked: AtomicU64::new(0) }
    }

    /// Seconds to wait, where a request comes too early.
    fn wait(&self, key: &String, write: bool) -> Option<u32> {
        if self.asked.fetch_add(1, Ordering::Relaxed) % 10_000 == 9_999 {
            self.tidy();
        }
        let limiter = if write { &self.writes } else { &self.all };
        let early = limiter.as_ref()?.check_key(key).err()?;
        let wait = early.wait_time_from(DefaultClock::default().now());
        u32::try_from(wait.as_secs() + 1).ok()
    }

    /// Forgets keys that have been quiet.
    fn tidy(&self) {
        [&self.all, &self.writes].into_iter().flatten().for_each(RateLimiter::retain_recent);
    }
}

/// Refuses what comes too often; static files and gateways' notices are free.
pub async fn layer(State(edge): State<Edge>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if ["/pkg/", "/fonts/", "/pay/", "/healthz", "/readyz"].iter().any(|free| path.starts_with(free)) {
        return next.run(request).await;
    }
    let account = request.extensions().get::<Actor>().map(|actor| actor.account.to_string());
    let address = || request.extensions().get::<Origin>().map(|origin| origin.address.clone());
    let key = account.or_else(address).unwrap_or_default();
    match edge.limits.wait(&key, !request.method().is_safe()) {
        Some(retry_after) => {
            let seconds = [(header::RETRY_AFTER, retry_after.to_string())];
            (StatusCode::TOO_MANY_REQUESTS, seconds, Json(Fault::TooMany { retry_after })).into_response()
        }
        None => next.run(request).await,
    }
}
