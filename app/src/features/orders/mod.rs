//! Orders: what an account buys, and where each purchase stands.

pub mod api;
pub mod pages;
pub mod parts;

#[cfg(feature = "ssr")]
pub use api::Orders;
use leptos::prelude::*;
use leptos_router::any_nested_route::{AnyNestedRoute, IntoAnyNestedRoute};
use leptos_router::components::Route;
use leptos_router::{Lazy, SsrMode, path};
use pages::{EveryOrderPage, OrderPage, OrdersPage, StaffOrderPage};
pub use parts::Buy;

/// The routes of this feature.
#[component(transparent)]
pub fn Routes() -> AnyNestedRoute {
    view! {
        <Route path=path!("/:locale/orders") view={Lazy::<OrdersPage>::new()} ssr=SsrMode::Async/>
        <Route path=path!("/:locale/orders/:id") view={Lazy::<OrderPage>::new()} ssr=SsrMode::Async/>
        <Route path=path!("/:locale/admin/orders") view={Lazy::<EveryOrderPage>::new()} ssr=SsrMode::Async/>
        <Route path=path!("/:locale/admin/orders/:id") view={Lazy::<StaffOrderPage>::new()} ssr=SsrMode::Async/>
    }
    .into_inner()
    .into_any_nested_route()
}
