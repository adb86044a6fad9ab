//! One outline from the sprite.
use leptos::prelude::*;

/// An outline of `public/icons.svg`, in the colour and size of the text round it.
///
/// Without a label it is decoration and hidden from screen readers.
#[component]
pub fn Icon(
    /// The symbol's id in the sprite: `check`, `trophy`, `clock`, …
    #[prop(into)]
    name: String,
    /// What it says to those who cannot see it, where no word stands beside it.
    #[prop(into, optional)]
    label: Option<String>,
    /// Two rem instead of the text's size.
    #[prop(optional)]
    large: bool,
) -> impl IntoView {
    let class = if large { "icon large" } else { "icon" };
    let role = label.is_some().then_some("img");
    let hidden = label.is_none().then_some("true");
    view! {
        <svg class=class role=role aria-label=label aria-hidden=hidden>
            <use_ href=format!("/icons.svg#{name}")></use_>
        </svg>
    }
}
