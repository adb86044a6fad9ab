//! A label, what one types, a hint and an error.
use leptos::prelude::*;

/// The value for an input's `aria-describedby` inside a [`Field`] of this id.
#[must_use]
pub fn described_by(id: &str, hint: bool, error: bool) -> Option<String> {
    match (hint, error) {
        (true, true) => Some(format!("{id}-hint {id}-error")),
        (true, false) => Some(format!("{id}-hint")),
        (false, true) => Some(format!("{id}-error")),
        (false, false) => None,
    }
}

/// A label above its input, a hint and, when refused, the reason below.
///
/// The input is the child; give it `id` (the field's), `name`, `aria-invalid` and [`described_by`].
#[component]
pub fn Field(
    /// What to type.
    #[prop(into)]
    label: String,
    /// The argument's name, also the input's id unless `id` says otherwise.
    #[prop(into)]
    name: String,
    /// The input's id where a page has two inputs of one name.
    #[prop(into, optional)]
    id: Option<String>,
    /// Help below the input.
    #[prop(into, optional)]
    hint: Option<String>,
    /// The word after the label where it may stay empty.
    #[prop(into, optional)]
    optional: Option<String>,
    /// Why what was typed was refused.
    #[prop(into, optional)]
    error: Signal<Option<String>>,
    children: Children,
) -> impl IntoView {
    let id = id.unwrap_or(name);
    let error_id = format!("{id}-error");
    let hint_id = format!("{id}-hint");
    view! {
        <div class="field">
            <label for=id>
                {label} {optional.map(|word| view! { <span class="optional">{word}</span> })}
            </label>
            {children()} {hint.map(|hint| view! { <p class="hint" id=hint_id>{hint}</p> })}
            {move || {
                let id = error_id.clone();
                error.get().map(|text| view! { <p class="error" id=id><span>{text}</span></p> })
            }}
        </div>
    }
}

/// A checkbox with its words beside it.
#[component]
pub fn Check(
    /// The argument's name.
    #[prop(into)]
    name: String,
    /// What is sent when it is ticked.
    #[prop(into, default = "true".to_owned())]
    value: String,
    /// Ticked at first.
    #[prop(optional)]
    checked: bool,
    /// The words, and perhaps a `<small>` line.
    children: Children,
) -> impl IntoView {
    view! {
        <label class="check">
            <input type="checkbox" name=name value=value checked=checked/>
            <span>{children()}</span>
        </label>
    }
}
