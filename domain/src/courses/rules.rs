//! Progress and completion from learning events, attempts at a quiz, and what a course lacks before it may be published.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{EventKind, LessonId, LessonKind};
use crate::invalid::{Denied, FieldFault, Invalid};
use crate::locale::{Bilingual, Locale};
use crate::time::Timestamp;

/// One thing that happened between a learner and a course.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LearningEvent {
    /// What happened.
    pub kind: EventKind,
    /// The lesson it is about, if it is about one.
    pub lesson: Option<LessonId>,
    /// When.
    pub at: Timestamp,
}

/// A lesson as completion sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The lesson.
    pub lesson: LessonId,
    /// What it is: a document is done when read, a quiz when passed.
    pub kind: LessonKind,
}

/// How far a learner has come.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// The lessons of the present outline that are done.
    pub done: BTreeSet<LessonId>,
    /// How many lessons the present outline has.
    pub total: u32,
    /// When the course was first completed; lessons added later do not take it away.
    pub completed_at: Option<Timestamp>,
}

impl Progress {
    /// Folds events, in any order, over the present outline.
    pub fn of(outline: &[Step], events: &[LearningEvent]) -> Self {
        let done = outline
            .iter()
            .filter(|step| {
                let needed = match step.kind {
                    LessonKind::Document => EventKind::Read,
                    LessonKind::Quiz => EventKind::Passed,
                };
                events.iter().any(|event| event.kind == needed && event.lesson == Some(step.lesson))
            })
            .map(|step| step.lesson)
            .collect();
        let completed = events.iter().filter(|event| event.kind == EventKind::Completed);
        Self {
            done,
            total: u32::try_from(outline.len()).unwrap_or(u32::MAX),
            completed_at: completed.map(|event| event.at).min(),
        }
    }
    /// How many lessons are done.
    pub fn count(&self) -> u32 {
        u32::try_from(self.done.len()).unwrap_or(u32::MAX)
    }
    /// Whether every lesson of a course that has lessons is done.
    pub fn is_everything(&self) -> bool {
        self.total > 0 && self.count() == self.total
    }
    /// Whether the course is completed now and was not recorded as such before.
    pub fn completes(&self) -> bool {
        self.completed_at.is_none() && self.is_everything()
    }
}

/// Whether another attempt may begin; `limit` zero means any number.
pub fn may_attempt(used: u32, limit: u32, passed: bool) -> Result<(), Denied> {
    if passed {
        Err(Denied::new("quiz_already_passed"))
    } else if limit > 0 && used >= limit {
        Err(Denied::with("quiz_no_attempts_left", &[&limit]))
    } else {
        Ok(())
    }
}

/// What publishing asks of a lesson.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LessonDraft {
    /// Its title.
    pub title: Bilingual,
    /// What it is.
    pub kind: LessonKind,
    /// Its text; a quiz needs none.
    pub body: Bilingual,
    /// How many questions its quiz has.
    pub questions: u32,
}

/// What publishing asks of a course.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CourseDraft {
    /// Its title.
    pub title: Bilingual,
    /// Its summary.
    pub summary: Bilingual,
    /// Its goals.
    pub goals: Bilingual,
    /// Whether a subject was chosen.
    pub has_category: bool,
    /// Its lessons.
    pub lessons: Vec<LessonDraft>,
}

const fn has(text: &Bilingual, locale: Locale) -> bool {
    match locale {
        Locale::En => !text.en.is_empty(),
        Locale::Zh => !text.zh.is_empty(),
    }
}

impl CourseDraft {
    /// The languages in which everything is written.
    pub fn languages(&self) -> Vec<Locale> {
        let written = |locale: &Locale| {
            has(&self.title, *locale)
                && has(&self.summary, *locale)
                && self.lessons.iter().all(|lesson| {
                    has(&lesson.title, *locale)
                        && (lesson.kind == LessonKind::Quiz || has(&lesson.body, *locale))
                })
        };
        Locale::ALL.into_iter().filter(written).collect()
    }

