//! Competitions: the list, the page of each, the desk of their organisers.

mod api;
mod pages;
mod parts;

use leptos::prelude::*;
use leptos_router::any_nested_route::{AnyNestedRoute, IntoAnyNestedRoute};
use leptos_router::components::Route;
use leptos_router::{Lazy, SsrMode, path};

pub use api::*;
use pages::{list::ListPage, manage::ManagePage, new::NewPage, organise::OrganisePage, show::ShowPage};
pub use parts::uploads::FileField;
pub use parts::{CompetitionTabs, PhaseChip, Place, Rows, TimetableLine, metric_name};

/// The routes of this feature.
#[component(transparent)]
pub fn Routes() -> AnyNestedRoute {
    view! {
        <Route path=path!("/:locale/competitions") view={Lazy::<ListPage>::new()} ssr=SsrMode::Async/>
        <Route path=path!("/:locale/competitions/:slug") view={Lazy::<ShowPage>::new()} ssr=SsrMode::Async/>
        <Route path=path!("/:locale/organise") view={Lazy::<OrganisePage>::new()} ssr=SsrMode::Async/>
        <Route path=path!("/:locale/organise/new") view={Lazy::<NewPage>::new()} ssr=SsrMode::Async/>
        <Route path=path!("/:locale/organise/:slug") view={Lazy::<ManagePage>::new()} ssr=SsrMode::Async/>
    }
    .into_inner()
    .into_any_nested_route()
}
