//! The own courses of a learner: all of them in a number of queries that does not grow with them.

use domain::accounts::AccountId;
use domain::courses::rules::{LearningEvent, Step};
use domain::courses::{CourseId, EventKind, LessonId, LessonKind};
use domain::locale::Bilingual;
use domain::time::Timestamp;
use uuid::Uuid;

use crate::db::{Db, DbError};
use crate::sql;

#[derive(sqlx::FromRow)]
struct CourseRow {
    #[sqlx(try_from = "Uuid")]
    id: CourseId,
    slug: String,
    title_en: String,
    title_zh: String,
    order_id: Option<Uuid>,
    #[sqlx(try_from = "i64")]
    enrolled_at: Timestamp,
}

/// A course that somebody learns.
pub(in super::super) struct LearntCourse {
    pub id: CourseId,
    pub slug: String,
    pub title: Bilingual,
    /// Whether the place was bought, so that the order behind it decides.
    pub bought: bool,
    pub enrolled_at: Timestamp,
}

/// The courses that somebody learns, the latest first; at most 500.
pub(in super::super) async fn learnt_by(db: &Db, account: AccountId) -> Result<Vec<LearntCourse>, DbError> {
    let rows: Vec<CourseRow> = db
        .all(sql!(
            "select courses.id, slug, title_en, title_zh, order_id, enrolled_at
             from enrolments join courses on courses.id = course_id
             where account_id = $1 order by enrolled_at desc, courses.id desc limit 500",
            account
        ))
        .await?;
    let course = |row: CourseRow| LearntCourse {
        id: row.id,
        slug: row.slug,
        title: Bilingual::new(row.title_en, row.title_zh),
        bought: row.order_id.is_some(),
        enrolled_at: row.enrolled_at,
    };
    Ok(rows.into_iter().map(course).collect())
}

#[derive(sqlx::FromRow)]
struct StepRow {
    #[sqlx(try_from = "Uuid")]
    course_id: CourseId,
    #[sqlx(try_from = "Uuid")]
    id: LessonId,
    #[sqlx(try_from = "String")]
    kind: LessonKind,
}

/// The lessons of every course that somebody learns, each course in the order of reading.
pub(in super::super) async fn steps_of(
    db: &Db,
    account: AccountId,
) -> Result<Vec<(CourseId, Step)>, DbError> {
    let rows: Vec<StepRow> = db
        .all(sql!(
            "select lessons.course_id, lessons.id, lessons.kind
             from enrolments join lessons on lessons.course_id = enrolments.course_id
                  join chapters on chapters.id = lessons.chapter_id
             where enrolments.account_id = $1 and lessons.removed_at is null
             order by lessons.course_id, chapters.position, chapters.id, lessons.position, lessons.id",
            account
        ))
        .await?;
    Ok(rows.into_iter().map(|row| (row.course_id, Step { lesson: row.id, kind: row.kind })).collect())
}

#[derive(sqlx::FromRow)]
struct EventRow {
    #[sqlx(try_from = "Uuid")]
    course_id: CourseId,
    #[sqlx(try_from = "String")]
    kind: EventKind,
    lesson_id: Option<Uuid>,
    #[sqlx(try_from = "i64")]
    happened_at: Timestamp,
}

/// What happened between a learner and every course.
pub(in super::super) async fn events_of(
    db: &Db,
    account: AccountId,
) -> Result<Vec<(CourseId, LearningEvent)>, DbError> {
    let rows: Vec<EventRow> = db
        .all(sql!(
            "select course_id, kind, lesson_id, happened_at from learning_events
             where account_id = $1 order by course_id, happened_at, id",
            account
        ))
        .await?;
    let event = |row: EventRow| {
        let lesson = row.lesson_id.map(LessonId);
        (row.course_id, LearningEvent { kind: row.kind, lesson, at: row.happened_at })
    };
    Ok(rows.into_iter().map(event).collect())
}
