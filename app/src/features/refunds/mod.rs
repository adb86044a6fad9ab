//! Refunds: what an order gives back, and what staff gives.

pub mod api;
pub mod pages;
pub mod parts;

#[cfg(feature = "ssr")]
pub use api::Refunds;
use leptos::prelude::*;
use leptos_router::any_nested_route::{AnyNestedRoute, IntoAnyNestedRoute};
use leptos_router::components::Route;
use leptos_router::{Lazy, SsrMode, path};
use pages::{GrantPage, RefundPage, RefundsPage};

/// The routes of this feature.
#[component(transparent)]
pub fn Routes() -> AnyNestedRoute {
    view! {
        <Route path=path!("/:locale/orders/:id/refund") view={Lazy::<RefundPage>::new()} ssr=SsrMode::Async/>
        <Route path=path!("/:locale/admin/refunds") view={Lazy::<RefundsPage>::new()} ssr=SsrMode::Async/>
        <Route path=path!("/:locale/admin/refunds/:id") view={Lazy::<GrantPage>::new()} ssr=SsrMode::Async/>
    }
    .into_inner()
    .into_any_nested_route()
}
