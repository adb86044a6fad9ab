//! A lesson on its author's desk: text with preview, pictures, questions.

use domain::courses::quiz::{Question, QuestionKind};
use domain::courses::{LessonId, LessonKind, PictureId};
use domain::locale::Locale;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::web_sys::HtmlTextAreaElement;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use leptos_router::{LazyRoute, lazy_route};
use ui::{Breadcrumbs, Crumb};

use crate::error::{Answer, Fault};
use crate::features::courses::view::LessonDesk;
use crate::features::courses::{ArrangeQuestion, PREVIEW, WriteLesson, load_lesson_desk, render_markdown};
use crate::form::{Checkbox, FormAlert, FormState, TextArea, TextInput};
use crate::i18n::{fault_text, href, t, use_locale};
use crate::load::{Loaded, load};
use crate::parts::page;

/// The desk of a lesson.
pub struct LessonDeskPage {
    form: FormState,
    desk: Loaded<Answer<LessonDesk>>,
    /// What a form without scripts asked to see rendered: English and Chinese.
    preview: Loaded<(String, String)>,
}

/// Whether a refusal only keeps the form so that its preview can be shown.
fn is_preview(fault: Option<&Fault>) -> bool {
    matches!(fault, Some(Fault::Denied(denied)) if denied.code == PREVIEW)
}

#[lazy_route]
impl LazyRoute for LessonDeskPage {
    fn data() -> Self {
        let params = use_params_map();
        let desk = load(move || params.read().get("lesson").unwrap_or_default(), load_lesson_desk);
        let form = FormState::plain(WriteLesson::PATH);
        let asked = is_preview(form.fault().get_untracked().as_ref());
        let typed = asked.then(|| (form.kept("body_en", ""), form.kept("body_zh", "")));
        let preview = load(
            move || typed.clone(),
            move |typed| async move {
                let (en, zh) = match typed {
                    Some(typed) => typed,
                    None => desk.await.map(|desk| (desk.body.en, desk.body.zh)).unwrap_or_default(),
                };
                (rendered(en).await, rendered(zh).await)
            },
        );
        Self { form, desk, preview }
    }

    fn view(this: Self) -> AnyView {
        let (locale, form, preview) = (use_locale(), this.form, this.preview);
        page(this.desk, move |desk| {
            let title = desk.title.get(locale).to_owned();
            let crumbs = vec![
                Crumb::to(t::courses::teach(locale), href(locale, "/teach")),
                Crumb::to(
                    desk.course_title.get(locale),
                    href(locale, &format!("/teach/courses/{}", desk.course)),
                ),
                Crumb::here(title.clone()),
            ];
            let public = href(locale, &format!("/courses/{}/lessons/{}", desk.slug, desk.id));
            let quiz = desk.kind == LessonKind::Quiz;
            view! {
                <Title text=title.clone()/>
                <div class="wrap">
                    <div class="page-head">
                        <Breadcrumbs items=crumbs label=t::courses::teach(locale)/>
                        <h1>{title}</h1>
                        <p class="cluster"><a class="button small" href=public>{t::courses::view_course(locale)}</a></p>
                    </div>
                    <Text desk=desk.clone() form preview/>
                    {quiz.then(|| view! { <Questions lesson=desk.id questions=desk.questions.clone()/> })}
                    <Pictures lesson=desk.id pictures=desk.pictures.clone()/>
                </div>
            }
            .into_any()
        })
    }
}

async fn rendered(markdown: String) -> String {
    if markdown.trim().is_empty() {
        String::new()
    } else {
        render_markdown(markdown).await.unwrap_or_default()
    }
}