    /// Everything that is missing before the course may be published; each under the field `publish`.
    pub fn lacks(&self) -> Vec<FieldFault> {
        let mut invalid = Invalid::default();
        if self.summary.is_empty() {
            invalid.add("publish", "publish_summary", &[]);
        }
        if self.goals.is_empty() {
            invalid.add("publish", "publish_goals", &[]);
        }
        if !self.has_category {
            invalid.add("publish", "publish_category", &[]);
        }
        if self.lessons.is_empty() {
            invalid.add("publish", "publish_lessons", &[]);
        }
        for (number, lesson) in (1_u32..).zip(&self.lessons) {
            match lesson.kind {
                LessonKind::Document if lesson.body.is_empty() => {
                    invalid.add("publish", "publish_lesson_empty", &[&number]);
                }
                LessonKind::Quiz if lesson.questions == 0 => {
                    invalid.add("publish", "publish_quiz_empty", &[&number]);
                }
                _ => {}
            }
        }
        if invalid.0.is_empty() && self.languages().is_empty() {
            invalid.add("publish", "publish_language", &[]);
        }
        invalid.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn lesson(number: u128) -> LessonId {
        LessonId(Uuid::from_u128(number))
    }
    fn event(kind: EventKind, number: u128, at: i64) -> LearningEvent {
        LearningEvent { kind, lesson: Some(lesson(number)), at: Timestamp::from_seconds(at) }
    }
    fn outline() -> Vec<Step> {
        vec![
            Step { lesson: lesson(1), kind: LessonKind::Document },
            Step { lesson: lesson(2), kind: LessonKind::Quiz },
        ]
    }

    #[test]
    fn a_quiz_is_done_when_passed_and_a_document_when_read() {
        let events =
            [event(EventKind::Read, 2, 1), event(EventKind::Failed, 2, 2), event(EventKind::Passed, 1, 3)];
        assert_eq!(Progress::of(&outline(), &events).count(), 0);
        let events = [event(EventKind::Read, 1, 1), event(EventKind::Passed, 2, 2)];
        assert!(Progress::of(&outline(), &events).completes());
    }

    #[test]
    fn lessons_added_later_do_not_take_completion_away() {
        let mut longer = outline();
        longer.push(Step { lesson: lesson(3), kind: LessonKind::Document });
        let events = [
            event(EventKind::Read, 1, 1),
            event(EventKind::Passed, 2, 2),
            LearningEvent { kind: EventKind::Completed, lesson: None, at: Timestamp::from_seconds(2) },
        ];
        let progress = Progress::of(&longer, &events);
        assert_eq!((progress.count(), progress.total, progress.completes()), (2, 3, false));
        assert!(progress.completed_at.is_some());
    }

    #[test]
    fn an_empty_course_is_never_completed() {
        assert!(!Progress::of(&[], &[]).completes());
    }

    #[test]
    fn attempts_are_limited() {
        assert!(may_attempt(99, 0, false).is_ok());
        assert!(may_attempt(1, 2, false).is_ok());
        assert_eq!(may_attempt(2, 2, false), Err(Denied::with("quiz_no_attempts_left", &[&2])));
        assert_eq!(may_attempt(0, 2, true), Err(Denied::new("quiz_already_passed")));
    }

    #[test]
    fn an_incomplete_course_says_what_it_lacks() {
        let lacks = CourseDraft::default().lacks();
        assert_eq!(lacks.len(), 4);
        let mut draft = CourseDraft {
            title: Bilingual::new("Joins", ""),
            summary: Bilingual::new("", "连接"),
            goals: Bilingual::new("Join", ""),
            has_category: true,
            lessons: vec![LessonDraft {
                title: Bilingual::new("One", "一"),
                kind: LessonKind::Document,
                body: Bilingual::new("Text", ""),
                questions: 0,
            }],
        };
        assert_eq!(draft.lacks().first().map(|fault| fault.code.as_str()), Some("publish_language"));
        draft.summary.en = "All about joins".into();
        assert_eq!((draft.lacks().len(), draft.languages()), (0, vec![Locale::En]));
    }

    proptest! {
        #[test]
        fn progress_does_not_depend_on_order_and_never_shrinks(
            events in prop::collection::vec((0_usize..5, 1_u128..4, 0_i64..9), 0..20),
            more in (0_usize..5, 1_u128..4, 0_i64..9),
        ) {
            let make = |(kind, number, at): (usize, u128, i64)| event(EventKind::ALL[kind], number, at);
            let mut events: Vec<LearningEvent> = events.into_iter().map(make).collect();
            let before = Progress::of(&outline(), &events);
            events.reverse();
            prop_assert_eq!(&before, &Progress::of(&outline(), &events));
            events.push(make(more));
            let after = Progress::of(&outline(), &events);
            prop_assert!(before.done.is_subset(&after.done));
            prop_assert!(after.count() <= after.total);
        }
    }
}
