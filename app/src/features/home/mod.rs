//! The first page: what is on stage, what one can learn, what has come of it.

mod api;
mod parts;

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::any_nested_route::{AnyNestedRoute, IntoAnyNestedRoute};
use leptos_router::components::Route;
use leptos_router::{SsrMode, path};

pub use api::*;
use parts::{Hero, Learn, Loop, OnStage};

/// The routes of this feature.
#[component(transparent)]
pub fn Routes() -> AnyNestedRoute {
    view! { <Route path=path!("/:locale") view=HomePage ssr=SsrMode::Async/> }
        .into_inner()
        .into_any_nested_route()
}

/// The first page.
#[component]
fn HomePage() -> impl IntoView {
    view! {
        <Title text=""/>
        <div class="wrap">
            <Hero/>
            <OnStage/>
            <Learn/>
            <Loop/>
        </div>
    }
}
