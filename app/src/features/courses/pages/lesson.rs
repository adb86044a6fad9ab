//! A lesson: the outline beside it, what it says, notes.

use domain::courses::LessonId;
use domain::courses::policy::{Closed, Reading};
use domain::locale::Locale;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use leptos_router::{LazyRoute, lazy_route};
use ui::{Icon, Progress};

use super::quiz::Quiz;
use crate::context::use_viewer;
use crate::error::Answer;
use crate::features::courses::parts::Outline;
use crate::features::courses::view::{LessonContent, LessonView, NoteView};
use crate::features::courses::{
    AddNote, AnswerQuiz, ChangeNote, Enrol, FinishLesson, StartQuiz, load_lesson,
};
use crate::form::{FormAlert, FormState, TextArea, area_text};
use crate::i18n::{href, t, use_locale};
use crate::load::{Loaded, load};
use crate::parts::{When, page, set_status};

/// The page of a lesson.
pub struct LessonPage {
    forms: Forms,
    lesson: Loaded<Answer<LessonView>>,
}

/// The forms of the page.
#[derive(Clone, Copy)]
pub struct Forms {
    /// Starting the course.
    pub enrol: FormState,
    /// Declaring the lesson read.
    finish: FormState,
    /// Beginning an attempt.
    pub start: FormState,
    /// Handing an attempt in.
    pub answer: FormState,
    /// Adding a note.
    note: FormState,
    /// Changing a note.
    change: FormState,
}

#[lazy_route]
impl LazyRoute for LessonPage {
    fn data() -> Self {
        let params = use_params_map();
        let of = move |name: &str| params.read().get(name).unwrap_or_default();
        let lesson = load(move || (of("slug"), of("lesson")), |(slug, lesson)| load_lesson(slug, lesson));
        let forms = Forms {
            enrol: FormState::plain(Enrol::PATH),
            finish: FormState::plain(FinishLesson::PATH),
            start: FormState::plain(StartQuiz::PATH),
            answer: FormState::plain(AnswerQuiz::PATH),
            note: FormState::plain(AddNote::PATH),
            change: FormState::plain(ChangeNote::PATH),
        };
        Self { forms, lesson }
    }

    fn view(this: Self) -> AnyView {
        let forms = this.forms;
        page(this.lesson, move |lesson| view! { <Lesson lesson forms/> }.into_any())
    }
}

#[component]
fn Lesson(lesson: LessonView, forms: Forms) -> impl IntoView {
    let locale = use_locale();
    let title = lesson.lesson.title.get(locale).to_owned();
    let course = lesson.course.get(locale).to_owned();
    let to_course = href(locale, &format!("/courses/{}", lesson.slug));
    let place = t::courses::chapter_lesson(locale, lesson.chapter, lesson.number);
    let time = t::courses::about_minutes(locale, lesson.lesson.minutes);
    let learns = lesson.progress.is_some();
    let open = !matches!(lesson.content, LessonContent::Closed(_));
    view! {
        <Title text=format!("{title}, {course}")/>
        <div class="wrap reader">
            <nav aria-label=t::courses::contents(locale)>
                <p class="eyebrow"><a href=to_course>{course}</a></p>
                {lesson.progress.clone().map(|progress| view! {
                    <Progress
                        value=progress.done max=progress.total label=t::courses::progress(locale)
                        figure=t::courses::progress_figure(locale, progress.done, progress.total)
                    />
                })}
                <details class="reader-outline" open=true>
                    <summary>{t::courses::contents(locale)}</summary>
                    <Outline slug=lesson.slug.clone() chapters=lesson.outline.clone() current=lesson.lesson.id/>
                </details>
            </nav>
            <article>
                <p class="eyebrow">{place}", "{time}</p>
                <h1>{title}</h1>
                <Content lesson=lesson.clone() forms/>
                <Steps lesson=lesson.clone() form=forms.finish/>
            </article>
            <aside aria-label=t::courses::notes(locale)>
                {if learns && open {
                    view! { <Notes lesson=lesson.lesson.id notes=lesson.notes forms/> }.into_any()
                } else {
                    view! {
                        <h2>{t::courses::notes(locale)}</h2>
                        <p class="small dim">{t::courses::notes_for_learners(locale)}</p>
                    }
                    .into_any()
                }}
            </aside>
        </div>
    }
}

/// What a lesson says, or how to get it.
#[component]
fn Content(lesson: LessonView, forms: Forms) -> AnyView {
    let locale = use_locale();
    match lesson.content {
        LessonContent::Closed(closed) => {
            set_status(403);
            view! { <ClosedLesson closed slug=lesson.slug form=forms.enrol/> }.into_any()
        }
        LessonContent::Document { reading, html, language } => view! {
            <ReadingNote reading/>
            {(language != locale).then(|| view! { <p class="note">{t::courses::in_other_language(locale)}</p> })}
            <div class="prose" lang=language.html_lang() inner_html=html></div>
        }
        .into_any(),
        LessonContent::Quiz(quiz) => {
            view! { <ReadingNote reading=quiz.reading/> <Quiz lesson=lesson.lesson.id quiz=*quiz forms/> }.into_any()
        }
    }
}

