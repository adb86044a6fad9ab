//! Nothing here yet, and what to do about it.
use leptos::prelude::*;

use crate::Icon;

/// Says that there is nothing, why, and offers what to do next (the children).
#[component]
pub fn EmptyState(
    /// What is missing, in a few words.
    #[prop(into)]
    title: String,
    /// Why, or what will appear here.
    #[prop(into, optional)]
    text: Option<String>,
    /// An outline.
    #[prop(into, default = "inbox".to_owned())]
    icon: String,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="empty">
            <Icon name=icon/>
            <h2>{title}</h2>
            {text.map(|text| view! { <p>{text}</p> })}
            {children.map(|children| view! { <div class="button-row">{children()}</div> })}
        </div>
    }
}
