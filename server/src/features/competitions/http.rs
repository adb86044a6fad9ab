//! Uploads of organisers, downloads of entrants.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Extension, Path, Request, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use domain::actor::Actor;
use domain::competitions::{FileId, RegistrationState, policy};
use tower::ServiceExt;
use tower_http::services::ServeFile;

use super::service::Purpose;
use super::store::{files, registrations};
use crate::error::{Error, Result};
use crate::http::guarded::guarded;
use crate::http::{drafts, upload};
use crate::services::Services;

/// The routes of competitions.
pub fn routes(services: &Arc<Services>) -> Router {
    Router::new()
        .route("/api/competitions/{slug}/truth", post(truth))
        .route("/api/competitions/{slug}/data", post(data))
        .layer(upload::limit())
        .route("/api/competitions/{slug}/files/{file}", get(download))
        .with_state(Arc::clone(services))
}

async fn truth(
    State(services): State<Arc<Services>>,
    Extension(actor): Extension<Actor>,
    Path(slug): Path<String>,
    request: Request,
) -> Response {
    take(&services, &actor, &slug, Purpose::Truth, request).await
}

async fn data(
    State(services): State<Arc<Services>>,
    Extension(actor): Extension<Actor>,
    Path(slug): Path<String>,
    request: Request,
) -> Response {
    take(&services, &actor, &slug, Purpose::Data, request).await
}

async fn take(
    services: &Services,
    actor: &Actor,
    slug: &str,
    purpose: Purpose,
    request: Request,
) -> Response {
    let (headers, endpoint) = (request.headers().clone(), request.uri().path().to_owned());
    let field = match purpose {
        Purpose::Truth => "truth",
        Purpose::Data => "data",
    };
    let outcome = async {
        services.competitions.own(actor, slug).await?;
        let file = upload::read(request, field).await?;
        services.competitions.upload(actor, slug, purpose, &file.file_name, file.bytes).await
    };
    let outcome = outcome.await;
    upload::answer(&services.kit, &headers, &endpoint, outcome, &format!("/organise/{slug}#files")).await
}

async fn download(
    State(services): State<Arc<Services>>,
    Extension(actor): Extension<Actor>,
    Path((slug, file)): Path<(String, String)>,
    request: Request,
) -> Response {
    let (headers, endpoint) = (request.headers().clone(), request.uri().path().to_owned());
    match find(&services, &actor, &slug, &file).await {
        Ok((id, name)) => {
            let clock = services.kit.clock.clone();
            let response = send(&services, id, &name, request).await;
            let may = move || {
                let (services, actor) = (Arc::clone(&services), actor.clone());
                let (slug, file) = (slug.clone(), file.clone());
                async move { find(&services, &actor, &slug, &file).await.is_ok() }
            };
            response.map(|body| guarded(body, clock, may))
        }
        Err(error) => drafts::refused(&services.kit, &headers, &endpoint, error.into()).await,
    }
}

/// A data file that the caller may load: an approved entrant, or who runs the competition.
async fn find(services: &Services, actor: &Actor, slug: &str, file: &str) -> Result<(FileId, String)> {
    let found = services.competitions.visible(Some(actor), slug).await?;
    let file: FileId = file.parse().map_err(|_| Error::not_found())?;
    let db = &services.kit.db;
    let files = files::files(db, found.id, "data").await?;
    let file = files.into_iter().find(|other| other.id == file).ok_or_else(Error::not_found)?;
    if !policy::organises(actor, found.organiser) {
        let registration = registrations::registration(db, found.id, actor.account).await?;
        let approved = registration.filter(|found| found.state == RegistrationState::Approved);
        let registration = approved.ok_or_else(|| Error::denied("not_registered"))?;
        let competitions = &services.competitions;
        competitions.may_load(actor.account, found.id, &registration, services.kit.now()).await?;
    }
    Ok((file.id, file.name))
}

/// Streams a file as something to be saved, never to be shown by the browser.
async fn send(services: &Services, id: FileId, name: &str, request: Request) -> Response {
    let path = services.kit.files.path(id.0);
    let mut response = match ServeFile::new(path).oneshot(request).await {
        Ok(response) => response.into_response(),
        Err(never) => match never {},
    };
    let encoded = app::parts::encode(name).replace('/', "%2F");
    let disposition = format!("attachment; filename=\"data.csv\"; filename*=UTF-8''{encoded}");
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&disposition) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
