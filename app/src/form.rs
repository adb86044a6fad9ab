//! Forms that work with and without scripts: errors beside the field, and what was typed is kept.
//!
//! With scripts an [`ActionForm`](leptos::form::ActionForm) sends the form and the answer is read
//! from the action. Without, the server keeps a refused form as a one-time draft and the page that
//! one comes back to shows it from the [`PageContext`](crate::context::PageContext).

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::context::{Draft, use_page};
use crate::error::{Answer, Fault};
use crate::i18n::use_locale;

/// What a form knows of its last refusal.
#[derive(Clone, Copy)]
pub struct FormState {
    fault: Signal<Option<Fault>>,
    draft: StoredValue<Option<Draft>>,
}

impl FormState {
    /// The state of a form that an action sends; `path` is the server function's `PATH`.
    pub fn of<S, T>(action: ServerAction<S>, path: &str) -> Self
    where
        S: ServerFn<Output = T, Error = Fault> + Clone + Send + Sync + 'static,
        T: Clone + Send + Sync + 'static,
    {
        let draft = draft_of(path);
        let kept = draft.clone().map(|draft| draft.fault);
        let value = action.value();
        let fault = Signal::derive(move || match value.get() {
            Some(Err(fault)) => Some(fault),
            Some(Ok(_)) => None,
            None => kept.clone(),
        });
        Self { fault, draft: StoredValue::new(draft) }
    }

    /// The state of a plain form that the browser itself sends to `path`.
    pub fn plain(path: &str) -> Self {
        let draft = draft_of(path);
        let kept = draft.clone().map(|draft| draft.fault);
        Self { fault: Signal::derive(move || kept.clone()), draft: StoredValue::new(draft) }
    }

    /// The state of a form that is shown again with what an address says was typed, and what is wrong with it.
    pub fn given(fields: Vec<(String, String)>, fault: Option<Fault>) -> Self {
        let draft =
            Draft { endpoint: String::new(), fields, fault: fault.clone().unwrap_or(Fault::Conflict) };
        Self { fault: Signal::derive(move || fault.clone()), draft: StoredValue::new(Some(draft)) }
    }

    /// The state of a form whose answers come from elsewhere.
    pub fn from_answer<T: Clone + Send + Sync + 'static>(value: Signal<Option<Answer<T>>>) -> Self {
        let fault = Signal::derive(move || value.get().and_then(Result::err));
        Self { fault, draft: StoredValue::new(None) }
    }

    /// What the last try was refused with.
    pub fn fault(self) -> Signal<Option<Fault>> {
        self.fault
    }

    /// What is wrong with a field, in words.
    pub fn error(self, field: &'static str) -> Signal<Option<String>> {
        let locale = use_locale();
        Signal::derive(move || self.fault.get().and_then(|fault| fault.field_text(field, locale)))
    }

    /// What was typed into a field before the form was refused, or else `otherwise`.
    pub fn kept(self, field: &str, otherwise: &str) -> String {
        self.draft.with_value(|draft| match draft {
            Some(draft) => draft
                .fields
                .iter()
                .find(|(name, _)| name == field)
                .map_or_else(String::new, |(_, value)| value.clone()),
            None => otherwise.to_owned(),
        })
    }

    /// Everything that was sent under a name before the form was refused: ticked boxes have one name.
    pub fn kept_all(self, field: &str) -> Vec<String> {
        self.draft.with_value(|draft| {
            let fields = draft.iter().flat_map(|draft| &draft.fields);
            fields.filter(|(name, _)| name == field).map(|(_, value)| value.clone()).collect()
        })
    }

    /// Whether a refused form is being shown again.
    pub fn is_kept(self) -> bool {
        self.draft.with_value(Option::is_some)
    }
}

fn draft_of(path: &str) -> Option<Draft> {
    let wanted = path.trim_start_matches('/');
    use_page().draft.filter(|draft| draft.endpoint.trim_start_matches('/').ends_with(wanted))
}

/// The line above a form that says why it was refused.
#[component]
pub fn FormAlert(form: FormState) -> impl IntoView {
    let locale = use_locale();
    move || {
        form.fault().get().map(|fault| {
            view! { <div class="alert error" role="alert"><p>{fault.text(locale)}</p></div> }
        })
    }
}

/// What is wrong with a field that stands elsewhere on the page: in a dialog, or in one of many rows.
#[component]
pub fn FieldAlert(form: FormState, field: &'static str) -> impl IntoView {
    let error = form.error(field);
    move || error.get().map(|text| view! { <p class="alert error" role="alert">{text}</p> })
}

