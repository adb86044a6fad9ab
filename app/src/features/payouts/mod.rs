//! Earnings and payouts.

pub mod api;
pub mod pages;
pub mod parts;

#[cfg(feature = "ssr")]
pub use api::Payouts;
use leptos::prelude::*;
use leptos_router::any_nested_route::{AnyNestedRoute, IntoAnyNestedRoute};
use leptos_router::components::Route;
use leptos_router::{Lazy, SsrMode, path};
use pages::{EarningsPage, PayoutsPage, SharesPage};

/// The routes of this feature.
#[component(transparent)]
pub fn Routes() -> AnyNestedRoute {
    view! {
        <Route path=path!("/:locale/earnings") view={Lazy::<EarningsPage>::new()} ssr=SsrMode::Async/>
        <Route path=path!("/:locale/admin/payouts") view={Lazy::<PayoutsPage>::new()} ssr=SsrMode::Async/>
        <Route path=path!("/:locale/admin/shares") view={Lazy::<SharesPage>::new()} ssr=SsrMode::Async/>
    }
    .into_inner()
    .into_any_nested_route()
}
