//! One question of a quiz.

use domain::courses::quiz::{Choice, MAX_CHOICES, Question, QuestionKind};
use domain::locale::Locale;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use leptos_router::{LazyRoute, lazy_route};
use ui::{Breadcrumbs, Crumb};

use super::lesson::true_or_false;
use super::lesson_desk::kind_text;
use crate::error::{Answer, Fault};
use crate::features::courses::view::LessonDesk;
use crate::features::courses::{WriteQuestion, load_lesson_desk};
use crate::form::{FormAlert, FormState, TextArea, TextInput};
use crate::i18n::{href, t, use_locale};
use crate::load::{Loaded, load};
use crate::parts::{FaultPage, page};

/// The page of a question.
pub struct QuestionPage {
    form: FormState,
    question: Signal<String>,
    kind: String,
    desk: Loaded<Answer<LessonDesk>>,
}

#[lazy_route]
impl LazyRoute for QuestionPage {
    fn data() -> Self {
        let params = use_params_map();
        let of = move |name: &str| params.read().get(name).unwrap_or_default();
        Self {
            form: FormState::plain(WriteQuestion::PATH),
            question: Signal::derive(move || of("question")),
            kind: use_query_map().read_untracked().get("kind").unwrap_or_default(),
            desk: load(move || of("lesson"), load_lesson_desk),
        }
    }

    fn view(this: Self) -> AnyView {
        let (form, wanted, kind) = (this.form, this.question, this.kind);
        page(this.desk, move |desk| {
            let known =
                desk.questions.iter().find(|known| known.id.to_string() == wanted.get_untracked()).cloned();
            let kind = known.as_ref().map(|known| known.kind).or_else(|| QuestionKind::parse(&kind));
            match (known, kind) {
                (None, None) => view! { <FaultPage fault=Fault::NotFound/> }.into_any(),
                (known, kind) => {
                    let kind = kind.unwrap_or(QuestionKind::Single);
                    view! { <Editor desk known kind form/> }.into_any()
                }
            }
        })
    }
}

#[component]
fn Editor(desk: LessonDesk, known: Option<Question>, kind: QuestionKind, form: FormState) -> impl IntoView {
    let locale = use_locale();
    let title =
        if known.is_some() { t::courses::edit_question(locale) } else { t::courses::add_question(locale) };
    let id = known.as_ref().map(|known| known.id.to_string()).unwrap_or_default();
    let prompt = known.as_ref().map(|known| known.prompt.clone()).unwrap_or_default();
    let explanation = known.as_ref().map(|known| known.explanation.clone()).unwrap_or_default();
    let points = known.as_ref().map_or(1, |known| known.points);
    let number = known.as_ref().and_then(|known| known.number);
    let choices = known.map(|known| known.choices).unwrap_or_default();
    let back = href(locale, &format!("/teach/lessons/{}", desk.id));
    let crumbs = vec![
        Crumb::to(desk.course_title.get(locale), href(locale, &format!("/teach/courses/{}", desk.course))),
        Crumb::to(desk.title.get(locale), back.clone()),
        Crumb::here(title),
    ];
    let value = number.map(|key| key.value.to_string()).unwrap_or_default();
    let tolerance = number.map(|key| key.tolerance.to_string()).unwrap_or_default();
    view! {
        <Title text=title/>
        <div class="wrap">
            <div class="page-head">
                <Breadcrumbs items=crumbs label=t::courses::teach(locale)/>
                <h1>{title}</h1>
                <p class="lead">{kind_text(locale, kind)}</p>
            </div>
            <form class="form wide" method="post" action=WriteQuestion::url()>
                <FormAlert form/>
                <input type="hidden" name="lesson" value=desk.id.to_string()/>
                <input type="hidden" name="question" value=id/>
                <input type="hidden" name="kind" value=kind.as_str()/>
                <div class="fields">
                    <TextArea form name="prompt_en" maxlength=4000 label=t::courses::prompt_en(locale) value=prompt.en rows=3 lang="en"/>
                    <TextArea form name="prompt_zh" maxlength=4000 label=t::courses::prompt_zh(locale) value=prompt.zh rows=3 lang="zh-CN"/>
                </div>
                {if kind == QuestionKind::Number {
                    view! {
                        <div class="fields">
                            <TextInput form name="number_value" label=t::courses::number_value(locale) value=value inputmode="decimal"/>
                            <TextInput form name="number_tolerance" label=t::courses::number_tolerance(locale) value=tolerance hint=t::courses::number_tolerance_hint(locale) inputmode="decimal"/>
                        </div>
                    }
                    .into_any()
                } else {
                    view! { <Options kind choices form/> }.into_any()
                }}
                <div class="fields">
                    <TextArea form name="explanation_en" maxlength=4000 label=t::courses::explanation_en(locale) value=explanation.en rows=3 lang="en" hint=t::courses::explanation_hint(locale)/>
                    <TextArea form name="explanation_zh" maxlength=4000 label=t::courses::explanation_zh(locale) value=explanation.zh rows=3 lang="zh-CN"/>
                    <TextInput form name="points" label=t::courses::points_label(locale) value=points.to_string() inputmode="numeric"/>
                </div>
                <div class="actions">
                    <button class="button primary">{t::courses::save(locale)}</button>
                    <a class="button" href=back>{t::courses::back_to_lesson(locale)}</a>
                </div>
            </form>
        </div>
    }
}