/// The text of a lesson with its preview: by a button without scripts, while one types with them.
#[component]
fn Text(desk: LessonDesk, form: FormState, preview: Loaded<(String, String)>) -> impl IntoView {
    let locale = use_locale();
    let quiz = desk.kind == LessonKind::Quiz;
    let (label_en, label_zh) = if quiz {
        (t::courses::quiz_intro_en(locale), t::courses::quiz_intro_zh(locale))
    } else {
        (t::courses::body_en(locale), t::courses::body_zh(locale))
    };
    let live = RwSignal::new(None::<(bool, String)>);
    let mut render =
        debounce(std::time::Duration::from_millis(400), move |(chinese, text): (bool, String)| {
            leptos::task::spawn_local(async move {
                let html = rendered(text).await;
                live.set(Some((chinese, html)));
            });
        });
    let on_input = move |event: leptos::ev::Event| {
        let field = event_target::<HtmlTextAreaElement>(&event);
        let name = field.name();
        if name.starts_with("body_") {
            render((name == "body_zh", field.value()));
        }
    };
    let refused = move || form.fault().get().filter(|fault| !is_preview(Some(fault)));
    view! {
        <div class="columns even">
            <form class="form wide" method="post" action=WriteLesson::url() on:input=on_input>
                {move || refused().map(|fault| view! { <div class="alert error" role="alert"><p>{fault.text(locale)}</p></div> })}
                <input type="hidden" name="lesson" value=desk.id.to_string()/>
                <div class="fields">
                    <TextInput form name="title_en" maxlength=120 label=t::courses::title_en(locale) value=desk.title.en/>
                    <TextInput form name="title_zh" maxlength=120 label=t::courses::title_zh(locale) value=desk.title.zh/>
                </div>
                <TextArea form name="body_en" maxlength=30000 label=label_en value=desk.body.en rows=12 lang="en" hint=t::courses::body_hint(locale)/>
                <TextArea form name="body_zh" maxlength=30000 label=label_zh value=desk.body.zh rows=12 lang="zh-CN"/>
                <Checkbox form name="preview" label=t::courses::preview_flag(locale) checked=desk.preview/>
                <div class="fields">
                    <TextInput form name="minutes" label=t::courses::minutes_label(locale) value=desk.minutes.to_string() inputmode="numeric"/>
                    {quiz.then(|| view! {
                        <TextInput form name="pass_mark" label=t::courses::pass_mark(locale) value=desk.pass_mark.to_string() inputmode="numeric"/>
                        <TextInput form name="attempts" label=t::courses::attempts(locale) value=desk.attempts.to_string() hint=t::courses::attempts_hint(locale) inputmode="numeric"/>
                    })}
                </div>
                <div class="actions">
                    <button class="button primary">{t::courses::save(locale)}</button>
                    <button class="button" name="then" value="preview">{t::courses::preview_button(locale)}</button>
                </div>
            </form>
            <section class="preview" aria-labelledby="preview-title">
                <h2 id="preview-title">{t::courses::preview_title(locale)}</h2>
                <Rendered preview live/>
            </section>
        </div>
    }
}

/// What has been rendered: the last text that was typed, or what a form without scripts asked for.
#[component]
fn Rendered(preview: Loaded<(String, String)>, live: RwSignal<Option<(bool, String)>>) -> impl IntoView {
    let locale = use_locale();
    let prose = |html: String, language: Locale| {
        (!html.is_empty())
            .then(|| view! { <div class="prose compact" lang=language.html_lang() inner_html=html></div> })
    };
    let asked = move || {
        Suspend::new(async move {
            let (en, zh) = preview.await;
            if en.is_empty() && zh.is_empty() {
                view! { <p class="dim">{t::courses::preview_empty(locale)}</p> }.into_any()
            } else {
                view! {
                    <p class="note">{t::courses::preview_unsaved(locale)}</p>
                    {prose(en, Locale::En)}
                    {prose(zh, Locale::Zh)}
                }
                .into_any()
            }
        })
    };
    move || match live.get() {
        None => view! { <Transition fallback=|| ()>{asked}</Transition> }.into_any(),
        Some((chinese, html)) => {
            let language = if chinese { Locale::Zh } else { Locale::En };
            view! { <p class="note">{t::courses::preview_unsaved(locale)}</p>{prose(html, language)} }
                .into_any()
        }
    }
}

