//! A course on its author's desk: description, publishing, chapters and lessons.

use domain::courses::category::CATEGORIES;
use domain::courses::{CourseId, CourseState, LessonKind, Level};
use domain::locale::Locale;
use domain::money::Currency;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use leptos_router::{LazyRoute, lazy_route};
use ui::{Breadcrumbs, Crumb};

use crate::error::Answer;
use crate::features::courses::parts::{StateChip, language_text, level_text};
use crate::features::courses::view::{CourseDesk, DeskChapter, OutlineLesson};
use crate::features::courses::{
    AddChapter, AddLesson, ArrangeChapter, ArrangeLesson, DescribeCourse, RenameChapter, SetCourseState,
    load_desk,
};
use crate::form::{FormAlert, FormState, Select, TextArea, TextInput};
use crate::i18n::{fault_text, href, t, use_locale};
use crate::load::{Loaded, load};
use crate::parts::page;

/// The desk of a course.
pub struct CourseDeskPage {
    forms: Forms,
    desk: Loaded<Answer<CourseDesk>>,
}

#[derive(Clone, Copy)]
struct Forms {
    describe: FormState,
    state: FormState,
    chapter: FormState,
    rename: FormState,
    lesson: FormState,
}

#[lazy_route]
impl LazyRoute for CourseDeskPage {
    fn data() -> Self {
        let params = use_params_map();
        let desk = load(move || params.read().get("course").unwrap_or_default(), load_desk);
        let forms = Forms {
            describe: FormState::plain(DescribeCourse::PATH),
            state: FormState::plain(SetCourseState::PATH),
            chapter: FormState::plain(AddChapter::PATH),
            rename: FormState::plain(RenameChapter::PATH),
            lesson: FormState::plain(AddLesson::PATH),
        };
        Self { forms, desk }
    }

    fn view(this: Self) -> AnyView {
        let (locale, forms) = (use_locale(), this.forms);
        page(this.desk, move |desk| {
            let title = desk.title.get(locale).to_owned();
            let crumbs = vec![
                Crumb::to(t::courses::teach(locale), href(locale, "/teach")),
                Crumb::here(title.clone()),
            ];
            view! {
                <Title text=title.clone()/>
                <div class="wrap">
                    <div class="page-head">
                        <Breadcrumbs items=crumbs label=t::courses::teach(locale)/>
                        <h1>{title}</h1>
                        <p class="cluster">
                            <StateChip state=desk.state/>
                            <a class="button small" href=href(locale, &format!("/courses/{}", desk.slug))>{t::courses::view_course(locale)}</a>
                        </p>
                    </div>
                    <div class="columns">
                        <div class="stack loose">
                            <Chapters course=desk.id chapters=desk.chapters.clone() forms/>
                            <Description desk=desk.clone() form=forms.describe/>
                        </div>
                        <aside><Publishing desk form=forms.state/></aside>
                    </div>
                </div>
            }
            .into_any()
        })
    }
}

/// What is missing, and the moves from one state to another.
#[component]
fn Publishing(desk: CourseDesk, form: FormState) -> impl IntoView {
    let locale = use_locale();
    let ready = desk.lacks.is_empty();
    let lacks: Vec<_> = desk
        .lacks
        .iter()
        .map(|fault| view! { <li>{fault_text(locale, &fault.code, &fault.params)}</li> })
        .collect();
    let languages: Vec<&str> =
        desk.languages.iter().map(|language| language_text(locale, *language)).collect();
    let id = desk.id.to_string();
    let button = move |state: CourseState, label: &'static str, class: &'static str| {
        view! {
            <form method="post" action=SetCourseState::url()>
                <input type="hidden" name="course" value=id.clone()/>
                <button class=class name="state" value=state.as_str()>{label}</button>
            </form>
        }
    };
    let moves = match desk.state {
        CourseState::Draft => {
            vec![button(CourseState::Published, t::courses::publish(locale), "button primary")]
        }
        CourseState::Published => vec![
            button(CourseState::Draft, t::courses::withdraw(locale), "button"),
            button(CourseState::Archived, t::courses::archive(locale), "button quiet"),
        ],
        CourseState::Archived => {
            vec![button(CourseState::Published, t::courses::publish_again(locale), "button primary")]
        }
    };
    view! {
        <section class="panel" aria-labelledby="publishing">
            <h2 id="publishing">{t::courses::publish_title(locale)}</h2>
            <FormAlert form/>
            {if ready {
                view! { <p class="small">{t::courses::publish_ready(locale)}</p> }.into_any()
            } else {
                view! { <p class="small">{t::courses::publish_missing(locale)}</p><ul class="small lacks">{lacks}</ul> }.into_any()
            }}
            {(!languages.is_empty()).then(|| view! { <p class="small dim">{t::courses::complete_in(locale)}" "{languages.join(", ")}</p> })}
            {moves}
            <p class="small dim">{t::courses::withdraw_text(locale)}</p>
        </section>
    }
}

