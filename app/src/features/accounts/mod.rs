//! Accounts: registering, logging in, sessions, the profile, roles.

mod api;
mod pages;

use leptos::prelude::*;
use leptos_router::any_nested_route::{AnyNestedRoute, IntoAnyNestedRoute};
use leptos_router::components::Route;
use leptos_router::{Lazy, SsrMode, path};

pub use api::*;
use pages::{
    admin::AdminPage, log_in::LogInPage, person::PersonPage, register::RegisterPage, set_up::SetUpPage,
    settings::SettingsPage,
};

/// The routes of this feature.
#[component(transparent)]
pub fn Routes() -> AnyNestedRoute {
    view! {
        <Route path=path!("/:locale/register") view={Lazy::<RegisterPage>::new()} ssr=SsrMode::Async/>
        <Route path=path!("/:locale/log-in") view={Lazy::<LogInPage>::new()} ssr=SsrMode::Async/>
        <Route path=path!("/:locale/set-up") view={Lazy::<SetUpPage>::new()} ssr=SsrMode::Async/>
        <Route path=path!("/:locale/settings") view={Lazy::<SettingsPage>::new()} ssr=SsrMode::Async/>
        <Route path=path!("/:locale/people/:username") view={Lazy::<PersonPage>::new()} ssr=SsrMode::Async/>
        <Route path=path!("/:locale/admin") view={Lazy::<AdminPage>::new()} ssr=SsrMode::Async/>
    }
    .into_inner()
    .into_any_nested_route()
}
