//! Parts that more than one page of courses shows.

use domain::courses::category::Category;
use domain::courses::{CourseState, LessonKind, Level};
use domain::locale::Locale;
use domain::money::Money;
use leptos::prelude::*;
use ui::{Chip, ChipKind, Cover, Icon};

use super::view::{CourseCard, OutlineChapter, OutlineLesson};
use crate::i18n::{href, t, use_locale};

/// A level in words.
pub fn level_text(locale: Locale, level: Level) -> &'static str {
    match level {
        Level::Beginner => t::courses::level_beginner(locale),
        Level::Intermediate => t::courses::level_intermediate(locale),
        Level::Advanced => t::courses::level_advanced(locale),
    }
}

/// A subject in words.
pub fn category_text(locale: Locale, slug: Option<&str>) -> Option<&'static str> {
    slug.and_then(Category::find).map(|category| category.name(locale))
}

/// A price in words.
pub fn price_text(locale: Locale, price: Money) -> String {
    if price.is_zero() { t::courses::free(locale).to_owned() } else { price.to_string() }
}

/// A length of time in words.
pub fn time_text(locale: Locale, minutes: u32) -> String {
    if minutes < 90 {
        t::courses::minutes(locale, minutes)
    } else {
        let halves = (minutes + 15) / 30;
        let half = if halves.is_multiple_of(2) { "" } else { ".5" };
        t::courses::hours(locale, format!("{}{half}", halves / 2))
    }
}

/// A language in words of the reader's language.
pub fn language_text(locale: Locale, language: Locale) -> &'static str {
    match language {
        Locale::En => t::courses::english(locale),
        Locale::Zh => t::courses::chinese(locale),
    }
}

/// Where a course stands in its life.
#[component]
pub fn StateChip(state: CourseState) -> impl IntoView {
    let locale = use_locale();
    let (kind, text) = match state {
        CourseState::Draft => (ChipKind::Warning, t::courses::state_draft(locale)),
        CourseState::Published => (ChipKind::Done, t::courses::state_published(locale)),
        CourseState::Archived => (ChipKind::Plain, t::courses::state_archived(locale)),
    };
    view! { <Chip kind=kind>{text}</Chip> }
}

/// A course as a card of the catalogue.
#[component]
pub fn Card(course: CourseCard) -> impl IntoView {
    let locale = use_locale();
    let title = course.title.get(locale).to_owned();
    let facts = [
        level_text(locale, course.level).to_owned(),
        t::courses::lessons(locale, course.lessons),
        time_text(locale, course.minutes),
    ];
    view! {
        <article class="card course-card">
            <Cover title=title.clone() seed=course.slug.clone()/>
            <p class="eyebrow">{category_text(locale, course.category.as_deref())}</p>
            <h3><a href=href(locale, &format!("/courses/{}", course.slug))>{title}</a></h3>
            <p class="dim small summary">{course.summary.get(locale).to_owned()}</p>
            <p class="small faint">{facts.join(" · ")}</p>
            <div class="card-foot">
                <span class="small dim">{course.author}</span>
                <span class="price">{price_text(locale, course.price)}</span>
            </div>
        </article>
    }
}

/// What a lesson is, as a word for its row.
fn lesson_mark(locale: Locale, lesson: &OutlineLesson) -> AnyView {
    if lesson.done {
        view! { <Icon name="check" label=t::courses::done(locale).to_owned()/> }.into_any()
    } else if !lesson.open {
        view! { <Icon name="lock" label=t::courses::locked(locale).to_owned()/> }.into_any()
    } else if lesson.kind == LessonKind::Quiz {
        view! { <Icon name="list-ordered"/> }.into_any()
    } else {
        view! { <Icon name="file-text"/> }.into_any()
    }
}

/// The chapters and lessons of a course; the lesson that one is on is marked.
#[component]
pub fn Outline(
    /// The readable part of the course's address.
    slug: String,
    /// The chapters.
    chapters: Vec<OutlineChapter>,
    /// The lesson that one is on.
    #[prop(optional)]
    current: Option<domain::courses::LessonId>,
) -> impl IntoView {
    let locale = use_locale();
    let row = move |slug: &str, lesson: OutlineLesson| {
        let mark = lesson_mark(locale, &lesson);
        let here = (current == Some(lesson.id)).then_some("page");
        let address = href(locale, &format!("/courses/{slug}/lessons/{}", lesson.id));
        let class = if lesson.done { "done" } else { "" };
        let preview = lesson.preview && current.is_none();
        view! {
            <li class=class>
                {mark}
                <a href=address aria-current=here>{lesson.title.get(locale).to_owned()}</a>
                {preview.then(|| view! { <Chip kind=ChipKind::Outline>{t::courses::preview(locale)}</Chip> })}
                <span class="small faint">{t::courses::minutes(locale, lesson.minutes)}</span>
            </li>
        }
    };
    let chapters: Vec<_> = chapters
        .into_iter()
        .map(|chapter| {
            let lessons: Vec<_> = chapter.lessons.into_iter().map(|lesson| row(&slug, lesson)).collect();
            view! {
                <li class="chapter">
                    <h3>{chapter.title.get(locale).to_owned()}</h3>
                    <ol>{lessons}</ol>
                </li>
            }
        })
        .collect();
    view! { <ol class="outline">{chapters}</ol> }
}