fn description_options(locale: Locale) -> [Vec<(String, String)>; 3] {
    let later = (String::new(), t::courses::choose_later(locale).to_owned());
    let categories = CATEGORIES.iter().map(|category| {
        let indent = if category.parent.is_some() { "\u{2003}" } else { "" };
        (category.slug.to_owned(), format!("{indent}{}", category.name(locale)))
    });
    let levels =
        Level::ALL.iter().map(|level| (level.as_str().to_owned(), level_text(locale, *level).to_owned()));
    let currencies = Currency::ALL
        .map(|currency| (currency.code().to_owned(), format!("{} {}", currency.sign(), currency.code())));
    [std::iter::once(later).chain(categories).collect(), levels.collect(), currencies.to_vec()]
}

/// What the course says of itself.
#[component]
fn Description(desk: CourseDesk, form: FormState) -> impl IntoView {
    let locale = use_locale();
    let [categories, levels, currencies] = description_options(locale);
    let price = if desk.price.is_zero() { String::new() } else { desk.price.decimal() };
    view! {
        <section aria-labelledby="description">
            <h2 id="description">{t::courses::course_text(locale)}</h2>
            <form class="form wide" method="post" action=DescribeCourse::url()>
                <FormAlert form/>
                <input type="hidden" name="course" value=desk.id.to_string()/>
                <div class="fields pairs">
                    <TextInput form name="title_en" maxlength=120 label=t::courses::title_en(locale) value=desk.title.en/>
                    <TextInput form name="title_zh" maxlength=120 label=t::courses::title_zh(locale) value=desk.title.zh/>
                    <TextArea form name="summary_en" maxlength=600 label=t::courses::summary_en(locale) value=desk.summary.en rows=3/>
                    <TextArea form name="summary_zh" maxlength=600 label=t::courses::summary_zh(locale) value=desk.summary.zh rows=3/>
                    <TextArea form name="goals_en" maxlength=1200 label=t::courses::goals_en(locale) value=desk.goals.en hint=t::courses::goals_hint(locale) rows=4/>
                    <TextArea form name="goals_zh" maxlength=1200 label=t::courses::goals_zh(locale) value=desk.goals.zh hint=t::courses::goals_hint(locale) rows=4/>
                    <Select form name="category" label=t::courses::category(locale) options=categories value=desk.category.unwrap_or_default()/>
                    <Select form name="level" label=t::courses::level(locale) options=levels value=desk.level.as_str()/>
                    <TextInput form name="price" maxlength=20 label=t::courses::price(locale) value=price hint=t::courses::price_hint(locale) inputmode="decimal"/>
                    <Select form name="currency" label=t::courses::currency(locale) options=currencies value=desk.price.currency.code()/>
                    <TextInput form name="tags" label=t::courses::tags(locale) value=desk.tags.join(", ") hint=t::courses::tags_hint(locale)/>
                    <TextInput form name="slug" maxlength=64 label=t::courses::slug(locale) value=desk.slug hint=t::courses::slug_hint(locale)/>
                    <TextInput form name="proves" maxlength=400 label=t::courses::proves_label(locale) value=desk.proves.join(", ") hint=t::courses::proves_hint(locale)/>
                </div>
                <div class="actions"><button class="button">{t::courses::save(locale)}</button></div>
            </form>
        </section>
    }
}

/// Two title fields without labels above them; what they are is said to screen readers and inside.
fn title_fields(locale: Locale, en: &str, zh: &str) -> AnyView {
    view! {
        <input type="text" name="title_en" value=en.to_owned() lang="en" aria-label=t::courses::title_en(locale) placeholder=t::courses::title_en(locale)/>
        <input type="text" name="title_zh" value=zh.to_owned() lang="zh-CN" aria-label=t::courses::title_zh(locale) placeholder=t::courses::title_zh(locale)/>
    }
    .into_any()
}