/// The rows of options; true and false have two without words.
#[component]
fn Options(kind: QuestionKind, choices: Vec<Choice>, form: FormState) -> impl IntoView {
    let locale = use_locale();
    let rows = if kind == QuestionKind::TrueFalse { 2 } else { MAX_CHOICES };
    let error = form.error("choices");
    let rows: Vec<_> = (0..rows)
        .map(|row| option_row(kind, row, choices.get(row).cloned().unwrap_or_default(), form, locale))
        .collect();
    view! {
        <fieldset class="group">
            <legend>{t::courses::options(locale)}</legend>
            {(kind != QuestionKind::TrueFalse).then(|| view! { <p class="small dim">{t::courses::options_hint(locale)}</p> })}
            {move || error.get().map(|text| view! { <p class="field-error">{text}</p> })}
            <ol class="option-rows">{rows}</ol>
        </fieldset>
    }
}

fn option_row(kind: QuestionKind, row: usize, choice: Choice, form: FormState, locale: Locale) -> AnyView {
    let name = |list: &str| format!("{list}[{row}]");
    let input = |list: &str, label: &'static str, value: &str, lang: &'static str| {
        let name = name(list);
        let value = form.kept(&name, value);
        let said = format!("{}, {label}", t::courses::option(locale, row + 1));
        view! { <input type="text" name=name value=value lang=lang aria-label=said placeholder=label/> }
    };
    let right_name = name("right");
    let checked = form.kept(&right_name, if choice.right { "yes" } else { "" });
    let label = if kind == QuestionKind::TrueFalse {
        true_or_false(locale, row).to_owned()
    } else {
        t::courses::option(locale, row + 1)
    };
    let words = (kind != QuestionKind::TrueFalse).then(|| {
        view! {
            {input("choices_en", t::courses::option_en(locale), &choice.text.en, "en")}
            {input("choices_zh", t::courses::option_zh(locale), &choice.text.zh, "zh-CN")}
        }
    });
    view! {
        <li>
            <label class="check">
                <input type="checkbox" name=right_name value=row.to_string() checked=!checked.is_empty()/>
                <span>{label}": "{t::courses::option_right(locale)}</span>
            </label>
            <div class="fields">
                {words}
                {input("feedback_en", t::courses::feedback_en(locale), &choice.feedback.en, "en")}
                {input("feedback_zh", t::courses::feedback_zh(locale), &choice.feedback.zh, "zh-CN")}
            </div>
        </li>
    }
    .into_any()
}
