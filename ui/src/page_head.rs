//! The head of a page.
use leptos::prelude::*;

/// The heading of a page with a line above, a lead below, and what one may do (the children).
#[component]
pub fn PageHead(
    /// The page's one `<h1>`.
    #[prop(into)]
    title: String,
    /// A short line above it.
    #[prop(into, optional)]
    eyebrow: Option<String>,
    /// A sentence below it.
    #[prop(into, optional)]
    lead: Option<String>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="page-head">
            {eyebrow.map(|eyebrow| view! { <p class="eyebrow">{eyebrow}</p> })} <h1>{title}</h1>
            {lead.map(|lead| view! { <p class="lead">{lead}</p> })}
            {children.map(|children| view! { <div class="cluster">{children()}</div> })}
        </div>
    }
}