/// Why one sees a lesson that one does not learn.
#[component]
fn ReadingNote(reading: Reading) -> impl IntoView {
    let locale = use_locale();
    let text = match reading {
        Reading::Learner => None,
        Reading::Preview => Some(t::courses::reading_preview(locale)),
        Reading::Author => Some(t::courses::reading_author(locale)),
    };
    text.map(|text| view! { <p class="note">{text}</p> })
}

/// How to get a lesson.
#[component]
fn ClosedLesson(closed: Closed, slug: String, form: FormState) -> impl IntoView {
    let locale = use_locale();
    let (text, label) = match closed {
        Closed::Enrol => {
            (t::courses::closed_enrol(locale).to_owned(), Some(t::courses::start(locale).to_owned()))
        }
        Closed::Buy(price) => (t::courses::closed_buy(locale, price), Some(t::courses::buy(locale, price))),
        Closed::NotOpen => (t::courses::closed_not_open(locale).to_owned(), None),
    };
    let stranger = use_viewer().is_none();
    let asks = label.is_some();
    let to_course = href(locale, &format!("/courses/{slug}"));
    view! {
        <section class="empty" aria-labelledby="closed">
            <Icon name="lock"/>
            <h2 id="closed">{t::courses::get_it(locale)}</h2>
            <p>{text}</p>
            {(stranger && asks).then(|| view! { <p class="small">{t::courses::log_in_first(locale)}</p> })}
            <div class="button-row">
                {label.map(|label| view! {
                    <form method="post" action=Enrol::url()>
                        <FormAlert form/>
                        <input type="hidden" name="slug" value=slug/>
                        <button class="button primary">{label}</button>
                    </form>
                })}
                <a class="button" href=to_course>{t::courses::to_course(locale)}</a>
            </div>
        </section>
    }
}

/// The way to the lessons before and after.
#[component]
fn Steps(lesson: LessonView, form: FormState) -> impl IntoView {
    let locale = use_locale();
    let path = |id: LessonId| href(locale, &format!("/courses/{}/lessons/{id}", lesson.slug));
    let before = lesson.previous.as_ref().map(|other| (path(other.id), other.title.get(locale).to_owned()));
    let after = lesson.next.as_ref().map(|other| (path(other.id), other.title.get(locale).to_owned()));
    let document = matches!(lesson.content, LessonContent::Document { reading: Reading::Learner, .. });
    let finish = document && !lesson.lesson.done;
    let label = if after.is_some() { t::courses::finish(locale) } else { t::courses::finish_last(locale) };
    let go = if finish { "button" } else { "button primary" };
    let to_course = href(locale, &format!("/courses/{}", lesson.slug));
    view! {
        <FormAlert form/>
        <div class="steps">
            {before.map(|(to, title)| view! { <a class="button" href=to rel="prev" title=title>{t::courses::previous(locale)}</a> })}
            {finish.then(|| view! {
                <form method="post" action=FinishLesson::url()>
                    <input type="hidden" name="lesson" value=lesson.lesson.id.to_string()/>
                    <button class="button primary">{label}</button>
                </form>
            })}
            {match after {
                Some((to, title)) => view! { <a class=go href=to rel="next">{t::courses::next(locale)}": "{title}</a> }.into_any(),
                None => view! { <a class="button" href=to_course>{t::courses::to_course(locale)}</a> }.into_any(),
            }}
        </div>
    }
}

/// The notes beside a lesson.
#[component]
fn Notes(lesson: LessonId, notes: Vec<NoteView>, forms: Forms) -> impl IntoView {
    let locale = use_locale();
    let none = notes.is_empty();
    let notes: Vec<_> = notes.into_iter().map(|note| view! { <li><Note note/></li> }).collect();
    view! {
        <h2>{t::courses::notes(locale)}</h2>
        {none.then(|| view! { <p class="small dim">{t::courses::no_notes(locale)}</p> })}
        <ul class="lesson-notes">{notes}</ul>
        <FormAlert form=forms.change/>
        <form class="stack tight" method="post" action=AddNote::url()>
            <FormAlert form=forms.note/>
            <input type="hidden" name="lesson" value=lesson.to_string()/>
            <TextArea form=forms.note name="body" maxlength=2000 label=t::courses::note_body(locale) rows=3/>
            <button class="button">{t::courses::note_add(locale)}</button>
        </form>
    }
}

/// A note, which opens to be changed.
#[component]
fn Note(note: NoteView) -> impl IntoView {
    let locale = use_locale();
    let rows = note.body.lines().count().clamp(2, 10).to_string();
    view! {
        <p class="note">{note.body.clone()}</p>
        <details class="more">
            <summary class="small dim"><When at=note.at date_only=true/>" · "{t::courses::note_edit(locale)}</summary>
            <form class="stack tight" method="post" action=ChangeNote::url()>
                <input type="hidden" name="note" value=note.id.to_string()/>
                <textarea name="body" rows=rows aria-label=t::courses::note(locale) inner_html=area_text(&note.body)></textarea>
                <div class="actions">
                    <button class="button small">{t::courses::note_save(locale)}</button>
                    <button class="button small quiet" name="delete" value="true">{t::courses::note_delete(locale)}</button>
                </div>
            </form>
        </details>
    }
}

/// The language of the reader, for parts of the page.
pub fn true_or_false(locale: Locale, position: usize) -> &'static str {
    if position == 0 { t::courses::truth(locale) } else { t::courses::falsehood(locale) }
}
