//! A quiz: one attempt against a clock that runs on the server.

use domain::competitions::RegistrationState;
use domain::competitions::input::Task;
use domain::courses::quiz::{Asked, QuestionKind};
use domain::judging::Verdict;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use leptos_router::{LazyRoute, lazy_route};
use ui::PageHead;

use super::submissions::{VerdictCell, score_text};
use crate::clock::Clock;
use crate::error::Answer;
use crate::features::competitions::{CompetitionTabs, Place};
use crate::features::judging::{AnswerQuiz, AttemptView, QuizView, StartQuiz, quiz};
use crate::form::{FormAlert, FormState};
use crate::i18n::{href, t, use_locale};
use crate::load::{Loaded, load};
use crate::parts::{When, page};

/// The page of a quiz.
pub struct QuizPage {
    start_form: FormState,
    answer_form: FormState,
    quiz: Loaded<Answer<QuizView>>,
}

#[lazy_route]
impl LazyRoute for QuizPage {
    fn data() -> Self {
        let params = use_params_map();
        Self {
            start_form: FormState::plain(StartQuiz::PATH),
            answer_form: FormState::plain(AnswerQuiz::PATH),
            quiz: load(move || params.read().get("slug").unwrap_or_default(), quiz),
        }
    }

    fn view(this: Self) -> AnyView {
        let l = use_locale();
        let (start_form, answer_form, resource) = (this.start_form, this.answer_form, this.quiz);
        page(resource, move |found| {
            follow(resource, &found);
            let kind = domain::competitions::Kind::Quiz;
            view! {
                <Title text=format!("{}, {}", t::judging::quiz(l), found.title.get(l))/>
                <div class="wrap">
                    <PageHead title=t::judging::quiz(l) eyebrow=found.title.get(l).to_owned()/>
                    <CompetitionTabs slug=found.slug.clone() kind place=Place::Quiz/>
                    <div class="stack section narrow">
                        <FormAlert form=start_form/>
                        <FormAlert form=answer_form/>
                        <Attempt found form=answer_form/>
                    </div>
                </div>
            }
            .into_any()
        })
    }
}

/// Asks again every two seconds while the answers wait for the judge.
fn follow(resource: Loaded<Answer<QuizView>>, found: &QuizView) {
    #[cfg(feature = "hydrate")]
    {
        let submission = found.attempt.as_ref().and_then(|attempt| attempt.submission.as_ref());
        let waiting = submission.is_some_and(|row| row.verdict == Verdict::Queued);
        Effect::new(move || {
            if !waiting {
                return;
            }
            let again = move || resource.refetch();
            if let Ok(handle) = set_timeout_with_handle(again, std::time::Duration::from_secs(2)) {
                on_cleanup(move || handle.clear());
            }
        });
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = (resource, found);
}

#[component]
fn Attempt(found: QuizView, form: FormState) -> impl IntoView {
    let l = use_locale();
    if found.registration != Some(RegistrationState::Approved) {
        let to = href(l, &format!("/competitions/{}", found.slug));
        return view! { <p>{t::judging::not_in(l)}" "<a href=to>{t::judging::to_overview(l)}</a></p> }
            .into_any();
    }
    match found.attempt {
        Some(attempt) => view! { <Begun slug=found.slug attempt form/> }.into_any(),
        None if found.phase.takes_submissions() => view! {
            <p>{t::judging::quiz_intro(l, found.questions, found.time_limit.whole_seconds() / 60)}</p>
            <form method="post" action=StartQuiz::url()>
                <input type="hidden" name="slug" value=found.slug/>
                <button class="button primary">{t::judging::quiz_start(l)}</button>
            </form>
        }
        .into_any(),
        None => view! { <p>{t::judging::quiz_not_open(l)}</p> }.into_any(),
    }
}

#[component]
fn Begun(slug: String, attempt: AttemptView, form: FormState) -> impl IntoView {
    let l = use_locale();
    if let Some(row) = attempt.submission {
        let task = Task::Quiz { time_limit: domain::time::Span::default() };
        let score = (row.verdict == Verdict::Accepted).then(|| score_text(row.public_score, &task));
        return view! {
            <p class="gained">{t::judging::quiz_done(l)}</p>
            <p><VerdictCell row/></p>
            {score.map(|score| view! { <p class="figure number">{t::judging::points(l, score)}</p> })}
        }
        .into_any();
    }
    if attempt.asked.is_empty() {
        return view! { <p>{t::judging::quiz_over(l)}</p> }.into_any();
    }
    let questions: Vec<_> = attempt
        .asked
        .into_iter()
        .enumerate()
        .map(|(index, asked)| view! { <Question number=index + 1 asked form/> })
        .collect();
    view! {
        <p class="quiz-clock">
            {t::judging::quiz_deadline(l)}" "<When at=attempt.deadline/>" "
            <Clock until=attempt.deadline/>
        </p>
        <form class="stack" method="post" action=AnswerQuiz::url()>
            <input type="hidden" name="slug" value=slug/>
            {questions}
            <button class="button primary">{t::judging::quiz_send(l)}</button>
        </form>
    }
    .into_any()
}

#[component]
fn Question(number: usize, asked: Asked, form: FormState) -> impl IntoView {
    let l = use_locale();
    let name = asked.id.field();
    let field = name.clone();
    let error = move || form.fault().get().and_then(|fault| fault.field_text(&field, l));
    let prompt = asked.prompt.get(l).to_owned();
    let legend = format!("{}, {}", t::judging::question(l, number), t::judging::points(l, asked.points));
    let body = match asked.kind {
        QuestionKind::Number => {
            let value = form.kept(&name, "");
            view! {
                <label class="field">
                    <span>{t::judging::number(l)}</span>
                    <input type="text" inputmode="decimal" autocomplete="off" name=name value=value/>
                </label>
            }
            .into_any()
        }
        kind => {
            let words = [t::judging::answer_true(l), t::judging::answer_false(l)];
            let several = kind == QuestionKind::Multiple;
            let kept = form.kept_all(&name);
            let hint = if several { t::judging::choose_several(l) } else { t::judging::choose_one(l) };
            let choices: Vec<_> = asked
                .choices
                .iter()
                .enumerate()
                .map(|(index, text)| {
                    let text = match kind {
                        QuestionKind::TrueFalse => words.get(index).copied().unwrap_or_default().to_owned(),
                        _ => text.get(l).to_owned(),
                    };
                    let checked = kept.contains(&index.to_string());
                    view! {
                        <label class="check">
                            <input type=if several { "checkbox" } else { "radio" } name=name.clone() value=index.to_string() checked=checked/>
                            <span>{text}</span>
                        </label>
                    }
                })
                .collect();
            view! { <p class="dim small">{hint}</p>{choices} }.into_any()
        }
    };
    view! {
        <fieldset class="group">
            <legend>{legend}</legend>
            <p class="quiz-prompt">{prompt}</p>
            {body}
            {move || error().map(|text| view! { <p class="field-error">{text}</p> })}
        </fieldset>
    }
}
