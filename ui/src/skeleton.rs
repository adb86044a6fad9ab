//! The shape of what is coming.
use leptos::prelude::*;

/// Grey lines where text will stand, with a word for screen readers.
#[component]
pub fn Skeleton(
    /// How many lines.
    #[prop(default = 3)]
    lines: u8,
    /// "Loading".
    #[prop(into)]
    label: String,
) -> impl IntoView {
    view! {
        <div class="skeleton" role="status" aria-label=label>
            <span class="head"></span>
            {(0..lines).map(|_| view! { <span></span> }).collect_view()}
        </div>
    }
}
