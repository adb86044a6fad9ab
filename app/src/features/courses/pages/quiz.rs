//! The quiz of a lesson: beginning, answering, the mark with feedback.

use domain::courses::LessonId;
use domain::courses::policy::Reading;
use domain::courses::quiz::QuestionKind;
use domain::locale::Locale;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use ui::{Chip, ChipKind};

use super::lesson::{Forms, true_or_false};
use crate::features::courses::view::{
    AskedView, MarkedChoice, MarkedQuestionView, MarkedView, OpenAttempt, QuizView,
};
use crate::features::courses::{AnswerQuiz, StartQuiz};
use crate::form::{FormAlert, FormState};
use crate::i18n::{t, use_locale};

/// A quiz lesson.
#[component]
pub fn Quiz(lesson: LessonId, quiz: QuizView, forms: Forms) -> impl IntoView {
    let locale = use_locale();
    let learner = quiz.reading == Reading::Learner;
    let used = if quiz.attempts == 0 {
        t::courses::quiz_attempts_any(locale, quiz.used)
    } else {
        t::courses::quiz_attempts_left(locale, quiz.used, quiz.attempts)
    };
    let left = quiz.attempts == 0 || quiz.used < quiz.attempts;
    let label = if quiz.used == 0 { t::courses::quiz_begin(locale) } else { t::courses::quiz_again(locale) };
    let next = if !learner {
        view! { <p class="dim">{t::courses::quiz_needs_learner(locale)}</p> }.into_any()
    } else if let Some(open) = quiz.open {
        view! { <Attempt open form=forms.answer/> }.into_any()
    } else if quiz.passed {
        ().into_any()
    } else if left {
        view! {
            <form method="post" action=StartQuiz::url()>
                <FormAlert form=forms.start/>
                <input type="hidden" name="lesson" value=lesson.to_string()/>
                <button class="button primary">{label}</button>
            </form>
        }
        .into_any()
    } else {
        view! { <p class="alert warning">{t::courses::quiz_none_left(locale)}</p> }.into_any()
    };
    view! {
        <div class="prose" inner_html=quiz.html></div>
        <p class="dim">{t::courses::quiz_facts(locale, quiz.questions, quiz.pass_mark)}</p>
        {learner.then(|| view! { <p class="small dim">{used}</p> })}
        {quiz.last.map(|marked| view! { <Marked marked/> })}
        {next}
    }
}

/// The questions of an attempt that is going on.
#[component]
fn Attempt(open: OpenAttempt, form: FormState) -> impl IntoView {
    let locale = use_locale();
    let questions: Vec<_> = (1_u32..)
        .zip(open.questions)
        .map(|(number, question)| view! { <Question number question form/> })
        .collect();
    view! {
        <form class="quiz-form stack loose" method="post" action=AnswerQuiz::url()>
            <p class="note">{t::courses::quiz_going_on(locale)}</p>
            <FormAlert form/>
            <input type="hidden" name="attempt" value=open.id.to_string()/>
            {questions}
            <div class="actions"><button class="button primary">{t::courses::quiz_hand_in(locale)}</button></div>
        </form>
    }
}

/// The words of an option.
fn choice_text(
    locale: Locale,
    kind: QuestionKind,
    position: usize,
    text: &domain::locale::Bilingual,
) -> String {
    match kind {
        QuestionKind::TrueFalse => true_or_false(locale, position).to_owned(),
        _ => text.get(locale).to_owned(),
    }
}

fn points_text(locale: Locale, points: u32) -> String {
    if points == 1 { t::courses::one_point(locale).to_owned() } else { t::courses::points(locale, points) }
}

