//! A customer's credit, and paying from it.

pub mod api;
pub mod pages;

#[cfg(feature = "ssr")]
pub use api::Wallet;
use leptos::prelude::*;
use leptos_router::any_nested_route::{AnyNestedRoute, IntoAnyNestedRoute};
use leptos_router::components::Route;
use leptos_router::{Lazy, SsrMode, path};
use pages::{WalletPage, WalletPayPage};

/// The routes of this feature.
#[component(transparent)]
pub fn Routes() -> AnyNestedRoute {
    view! {
        <Route path=path!("/:locale/wallet") view={Lazy::<WalletPage>::new()} ssr=SsrMode::Async/>
        <Route path=path!("/:locale/pay/wallet/:payment") view={Lazy::<WalletPayPage>::new()} ssr=SsrMode::Async/>
    }
    .into_inner()
    .into_any_nested_route()
}
