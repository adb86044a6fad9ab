//! The ports of the pages: each verb of the pages is one verb of the service.

use std::collections::BTreeMap;

use app::error::Answer;
use app::features::courses::view::{
    Catalogue, CourseDesk, CourseView, Enrolled, LearningRow, LessonDesk, LessonView, TaughtRow,
};
use app::features::courses::{CourseDesks, Courses};
use async_trait::async_trait;
use domain::actor::Actor;
use domain::courses::input::{CatalogueFilter, CourseForm, LessonForm, MAX_BODY, QuestionForm};
use domain::courses::{AttemptId, ChapterId, CourseId, LessonId, NoteId, QuestionId, policy};
use domain::invalid::Invalid;
use domain::locale::Locale;

use super::Service;
use crate::markdown;

#[async_trait]
impl Courses for Service {
    async fn catalogue(&self, filter: &CatalogueFilter, after: &str) -> Answer<Catalogue> {
        Ok(self.list(filter, after).await?)
    }
    async fn course(&self, viewer: Option<&Actor>, slug: &str) -> Answer<CourseView> {
        Ok(self.show_course(viewer, slug).await?)
    }
    async fn lesson(
        &self,
        viewer: Option<&Actor>,
        slug: &str,
        lesson: LessonId,
        locale: Locale,
    ) -> Answer<LessonView> {
        Ok(self.show_lesson(viewer, slug, lesson, locale).await?)
    }
    async fn enrol(&self, actor: &Actor, slug: &str) -> Answer<Enrolled> {
        Ok(self.take_seat(actor, slug).await?)
    }
    async fn finish_lesson(&self, actor: &Actor, lesson: LessonId) -> Answer<String> {
        Ok(self.read_lesson(actor, lesson).await?)
    }
    async fn start_quiz(&self, actor: &Actor, lesson: LessonId) -> Answer<String> {
        Ok(self.begin_attempt(actor, lesson).await?)
    }
    async fn answer_quiz(
        &self,
        actor: &Actor,
        attempt: AttemptId,
        answers: &BTreeMap<String, Vec<String>>,
    ) -> Answer<String> {
        Ok(self.hand_in(actor, attempt, answers).await?)
    }
    async fn add_note(&self, actor: &Actor, lesson: LessonId, body: &str) -> Answer<String> {
        Ok(self.new_note(actor, lesson, body).await?)
    }
    async fn change_note(&self, actor: &Actor, note: NoteId, body: &str, delete: bool) -> Answer<String> {
        Ok(self.edit_note(actor, note, body, delete).await?)
    }
    async fn learning(&self, actor: &Actor) -> Answer<Vec<LearningRow>> {
        Ok(self.learnt_by(actor).await?)
    }
}

#[async_trait]
impl CourseDesks for Service {
    async fn taught(&self, actor: &Actor) -> Answer<Vec<TaughtRow>> {
        Ok(self.taught_by(actor).await?)
    }
    async fn create(&self, actor: &Actor, title_en: &str, title_zh: &str) -> Answer<CourseId> {
        Ok(self.begin_course(actor, title_en, title_zh).await?)
    }
    async fn desk(&self, actor: &Actor, course: CourseId) -> Answer<CourseDesk> {
        Ok(self.desk_of(actor, course).await?)
    }
    async fn describe(&self, actor: &Actor, course: CourseId, form: &CourseForm, proves: &str) -> Answer<()> {
        Ok(self.describe_course(actor, course, form, proves).await?)
    }
    async fn set_state(&self, actor: &Actor, course: CourseId, state: &str) -> Answer<()> {
        Ok(self.move_course(actor, course, state).await?)
    }
    async fn add_chapter(
        &self,
        actor: &Actor,
        course: CourseId,
        title_en: &str,
        title_zh: &str,
    ) -> Answer<ChapterId> {
        Ok(self.new_chapter(actor, course, title_en, title_zh).await?)
    }
    async fn rename_chapter(
        &self,
        actor: &Actor,
        chapter: ChapterId,
        title_en: &str,
        title_zh: &str,
    ) -> Answer<CourseId> {
        Ok(self.name_chapter(actor, chapter, title_en, title_zh).await?)
    }
    async fn arrange_chapter(&self, actor: &Actor, chapter: ChapterId, verb: &str) -> Answer<CourseId> {
        Ok(self.shift_chapter(actor, chapter, verb).await?)
    }
    async fn add_lesson(
        &self,
        actor: &Actor,
        chapter: ChapterId,
        kind: &str,
        title_en: &str,
        title_zh: &str,
    ) -> Answer<LessonId> {
        Ok(self.new_lesson(actor, chapter, kind, title_en, title_zh).await?)
    }
    async fn arrange_lesson(&self, actor: &Actor, lesson: LessonId, verb: &str) -> Answer<CourseId> {
        Ok(self.shift_lesson(actor, lesson, verb).await?)
    }
    async fn lesson_desk(&self, actor: &Actor, lesson: LessonId) -> Answer<LessonDesk> {
        Ok(self.lesson_desk_of(actor, lesson).await?)
    }
    async fn write_lesson(&self, actor: &Actor, lesson: LessonId, form: &LessonForm) -> Answer<()> {
        Ok(self.set_lesson(actor, lesson, form).await?)
    }
    async fn write_question(
        &self,
        actor: &Actor,
        lesson: LessonId,
        question: Option<QuestionId>,
        form: &QuestionForm,
    ) -> Answer<QuestionId> {
        Ok(self.set_question(actor, lesson, question, form).await?)
    }
    async fn arrange_question(
        &self,
        actor: &Actor,
        lesson: LessonId,
        question: QuestionId,
        verb: &str,
    ) -> Answer<()> {
        Ok(self.shift_question(actor, lesson, question, verb).await?)
    }
    fn render(&self, actor: &Actor, text: &str) -> Answer<String> {
        policy::may_write(actor)?;
        if text.chars().count() > MAX_BODY {
            return Err(Invalid::with("markdown", "too_long", &[&MAX_BODY]).into());
        }
        Ok(markdown::render(text).to_string())
    }
}
