//! The field of a file, with every fault that was found in it.

use leptos::prelude::*;

use crate::error::Fault;
use crate::form::FormState;
use crate::i18n::{fault_text, t, use_locale};

/// A file field; what was wrong with the file stands above it, line by line.
#[component]
pub fn FileField(
    /// The form that the field belongs to.
    form: FormState,
    /// The name of the field.
    name: &'static str,
    /// The label.
    #[prop(into)]
    label: String,
    /// What the file should be.
    #[prop(into)]
    hint: String,
) -> impl IntoView {
    let note = format!("{name}-note");
    view! {
        <FileFaults form name/>
        <div class="field">
            <label for=name>{label}</label>
            <input type="file" id=name name=name accept=".csv,text/csv" required aria-describedby=note.clone()/>
            <div id=note class="field-note"><p class="field-hint">{hint}</p></div>
        </div>
    }
}

/// Every fault that was found in a file.
#[component]
fn FileFaults(form: FormState, name: &'static str) -> impl IntoView {
    let l = use_locale();
    let lines = move || match form.fault().get() {
        Some(Fault::Invalid(faults)) => faults
            .iter()
            .filter(|fault| fault.field == name)
            .map(|fault| fault_text(l, &fault.code, &fault.params))
            .collect(),
        Some(fault) => vec![fault.text(l)],
        None => Vec::new(),
    };
    move || {
        let lines = lines();
        (!lines.is_empty()).then(|| {
            let items: Vec<_> = lines.into_iter().map(|line| view! { <li>{line}</li> }).collect();
            view! {
                <div class="alert error" role="alert">
                    <div>
                        <p>{t::judging::faults(l)}</p>
                        <ul>{items}</ul>
                    </div>
                </div>
            }
        })
    }
}
