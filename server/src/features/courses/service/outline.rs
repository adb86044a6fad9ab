//! What an author does with chapters, lessons and questions.

use app::features::courses::view::LessonDesk;
use domain::actor::Actor;
use domain::courses::input::{self, LessonForm, QuestionForm};
use domain::courses::{ChapterId, CourseId, LessonId, LessonKind, QuestionId, policy};
use domain::invalid::{Denied, Invalid};

use super::super::{Service, store};
use crate::db::Tx;
use crate::error::{Error, Result};

/// The most chapters of a course, lessons of a course and questions of a quiz.
const MAX_CHAPTERS: usize = 50;
const MAX_LESSONS: usize = 300;
const MAX_QUESTIONS: usize = 100;

/// What one may do with a part of a list.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verb {
    Up,
    Down,
    Delete,
}

impl Verb {
    fn parse(text: &str) -> Result<Self> {
        match text {
            "up" => Ok(Self::Up),
            "down" => Ok(Self::Down),
            "delete" => Ok(Self::Delete),
            _ => Err(Invalid::field("verb", "choice_unknown").into()),
        }
    }
    /// The place that changes with `index` in a list of `length`; nothing at the end.
    fn other(self, index: usize, length: usize) -> Option<usize> {
        match self {
            Self::Up => index.checked_sub(1),
            Self::Down => Some(index + 1).filter(|other| *other < length),
            Self::Delete => None,
        }
    }
}

