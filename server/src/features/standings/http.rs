//! The addresses of the live board: the stream, its snapshots, the published log.

use std::sync::Arc;

use app::error::Fault;
use axum::Json;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, LOCATION, VARY,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use domain::standings::Event;
use serde::Deserialize;
use serde_json::json;

use super::desk::Packed;
use super::service::Service;
use super::store;
use crate::error::Result;
use crate::live::{Viewer, stream_response};

/// How many events of the published log come at a time.
const LOG_PAGE: i64 = 5_000;

/// The routes of the live board.
pub fn routes(service: Arc<Service>) -> Router {
    Router::new()
        .route("/live/competitions/{slug}", get(stream))
        .route("/live/competitions/{slug}/standings.json", get(current))
        .route("/live/competitions/{slug}/standings/{file}", get(at))
        .route("/live/competitions/{slug}/log.json", get(log))
        .with_state(service)
}

#[derive(Deserialize)]
struct After {
    after: Option<i64>,
}

async fn stream(
    State(service): State<Arc<Service>>,
    Path(slug): Path<String>,
    Query(query): Query<After>,
    headers: HeaderMap,
) -> Response {
    let last = headers.get("last-event-id").and_then(|value| value.to_str().ok()?.parse::<i64>().ok());
    answer(open(&service, &slug, last.or(query.after)).await)
}

async fn open(service: &Service, slug: &str, after: Option<i64>) -> Result<Response> {
    let desk = service.desk(slug).await?;
    let known = match after {
        Some(after) => {
            let present = desk.look(|board, _| board.sequence()).await;
            (after <= present && desk.topic.reaches_back_to(after)).then_some(after)
        }
        None => None,
    };
    let viewer = match known {
        Some(after) => Viewer::new(desk.topic.clone(), after, bytes::Bytes::from_static(b"retry: 2000\n\n")),
        None => {
            let packed = desk.packed_for_arrival(service.now()).await?;
            Viewer::new(desk.topic.clone(), packed.seq, packed.greeting.clone())
        }
    };
    Ok(stream_response(viewer))
}

async fn current(
    State(service): State<Arc<Service>>,
    Path(slug): Path<String>,
    headers: HeaderMap,
) -> Response {
    let packed = async {
        let desk = service.desk(&slug).await?;
        desk.packed(service.now()).await
    };
    match packed.await {
        Ok(packed) => snapshot(&packed, &headers, "no-cache"),
        Err(error) => answer(Err(error)),
    }
}

async fn at(
    State(service): State<Arc<Service>>,
    Path((slug, file)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let Some(seq) = file.strip_suffix(".json").and_then(|seq| seq.parse::<i64>().ok()) else {
        return answer(Err(crate::error::Error::not_found()));
    };
    let packed = async {
        let desk = service.desk(&slug).await?;
        desk.packed_at(seq, service.now()).await
    };
    match packed.await {
        Ok(Some(packed)) => snapshot(&packed, &headers, "public, max-age=31536000, immutable"),
        // Gone by: the present board serves as well.
        Ok(None) => {
            let present = format!("/live/competitions/{slug}/standings.json");
            (StatusCode::TEMPORARY_REDIRECT, [(LOCATION, present), (CACHE_CONTROL, "no-store".to_owned())])
                .into_response()
        }
        Err(error) => answer(Err(error)),
    }
}

fn snapshot(packed: &Packed, headers: &HeaderMap, caching: &'static str) -> Response {
    let tag = format!("\"s{}\"", packed.seq);
    let mut response = Response::new(axum::body::Body::empty());
    let known = |value: &HeaderValue| value.to_str().is_ok_and(|value| value.contains(&tag) || value == "*");
    let zipped = |value: &HeaderValue| value.to_str().is_ok_and(|value| value.contains("gzip"));
    if headers.get(IF_NONE_MATCH).is_some_and(known) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    } else if headers.get(ACCEPT_ENCODING).is_some_and(zipped) {
        *response.body_mut() = packed.gzip.clone().into();
        response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    } else {
        *response.body_mut() = packed.plain.clone().into();
    }
    let fields = response.headers_mut();
    fields.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    fields.insert(CACHE_CONTROL, HeaderValue::from_static(caching));
    fields.insert(VARY, HeaderValue::from_static("accept-encoding"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        fields.insert(ETAG, tag);
    }
    response
}

#[derive(Deserialize)]
struct LogPage {
    until: Option<i64>,
    skip: Option<i64>,
}

async fn log(
    State(service): State<Arc<Service>>,
    Path(slug): Path<String>,
    Query(page): Query<LogPage>,
) -> Response {
    answer(read_log(&service, &slug, &page).await)
}

/// A page of the published log. Events carry their place in it, not the jury's numbers: those would
/// tell how much happened behind the freeze.
async fn read_log(service: &Service, slug: &str, page: &LogPage) -> Result<Response> {
    let desk = service.desk(slug).await?;
    let present = desk.look(|board, _| board.sequence()).await;
    let until = page.until.unwrap_or(present).clamp(0, present);
    let skip = page.skip.unwrap_or(0).max(0);
    let frozen = desk.frozen().await;
    let events = store::published(service.db(), desk.subject.id, until, frozen, skip, LOG_PAGE).await?;
    let read = i64::try_from(events.len()).unwrap_or(LOG_PAGE);
    let next = (read == LOG_PAGE).then_some(skip + read);
    let events: Vec<Event> = desk.censor(events).await;
    let numbered: Vec<Event> =
        events.into_iter().zip(skip + 1..).map(|(event, sequence)| Event { sequence, ..event }).collect();
    let body = json!({ "rules": desk.subject.rules, "until": until, "events": numbered, "next": next });
    Ok(([(CACHE_CONTROL, "no-cache")], Json(body)).into_response())
}

fn answer(result: Result<Response>) -> Response {
    result.unwrap_or_else(|error| {
        let fault = Fault::from(error);
        let status = StatusCode::from_u16(fault.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, [(CACHE_CONTROL, "no-store")], Json(json!({ "fault": fault }))).into_response()
    })
}
