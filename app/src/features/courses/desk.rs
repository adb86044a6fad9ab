//! What the pages of authors ask of the server.

#[cfg(feature = "ssr")]
use async_trait::async_trait;
#[cfg(feature = "ssr")]
use domain::actor::Actor;
#[cfg(feature = "ssr")]
use domain::courses::input::{CourseForm, LessonForm, QuestionForm};
#[cfg(feature = "ssr")]
use domain::courses::{ChapterId, CourseId, LessonId, QuestionId};
#[cfg(feature = "ssr")]
use domain::invalid::Denied;
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

#[cfg(feature = "ssr")]
use super::api::id;
use super::view::{CourseDesk, LessonDesk, TaughtRow};
#[cfg(feature = "ssr")]
use crate::cx::Cx;
use crate::error::Answer;

/// The code of the refusal that keeps what was typed and shows it rendered.
pub const PREVIEW: &str = "lesson_preview";

/// What the pages of authors need from the server.
#[cfg(feature = "ssr")]
#[async_trait]
pub trait CourseDesks: Send + Sync {
    /// The courses that somebody wrote.
    async fn taught(&self, actor: &Actor) -> Answer<Vec<TaughtRow>>;
    /// Begins a course.
    async fn create(&self, actor: &Actor, title_en: &str, title_zh: &str) -> Answer<CourseId>;
    /// A course for its author.
    async fn desk(&self, actor: &Actor, course: CourseId) -> Answer<CourseDesk>;
    /// Changes what a course says of itself; `proves` are addresses of competitions, parted by commas.
    async fn describe(&self, actor: &Actor, course: CourseId, form: &CourseForm, proves: &str) -> Answer<()>;
    /// Publishes, withdraws or archives a course.
    async fn set_state(&self, actor: &Actor, course: CourseId, state: &str) -> Answer<()>;
    /// Adds a chapter at the end.
    async fn add_chapter(
        &self,
        actor: &Actor,
        course: CourseId,
        title_en: &str,
        title_zh: &str,
    ) -> Answer<ChapterId>;
    /// Renames a chapter; the course.
    async fn rename_chapter(
        &self,
        actor: &Actor,
        chapter: ChapterId,
        title_en: &str,
        title_zh: &str,
    ) -> Answer<CourseId>;
    /// Moves a chapter up or down, or deletes it with its lessons; the course.
    async fn arrange_chapter(&self, actor: &Actor, chapter: ChapterId, verb: &str) -> Answer<CourseId>;
    /// Adds a lesson at the end of a chapter.
    async fn add_lesson(
        &self,
        actor: &Actor,
        chapter: ChapterId,
        kind: &str,
        title_en: &str,
        title_zh: &str,
    ) -> Answer<LessonId>;
    /// Moves a lesson up or down, into the next chapter at an end, or deletes it; the course.
    async fn arrange_lesson(&self, actor: &Actor, lesson: LessonId, verb: &str) -> Answer<CourseId>;
    /// A lesson for its author.
    async fn lesson_desk(&self, actor: &Actor, lesson: LessonId) -> Answer<LessonDesk>;
    /// Changes a lesson.
    async fn write_lesson(&self, actor: &Actor, lesson: LessonId, form: &LessonForm) -> Answer<()>;
    /// Adds a question to a quiz, or changes one.
    async fn write_question(
        &self,
        actor: &Actor,
        lesson: LessonId,
        question: Option<QuestionId>,
        form: &QuestionForm,
    ) -> Answer<QuestionId>;
    /// Moves a question up or down, or deletes it.
    async fn arrange_question(
        &self,
        actor: &Actor,
        lesson: LessonId,
        question: QuestionId,
        verb: &str,
    ) -> Answer<()>;
    /// Renders Markdown as a lesson would show it.
    fn render(&self, actor: &Actor, markdown: &str) -> Answer<String>;
}

/// The courses that the caller wrote.
#[server(endpoint = "courses/taught", input = GetUrl)]
pub async fn load_taught() -> Answer<Vec<TaughtRow>> {
    let cx = Cx::current();
    cx.ports.course_desks.taught(cx.actor()?).await
}

/// A course for its author.
#[server(endpoint = "courses/desk", input = GetUrl)]
pub async fn load_desk(course: String) -> Answer<CourseDesk> {
    let cx = Cx::current();
    cx.ports.course_desks.desk(cx.actor()?, id(&course)?).await
}

/// A lesson for its author.
#[server(endpoint = "courses/lesson_desk", input = GetUrl)]
pub async fn load_lesson_desk(lesson: String) -> Answer<LessonDesk> {
    let cx = Cx::current();
    cx.ports.course_desks.lesson_desk(cx.actor()?, id(&lesson)?).await
}

/// Begins a course.
#[server(endpoint = "courses/create")]
pub async fn create_course(title_en: String, title_zh: String) -> Answer<()> {
    let cx = Cx::current();
    let course = cx.ports.course_desks.create(cx.actor()?, &title_en, &title_zh).await?;
    cx.redirect(&format!("/teach/courses/{course}"));
    Ok(())
}

/// Changes what a course says of itself.
#[server(endpoint = "courses/describe")]
pub async fn describe_course(
    course: String,
    title_en: String,
    title_zh: String,
    summary_en: String,
    summary_zh: String,
    goals_en: String,
    goals_zh: String,
    slug: String,
    category: String,
    level: String,
    tags: String,
    proves: String,
    price: String,
    currency: String,
) -> Answer<()> {
    let cx = Cx::current();
    let form = CourseForm {
        title_en,
        title_zh,
        summary_en,
        summary_zh,
        goals_en,
        goals_zh,
        slug,
        category,
        level,
        tags,
        price,
        currency,
    };
    cx.ports.course_desks.describe(cx.actor()?, id(&course)?, &form, &proves).await?;
    cx.redirect(&format!("/teach/courses/{course}"));
    Ok(())
}

