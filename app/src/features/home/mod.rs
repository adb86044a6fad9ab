//! The first page.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::any_nested_route::{AnyNestedRoute, IntoAnyNestedRoute};
use leptos_router::components::Route;
use leptos_router::{SsrMode, path};

use crate::i18n::{href, t, use_locale};

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
    let locale = use_locale();
    view! {
        <Title text=""/>
        <section class="wrap hero">
            <div>
                <h1>{t::home::headline(locale)}</h1>
                <p class="lead">{t::home::lead(locale)}</p>
                <p class="acts">
                    <a class="button primary" href=href(locale, "/competitions")>{t::home::enter(locale)}</a>
                    <a class="button" href=href(locale, "/courses")>{t::home::learn(locale)}</a>
                </p>
            </div>
        </section>
    }
}
