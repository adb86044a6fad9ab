//! What the pages of courses that everybody sees ask of the server.

use std::collections::BTreeMap;

#[cfg(feature = "ssr")]
use async_trait::async_trait;
#[cfg(feature = "ssr")]
use domain::actor::Actor;
#[cfg(feature = "ssr")]
use domain::courses::{AttemptId, LessonId, NoteId, input::CatalogueFilter};
#[cfg(feature = "ssr")]
use domain::invalid::Invalid;
#[cfg(feature = "ssr")]
use domain::locale::Locale;
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

#[cfg(feature = "ssr")]
use super::view::Enrolled;
use super::view::{Catalogue, CourseView, LearningRow, LessonView};
#[cfg(feature = "ssr")]
use crate::cx::Cx;
use crate::error::Answer;
#[cfg(feature = "ssr")]
use crate::error::Fault;

/// What the pages of readers and learners need from the server.
#[cfg(feature = "ssr")]
#[async_trait]
pub trait Courses: Send + Sync {
    /// A page of the published courses that a filter lets through.
    async fn catalogue(&self, filter: &CatalogueFilter, after: &str) -> Answer<Catalogue>;
    /// A course by its address.
    async fn course(&self, viewer: Option<&Actor>, slug: &str) -> Answer<CourseView>;
    /// A lesson, or how to get it.
    async fn lesson(
        &self,
        viewer: Option<&Actor>,
        slug: &str,
        lesson: LessonId,
        locale: Locale,
    ) -> Answer<LessonView>;
    /// Takes a seat in a free course, or places the order of a paid one.
    async fn enrol(&self, actor: &Actor, slug: &str) -> Answer<Enrolled>;
    /// Declares a document lesson read; the address to go on with.
    async fn finish_lesson(&self, actor: &Actor, lesson: LessonId) -> Answer<String>;
    /// Begins an attempt at a quiz, or goes on with the open one; the address of the lesson.
    async fn start_quiz(&self, actor: &Actor, lesson: LessonId) -> Answer<String>;
    /// Hands an attempt in, which marks it; the address of the lesson.
    async fn answer_quiz(
        &self,
        actor: &Actor,
        attempt: AttemptId,
        answers: &BTreeMap<String, Vec<String>>,
    ) -> Answer<String>;
    /// Adds a note to a lesson; the address of the lesson.
    async fn add_note(&self, actor: &Actor, lesson: LessonId, body: &str) -> Answer<String>;
    /// Changes a note, or deletes it where nothing is left of it; the address of the lesson.
    async fn change_note(&self, actor: &Actor, note: NoteId, body: &str, delete: bool) -> Answer<String>;
    /// The courses that somebody learns.
    async fn learning(&self, actor: &Actor) -> Answer<Vec<LearningRow>>;
}

/// Reads an id of an address or form; an unreadable one is nowhere.
#[cfg(feature = "ssr")]
pub(super) fn id<T: std::str::FromStr>(text: &str) -> Answer<T> {
    text.parse().map_err(|_| Fault::NotFound)
}

/// A page of the catalogue.
#[server(endpoint = "courses/catalogue", input = GetUrl)]
pub async fn load_catalogue(
    #[server(default)] q: String,
    #[server(default)] category: String,
    #[server(default)] level: String,
    #[server(default)] language: String,
    #[server(default)] price: String,
    #[server(default)] sort: String,
    #[server(default)] after: String,
) -> Answer<Catalogue> {
    let filter = CatalogueFilter::parse(&q, &category, &level, &language, &price, &sort);
    Cx::current().ports.courses.catalogue(&filter, &after).await
}

/// A course by its address.
#[server(endpoint = "courses/course", input = GetUrl)]
pub async fn load_course(slug: String) -> Answer<CourseView> {
    let cx = Cx::current();
    cx.ports.courses.course(cx.viewer(), &slug).await
}

/// A lesson by its address.
#[server(endpoint = "courses/lesson", input = GetUrl)]
pub async fn load_lesson(slug: String, lesson: String) -> Answer<LessonView> {
    let cx = Cx::current();
    cx.ports.courses.lesson(cx.viewer(), &slug, id(&lesson)?, cx.locale).await
}

/// Takes a seat in a course for the caller, or leads to the order.
#[server(endpoint = "courses/enrol")]
pub async fn enrol(slug: String) -> Answer<()> {
    let cx = Cx::current();
    match cx.ports.courses.enrol(cx.actor()?, &slug).await? {
        Enrolled::Started => cx.redirect(&format!("/courses/{slug}")),
        Enrolled::ToPay(order) => cx.redirect(&format!("/orders/{order}")),
    }
    Ok(())
}

/// Declares a document lesson read.
#[server(endpoint = "courses/finish_lesson")]
pub async fn finish_lesson(lesson: String) -> Answer<()> {
    let cx = Cx::current();
    let to = cx.ports.courses.finish_lesson(cx.actor()?, id(&lesson)?).await?;
    cx.redirect(&to);
    Ok(())
}

/// Begins an attempt at a quiz.
#[server(endpoint = "courses/start_quiz")]
pub async fn start_quiz(lesson: String) -> Answer<()> {
    let cx = Cx::current();
    let to = cx.ports.courses.start_quiz(cx.actor()?, id(&lesson)?).await?;
    cx.redirect(&to);
    Ok(())
}

/// Hands an attempt in.
#[server(endpoint = "courses/answer_quiz")]
pub async fn answer_quiz(
    attempt: String,
    #[server(default)] answers: BTreeMap<String, Vec<String>>,
) -> Answer<()> {
    let cx = Cx::current();
    if answers.len() > 500 {
        return Err(Invalid::default().into());
    }
    let to = cx.ports.courses.answer_quiz(cx.actor()?, id(&attempt)?, &answers).await?;
    cx.redirect(&to);
    Ok(())
}

/// Adds a note to a lesson.
#[server(endpoint = "courses/add_note")]
pub async fn add_note(lesson: String, body: String) -> Answer<()> {
    let cx = Cx::current();
    let to = cx.ports.courses.add_note(cx.actor()?, id(&lesson)?, &body).await?;
    cx.redirect(&to);
    Ok(())
}

/// Changes a note, or deletes it.
#[server(endpoint = "courses/change_note")]
pub async fn change_note(note: String, body: String, #[server(default)] delete: String) -> Answer<()> {
    let cx = Cx::current();
    let to = cx.ports.courses.change_note(cx.actor()?, id(&note)?, &body, !delete.is_empty()).await?;
    cx.redirect(&to);
    Ok(())
}

/// The courses that the caller learns.
#[server(endpoint = "courses/learning", input = GetUrl)]
pub async fn load_learning() -> Answer<Vec<LearningRow>> {
    let cx = Cx::current();
    cx.ports.courses.learning(cx.actor()?).await
}