/// Publishes, withdraws or archives a course.
#[server(endpoint = "courses/set_state")]
pub async fn set_course_state(course: String, state: String) -> Answer<()> {
    let cx = Cx::current();
    cx.ports.course_desks.set_state(cx.actor()?, id(&course)?, &state).await?;
    cx.redirect(&format!("/teach/courses/{course}"));
    Ok(())
}

/// Adds a chapter at the end of a course.
#[server(endpoint = "courses/add_chapter")]
pub async fn add_chapter(course: String, title_en: String, title_zh: String) -> Answer<()> {
    let cx = Cx::current();
    cx.ports.course_desks.add_chapter(cx.actor()?, id(&course)?, &title_en, &title_zh).await?;
    cx.redirect(&format!("/teach/courses/{course}"));
    Ok(())
}

/// Renames a chapter.
#[server(endpoint = "courses/rename_chapter")]
pub async fn rename_chapter(chapter: String, title_en: String, title_zh: String) -> Answer<()> {
    let cx = Cx::current();
    let course =
        cx.ports.course_desks.rename_chapter(cx.actor()?, id(&chapter)?, &title_en, &title_zh).await?;
    cx.redirect(&format!("/teach/courses/{course}"));
    Ok(())
}

/// Moves or deletes a chapter: `up`, `down`, `delete`.
#[server(endpoint = "courses/arrange_chapter")]
pub async fn arrange_chapter(chapter: String, verb: String) -> Answer<()> {
    let cx = Cx::current();
    let course = cx.ports.course_desks.arrange_chapter(cx.actor()?, id(&chapter)?, &verb).await?;
    cx.redirect(&format!("/teach/courses/{course}"));
    Ok(())
}

/// Adds a lesson at the end of a chapter.
#[server(endpoint = "courses/add_lesson")]
pub async fn add_lesson(chapter: String, kind: String, title_en: String, title_zh: String) -> Answer<()> {
    let cx = Cx::current();
    let lesson =
        cx.ports.course_desks.add_lesson(cx.actor()?, id(&chapter)?, &kind, &title_en, &title_zh).await?;
    cx.redirect(&format!("/teach/lessons/{lesson}"));
    Ok(())
}

/// Moves or deletes a lesson: `up`, `down`, `delete`.
#[server(endpoint = "courses/arrange_lesson")]
pub async fn arrange_lesson(lesson: String, verb: String) -> Answer<()> {
    let cx = Cx::current();
    let course = cx.ports.course_desks.arrange_lesson(cx.actor()?, id(&lesson)?, &verb).await?;
    cx.redirect(&format!("/teach/courses/{course}"));
    Ok(())
}

/// Changes a lesson, or shows it rendered where `then` is `preview`.
#[server(endpoint = "courses/write_lesson")]
pub async fn write_lesson(
    lesson: String,
    title_en: String,
    title_zh: String,
    body_en: String,
    body_zh: String,
    #[server(default)] preview: String,
    minutes: String,
    #[server(default)] pass_mark: String,
    #[server(default)] attempts: String,
    #[server(default)] then: String,
) -> Answer<()> {
    let cx = Cx::current();
    let actor = cx.actor()?;
    if then == "preview" {
        return Err(Denied::new(PREVIEW).into());
    }
    let preview = !preview.is_empty();
    let form = LessonForm { title_en, title_zh, body_en, body_zh, preview, minutes, pass_mark, attempts };
    cx.ports.course_desks.write_lesson(actor, id(&lesson)?, &form).await?;
    cx.redirect(&format!("/teach/lessons/{lesson}"));
    Ok(())
}

/// Renders Markdown as a lesson would show it.
#[server(endpoint = "courses/render")]
pub async fn render_markdown(markdown: String) -> Answer<String> {
    let cx = Cx::current();
    cx.ports.course_desks.render(cx.actor()?, &markdown)
}

/// Adds a question to a quiz, or changes one.
#[server(endpoint = "courses/write_question")]
pub async fn write_question(
    lesson: String,
    question: String,
    kind: String,
    prompt_en: String,
    prompt_zh: String,
    #[server(default)] explanation_en: String,
    #[server(default)] explanation_zh: String,
    #[server(default)] points: String,
    #[server(default)] choices_en: Vec<String>,
    #[server(default)] choices_zh: Vec<String>,
    #[server(default)] feedback_en: Vec<String>,
    #[server(default)] feedback_zh: Vec<String>,
    #[server(default)] right: Vec<String>,
    #[server(default)] number_value: String,
    #[server(default)] number_tolerance: String,
) -> Answer<()> {
    let cx = Cx::current();
    let form = QuestionForm {
        kind,
        prompt_en,
        prompt_zh,
        explanation_en,
        explanation_zh,
        points,
        choices_en,
        choices_zh,
        feedback_en,
        feedback_zh,
        right,
        number_value,
        number_tolerance,
    };
    let known = if question.is_empty() { None } else { Some(id(&question)?) };
    cx.ports.course_desks.write_question(cx.actor()?, id(&lesson)?, known, &form).await?;
    cx.redirect(&format!("/teach/lessons/{lesson}"));
    Ok(())
}

/// Moves or deletes a question: `up`, `down`, `delete`.
#[server(endpoint = "courses/arrange_question")]
pub async fn arrange_question(lesson: String, question: String, verb: String) -> Answer<()> {
    let cx = Cx::current();
    cx.ports.course_desks.arrange_question(cx.actor()?, id(&lesson)?, id(&question)?, &verb).await?;
    cx.redirect(&format!("/teach/lessons/{lesson}"));
    Ok(())
}
