//! Jobs that failed too often and wait for a person.

pub mod api;
mod pages;

#[cfg(feature = "ssr")]
pub use api::Jobs;
use leptos::prelude::*;
use leptos_router::any_nested_route::{AnyNestedRoute, IntoAnyNestedRoute};
use leptos_router::components::Route;
use leptos_router::{Lazy, SsrMode, path};
use pages::DeadJobsPage;

/// The routes of this feature.
#[component(transparent)]
pub fn Routes() -> AnyNestedRoute {
    view! { <Route path=path!("/:locale/admin/jobs") view={Lazy::<DeadJobsPage>::new()} ssr=SsrMode::Async/> }
        .into_inner()
        .into_any_nested_route()
}
