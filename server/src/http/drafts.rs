//! Faults on their way out: the right status for programs, a kept form for pages without scripts.

use app::context::{Draft, PageContext};
use app::error::Fault;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::invalid::Invalid;
use domain::locale::Locale;
use domain::time::Span;
use uuid::Uuid;

use super::identify::cookie;
use super::{Edge, FORM_LIMIT};
use crate::error::Result;
use crate::kit::Kit;
use crate::sql;

/// The cookie that names a kept form for one page view.
const COOKIE: &str = "draft";
/// How long a kept form waits to be shown.
const LIFE: Span = Span::minutes(10);

/// A field that no form of ours has: there is one of each thing in an order. Whoever sends it expects something
/// that would not happen, so that it is refused and not passed over.
const QUANTITY: &str = "quantity";
/// Where things are chosen, ordered and paid.
const SELLS: [&str; 3] = ["/api/orders/", "/api/offers/", "/api/payments/"];

/// Gives every fault its status. A refused form of a page without scripts is kept and shown again.
pub async fn layer(State(edge): State<Edge>, request: Request, next: Next) -> Response {
    let had_draft = request.extensions().get::<PageContext>().is_some_and(|page| page.draft.is_some());
    let path = request.uri().path().to_owned();
    if request.method() != Method::POST || !path.starts_with("/api/") {
        let mut response = next.run(request).await;
        if path.starts_with("/api/") {
            response = with_status(response).await.0;
        }
        if had_draft {
            set_cookie(&edge.services.kit, &mut response, "", 0);
        }
        return response;
    }
    let (parts, body) = request.into_parts();
    let wants_page = text(&parts.headers, header::ACCEPT).contains("text/html");
    let form = text(&parts.headers, header::CONTENT_TYPE).starts_with("application/x-www-form-urlencoded");
    let from = text(&parts.headers, header::REFERER).parse::<Uri>().ok();
    let Ok(bytes) = to_bytes(body, FORM_LIMIT).await else {
        let mut response = Response::new(Body::from("The form is too large."));
        *response.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
        return response;
    };
    let fields = if form && wants_page { bytes.clone() } else { Default::default() };
    let refused = form && SELLS.iter().any(|api| path.starts_with(api)) && names_quantity(&bytes);
    // Without `text/html` leptos answers with the fault itself; the redirect for pages is ours.
    let mut request = Request::from_parts(parts, Body::from(bytes));
    if wants_page {
        request.headers_mut().insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    }
    let (mut response, fault) = if refused {
        let fault = Fault::from(Invalid::field(QUANTITY, "one_of_each"));
        ((StatusCode::UNPROCESSABLE_ENTITY, axum::Json(&fault)).into_response(), Some(fault))
    } else {
        with_status(next.run(request).await).await
    };
    if !wants_page {
        return response;
    }
    match fault {
        Some(fault) => {
            let fields = kept_fields(&fields);
            back_to_form(&edge.services.kit, from.as_ref(), Draft { endpoint: path, fields, fault }).await
        }
        None => {
            // A redirect after success; leptos marks it for scripts and leaves the status at 200.
            if response.headers().contains_key(header::LOCATION) {
                *response.status_mut() = StatusCode::SEE_OTHER;
            } else if let Some(page) = from.as_ref().and_then(Uri::path_and_query) {
                let mut back = see_other(page.as_str());
                for cookie in response.headers().get_all(header::SET_COOKIE) {
                    back.headers_mut().append(header::SET_COOKIE, cookie.clone());
                }
                return back;
            }
            response
        }
    }
}

