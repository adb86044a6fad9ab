//! Payments: the page of the sandbox gateway, and what staff sees of money that does not fit.

pub mod api;
pub mod pages;
pub mod parts;

#[cfg(feature = "ssr")]
pub use api::Payments;
use leptos::prelude::*;
use leptos_router::any_nested_route::{AnyNestedRoute, IntoAnyNestedRoute};
use leptos_router::components::Route;
use leptos_router::{Lazy, SsrMode, path};
use pages::{PayPage, ReviewPage, SandboxPage};

/// The routes of this feature.
#[component(transparent)]
pub fn Routes() -> AnyNestedRoute {
    view! {
        <Route path=path!("/:locale/pay/:payment") view={Lazy::<PayPage>::new()} ssr=SsrMode::Async/>
        <Route path=path!("/:locale/pay/sandbox/:payment") view={Lazy::<SandboxPage>::new()} ssr=SsrMode::Async/>
        <Route path=path!("/:locale/admin/payments") view={Lazy::<ReviewPage>::new()} ssr=SsrMode::Async/>
    }
    .into_inner()
    .into_any_nested_route()
}