/// The pictures of a lesson.
#[component]
fn Pictures(lesson: LessonId, pictures: Vec<PictureId>) -> impl IntoView {
    let locale = use_locale();
    let refused = use_query_map().read_untracked().get("picture").unwrap_or_default();
    let refused = match refused.as_str() {
        "" => None,
        "picture_too_large" => Some(fault_text(locale, "picture_too_large", &["2".to_owned()])),
        "picture_sides" => Some(fault_text(locale, "picture_sides", &["8000".to_owned()])),
        "required" => Some(fault_text(locale, "required", &[])),
        _ => Some(fault_text(locale, "picture_type", &[])),
    };
    let pictures: Vec<_> = pictures
        .into_iter()
        .map(|picture| {
            let address = format!("/media/courses/{picture}");
            let line = format!("![]({address})");
            view! {
                <li>
                    <img src=address alt="" loading="lazy" width="160" height="90"/>
                    <code>{line}</code>
                </li>
            }
        })
        .collect();
    let some = !pictures.is_empty();
    view! {
        <section class="section" aria-labelledby="pictures">
            <h2 id="pictures">{t::courses::pictures(locale)}</h2>
            {refused.map(|text| view! { <div class="alert error" role="alert"><p>{text}</p></div> })}
            <form class="form" method="post" enctype="multipart/form-data" action=format!("/api/courses/pictures/{lesson}")>
                <div class="field">
                    <label for="picture">{t::courses::picture_upload(locale)}</label>
                    <input type="file" id="picture" name="picture" accept="image/png,image/jpeg,image/webp,image/gif" aria-describedby="picture-hint" required/>
                    <p class="hint" id="picture-hint">{t::courses::picture_hint(locale)}</p>
                </div>
                <div class="actions"><button class="button">{t::courses::upload(locale)}</button></div>
            </form>
            {some.then(|| view! { <p class="small dim">{t::courses::picture_line(locale)}</p> })}
            <ul class="pictures">{pictures}</ul>
        </section>
    }
}

/// The questions of a quiz.
#[component]
fn Questions(lesson: LessonId, questions: Vec<Question>) -> impl IntoView {
    let locale = use_locale();
    let empty = questions.is_empty();
    let form = FormState::plain(ArrangeQuestion::PATH);
    let rows: Vec<_> =
        questions.into_iter().map(|question| view! { <li><QuestionRow lesson question/></li> }).collect();
    let kinds = QuestionKind::ALL.map(|kind| {
        let to = href(locale, &format!("/teach/lessons/{lesson}/questions/new?kind={}", kind.as_str()));
        view! { <a class="button" href=to>{kind_text(locale, kind)}</a> }
    });
    view! {
        <section class="section" aria-labelledby="questions">
            <h2 id="questions">{t::courses::questions(locale)}</h2>
            <FormAlert form/>
            {empty.then(|| view! { <p class="dim">{t::courses::no_questions(locale)}</p> })}
            <ol class="desk-lessons">{rows}</ol>
            <h3>{t::courses::add_question(locale)}</h3>
            <div class="button-row">{kinds.into_iter().collect_view()}</div>
        </section>
    }
}

/// A kind of question in words.
pub fn kind_text(locale: Locale, kind: QuestionKind) -> &'static str {
    match kind {
        QuestionKind::Single => t::courses::add_single(locale),
        QuestionKind::Multiple => t::courses::add_multiple(locale),
        QuestionKind::TrueFalse => t::courses::add_true_false(locale),
        QuestionKind::Number => t::courses::add_number(locale),
    }
}

#[component]
fn QuestionRow(lesson: LessonId, question: Question) -> impl IntoView {
    let locale = use_locale();
    let to = href(locale, &format!("/teach/lessons/{lesson}/questions/{}", question.id));
    let short: String =
        question.prompt.get(locale).lines().next().unwrap_or_default().chars().take(120).collect();
    view! {
        <div>
            <a href=to>{short}</a>
            <p class="small dim">{kind_text(locale, question.kind)}", "{t::courses::points_label(locale)}" "{question.points}</p>
        </div>
        <form class="arrange" method="post" action=ArrangeQuestion::url()>
            <input type="hidden" name="lesson" value=lesson.to_string()/>
            <input type="hidden" name="question" value=question.id.to_string()/>
            <button class="button small quiet" name="verb" value="up" aria-label=t::courses::up(locale)>"↑"</button>
            <button class="button small quiet" name="verb" value="down" aria-label=t::courses::down(locale)>"↓"</button>
            <button class="button small quiet" name="verb" value="delete">{t::courses::delete(locale)}</button>
        </form>
    }
}
