//! Something to know before going on.
use leptos::prelude::*;

use crate::Icon;

/// What kind of message an [`Alert`] is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AlertKind {
    /// Good to know.
    #[default]
    Note,
    /// It went well.
    Success,
    /// It may go wrong.
    Warning,
    /// It went wrong.
    Error,
}

impl AlertKind {
    /// The classes, the outline and the role of this kind.
    fn parts(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Note => ("alert", "info", "note"),
            Self::Success => ("alert success", "success", "status"),
            Self::Warning => ("alert warning", "warning", "note"),
            Self::Error => ("alert error", "alert", "alert"),
        }
    }
}

/// A message in the page, with an outline that says its kind besides the colour.
#[component]
pub fn Alert(
    /// Its kind: note, success, warning, error.
    #[prop(optional)]
    kind: AlertKind,
    /// A short heading; the text may stand without.
    #[prop(into, optional)]
    title: Option<String>,
    children: Children,
) -> impl IntoView {
    let (class, icon, role) = kind.parts();
    view! {
        <div class=class role=role>
            <Icon name=icon/>
            {title.map(|title| view! { <strong>{title}</strong> })}
            <div>{children()}</div>
        </div>
    }
}
