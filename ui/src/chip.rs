//! A state in a word.
use leptos::prelude::*;

/// What a [`Chip`] says by its ground, besides its word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ChipKind {
    /// A plain fact.
    #[default]
    Plain,
    /// Happening now: a dot that breathes.
    Live,
    /// Done, gained, verified.
    Done,
    /// Waiting, or ending soon.
    Warning,
    /// Refused or failed.
    Wrong,
    /// A tag.
    Outline,
}

impl ChipKind {
    /// The classes of this kind.
    #[must_use]
    pub fn class(self) -> &'static str {
        match self {
            Self::Plain => "chip",
            Self::Live => "chip live",
            Self::Done => "chip done",
            Self::Warning => "chip warning",
            Self::Wrong => "chip wrong",
            Self::Outline => "chip outline",
        }
    }
}

/// A state in a word or two.
#[component]
pub fn Chip(
    /// Its ground.
    #[prop(optional)]
    kind: ChipKind,
    children: Children,
) -> impl IntoView {
    view! { <span class=kind.class()>{children()}</span> }
}
