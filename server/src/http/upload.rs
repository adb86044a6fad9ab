//! Uploads: one file of a multipart form, read no further than it may be long.

use app::cx::Origin;
use app::i18n::href;
use axum::extract::multipart::MultipartError;
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Request};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use domain::invalid::Invalid;
use domain::judging::csv::{LARGEST_FILE, too_large};
use domain::locale::Locale;
use domain::time::Timestamp;

use super::drafts;
use crate::error::{Error, Result};
use crate::kit::Kit;

/// What a multipart body holds beside its file.
const AROUND: usize = 64 * 1024;

/// A file that was uploaded.
pub struct Upload {
    /// The name that the browser gives it.
    pub file_name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// The layer for routes that take an upload, in place of the limit of ordinary forms.
pub fn limit() -> DefaultBodyLimit {
    DefaultBodyLimit::max(LARGEST_FILE + AROUND)
}

/// Reads the file in a field of a form. What says at once that it is too large is not read at all.
pub async fn read(request: Request, field: &'static str) -> Result<Upload> {
    let length = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    let length: Option<usize> = length.and_then(|length| length.parse().ok());
    if length.is_some_and(|length| length > LARGEST_FILE + AROUND) {
        return Err(too_large(field).into());
    }
    let required = || Error::from(Invalid::field(field, "required"));
    let mut form = Multipart::from_request(request, &()).await.map_err(|_| required())?;
    while let Some(part) = form.next_field().await.map_err(|error| refusal(field, &error))? {
        if part.name() == Some(field) {
            let file_name = part.file_name().unwrap_or_default().to_owned();
            let bytes = part.bytes().await.map_err(|error| refusal(field, &error))?.to_vec();
            if file_name.is_empty() && bytes.is_empty() {
                return Err(required());
            }
            return Ok(Upload { file_name, bytes });
        }
    }
    Err(required())
}

fn refusal(field: &str, error: &MultipartError) -> Error {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        too_large(field).into()
    } else {
        Invalid::field(field, "upload_broken").into()
    }
}

/// When the headers of a request arrived.
pub fn received_at(kit: &Kit, request: &Request) -> Timestamp {
    request.extensions().get::<Origin>().map_or_else(|| kit.now(), |origin| origin.received_at)
}

/// The answer to an upload: on to a page, or back to the form with what was wrong.
pub async fn answer(
    kit: &Kit,
    headers: &HeaderMap,
    endpoint: &str,
    outcome: Result<()>,
    page: &str,
) -> Response {
    match outcome {
        Ok(()) => {
            let from = headers.get(header::REFERER).and_then(|page| page.to_str().ok());
            let from = from.and_then(|page| page.parse::<axum::http::Uri>().ok());
            let locale = from.and_then(|page| Locale::of_path(page.path())).unwrap_or_default();
            drafts::see_other(&href(locale, page))
        }
        Err(error) => drafts::refused(kit, headers, endpoint, error.into()).await,
    }
}
