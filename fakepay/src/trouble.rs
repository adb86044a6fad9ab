//! Faults in the answers to requests, as they are ordered.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;

use crate::Shared;

/// A fault in the answers to requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The answer is 503 and nothing was done.
    Down,
    /// Everything is done, and the answer comes only after this many milliseconds.
    Slow(u64),
    /// Everything is done, and the connection is cut before the answer.
    Cut,
    /// Everything is done, and the answer drips: a byte each so many milliseconds.
    Drips(u64),
    /// Everything is done, and the answer is 500 all the same.
    Fails,
    /// Nothing is done, the answer is 500, and Stripe saves it under the key of the request.
    Spoils,
    /// Everything is done, the answer is 500, and Stripe saves it under the key of the request.
    FailsAndSpoils,
}

impl Trouble {
    /// Reads the name of a fault; `millis` belongs to the slow ones.
    pub fn parse(name: &str, millis: Option<u64>) -> Option<Self> {
        Some(match (name, millis) {
            ("down", None) => Self::Down,
            ("slow", Some(millis)) => Self::Slow(millis),
            ("drips", Some(millis)) => Self::Drips(millis),
            ("cut", None) => Self::Cut,
            ("fails", None) => Self::Fails,
            ("spoils", None) => Self::Spoils,
            ("fails-and-spoils", None) => Self::FailsAndSpoils,
            _ => return None,
        })
    }
    /// Whether the answer is 500.
    pub const fn is_failure(self) -> bool {
        matches!(self, Self::Fails | Self::Spoils | Self::FailsAndSpoils)
    }
    /// Whether what the request wants is done all the same.
    pub const fn is_done(self) -> bool {
        !matches!(self, Self::Down | Self::Spoils)
    }
    /// Whether the 500 is saved under the key of the request.
    pub const fn is_saved(self) -> bool {
        matches!(self, Self::Spoils | Self::FailsAndSpoils)
    }
}

/// A fault in the answers to some requests.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Which fault.
    pub trouble: Trouble,
    /// For how many requests.
    pub times: u32,
    /// Only requests whose path or method contains this.
    pub path: String,
}

impl Shared {
    /// Answers a request, with the fault that was ordered for it; a 500 is made by `answer`, which knows the
    /// words of its gateway.
    pub(crate) async fn act(&self, path: &str, answer: impl FnOnce(Option<Trouble>) -> Response) -> Response {
        let trouble = self.world().trouble(path);
        match trouble {
            None => answer(None),
            Some(Trouble::Down) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
            Some(Trouble::Slow(millis)) => {
                let answer = answer(trouble);
                tokio::time::sleep(Duration::from_millis(millis)).await;
                answer
            }
            Some(Trouble::Drips(millis)) => dripping(answer(trouble), millis).await,
            Some(Trouble::Cut) => cut(answer(trouble)),
            Some(Trouble::Fails | Trouble::Spoils | Trouble::FailsAndSpoils) => answer(trouble),
        }
    }
}

/// Does what a request wants, unless its fault prevents that, and answers with `failure` where the fault is one.
pub(crate) fn failing(
    trouble: Option<Trouble>,
    work: impl FnOnce() -> Response,
    failure: impl FnOnce() -> Response,
) -> Response {
    match trouble.filter(|trouble| trouble.is_failure()) {
        None => work(),
        Some(trouble) => {
            if trouble.is_done() {
                work();
            }
            failure()
        }
    }
}

/// An answer that comes a byte at a time.
async fn dripping(answer: Response, millis: u64) -> Response {
    let (mut parts, body) = answer.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    let bytes = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let drops = stream::unfold(bytes, move |mut rest| async move {
        if rest.is_empty() {
            return None;
        }
        tokio::time::sleep(Duration::from_millis(millis)).await;
        let drop: Result<Bytes, Infallible> = Ok(rest.split_to(1));
        Some((drop, rest))
    });
    Response::from_parts(parts, Body::from_stream(drops))
}

/// An answer that never comes: the connection is closed in its place.
fn cut(answer: Response) -> Response {
    let (parts, _) = answer.into_parts();
    let broken = stream::iter([Err::<Bytes, _>(std::io::Error::other("cut"))]);
    Response::from_parts(parts, Body::from_stream(broken))
}
