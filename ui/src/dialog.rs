//! A question that stands over the page.
use leptos::prelude::*;

use crate::Icon;

/// A dialog opened by a button that names it with `popovertarget`: native, so it works without scripts.
///
/// `<button class="button" popovertarget="leave">…</button> <Dialog id="leave" title=… close=…>…</Dialog>`
#[component]
pub fn Dialog(
    /// The id that the opening button names.
    #[prop(into)]
    id: String,
    /// Its heading.
    #[prop(into)]
    title: String,
    /// What the closing cross says to screen readers.
    #[prop(into)]
    close: String,
    children: Children,
) -> impl IntoView {
    let heading = format!("{id}-title");
    view! {
        <div class="dialog" id=id.clone() popover="auto" role="dialog" aria-labelledby=heading.clone()>
            <header>
                <h2 id=heading.clone()>{title}</h2>
                <button class="button quiet square" type="button" popovertarget=id.clone() popovertargetaction="hide">
                    <Icon name="x" label=close/>
                </button>
            </header>
            <div class="body">{children()}</div>
        </div>
    }
}
