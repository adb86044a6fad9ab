//! Bodies that stop when the right of their reader ends (invariant I9).

use std::sync::Arc;

use axum::body::{Body, Bytes};
use domain::time::{Span, Timestamp};
use futures_util::stream::{self, BoxStream, StreamExt};

use crate::clock::Clock;

/// How long a right is believed before it is asked for again; five seconds are promised.
const AGAIN: Span = Span::seconds(2);
/// How much is handed out at a time.
const PIECE: usize = 64 * 1024;

struct Reading<M> {
    source: BoxStream<'static, Result<Bytes, axum::Error>>,
    rest: Bytes,
    asked: Timestamp,
    clock: Arc<dyn Clock>,
    may: M,
}

/// Hands a body on in pieces, and asks while it is read whether its reader may still have it: a slow reader has no
/// more of what was given back than a fast one. Where they may not, the connection breaks off.
pub fn guarded<M, F>(body: Body, clock: Arc<dyn Clock>, may: M) -> Body
where
    M: Fn() -> F + Send + 'static,
    F: Future<Output = bool> + Send,
{
    let asked = clock.now();
    let source = body.into_data_stream().boxed();
    let reading = Reading { source, rest: Bytes::new(), asked, clock, may };
    Body::from_stream(stream::unfold(Some(reading), |reading| async move {
        let mut reading = reading?;
        while reading.rest.is_empty() {
            match reading.source.next().await? {
                Ok(more) => reading.rest = more,
                Err(error) => return Some((Err(error), None)),
            }
        }
        let now = reading.clock.now();
        if now.since(reading.asked) >= AGAIN {
            if !(reading.may)().await {
                return Some((Err(axum::Error::new("the right has ended")), None));
            }
            reading.asked = now;
        }
        let piece = reading.rest.split_to(reading.rest.len().min(PIECE));
        Some((Ok(piece), Some(reading)))
    }))
}