/// Chapters and lessons, each with what one may do with it.
#[component]
fn Chapters(course: CourseId, chapters: Vec<DeskChapter>, forms: Forms) -> impl IntoView {
    let locale = use_locale();
    let chapters: Vec<_> =
        chapters.into_iter().map(|chapter| view! { <li><Chapter chapter/></li> }).collect();
    view! {
        <section aria-labelledby="chapters">
            <h2 id="chapters">{t::courses::chapters(locale)}</h2>
            <FormAlert form=forms.rename/>
            <FormAlert form=forms.lesson/>
            <ol class="desk-chapters">{chapters}</ol>
            <h3>{t::courses::new_chapter(locale)}</h3>
            <FormAlert form=forms.chapter/>
            <form class="inline-form" method="post" action=AddChapter::url()>
                <input type="hidden" name="course" value=course.to_string()/>
                {title_fields(locale, "", "")}
                <button class="button">{t::courses::add(locale)}</button>
            </form>
        </section>
    }
}

/// Buttons that move a part of a list.
fn arrange(action: &'static str, name: &'static str, id: String, locale: Locale) -> AnyView {
    view! {
        <form class="arrange" method="post" action=action>
            <input type="hidden" name=name value=id/>
            <button class="button small quiet" name="verb" value="up" aria-label=t::courses::up(locale) title=t::courses::up(locale)>"↑"</button>
            <button class="button small quiet" name="verb" value="down" aria-label=t::courses::down(locale) title=t::courses::down(locale)>"↓"</button>
        </form>
    }
    .into_any()
}

/// A button that deletes, behind one that asks.
fn delete(
    action: &'static str,
    name: &'static str,
    id: String,
    label: &'static str,
    locale: Locale,
) -> AnyView {
    view! {
        <details class="more">
            <summary class="small">{label}</summary>
            <form method="post" action=action>
                <input type="hidden" name=name value=id/>
                <button class="button small danger" name="verb" value="delete">{t::courses::delete_sure(locale)}</button>
            </form>
        </details>
    }
    .into_any()
}

#[component]
fn Chapter(chapter: DeskChapter) -> impl IntoView {
    let locale = use_locale();
    let id = chapter.id.to_string();
    let lessons: Vec<_> =
        chapter.lessons.into_iter().map(|lesson| view! { <li><LessonRow lesson/></li> }).collect();
    let kinds = [
        (LessonKind::Document, t::courses::kind_document(locale)),
        (LessonKind::Quiz, t::courses::kind_quiz(locale)),
    ];
    let kinds: Vec<_> =
        kinds.map(|(kind, text)| view! { <option value=kind.as_str()>{text}</option> }).into();
    view! {
        <div class="split">
            <h3>{chapter.title.get(locale).to_owned()}</h3>
            {arrange(ArrangeChapter::url(), "chapter", id.clone(), locale)}
        </div>
        <ol class="desk-lessons">{lessons}</ol>
        <details class="more">
            <summary class="small">{t::courses::new_lesson(locale)}</summary>
            <form class="inline-form" method="post" action=AddLesson::url()>
                <input type="hidden" name="chapter" value=id.clone()/>
                {title_fields(locale, "", "")}
                <select name="kind" aria-label=t::courses::kind(locale)>{kinds}</select>
                <button class="button">{t::courses::add(locale)}</button>
            </form>
        </details>
        <details class="more">
            <summary class="small">{t::courses::rename(locale)}</summary>
            <form class="inline-form" method="post" action=RenameChapter::url()>
                <input type="hidden" name="chapter" value=id.clone()/>
                {title_fields(locale, &chapter.title.en, &chapter.title.zh)}
                <button class="button">{t::courses::rename(locale)}</button>
            </form>
        </details>
        {delete(ArrangeChapter::url(), "chapter", id, t::courses::delete_chapter(locale), locale)}
    }
}

#[component]
fn LessonRow(lesson: OutlineLesson) -> impl IntoView {
    let locale = use_locale();
    let id = lesson.id.to_string();
    let kind = match lesson.kind {
        LessonKind::Document => t::courses::document(locale),
        LessonKind::Quiz => t::courses::quiz(locale),
    };
    view! {
        <div>
            <a href=href(locale, &format!("/teach/lessons/{id}"))>{lesson.title.get(locale).to_owned()}</a>
            <p class="small dim">
                {kind}", "{t::courses::minutes(locale, lesson.minutes)}
                {lesson.preview.then(|| view! { ", "{t::courses::preview(locale)} })}
            </p>
        </div>
        {arrange(ArrangeLesson::url(), "lesson", id.clone(), locale)}
        {delete(ArrangeLesson::url(), "lesson", id, t::courses::delete(locale), locale)}
    }
}
