//! The gallery: every part of the design system in every state, for those who build and those who look.

mod lists;
mod saying;
mod stage;
mod text;
mod writing;

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::any_nested_route::{AnyNestedRoute, IntoAnyNestedRoute};
use leptos_router::components::Route;
use leptos_router::{Lazy, LazyRoute, SsrMode, lazy_route, path};
use ui::PageHead;

use crate::i18n::{t, use_locale};

/// The routes of this feature.
#[component(transparent)]
pub fn Routes() -> AnyNestedRoute {
    view! { <Route path=path!("/:locale/gallery") view={Lazy::<GalleryPage>::new()} ssr=SsrMode::Async/> }
        .into_inner()
        .into_any_nested_route()
}

/// The gallery page.
pub struct GalleryPage;

#[lazy_route]
impl LazyRoute for GalleryPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let l = use_locale();
        view! {
            <Title text=t::gallery::title(l)/>
            <div class="wrap gallery">
                <PageHead title=t::gallery::title(l) lead=t::gallery::lead(l)/>
                {text::Colours().into_any()}
                {text::Type().into_any()}
                {writing::Buttons().into_any()}
                {writing::Fields().into_any()}
                {saying::States().into_any()}
                {lists::Lists().into_any()}
                {lists::Finding().into_any()}
                {stage::Stage().into_any()}
                {text::Text().into_any()}
            </div>
        }
        .into_any()
    }
}

/// One family of parts under its heading.
#[component]
fn Family(
    /// The heading's id.
    id: &'static str,
    /// The heading.
    title: &'static str,
    children: Children,
) -> impl IntoView {
    view! {
        <section class="section" aria-labelledby=id>
            <h2 id=id>{title}</h2>
            <div class="stack loose">{children()}</div>
        </section>
    }
}
