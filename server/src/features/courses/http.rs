//! Pictures of lessons: uploads and downloads, which cannot be server functions.

use std::sync::Arc;

use app::error::Fault;
use app::i18n::href;
use axum::extract::{DefaultBodyLimit, Multipart, Path, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use domain::actor::Actor;
use domain::courses::{LessonId, PictureId};
use domain::invalid::Invalid;
use domain::locale::Locale;

use super::service::MAX_PICTURE;
use crate::http::guarded::guarded;
use crate::services::Services;

/// `POST /api/courses/pictures/<lesson>` for authors, `GET /media/courses/<picture>` for readers.
pub fn routes(services: &Arc<Services>) -> Router {
    Router::new()
        // The form around the picture needs a little room too.
        .route(
            "/api/courses/pictures/{lesson}",
            post(upload).layer(DefaultBodyLimit::max(MAX_PICTURE + 64 * 1024)),
        )
        .route("/media/courses/{picture}", get(show))
        .with_state(Arc::clone(services))
}

async fn upload(
    State(services): State<Arc<Services>>,
    Extension(actor): Extension<Actor>,
    Path(lesson): Path<String>,
    headers: HeaderMap,
    form: Multipart,
) -> Response {
    let stored = match lesson.parse::<LessonId>() {
        Err(_) => Err(Fault::NotFound),
        Ok(lesson) => match picture_of(form).await {
            Ok(bytes) => services.courses.add_picture(&actor, lesson, bytes).await.map_err(Fault::from),
            Err(fault) => Err(fault),
        },
    };
    let text = |name: header::HeaderName| {
        headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    };
    if text(header::ACCEPT).contains("text/html") {
        let page = text(header::REFERER).parse::<Uri>().ok();
        let locale = page.and_then(|page| Locale::of_path(page.path())).unwrap_or(actor.locale);
        let told = match &stored {
            Ok(_) => String::new(),
            Err(Fault::Invalid(fields)) => {
                format!("?picture={}", fields.first().map_or("picture_type", |field| field.code.as_str()))
            }
            Err(_) => return (StatusCode::NOT_FOUND, Json(Fault::NotFound)).into_response(),
        };
        let path = href(locale, &format!("/teach/lessons/{lesson}"));
        return Redirect::to(&format!("{path}{told}#pictures")).into_response();
    }
    match stored {
        Ok(picture) => Json(format!("/media/courses/{picture}")).into_response(),
        Err(fault) => {
            let status = StatusCode::from_u16(fault.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            (status, Json(fault)).into_response()
        }
    }
}

/// The bytes of the field `picture`.
async fn picture_of(mut form: Multipart) -> Result<Vec<u8>, Fault> {
    let too_large =
        || -> Fault { Invalid::with("picture", "picture_too_large", &[&(MAX_PICTURE / 1024 / 1024)]).into() };
    loop {
        match form.next_field().await {
            Ok(Some(field)) if field.name() == Some("picture") => {
                return field.bytes().await.map(|bytes| bytes.to_vec()).map_err(|_| too_large());
            }
            Ok(Some(_)) => {}
            Ok(None) => return Err(Invalid::field("picture", "required").into()),
            Err(_) => return Err(too_large()),
        }
    }
}

async fn show(
    State(services): State<Arc<Services>>,
    actor: Option<Extension<Actor>>,
    Path(picture): Path<String>,
    asked: HeaderMap,
) -> Response {
    let viewer = actor.as_ref().map(|Extension(actor)| actor);
    let found = match picture.parse::<PictureId>() {
        Ok(picture) => services.courses.picture(viewer, picture).await.map_err(Fault::from),
        Err(_) => Err(Fault::NotFound),
    };
    match found {
        Ok((content_type, bytes)) => {
            // A browser keeps it, but asks each time whether it may still be seen: rights end at once.
            let tag = format!("\"{picture}\"");
            if asked.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes()) {
                return StatusCode::NOT_MODIFIED.into_response();
            }
            let length = bytes.len().to_string();
            let (clock, viewer) = (services.kit.clock.clone(), viewer.cloned());
            let id = picture.parse::<PictureId>().ok();
            let may = move || {
                let (services, viewer) = (Arc::clone(&services), viewer.clone());
                async move {
                    let Some(id) = id else { return false };
                    services.courses.may_see_picture(viewer.as_ref(), id).await.is_ok()
                }
            };
            let body = guarded(bytes.into(), clock, may);
            let headers = [
                (header::CONTENT_LENGTH, length.as_str()),
                (header::ETAG, tag.as_str()),
                (header::CONTENT_TYPE, content_type.as_str()),
                (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
                (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
                (header::CONTENT_DISPOSITION, "inline"),
                (header::CACHE_CONTROL, "private, no-cache"),
            ];
            (headers, body).into_response()
        }
        Err(fault) => StatusCode::from_u16(fault.status()).unwrap_or(StatusCode::NOT_FOUND).into_response(),
    }
}
