//! A few things to do behind one button.
use leptos::ev::{FocusEvent, KeyboardEvent};
use leptos::prelude::*;

use crate::Icon;

/// A button that unfolds a list of [`MenuItem`]s; native `<details>`, so it works without scripts.
///
/// With scripts it folds again when the focus leaves it, and with Escape.
#[component]
pub fn Menu(
    /// The button's words.
    #[prop(into)]
    label: String,
    /// An outline before the words.
    #[prop(into, optional)]
    icon: Option<String>,
    /// Shows the outline only, the words go to screen readers.
    #[prop(optional)]
    compact: bool,
    /// More classes for the button: `quiet`, `small`.
    #[prop(into, optional)]
    class: String,
    /// The items.
    children: Children,
) -> impl IntoView {
    let details = NodeRef::<leptos::html::Details>::new();
    let leave = move |event: FocusEvent| fold_when_left(details, &event);
    let escape = move |event: KeyboardEvent| fold_on_escape(details, &event);
    let button = format!("button {class}{}", if compact { " square" } else { "" });
    view! {
        <details class="menu" node_ref=details on:focusout=leave on:keydown=escape>
            <summary class=button>
                {icon.map(|icon| view! { <Icon name=icon/> })}
                <span class=if compact { "visually-hidden" } else { "" }>{label}</span>
                {(!compact).then(|| view! { <Icon name="chevron-down"/> })}
            </summary>
            <ul>{children()}</ul>
        </details>
    }
}

#[cfg(feature = "hydrate")]
fn fold_when_left(details: NodeRef<leptos::html::Details>, event: &FocusEvent) {
    use leptos::wasm_bindgen::JsCast;
    let Some(element) = details.get_untracked() else { return };
    let next = event.related_target().and_then(|target| target.dyn_into::<leptos::web_sys::Node>().ok());
    if !element.contains(next.as_ref()) {
        let _ = element.remove_attribute("open");
    }
}

/// Folds, and gives the focus back to the button.
#[cfg(feature = "hydrate")]
fn fold_on_escape(details: NodeRef<leptos::html::Details>, event: &KeyboardEvent) {
    use leptos::wasm_bindgen::JsCast;
    let Some(element) = details.get_untracked().filter(|_| event.key() == "Escape") else { return };
    let _ = element.remove_attribute("open");
    let button = element.query_selector("summary").ok().flatten();
    if let Some(button) = button.and_then(|button| button.dyn_into::<leptos::web_sys::HtmlElement>().ok()) {
        let _ = button.focus();
    }
}

#[cfg(not(feature = "hydrate"))]
fn fold_on_escape(_: NodeRef<leptos::html::Details>, _: &KeyboardEvent) {}

#[cfg(not(feature = "hydrate"))]
fn fold_when_left(_: NodeRef<leptos::html::Details>, _: &FocusEvent) {}

/// A link in a [`Menu`].
#[component]
pub fn MenuItem(
    /// Where it leads.
    #[prop(into)]
    href: String,
    /// Its words.
    #[prop(into)]
    label: String,
    /// An outline before the words.
    #[prop(into, optional)]
    icon: Option<String>,
) -> impl IntoView {
    view! {
        <li>
            <a href=href>{icon.map(|icon| view! { <Icon name=icon/> })} <span>{label}</span></a>
        </li>
    }
}
