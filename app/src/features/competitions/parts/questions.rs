//! The questions of a quiz on its organiser's desk.

use domain::courses::quiz::{Question, QuestionKind};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::features::competitions::{AddQuestion, RemoveQuestion};
use crate::form::{FormAlert, FormState, Select, TextArea, TextInput};
use crate::i18n::{t, use_locale};

fn kind_name(kind: QuestionKind, l: domain::locale::Locale) -> &'static str {
    match kind {
        QuestionKind::Single => t::competitions::question_single(l),
        QuestionKind::Multiple => t::competitions::question_multiple(l),
        QuestionKind::TrueFalse => t::competitions::question_true_false(l),
        QuestionKind::Number => t::competitions::question_number(l),
    }
}

/// The questions in order, each with its key.
#[component]
pub fn Questions(
    /// The last part of the competition's address.
    slug: String,
    /// The questions.
    questions: Vec<Question>,
    /// Whether they may still be changed.
    draft: bool,
) -> impl IntoView {
    let l = use_locale();
    if questions.is_empty() {
        return view! { <p class="dim">{t::competitions::question_none(l)}</p> }.into_any();
    }
    let items: Vec<_> =
        questions.into_iter().map(|question| view! { <Item slug=slug.clone() question draft/> }).collect();
    view! { <ol class="rows">{items}</ol> }.into_any()
}

#[component]
fn Item(slug: String, question: Question, draft: bool) -> impl IntoView {
    let l = use_locale();
    let id = question.id.to_string();
    let key = key_text(&question, l);
    view! {
        <li>
            <div>
                <h3>{question.prompt.get(l).to_owned()}</h3>
                <p class="dim small">{kind_name(question.kind, l)}", "{t::judging::points(l, question.points)}</p>
                <p class="small gained">{key}</p>
            </div>
            {draft.then(|| view! {
                <form method="post" action=RemoveQuestion::url()>
                    <input type="hidden" name="competition" value=slug/>
                    <input type="hidden" name="question" value=id/>
                    <button class="button small">{t::competitions::question_remove(l)}</button>
                </form>
            })}
        </li>
    }
}

/// What is right, in words.
fn key_text(question: &Question, l: domain::locale::Locale) -> String {
    if let Some(key) = &question.number {
        return format!("{} ± {}", key.value, key.tolerance);
    }
    let words = [t::competitions::question_true(l), t::competitions::question_false(l)];
    let right = question.choices.iter().enumerate().filter(|(_, choice)| choice.right);
    let texts: Vec<String> = right
        .map(|(index, choice)| match question.kind {
            QuestionKind::TrueFalse => words.get(index).copied().unwrap_or_default().to_owned(),
            _ => choice.text.get(l).to_owned(),
        })
        .collect();
    texts.join(", ")
}

/// The form of one more question.
#[component]
pub fn QuestionForm(form: FormState, slug: String) -> impl IntoView {
    let l = use_locale();
    let kinds = QuestionKind::ALL
        .into_iter()
        .map(|kind| (kind.as_str().to_owned(), kind_name(kind, l).to_owned()))
        .collect();
    let truths = vec![
        ("true".to_owned(), t::competitions::question_true(l).to_owned()),
        ("false".to_owned(), t::competitions::question_false(l).to_owned()),
    ];
    view! {
        <form class="stack" method="post" action=AddQuestion::url()>
            <FormAlert form/>
            <input type="hidden" name="competition" value=slug/>
            <Select form name="kind" label=t::competitions::question_kind(l) options=kinds value="single"/>
            <TextArea form name="prompt_en" label=t::competitions::question_prompt_en(l) rows=2 lang="en"/>
            <TextArea form name="prompt_zh" label=t::competitions::question_prompt_zh(l) rows=2 lang="zh-CN"/>
            <TextInput form name="points" label=t::competitions::question_points(l) value="1" inputmode="numeric"/>
            <TextArea form name="choices_en" label=t::competitions::question_choices_en(l) hint=t::competitions::question_choices_hint(l) rows=4 lang="en"/>
            <TextArea form name="choices_zh" label=t::competitions::question_choices_zh(l) hint=t::competitions::question_choices_zh_hint(l) rows=4 lang="zh-CN"/>
            <Select form name="truth" label=t::competitions::question_truth(l) options=truths value="true"/>
            <TextInput form name="number_value" label=t::competitions::question_value(l) inputmode="decimal"/>
            <TextInput form name="number_tolerance" label=t::competitions::question_tolerance(l) inputmode="decimal"/>
            <button class="button">{t::competitions::question_add(l)}</button>
        </form>
    }
}