/// A labelled one-line field.
#[component]
pub fn TextInput(
    /// The form that the field belongs to.
    form: FormState,
    /// The name of the field: the argument of the server function.
    name: &'static str,
    /// The label.
    #[prop(into)]
    label: String,
    /// What stands in it at first.
    #[prop(optional, into)]
    value: String,
    /// What helps to fill it in.
    #[prop(optional, into)]
    hint: String,
    /// The kind of input: `text`, `email`, `password`, `number`, `datetime-local`, `search`, `url`.
    #[prop(default = "text")]
    kind: &'static str,
    /// What the browser may fill in.
    #[prop(optional)]
    autocomplete: &'static str,
    /// Whether it must be filled in.
    #[prop(optional)]
    required: bool,
    /// The keyboard to offer: `numeric`, `decimal`.
    #[prop(optional)]
    inputmode: &'static str,
    /// How many characters the server takes.
    #[prop(optional)]
    maxlength: u32,
) -> impl IntoView {
    let value = if kind == "password" { String::new() } else { form.kept(name, &value) };
    let optional = |text: &'static str| (!text.is_empty()).then_some(text);
    let input = view! {
        <input
            type=kind id=name name=name value=value required=required
            autocomplete=optional(autocomplete) inputmode=optional(inputmode)
            maxlength=(maxlength > 0).then(|| maxlength.to_string())
            aria-invalid=invalid(form, name) aria-describedby=format!("{name}-note")
        />
    };
    framed(form, name, label, hint, input.into_any())
}

/// A labelled field of several lines.
#[component]
pub fn TextArea(
    /// The form that the field belongs to.
    form: FormState,
    /// The name of the field.
    name: &'static str,
    /// The label.
    #[prop(into)]
    label: String,
    /// What stands in it at first.
    #[prop(optional, into)]
    value: String,
    /// What helps to fill it in.
    #[prop(optional, into)]
    hint: String,
    /// How many lines to show.
    #[prop(default = 6)]
    rows: u32,
    /// The language of what is typed, where it differs from the page.
    #[prop(optional)]
    lang: &'static str,
    /// How many characters the server takes.
    #[prop(optional)]
    maxlength: u32,
) -> impl IntoView {
    let value = form.kept(name, &value);
    let lang = (!lang.is_empty()).then_some(lang);
    let area = view! {
        <textarea
            id=name name=name rows=rows.to_string() lang=lang
            maxlength=(maxlength > 0).then(|| maxlength.to_string())
            aria-invalid=invalid(form, name) aria-describedby=format!("{name}-note")
            inner_html=area_text(&value)
        ></textarea>
    };
    framed(form, name, label, hint, area.into_any())
}

/// The text of a `<textarea>` as HTML, for its `inner_html`: leptos (0.8) writes the children of a textarea
/// without escaping them.
pub fn area_text(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// A labelled choice of one.
#[component]
pub fn Select(
    /// The form that the field belongs to.
    form: FormState,
    /// The name of the field.
    name: &'static str,
    /// The label.
    #[prop(into)]
    label: String,
    /// Value and text of each choice.
    options: Vec<(String, String)>,
    /// The value that is chosen at first.
    #[prop(optional, into)]
    value: String,
    /// What helps to choose.
    #[prop(optional, into)]
    hint: String,
) -> impl IntoView {
    let chosen = form.kept(name, &value);
    let choices: Vec<_> = options
        .into_iter()
        .map(|(value, text)| {
            let selected = value == chosen;
            view! { <option value=value selected=selected>{text}</option> }
        })
        .collect();
    let select = view! {
        <select id=name name=name aria-invalid=invalid(form, name) aria-describedby=format!("{name}-note")>
            {choices}
        </select>
    };
    framed(form, name, label, hint, select.into_any())
}

/// A box to tick; sends `true` when ticked and nothing otherwise.
#[component]
pub fn Checkbox(
    /// The form that the field belongs to.
    form: FormState,
    /// The name of the field.
    name: &'static str,
    /// The label.
    #[prop(into)]
    label: String,
    /// Whether it is ticked at first.
    #[prop(optional)]
    checked: bool,
) -> impl IntoView {
    let checked = form.kept(name, if checked { "true" } else { "" }) == "true";
    let error = form.error(name);
    view! {
        <div class="field check">
            <label for=name>
                <input type="checkbox" id=name name=name value="true" checked=checked/>
                <span>{label}</span>
            </label>
            {move || error.get().map(|text| view! { <p class="field-error">{text}</p> })}
        </div>
    }
}

fn invalid(
    form: FormState,
    name: &'static str,
) -> impl Fn() -> Option<&'static str> + Send + Clone + 'static {
    let error = form.error(name);
    move || error.get().map(|_| "true")
}

/// Label, control, error and hint, in one frame; not generic, so it is compiled once.
fn framed(form: FormState, name: &'static str, label: String, hint: String, control: AnyView) -> AnyView {
    let error = form.error(name);
    view! {
        <div class="field">
            <label for=name>{label}</label>
            {control}
            <div id=format!("{name}-note") class="field-note">
                {move || error.get().map(|text| view! { <p class="field-error">{text}</p> })}
                {(!hint.is_empty()).then(|| view! { <p class="field-hint">{hint}</p> })}
            </div>
        </div>
    }
    .into_any()
}
