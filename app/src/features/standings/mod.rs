//! Standings: the live board of a competition, and its top for other pages.

mod api;
#[cfg(feature = "hydrate")]
mod live;
mod pages;
mod parts;
mod view;

use leptos::prelude::*;
use leptos_router::any_nested_route::{AnyNestedRoute, IntoAnyNestedRoute};
use leptos_router::components::Route;
use leptos_router::{Lazy, SsrMode, path};

pub use api::*;
use pages::board::BoardRoute;
pub use parts::small_board::SmallBoard;

/// The routes of this feature.
#[component(transparent)]
pub fn Routes() -> AnyNestedRoute {
    view! {
        <Route path=path!("/:locale/competitions/:competition/board") view={Lazy::<BoardRoute>::new()} ssr=SsrMode::Async/>
    }
    .into_inner()
    .into_any_nested_route()
}