fn position(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

impl Service {
    pub(in super::super) async fn new_chapter(
        &self,
        actor: &Actor,
        course: CourseId,
        en: &str,
        zh: &str,
    ) -> Result<ChapterId> {
        let mut tx = self.kit.db.begin().await?;
        self.own_course(&mut tx, actor, course).await?;
        let title = input::title(en, zh)?;
        let chapters = store::chapters_in(&mut tx, course).await?;
        if chapters.len() >= MAX_CHAPTERS {
            return Err(Denied::with("course_too_long", &[&MAX_CHAPTERS, &MAX_LESSONS]).into());
        }
        let after = chapters.last().map_or(0, |chapter| chapter.position + 1);
        let chapter = store::Chapter { id: self.kit.id(), course, position: after, title };
        store::add_chapter(&mut tx, &chapter).await?;
        tx.commit().await?;
        Ok(chapter.id)
    }

    async fn own_chapter(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        chapter: ChapterId,
    ) -> Result<(store::Course, store::Chapter)> {
        let chapter = store::chapter_in(tx, chapter).await?.ok_or_else(Error::not_found)?;
        let course = self.own_course(tx, actor, chapter.course).await?;
        Ok((course, chapter))
    }

    pub(in super::super) async fn name_chapter(
        &self,
        actor: &Actor,
        chapter: ChapterId,
        en: &str,
        zh: &str,
    ) -> Result<CourseId> {
        let mut tx = self.kit.db.begin().await?;
        let (course, mut chapter) = self.own_chapter(&mut tx, actor, chapter).await?;
        chapter.title = input::title(en, zh)?;
        store::set_chapter(&mut tx, &chapter).await?;
        self.course_changed(&mut tx, course.id, course.state).await?;
        tx.commit().await?;
        Ok(course.id)
    }

    pub(in super::super) async fn shift_chapter(
        &self,
        actor: &Actor,
        chapter: ChapterId,
        verb: &str,
    ) -> Result<CourseId> {
        let verb = Verb::parse(verb)?;
        let mut tx = self.kit.db.begin().await?;
        let (course, chapter) = self.own_chapter(&mut tx, actor, chapter).await?;
        if verb == Verb::Delete {
            store::remove_chapter(&mut tx, chapter.id, self.kit.now()).await?;
        } else {
            let mut chapters = store::chapters_in(&mut tx, course.id).await?;
            let index = chapters.iter().position(|other| other.id == chapter.id).unwrap_or_default();
            if let Some(other) = verb.other(index, chapters.len()) {
                chapters.swap(index, other);
            }
            for (place, chapter) in chapters.iter_mut().enumerate() {
                chapter.position = position(place);
                store::set_chapter(&mut tx, chapter).await?;
            }
        }
        self.outline_changed(&mut tx, &course).await?;
        tx.commit().await?;
        Ok(course.id)
    }

    pub(in super::super) async fn new_lesson(
        &self,
        actor: &Actor,
        chapter: ChapterId,
        kind: &str,
        en: &str,
        zh: &str,
    ) -> Result<LessonId> {
        let mut tx = self.kit.db.begin().await?;
        let (course, chapter) = self.own_chapter(&mut tx, actor, chapter).await?;
        let mut invalid = Invalid::default();
        let title = invalid.check(input::title(en, zh));
        let kind = invalid.check(input::lesson_kind(kind));
        let (Some(title), Some(kind)) = (title, kind) else { return Err(invalid.into()) };
        let lessons = store::heads_in(&mut tx, course.id).await?;
        if lessons.len() >= MAX_LESSONS {
            return Err(Denied::with("course_too_long", &[&MAX_CHAPTERS, &MAX_LESSONS]).into());
        }
        let last =
            lessons.iter().filter(|lesson| lesson.chapter == chapter.id).map(|lesson| lesson.position).max();
        let lesson = store::LessonHead {
            id: self.kit.id(),
            course: course.id,
            chapter: chapter.id,
            position: last.map_or(0, |last| last + 1),
            kind,
            title,
            preview: false,
            minutes: 5,
        };
        store::add_lesson(&mut tx, &lesson).await?;
        self.course_changed(&mut tx, course.id, course.state).await?;
        tx.commit().await?;
        Ok(lesson.id)
    }

    pub(in super::super) async fn shift_lesson(
        &self,
        actor: &Actor,
        lesson: LessonId,
        verb: &str,
    ) -> Result<CourseId> {
        let verb = Verb::parse(verb)?;
        let mut tx = self.kit.db.begin().await?;
        let (course, lesson) = self.own_lesson(&mut tx, actor, lesson).await?;
        if verb == Verb::Delete {
            store::remove_lesson(&mut tx, lesson.head.id, self.kit.now()).await?;
            self.outline_changed(&mut tx, &course).await?;
        } else {
            self.swap_lesson(&mut tx, &lesson.head, verb).await?;
            self.course_changed(&mut tx, course.id, course.state).await?;
        }
        tx.commit().await?;
        Ok(course.id)
    }

    /// Moves a lesson by one place; beyond the end of its chapter into the neighbouring one.
    async fn swap_lesson(&self, tx: &mut Tx, lesson: &store::LessonHead, verb: Verb) -> Result<()> {
        let chapters = store::chapters_in(tx, lesson.course).await?;
        let all = store::heads_in(tx, lesson.course).await?;
        let of = |chapter: ChapterId| -> Vec<LessonId> {
            all.iter().filter(|other| other.chapter == chapter).map(|other| other.id).collect()
        };
        let mut here = of(lesson.chapter);
        let index = here.iter().position(|other| *other == lesson.id).unwrap_or_default();
        if let Some(other) = verb.other(index, here.len()) {
            here.swap(index, other);
            return place(tx, lesson.chapter, &here).await;
        }
        let chapter = chapters.iter().position(|other| other.id == lesson.chapter).unwrap_or_default();
        let Some(target) = verb.other(chapter, chapters.len()).and_then(|other| chapters.get(other)) else {
            return Ok(());
        };
        let mut there = of(target.id);
        match verb {
            Verb::Up => there.push(lesson.id),
            _ => there.insert(0, lesson.id),
        }
        here.retain(|other| *other != lesson.id);
        place(tx, lesson.chapter, &here).await?;
        place(tx, target.id, &there).await
    }

    pub(in super::super) async fn lesson_desk_of(&self, actor: &Actor, id: LessonId) -> Result<LessonDesk> {
        let db = &self.kit.db;
        let lesson = store::lesson(db, id).await?.ok_or_else(Error::not_found)?;
        let course = store::course(db, lesson.head.course).await?.ok_or_else(Error::not_found)?;
        if !policy::may_edit(actor, &course.facts()) {
            return Err(Error::not_found());
        }
        Ok(LessonDesk {
            id,
            course: course.id,
            slug: course.slug,
            course_title: course.title,
            title: lesson.head.title,
            kind: lesson.head.kind,
            body: lesson.body,
            preview: lesson.head.preview,
            minutes: lesson.head.minutes,
            pass_mark: lesson.pass_mark,
            attempts: lesson.attempts,
            questions: lesson.questions,
            pictures: store::pictures(db, id).await?,
        })
    }

    pub(in super::super) async fn set_lesson(
        &self,
        actor: &Actor,
        lesson: LessonId,
        form: &LessonForm,
    ) -> Result<()> {
        let mut tx = self.kit.db.begin().await?;
        let (course, _) = self.own_lesson(&mut tx, actor, lesson).await?;
        store::write_lesson(&mut tx, lesson, &form.parse()?).await?;
        self.course_changed(&mut tx, course.id, course.state).await?;
        Ok(tx.commit().await?)
    }

    pub(in super::super) async fn set_question(
        &self,
        actor: &Actor,
        lesson: LessonId,
        question: Option<QuestionId>,
        form: &QuestionForm,
    ) -> Result<QuestionId> {
        let mut tx = self.kit.db.begin().await?;
        let (course, mut lesson) = self.own_lesson(&mut tx, actor, lesson).await?;
        if lesson.head.kind != LessonKind::Quiz {
            return Err(Error::not_found());
        }
        let id = question.unwrap_or_else(|| self.kit.id());
        let written = form.parse(id)?;
        if question.is_none() {
            if lesson.questions.len() >= MAX_QUESTIONS {
                return Err(Denied::with("quiz_too_long", &[&MAX_QUESTIONS]).into());
            }
            lesson.questions.push(written);
        } else {
            let known = lesson.questions.iter_mut().find(|known| known.id == id);
            *known.ok_or_else(Error::not_found)? = written;
        }
        store::set_questions(&mut tx, lesson.head.id, &lesson.questions).await?;
        self.course_changed(&mut tx, course.id, course.state).await?;
        tx.commit().await?;
        Ok(id)
    }

    pub(in super::super) async fn shift_question(
        &self,
        actor: &Actor,
        lesson: LessonId,
        question: QuestionId,
        verb: &str,
    ) -> Result<()> {
        let verb = Verb::parse(verb)?;
        let mut tx = self.kit.db.begin().await?;
        let (course, mut lesson) = self.own_lesson(&mut tx, actor, lesson).await?;
        let index = lesson.questions.iter().position(|known| known.id == question);
        let index = index.ok_or_else(Error::not_found)?;
        if verb == Verb::Delete {
            lesson.questions.remove(index);
        } else if let Some(other) = verb.other(index, lesson.questions.len()) {
            lesson.questions.swap(index, other);
        }
        store::set_questions(&mut tx, lesson.head.id, &lesson.questions).await?;
        self.course_changed(&mut tx, course.id, course.state).await?;
        Ok(tx.commit().await?)
    }
}

/// Gives the lessons of a chapter their places.
async fn place(tx: &mut Tx, chapter: ChapterId, lessons: &[LessonId]) -> Result<()> {
    for (index, lesson) in lessons.iter().enumerate() {
        store::place_lesson(tx, *lesson, chapter, position(index)).await?;
    }
    Ok(())
}
