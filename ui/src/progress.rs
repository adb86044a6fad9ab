//! How far one is.
use leptos::prelude::*;

/// A bar with its words and its figure; a native `<progress>`.
#[component]
pub fn Progress(
    /// How much is done.
    #[prop(into)]
    value: Signal<u32>,
    /// How much there is.
    #[prop(into)]
    max: Signal<u32>,
    /// What is measured.
    #[prop(into)]
    label: String,
    /// The figure in words ("5 / 12"); the percentage where left out.
    #[prop(into, optional)]
    figure: Option<String>,
) -> impl IntoView {
    let percent = move || format!("{} %", value.get() * 100 / max.get().max(1));
    view! {
        <div class="progress-line">
            <span>{label.clone()}</span>
            <b>{move || figure.clone().unwrap_or_else(percent)}</b>
            <progress class="progress" value=move || value.get().to_string() max=move || max.get().max(1).to_string() aria-label=label></progress>
        </div>
    }
}

/// A small ring for a share, 0 to 100; decoration beside the figure.
#[component]
pub fn Ring(
    /// The share in percent.
    percent: u32,
) -> impl IntoView {
    // The circle of radius 20 is 125.66 long.
    let filled = f64::from(percent.min(100)) * 1.2566;
    view! {
        <svg class="ring" viewBox="0 0 48 48" aria-hidden="true">
            <circle class="track" cx="24" cy="24" r="20"></circle>
            <circle class="value" cx="24" cy="24" r="20" stroke-dasharray=format!("{filled:.1} 126")></circle>
        </svg>
    }
}
