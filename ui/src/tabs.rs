//! The pages of one thing.
use leptos::prelude::*;

/// A page among [`Tabs`].
#[derive(Clone, Debug)]
pub struct Tab {
    /// Its words.
    pub label: String,
    /// Where it leads.
    pub href: String,
    /// Whether one is there.
    pub current: bool,
}

/// Links to the pages of one thing; each tab is a page of its own, so it works without scripts.
#[component]
pub fn Tabs(
    /// The navigation's name for screen readers.
    #[prop(into)]
    label: String,
    /// The pages.
    items: Vec<Tab>,
) -> impl IntoView {
    view! {
        <nav class="tabs" aria-label=label>
            <ul>
                {items
                    .into_iter()
                    .map(|Tab { label, href, current }| {
                        view! { <li><a href=href aria-current=current.then_some("page")>{label}</a></li> }
                    })
                    .collect_view()}
            </ul>
        </nav>
    }
}
