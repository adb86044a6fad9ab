//! A viewer: the body of a server-sent stream.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;

use super::topic::{Next, Place, Topic};

/// A response body that follows a topic.
pub struct Viewer {
    topic: Arc<Topic>,
    place: Place,
    greeting: Bytes,
}

impl Viewer {
    /// Follows a topic from `seq` on, after a greeting.
    pub fn new(topic: Arc<Topic>, seq: i64, greeting: Bytes) -> Self {
        let place = topic.place_after(seq);
        topic.enter();
        Self { topic, place, greeting }
    }
}

impl Drop for Viewer {
    fn drop(&mut self) {
        self.topic.leave(&self.place);
    }
}

impl http_body::Body for Viewer {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, Infallible>>> {
        let this = &mut *self;
        if !this.greeting.is_empty() {
            return Poll::Ready(Some(Ok(http_body::Frame::data(std::mem::take(&mut this.greeting)))));
        }
        match this.topic.next(&mut this.place, context.waker()) {
            Next::Bytes(bytes) => Poll::Ready(Some(Ok(http_body::Frame::data(bytes)))),
            Next::Wait => Poll::Pending,
            Next::End => Poll::Ready(None),
        }
    }
}

/// The response that carries a viewer.
pub fn stream_response(viewer: Viewer) -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        // Proxies of the nginx family must pass events on at once.
        (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
    ];
    (headers, Body::new(viewer)).into_response()
}
