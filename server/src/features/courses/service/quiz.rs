//! Attempts at a quiz lesson.

use std::collections::BTreeMap;

use app::features::courses::view::{OpenAttempt, QuizView};
use domain::actor::Actor;
use domain::courses::policy::Reading;
use domain::courses::quiz::{mark, read_answers};
use domain::courses::rules::may_attempt;
use domain::courses::{AttemptId, EventKind, LessonId, LessonKind};
use domain::invalid::Denied;
use domain::locale::Locale;

use super::super::{Service, store};
use super::learner::lesson_path;
use super::views;
use crate::db::Lock;
use crate::error::{Error, Result};

fn count<T>(list: &[T]) -> u32 {
    u32::try_from(list.len()).unwrap_or(u32::MAX)
}

impl Service {
    /// A quiz for somebody who may read it; questions only within an attempt, keys only after the last one.
    pub(super) async fn quiz(
        &self,
        viewer: Option<&Actor>,
        lesson: store::Lesson,
        reading: Reading,
        locale: Locale,
    ) -> Result<QuizView> {
        let attempts = match viewer.filter(|_| reading == Reading::Learner) {
            Some(actor) => store::attempts(&self.kit.db, lesson.head.id, actor.account).await?,
            None => Vec::new(),
        };
        let passed = attempts.iter().any(|attempt| attempt.passed);
        let open = attempts.iter().find(|attempt| attempt.answers.is_none());
        let used = count(&attempts);
        let over = passed || (open.is_none() && may_attempt(used, lesson.attempts, false).is_err());
        let last = attempts.iter().rev().find(|attempt| attempt.answers.is_some());
        Ok(QuizView {
            reading,
            html: views::prose(&lesson.body, locale).0,
            questions: count(&lesson.questions),
            pass_mark: lesson.pass_mark,
            attempts: lesson.attempts,
            used,
            passed,
            open: open.map(|attempt| OpenAttempt {
                id: attempt.id,
                questions: attempt.questions.iter().map(|question| views::asked(question, locale)).collect(),
            }),
            last: last.and_then(|attempt| views::marked(attempt, over, locale)),
        })
    }

    pub(in super::super) async fn begin_attempt(&self, actor: &Actor, id: LessonId) -> Result<String> {
        let (course, lesson) = self.learnt_lesson(actor, id).await?;
        if lesson.head.kind != LessonKind::Quiz {
            return Err(Error::not_found());
        }
        let path = lesson_path(&course.slug, id);
        let mut tx = self.kit.db.begin().await?;
        tx.lock(Lock::Account(actor.account)).await?;
        let attempts = store::attempts_in(&mut tx, id, actor.account).await?;
        if attempts.iter().any(|attempt| attempt.answers.is_none()) {
            return Ok(path);
        }
        if lesson.questions.is_empty() {
            return Err(Denied::new("quiz_has_no_questions").into());
        }
        let passed = attempts.iter().any(|attempt| attempt.passed);
        may_attempt(count(&attempts), lesson.attempts, passed)?;
        let attempt = store::Attempt {
            id: self.kit.id(),
            lesson: id,
            number: count(&attempts) + 1,
            pass_mark: lesson.pass_mark,
            questions: lesson.questions,
            answers: None,
            passed: false,
        };
        store::add_attempt(&mut tx, &attempt, actor.account, self.kit.now()).await?;
        tx.commit().await?;
        Ok(path)
    }

    pub(in super::super) async fn hand_in(
        &self,
        actor: &Actor,
        id: AttemptId,
        raw: &BTreeMap<String, Vec<String>>,
    ) -> Result<String> {
        let now = self.kit.now();
        let mut tx = self.kit.db.begin().await?;
        tx.lock(Lock::Account(actor.account)).await?;
        let attempt = store::attempt_in(&mut tx, id, actor.account).await?.ok_or_else(Error::not_found)?;
        let lesson = store::lesson_in(&mut tx, attempt.lesson).await?.ok_or_else(Error::not_found)?;
        let course = store::course_in(&mut tx, lesson.head.course).await?.ok_or_else(Error::not_found)?;
        if attempt.answers.is_some() {
            return Err(Denied::new("attempt_finished").into());
        }
        let asked: Vec<_> = attempt.questions.iter().map(|question| question.asked()).collect();
        let answers = read_answers(&asked, raw)?;
        let marked = mark(&attempt.questions, &answers);
        let passed = marked.passes(attempt.pass_mark);
        store::finish_attempt(&mut tx, id, &answers, &marked, passed, now).await?;
        let kind = if passed { EventKind::Passed } else { EventKind::Failed };
        self.record(&mut tx, actor.account, &course, kind, attempt.lesson).await?;
        tx.commit().await?;
        Ok(lesson_path(&course.slug, attempt.lesson))
    }
}
