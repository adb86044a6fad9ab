//! Asking once more before a deed that cannot be undone.

use leptos::prelude::*;
use ui::Dialog;

use crate::i18n::{t, use_locale};

/// A button, and the dialog that says what will happen before it does; native, so it works without scripts.
#[component]
pub fn Confirm(
    /// The id of the dialog, one of its kind on the page.
    #[prop(into)]
    id: String,
    /// What the button says.
    #[prop(into)]
    label: String,
    /// More classes for the button: `quiet`, `small`, `danger`.
    #[prop(into, optional)]
    class: String,
    /// The question.
    #[prop(into)]
    title: String,
    /// What will happen, to whose money.
    #[prop(into)]
    text: String,
    /// What the button says that does it.
    #[prop(into)]
    deed: String,
    /// Where the form is sent.
    action: &'static str,
    /// What is sent besides what is typed.
    fields: Vec<(&'static str, String)>,
    /// What is to be typed.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let locale = use_locale();
    let hidden: Vec<_> = fields
        .into_iter()
        .map(|(name, value)| view! { <input type="hidden" name=name value=value/> })
        .collect();
    view! {
        <button class=format!("button {class}") type="button" popovertarget=id.clone()>{label}</button>
        <Dialog id=id.clone() title=title close=t::common::close(locale)>
            <form class="stack" method="post" action=action>
                {hidden}
                <p>{text}</p>
                {children.map(|children| children())}
                <div class="button-row">
                    <button class="button danger">{deed}</button>
                    <button class="button quiet" type="button" popovertarget=id popovertargetaction="hide">
                        {t::common::leave_it(locale)}
                    </button>
                </div>
            </form>
        </Dialog>
    }
}
