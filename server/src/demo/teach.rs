//! Courses of the demonstration: written by their authors, learnt by others.

use std::collections::BTreeMap;

use app::features::courses::view::{Enrolled, LessonContent};
use app::features::courses::{CourseDesks, Courses};
use domain::actor::Actor;
use domain::courses::{LessonId, LessonKind};
use domain::locale::Locale;

use super::assets::{self, COURSES};
use super::dice::Dice;
use super::people::Person;
use super::plan::number_of;
use super::script::{QuizScript, read};
use super::stage::Stage;
use crate::error::{Error, Result};

impl Stage {
    /// Writes a course lesson by lesson and publishes it.
    pub(super) async fn teach(&mut self, index: usize) -> Result<()> {
        let missing = || Error::bug("no such course");
        let files = COURSES.get(index).ok_or_else(missing)?;
        let script = self.courses.get(index).ok_or_else(missing)?;
        let quiz: QuizScript = read(files.quiz)?;
        let author = self.actor(&script.author)?;
        let desk = &self.services.courses;
        let course = CourseDesks::create(desk.as_ref(), &author, &script.title.en, &script.title.zh).await?;
        desk.describe(&author, course, &script.form()?, &script.proves.join(",")).await?;
        for chapter in &script.chapters {
            let id = desk.add_chapter(&author, course, &chapter.title.en, &chapter.title.zh).await?;
            for lesson in &chapter.lessons {
                let title = &lesson.title;
                let lesson_id = desk.add_lesson(&author, id, &lesson.kind, &title.en, &title.zh).await?;
                let texts = assets::lesson(files, &lesson.file).unwrap_or_default();
                desk.write_lesson(&author, lesson_id, &lesson.form(texts, &quiz)).await?;
                for question in quiz.questions.iter().filter(|_| lesson.is_quiz()) {
                    desk.write_question(&author, lesson_id, None, &question.form()).await?;
                }
            }
        }
        desk.set_state(&author, course, "published").await?;
        self.made.courses += 1;
        Ok(())
    }

    /// Takes a seat, and pays for it where it costs something.
    pub(super) async fn enrol(&self, index: usize, person: &Person) -> Result<()> {
        let actor = self.actor(person.username)?;
        let slug = self.slug(index)?;
        match self.services.courses.enrol(&actor, slug).await? {
            Enrolled::Started => Ok(()),
            Enrolled::ToPay(order) => self.pay(&actor, order, number_of(person) + index as u64).await,
        }
    }

    /// Learns the first so many lessons of a course.
    pub(super) async fn learn(&self, index: usize, person: &Person, many: usize) -> Result<()> {
        let actor = self.actor(person.username)?;
        let slug = self.slug(index)?;
        let course = self.services.courses.course(Some(&actor), slug).await?;
        let lessons = course.outline.iter().flat_map(|chapter| &chapter.lessons);
        for lesson in lessons.take(many) {
            match lesson.kind {
                LessonKind::Document => {
                    self.services.courses.finish_lesson(&actor, lesson.id).await?;
                }
                LessonKind::Quiz => self.take_quiz(&actor, index, lesson.id, number_of(person)).await?,
            }
        }
        Ok(())
    }

    /// Tries a quiz until it is passed, twice at most; the second time everything is right.
    async fn take_quiz(&self, actor: &Actor, index: usize, lesson: LessonId, person: u64) -> Result<()> {
        let files = COURSES.get(index).ok_or_else(|| Error::bug("no such course"))?;
        let quiz: QuizScript = read(files.quiz)?;
        let slug = self.slug(index)?;
        let mut dice = Dice::branch(self.seed ^ 0xA5, person * 100 + index as u64);
        for knowledge in [0.75, 1.0] {
            self.services.courses.start_quiz(actor, lesson).await?;
            let view = self.services.courses.lesson(Some(actor), slug, lesson, Locale::En).await?;
            let LessonContent::Quiz(view) = view.content else { return Err(Error::bug("not a quiz")) };
            let Some(open) = view.open else { return Err(Error::bug("no attempt was begun")) };
            let answers: BTreeMap<String, Vec<String>> = open
                .questions
                .iter()
                .zip(&quiz.questions)
                .map(|(asked, question)| {
                    let right = dice.happens(knowledge);
                    let answer = if right { question.right_answer() } else { question.wrong_answer() };
                    (asked.id.key(), answer)
                })
                .collect();
            self.services.courses.answer_quiz(actor, open.id, &answers).await?;
            let after = self.services.courses.lesson(Some(actor), slug, lesson, Locale::En).await?;
            if matches!(after.content, LessonContent::Quiz(view) if view.passed) {
                break;
            }
        }
        Ok(())
    }

    pub(super) fn slug(&self, index: usize) -> Result<&str> {
        let course = self.courses.get(index).ok_or_else(|| Error::bug("no such course"))?;
        Ok(&course.slug)
    }
}
