//! The edge: the layers that every request passes, in this order, and the routes behind them.
//!
//! request id → log → panic → headers → size limit → who (identify) → origin check → rate limit →
//! gate (deny by default) → language → fault status and form drafts → page cache → routes.

mod cache;
pub mod drafts;
mod gate;
pub mod guarded;
mod headers;
mod health;
mod identify;
mod language;
mod limits;
mod origin;
mod reload;
pub mod serve;
mod statics;
pub mod upload;

use std::sync::{Arc, LazyLock};

use app::{App, shell};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use leptos::prelude::provide_context;
use leptos_axum::{AxumRouteListing, LeptosRoutes, generate_route_list, render_app_async_with_context};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::trace::TraceLayer;

pub use cache::Pages;
pub use gate::PUBLIC;
pub use identify::COOKIE_NAMES;

use crate::services::Services;

/// The largest body of an ordinary form; uploads have their own limit on their own routes.
const FORM_LIMIT: usize = 1024 * 1024;

/// The pages' routes, found once in a process.
///
/// Finding them runs the application while leptos keeps *every* resource of the process from loading,
/// and a resource that is asked for in that moment never answers: a page of another router in the same
/// process (another story, say) would hang for ever. Every router waits here before its first page.
static ROUTES: LazyLock<Vec<AxumRouteListing>> = LazyLock::new(|| generate_route_list(App));

/// What the layers need.
#[derive(Clone)]
pub struct Edge {
    /// The services.
    pub services: Arc<Services>,
    pub(crate) limits: Arc<limits::Limits>,
    pub(crate) pages: Pages,
    /// The folder of this build's scripts and styles: `/pkg/<hash>`.
    pub(crate) package: Arc<str>,
    /// What open pages compare, where they are to load again after a start.
    pub(crate) start_id: Option<Arc<str>>,
}

impl axum::extract::FromRef<Edge> for leptos::prelude::LeptosOptions {
    fn from_ref(_: &Edge) -> Self {
        options()
    }
}

fn options() -> leptos::prelude::LeptosOptions {
    leptos::prelude::LeptosOptions::builder().output_name("leitai").build()
}

/// The whole application as a router.
pub fn router(services: &Arc<Services>) -> Router {
    let config = &services.kit.config;
    let edge = Edge {
        services: Arc::clone(services),
        limits: Arc::new(limits::Limits::new(config.requests_per_minute)),
        pages: Pages::new(),
        package: statics::package(&config.site_root).into(),
        start_id: reload::start_id(services).map(Into::into),
    };
    edge.pages.clone().follow(&services.kit.db.around.bus);
    let ports = services.ports();
    let parts = statics::parts(&config.site_root);
    let with_ports = move || {
        provide_context(ports.clone());
        if let Some(parts) = &parts {
            // So that a page names the parts that it needs in its head.
            provide_context(parts.clone());
        }
    };
    let not_found = render_app_async_with_context(with_ports.clone(), shell);
    let pages = Router::new()
        .leptos_routes_with_context(&edge, ROUTES.clone(), with_ports, shell)
        .fallback(move |request: axum::extract::Request| not_found(request))
        .with_state(edge.clone());
    let pages = statics::before(pages, &config.site_root)
        .layer(from_fn_with_state(edge.clone(), cache::layer))
        .layer(from_fn_with_state(edge.clone(), drafts::layer));
    Router::new()
        .merge(health::routes(services))
        .merge(reload::routes(services))
        .merge(feature_routes(services))
        .fallback_service(pages)
        .layer(from_fn_with_state(edge.clone(), language::layer))
        .layer(from_fn_with_state(edge.clone(), gate::layer))
        .layer(from_fn_with_state(edge.clone(), limits::layer))
        .layer(from_fn_with_state(edge.clone(), origin::layer))
        .layer(from_fn_with_state(edge.clone(), identify::layer))
        .layer(DefaultBodyLimit::max(FORM_LIMIT))
        .layer(from_fn_with_state(edge, headers::layer))
        .layer(CatchPanicLayer::new())
        .layer(PropagateRequestIdLayer::x_request_id())
        .layer(TraceLayer::new_for_http().make_span_with(span))
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
}

/// Routes of features that cannot be server functions: uploads, downloads, streams, webhooks.
fn feature_routes(services: &Arc<Services>) -> Router {
    // One line each: `.merge(crate::features::judging::http::routes(services))`
    Router::new()
        .merge(crate::features::competitions::http::routes(services))
        .merge(crate::features::finance::http::routes(services))
        .merge(crate::features::judging::http::routes(services))
        .merge(crate::features::payments::http::routes(services))
        .merge(crate::features::receipts::http::routes(services))
        .merge(crate::features::standings::http::routes(services.standings.clone()))
        .merge(crate::features::courses::http::routes(services))
}

fn span(request: &axum::extract::Request) -> tracing::Span {
    let id = request.headers().get("x-request-id").and_then(|id| id.to_str().ok()).unwrap_or_default();
    tracing::info_span!("request", method = %request.method(), path = %request.uri().path(), id)
}
