//! The way back.
use leptos::prelude::*;

/// One step of [`Breadcrumbs`]; without an address it is where one is.
#[derive(Clone, Debug)]
pub struct Crumb {
    /// What the step is called.
    pub label: String,
    /// Where it leads; the last one leads nowhere.
    pub href: Option<String>,
}

impl Crumb {
    /// A step that leads somewhere.
    pub fn to(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self { label: label.into(), href: Some(href.into()) }
    }

    /// The page one is on.
    pub fn here(label: impl Into<String>) -> Self {
        Self { label: label.into(), href: None }
    }
}

/// The way from the section down to this page.
#[component]
pub fn Breadcrumbs(
    /// The steps, from the widest to this page.
    items: Vec<Crumb>,
    /// The navigation's name for screen readers.
    #[prop(into)]
    label: String,
) -> impl IntoView {
    view! {
        <nav class="breadcrumbs" aria-label=label>
            <ol>
                {items
                    .into_iter()
                    .map(|Crumb { label, href }| match href {
                        Some(href) => view! { <li><a href=href>{label}</a></li> }.into_any(),
                        None => view! { <li><span aria-current="page">{label}</span></li> }.into_any(),
                    })
                    .collect_view()}
            </ol>
        </nav>
    }
}
