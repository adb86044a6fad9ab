//! A word about what just happened.
use leptos::prelude::*;

use crate::Icon;

/// A short message that floats above the page until it is sent away.
#[component]
pub fn Toast(
    /// The message; nothing is shown while it is `None`.
    message: RwSignal<Option<String>>,
    /// What the closing cross says to screen readers.
    #[prop(into)]
    close: String,
) -> impl IntoView {
    view! {
        <div class="toasts" role="status">
            {move || {
                let close = close.clone();
                message
                    .get()
                    .map(|text| {
                        view! {
                            <div class="toast">
                                <span>{text}</span>
                                <button type="button" on:click=move |_| message.set(None)>
                                    <Icon name="x" label=close/>
                                </button>
                            </div>
                        }
                    })
            }}
        </div>
    }
}
