//! Judging as entrants see it: their submissions, their quiz.

mod api;
mod pages;

use leptos::prelude::*;
use leptos_router::any_nested_route::{AnyNestedRoute, IntoAnyNestedRoute};
use leptos_router::components::Route;
use leptos_router::{Lazy, SsrMode, path};

pub use api::*;
use pages::{quiz::QuizPage, submissions::SubmissionsPage};

/// The routes of this feature.
#[component(transparent)]
pub fn Routes() -> AnyNestedRoute {
    view! {
        <Route path=path!("/:locale/competitions/:slug/submissions") view={Lazy::<SubmissionsPage>::new()} ssr=SsrMode::Async/>
        <Route path=path!("/:locale/competitions/:slug/quiz") view={Lazy::<QuizPage>::new()} ssr=SsrMode::Async/>
    }
    .into_inner()
    .into_any_nested_route()
}
