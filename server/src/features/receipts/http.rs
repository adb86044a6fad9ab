//! `GET /{locale}/orders/{id}/receipt.pdf`.

use std::sync::Arc;

use app::error::Fault;
use axum::Router;
use axum::extract::{Extension, Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use domain::actor::Actor;
use domain::locale::Locale;
use domain::orders::OrderId;

use crate::services::Services;

/// The address of a receipt.
pub fn routes(services: &Arc<Services>) -> Router {
    Router::new().route("/{locale}/orders/{order}/receipt.pdf", get(receipt)).with_state(Arc::clone(services))
}

async fn receipt(
    State(services): State<Arc<Services>>,
    actor: Option<Extension<Actor>>,
    Path((locale, order)): Path<(String, String)>,
) -> Response {
    let (Some(locale), Ok(order)) = (Locale::parse(&locale), order.parse::<OrderId>()) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let Some(Extension(actor)) = actor else {
        let next = app::parts::encode(&format!("/{}/orders/{order}", locale.as_str()));
        return Redirect::to(&format!("/{}/log-in?next={next}", locale.as_str())).into_response();
    };
    match services.receipts.pdf(&actor, order, locale).await {
        Ok((name, bytes)) => {
            let headers = [
                (header::CONTENT_TYPE, "application/pdf".to_owned()),
                (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
                (header::CACHE_CONTROL, "private, no-store".to_owned()),
            ];
            (headers, bytes).into_response()
        }
        Err(error) => {
            let status = StatusCode::from_u16(Fault::from(error).status());
            status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR).into_response()
        }
    }
}