#[component]
fn Question(number: u32, question: AskedView, form: FormState) -> impl IntoView {
    let locale = use_locale();
    let name = question.id.field();
    let how = match question.kind {
        QuestionKind::Single | QuestionKind::TrueFalse => t::courses::choose_one(locale),
        QuestionKind::Multiple => t::courses::choose_all(locale),
        QuestionKind::Number => t::courses::type_number(locale),
    };
    let error = {
        let name = name.clone();
        let fault = form.fault();
        move || fault.get().and_then(|fault| fault.field_text(&name, locale))
    };
    let fields = if question.kind == QuestionKind::Number {
        let kept = if form.is_kept() { form.kept(&name, "") } else { String::new() };
        view! {
            <input class="number" type="text" inputmode="decimal" autocomplete="off" name=name.clone() value=kept aria-label=how/>
        }
        .into_any()
    } else {
        let kind = if question.kind == QuestionKind::Multiple { "checkbox" } else { "radio" };
        let options: Vec<_> = question
            .choices
            .iter()
            .enumerate()
            .map(|(position, text)| {
                let words = choice_text(locale, question.kind, position, text);
                view! {
                    <label>
                        <input type=kind name=name.clone() value=position.to_string()/>
                        <span>{words}</span>
                    </label>
                }
            })
            .collect();
        view! { <div class="choices">{options}</div> }.into_any()
    };
    view! {
        <fieldset class="group question">
            <legend>{t::courses::question(locale, number)}</legend>
            <div class="prose compact" inner_html=question.prompt></div>
            <p class="small dim">{how}", "{points_text(locale, question.points)}</p>
            {fields}
            {move || error().map(|text| view! { <p class="field-error">{text}</p> })}
        </fieldset>
    }
}

/// The mark of the last attempt.
#[component]
fn Marked(marked: MarkedView) -> impl IntoView {
    let locale = use_locale();
    let (class, word) = if marked.passed {
        ("alert success", t::courses::quiz_passed(locale))
    } else {
        ("alert warning", t::courses::quiz_missed(locale))
    };
    let result = t::courses::quiz_result(locale, marked.number, marked.points, marked.out_of, marked.percent);
    let questions: Vec<_> = (1_u32..)
        .zip(marked.questions)
        .map(|(number, question)| view! { <li><MarkedQuestion number question/></li> })
        .collect();
    view! {
        <section class="stack" aria-label=word>
            <div class=class role="status"><p><strong>{word}</strong></p><p>{result}</p></div>
            <ol class="marked">{questions}</ol>
        </section>
    }
}

#[component]
fn MarkedQuestion(number: u32, question: MarkedQuestionView) -> impl IntoView {
    let locale = use_locale();
    let (kind, word) = if question.right {
        (ChipKind::Done, t::courses::right(locale))
    } else {
        (ChipKind::Wrong, t::courses::wrong(locale))
    };
    let points = format!("{} / {}", question.points, question.out_of);
    let asked = question.kind;
    let choices: Vec<_> = question
        .choices
        .into_iter()
        .enumerate()
        .map(|(position, choice)| view! { <li><Choice words=choice_text(locale, asked, position, &choice.text) choice/></li> })
        .collect();
    let typed = (asked == QuestionKind::Number).then(|| {
        let typed = question.number.unwrap_or_else(|| t::courses::nothing_typed(locale).to_owned());
        view! {
            <p>{t::courses::your_number(locale)}": "<b>{typed}</b>
                {question.right_number.map(|right| view! { " · "{t::courses::right_answer(locale)}": "<b>{right}</b> })}
            </p>
        }
    });
    let explained = !question.explanation.is_empty();
    view! {
        <div class="split">
            <h2>{t::courses::question(locale, number)}</h2>
            <span class="cluster"><Chip kind=kind>{word}</Chip><span class="small dim">{points}</span></span>
        </div>
        <div class="prose compact" inner_html=question.prompt></div>
        {(!choices.is_empty()).then(|| view! { <ul class="marked-choices">{choices}</ul> })}
        {typed}
        {explained.then(|| view! { <div class="note prose compact" inner_html=question.explanation></div> })}
    }
}

#[component]
fn Choice(words: String, choice: MarkedChoice) -> impl IntoView {
    let locale = use_locale();
    let class = match (choice.chosen, choice.right) {
        (true, Some(true)) => "chosen right",
        (true, _) => "chosen wrong",
        (false, Some(true)) => "right",
        (false, _) => "",
    };
    let feedback = choice.feedback.get(locale).to_owned();
    view! {
        <div class=class>
            <span>{words}</span>
            {choice.chosen.then(|| view! { <span class="small">" · "{t::courses::you_chose(locale)}</span> })}
            {(choice.right == Some(true)).then(|| view! { <span class="small gained">" · "{t::courses::right_answer(locale)}</span> })}
            {(!feedback.is_empty()).then(|| view! { <p class="small">{feedback}</p> })}
        </div>
    }
}