/// The answer to a form that was sent to a plain route and refused: for a page, the way back to the form.
pub async fn refused(kit: &Kit, headers: &HeaderMap, endpoint: &str, fault: Fault) -> Response {
    if !text(headers, header::ACCEPT).contains("text/html") {
        let status = StatusCode::from_u16(fault.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        return (status, axum::Json(fault)).into_response();
    }
    let from = text(headers, header::REFERER).parse::<Uri>().ok();
    let draft = Draft { endpoint: endpoint.to_owned(), fields: Vec::new(), fault };
    back_to_form(kit, from.as_ref(), draft).await
}

/// Leads back to the page of a refused form, which shows it again.
async fn back_to_form(kit: &Kit, from: Option<&Uri>, draft: Draft) -> Response {
    let page = from.and_then(Uri::path_and_query).map(ToString::to_string);
    let page = page.filter(|page| Locale::of_path(page).is_some()).unwrap_or_else(|| "/".to_owned());
    let mut back = see_other(&page);
    match keep(kit, &draft).await {
        Ok(id) => set_cookie(kit, &mut back, &id.to_string(), LIFE.whole_seconds()),
        Err(error) => {
            tracing::error!(%error, "a refused form could not be kept");
            // Then the refusal itself must not be lost as well.
            return in_words(&draft.fault, Locale::of_path(&page).unwrap_or_default());
        }
    }
    back
}

/// A fault as a plain text with its status.
fn in_words(fault: &Fault, locale: Locale) -> Response {
    let mut response = Response::new(Body::from(fault.text(locale)));
    *response.status_mut() =
        StatusCode::from_u16(fault.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, plain);
    if let Some(retry_after) = fault.retry_after() {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(retry_after));
    }
    response
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> &str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// Reads a fault out of a failed server function's answer and gives it its status.
async fn with_status(response: Response) -> (Response, Option<Fault>) {
    let failed = response.headers().contains_key("serverfnerror") && response.status().is_server_error();
    if !failed {
        return (response, None);
    }
    let (mut parts, body) = response.into_parts();
    let bytes = to_bytes(body, FORM_LIMIT).await.unwrap_or_default();
    let fault: Option<Fault> = serde_json::from_slice(&bytes).ok();
    if let Some(status) = fault.as_ref().and_then(|fault| StatusCode::from_u16(fault.status()).ok()) {
        parts.status = status;
    }
    if let Some(retry_after) = fault.as_ref().and_then(Fault::retry_after) {
        parts.headers.insert(header::RETRY_AFTER, HeaderValue::from(retry_after));
    }
    (Response::from_parts(parts, Body::from(bytes)), fault)
}

/// Leads to a page after a form was sent.
pub fn see_other(page: &str) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    if let Ok(location) = HeaderValue::from_str(page) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

/// Whether a form says how many of something are wanted.
fn names_quantity(bytes: &[u8]) -> bool {
    bytes.split(|byte| *byte == b'&').any(|field| {
        let name = field.split(|byte| *byte == b'=').next().unwrap_or_default();
        name.eq_ignore_ascii_case(QUANTITY.as_bytes())
    })
}

/// What was typed, without passwords and tokens, at most 256 KiB.
fn kept_fields(bytes: &[u8]) -> Vec<(String, String)> {
    let fields: Vec<(String, String)> = serde_urlencoded(bytes);
    let mut room = 256 * 1024_usize;
    fields
        .into_iter()
        .filter(|(name, _)| !name.contains("password") && !name.contains("token"))
        .take_while(|(name, value)| {
            let size = name.len() + value.len();
            let fits = size <= room;
            room = room.saturating_sub(size);
            fits
        })
        .collect()
}

fn serde_urlencoded(bytes: &[u8]) -> Vec<(String, String)> {
    let uri = Uri::builder().path_and_query(format!("/?{}", String::from_utf8_lossy(bytes))).build();
    uri.ok()
        .and_then(|uri| axum::extract::Query::<Vec<(String, String)>>::try_from_uri(&uri).ok())
        .map(|query| query.0)
        .unwrap_or_default()
}

async fn keep(kit: &Kit, draft: &Draft) -> Result<Uuid> {
    // Random, not ordered: the id is all that one needs to see what was typed.
    let id = Uuid::from_bytes(kit.bytes());
    let body = serde_json::to_value(draft).map_err(|error| crate::Error::bug(error.to_string()))?;
    let mut tx = kit.db.begin().await?;
    tx.run(sql!("delete from form_drafts where expires_at < $1", kit.now())).await?;
    tx.run(sql!(
        "insert into form_drafts (id, body, expires_at) values ($1, $2, $3)",
        id,
        body,
        kit.now().plus(LIFE)
    ))
    .await?;
    tx.commit().await?;
    Ok(id)
}

/// The kept form that a page view asks for; it is gone afterwards.
pub async fn take(edge: &Edge, method: &Method, path: &str, headers: &HeaderMap) -> Option<Draft> {
    #[derive(sqlx::FromRow)]
    struct Row {
        body: sqlx::types::Json<Draft>,
    }
    if method != Method::GET || Locale::of_path(path).is_none() {
        return None;
    }
    let id: Uuid = cookie(headers, COOKIE)?.parse().ok()?;
    let kit = &edge.services.kit;
    let taken = async {
        let mut tx = kit.db.begin().await?;
        let row: Option<Row> = tx
            .maybe(sql!(
                "delete from form_drafts where id = $1 and expires_at > $2 returning body",
                id,
                kit.now()
            ))
            .await?;
        tx.commit().await?;
        Result::<_, crate::Error>::Ok(row)
    };
    taken.await.ok().flatten().map(|row| row.body.0)
}

fn set_cookie(kit: &Kit, response: &mut Response, value: &str, seconds: i64) {
    let secure = if kit.config.secure_cookies() { "; Secure" } else { "" };
    let text = format!("{COOKIE}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
    if let Ok(text) = HeaderValue::from_str(&text) {
        response.headers_mut().append(header::SET_COOKIE, text);
    }
}
