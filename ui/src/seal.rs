//! The seal: the mark of the house.
use leptos::prelude::*;

/// The house's mark, the glyph 擂 on cinnabar, drawn as an outline so that no font is needed.
#[component]
pub fn Seal(
    /// Outlined: stamped on what has been verified.
    #[prop(optional)]
    outline: bool,
    /// Large, for a certificate or an empty page.
    #[prop(optional)]
    large: bool,
) -> impl IntoView {
    let class = match (outline, large) {
        (false, false) => "seal",
        (true, false) => "seal outline",
        (false, true) => "seal large",
        (true, true) => "seal outline large",
    };
    view! {
        <svg class=class aria-hidden="true">
            <use_ href="/icons.svg#seal"></use_>
        </svg>
    }
}
