//! The ledger as people read it.

pub mod api;
pub mod pages;
pub mod parts;

#[cfg(feature = "ssr")]
pub use api::Finance;
use leptos::prelude::*;
use leptos_router::any_nested_route::{AnyNestedRoute, IntoAnyNestedRoute};
use leptos_router::components::Route;
use leptos_router::{Lazy, SsrMode, path};
use pages::{AccountsPage, LogPage, TransfersPage};

/// The routes of this feature.
#[component(transparent)]
pub fn Routes() -> AnyNestedRoute {
    view! {
        <Route path=path!("/:locale/admin/finance") view={Lazy::<AccountsPage>::new()} ssr=SsrMode::Async/>
        <Route path=path!("/:locale/admin/finance/log") view={Lazy::<LogPage>::new()} ssr=SsrMode::Async/>
        <Route path=path!("/:locale/admin/finance/transfers") view={Lazy::<TransfersPage>::new()} ssr=SsrMode::Async/>
    }
    .into_inner()
    .into_any_nested_route()
}
