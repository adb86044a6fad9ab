//! Enrolments, learning events, attempts at quizzes, notes.

use domain::accounts::AccountId;
use domain::courses::quiz::{Answers, Marked, Question};
use domain::courses::rules::LearningEvent;
use domain::courses::{AttemptId, CourseId, EventKind, LessonId, NoteId};
use domain::orders::OrderId;
use domain::time::Timestamp;
use sqlx::types::Json;
use uuid::Uuid;

use crate::db::{Count, Db, DbError, Sql, Tx};
use crate::sql;

#[derive(sqlx::FromRow)]
struct EnrolmentRow {
    order_id: Option<Uuid>,
}

/// Somebody's place in a course.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Enrolment {
    /// The order that paid for it; nothing for a free course.
    pub order: Option<OrderId>,
}

fn enrolment_sql(course: CourseId, account: AccountId) -> Sql {
    sql!("select order_id from enrolments where course_id = $1 and account_id = $2", course, account)
}

/// Somebody's place in a course.
pub(in super::super) async fn enrolment(
    db: &Db,
    course: CourseId,
    account: AccountId,
) -> Result<Option<Enrolment>, DbError> {
    let row: Option<EnrolmentRow> = db.maybe(enrolment_sql(course, account)).await?;
    Ok(row.map(|row| Enrolment { order: row.order_id.map(OrderId) }))
}

/// Somebody's place in a course, inside a change.
pub(in super::super) async fn enrolment_in(
    tx: &mut Tx,
    course: CourseId,
    account: AccountId,
) -> Result<Option<Enrolment>, DbError> {
    let row: Option<EnrolmentRow> = tx.maybe(enrolment_sql(course, account)).await?;
    Ok(row.map(|row| Enrolment { order: row.order_id.map(OrderId) }))
}

/// Gives somebody a place; whether they had none. A later order replaces the earlier one.
pub(in super::super) async fn enrol(
    tx: &mut Tx,
    id: Uuid,
    course: CourseId,
    account: AccountId,
    order: Option<OrderId>,
    now: Timestamp,
) -> Result<bool, DbError> {
    let added = tx
        .run(sql!(
            "insert into enrolments (id, course_id, account_id, order_id, enrolled_at) values ($1, $2, $3, $4, $5)
             on conflict (course_id, account_id) do nothing",
            id,
            course,
            account,
            order,
            now
        ))
        .await?;
    if added == 0 {
        tx.run(sql!(
            "update enrolments set order_id = $3 where course_id = $1 and account_id = $2",
            course,
            account,
            order
        ))
        .await?;
        return Ok(false);
    }
    tx.exactly(1, sql!("update courses set learners = learners + 1 where id = $1", course)).await?;
    Ok(true)
}

#[derive(sqlx::FromRow)]
struct LearnerRow {
    #[sqlx(try_from = "Uuid")]
    account_id: AccountId,
}

/// Everybody who learns a course.
pub(in super::super) async fn learners(db: &Db, course: CourseId) -> Result<Vec<AccountId>, DbError> {
    let rows: Vec<LearnerRow> = db
        .all(sql!("select account_id from enrolments where course_id = $1 order by enrolled_at, id", course))
        .await?;
    Ok(rows.into_iter().map(|row| row.account_id).collect())
}

#[derive(sqlx::FromRow)]
struct EventRow {
    #[sqlx(try_from = "String")]
    kind: EventKind,
    lesson_id: Option<Uuid>,
    #[sqlx(try_from = "i64")]
    happened_at: Timestamp,
}

impl From<EventRow> for LearningEvent {
    fn from(row: EventRow) -> Self {
        Self { kind: row.kind, lesson: row.lesson_id.map(LessonId), at: row.happened_at }
    }
}

fn events_sql(course: CourseId, account: AccountId) -> Sql {
    sql!(
        "select kind, lesson_id, happened_at from learning_events
         where course_id = $1 and account_id = $2 order by happened_at, id",
        course,
        account
    )
}

/// What happened between a learner and a course.
pub(in super::super) async fn events(
    db: &Db,
    course: CourseId,
    account: AccountId,
) -> Result<Vec<LearningEvent>, DbError> {
    Ok(db.all::<EventRow>(events_sql(course, account)).await?.into_iter().map(LearningEvent::from).collect())
}

/// What happened between a learner and a course, inside a change.
pub(in super::super) async fn events_in(
    tx: &mut Tx,
    course: CourseId,
    account: AccountId,
) -> Result<Vec<LearningEvent>, DbError> {
    Ok(tx.all::<EventRow>(events_sql(course, account)).await?.into_iter().map(LearningEvent::from).collect())
}

/// Adds an event.
pub(in super::super) async fn add_event(
    tx: &mut Tx,
    id: Uuid,
    course: CourseId,
    account: AccountId,
    event: &LearningEvent,
) -> Result<(), DbError> {
    tx.exactly(
        1,
        sql!(
            "insert into learning_events (id, course_id, account_id, lesson_id, kind, happened_at)
             values ($1, $2, $3, $4, $5, $6)",
            id,
            course,
            account,
            event.lesson,
            event.kind.as_str(),
            event.at
        ),
    )
    .await
}

/// Notes that an account was shown a lesson; whether it is the first time.
pub(in super::super) async fn add_opening(
    tx: &mut Tx,
    lesson: LessonId,
    account: AccountId,
    now: Timestamp,
) -> Result<bool, DbError> {
    let added = tx
        .run(sql!(
            "insert into lesson_openings (account_id, lesson_id, opened_at) values ($1, $2, $3)
             on conflict (account_id, lesson_id) do nothing",
            account,
            lesson,
            now
        ))
        .await?;
    Ok(added == 1)
}

/// Whether an account was shown a lesson before.
pub(in super::super) async fn was_opened(
    db: &Db,
    lesson: LessonId,
    account: AccountId,
) -> Result<bool, DbError> {
    let row: Count = db
        .one(sql!(
            "select count(*) as n from lesson_openings where account_id = $1 and lesson_id = $2",
            account,
            lesson
        ))
        .await?;
    Ok(row.n > 0)
}

#[derive(sqlx::FromRow)]
struct AttemptRow {
    #[sqlx(try_from = "Uuid")]
    id: AttemptId,
    #[sqlx(try_from = "Uuid")]
    lesson_id: LessonId,
    #[sqlx(try_from = "i64")]
    number: u32,
    #[sqlx(try_from = "i64")]
    pass_mark: u32,
    questions: Json<Vec<Question>>,
    answers: Option<Json<Answers>>,
    passed: Option<bool>,
}

/// An attempt at a quiz; its questions are those of the instant at which it began.
#[derive(Clone, Debug)]
pub(in super::super) struct Attempt {
    pub id: AttemptId,
    pub lesson: LessonId,
    pub number: u32,
    pub pass_mark: u32,
    pub questions: Vec<Question>,
    /// The answers, once it was handed in.
    pub answers: Option<Answers>,
    pub passed: bool,
}

impl From<AttemptRow> for Attempt {
    fn from(row: AttemptRow) -> Self {
        Self {
            id: row.id,
            lesson: row.lesson_id,
            number: row.number,
            pass_mark: row.pass_mark,
            questions: row.questions.0,
            answers: row.answers.map(|answers| answers.0),
            passed: row.passed.unwrap_or(false),
        }
    }
}

fn attempts_sql(lesson: LessonId, account: AccountId) -> Sql {
    sql!(
        "select id, lesson_id, number, pass_mark, questions, answers, passed from lesson_attempts
         where lesson_id = $1 and account_id = $2 order by number",
        lesson,
        account
    )
}

/// Somebody's attempts at a quiz, in order.
pub(in super::super) async fn attempts(
    db: &Db,
    lesson: LessonId,
    account: AccountId,
) -> Result<Vec<Attempt>, DbError> {
    Ok(db.all::<AttemptRow>(attempts_sql(lesson, account)).await?.into_iter().map(Attempt::from).collect())
}

/// Somebody's attempts at a quiz, in order, inside a change.
pub(in super::super) async fn attempts_in(
    tx: &mut Tx,
    lesson: LessonId,
    account: AccountId,
) -> Result<Vec<Attempt>, DbError> {
    Ok(tx.all::<AttemptRow>(attempts_sql(lesson, account)).await?.into_iter().map(Attempt::from).collect())
}

/// An attempt of somebody; of nobody else.
pub(in super::super) async fn attempt_in(
    tx: &mut Tx,
    attempt: AttemptId,
    account: AccountId,
) -> Result<Option<Attempt>, DbError> {
    let row = tx.maybe::<AttemptRow>(sql!(
        "select id, lesson_id, number, pass_mark, questions, answers, passed from lesson_attempts
         where id = $1 and account_id = $2",
        attempt,
        account
    ));
    Ok(row.await?.map(Attempt::from))
}

/// Begins an attempt.
pub(in super::super) async fn add_attempt(
    tx: &mut Tx,
    attempt: &Attempt,
    account: AccountId,
    now: Timestamp,
) -> Result<(), DbError> {
    tx.exactly(
        1,
        sql!(
            "insert into lesson_attempts (id, lesson_id, account_id, number, pass_mark, questions, started_at)
             values ($1, $2, $3, $4, $5, $6, $7)",
            attempt.id,
            attempt.lesson,
            account,
            attempt.number,
            attempt.pass_mark,
            serde_json::to_value(&attempt.questions).unwrap_or_default(),
            now
        ),
    )
    .await
}

/// Stores the answers and the mark of an attempt that was still open.
pub(in super::super) async fn finish_attempt(
    tx: &mut Tx,
    attempt: AttemptId,
    answers: &Answers,
    marked: &Marked,
    passed: bool,
    now: Timestamp,
) -> Result<(), DbError> {
    tx.exactly(
        1,
        sql!(
            "update lesson_attempts set answers = $2, points = $3, out_of = $4, passed = $5, finished_at = $6
             where id = $1 and finished_at is null",
            attempt,
            serde_json::to_value(answers).unwrap_or_default(),
            marked.points,
            marked.out_of,
            passed,
            now
        ),
    )
    .await
}

/// A note.
#[derive(sqlx::FromRow, Clone, Debug)]
pub(in super::super) struct Note {
    #[sqlx(try_from = "Uuid")]
    pub id: NoteId,
    #[sqlx(try_from = "Uuid")]
    pub lesson_id: LessonId,
    pub body: String,
    #[sqlx(try_from = "i64")]
    pub updated_at: Timestamp,
}

/// Somebody's notes on a lesson, in the order in which they were made.
pub(in super::super) async fn notes(
    db: &Db,
    lesson: LessonId,
    account: AccountId,
) -> Result<Vec<Note>, DbError> {
    db.all(sql!(
        "select id, lesson_id, body, updated_at from lesson_notes
         where account_id = $1 and lesson_id = $2 order by created_at, id limit 200",
        account,
        lesson
    ))
    .await
}

/// A note of somebody; of nobody else.
pub(in super::super) async fn note_in(
    tx: &mut Tx,
    note: NoteId,
    account: AccountId,
) -> Result<Option<Note>, DbError> {
    tx.maybe(sql!(
        "select id, lesson_id, body, updated_at from lesson_notes where id = $1 and account_id = $2",
        note,
        account
    ))
    .await
}

/// How many notes somebody has on a lesson.
pub(in super::super) async fn count_notes(
    tx: &mut Tx,
    lesson: LessonId,
    account: AccountId,
) -> Result<i64, DbError> {
    let count: Count = tx
        .one(sql!(
            "select count(*) as n from lesson_notes where account_id = $1 and lesson_id = $2",
            account,
            lesson
        ))
        .await?;
    Ok(count.n)
}

/// Adds a note.
pub(in super::super) async fn add_note(tx: &mut Tx, note: &Note, account: AccountId) -> Result<(), DbError> {
    tx.exactly(
        1,
        sql!(
            "insert into lesson_notes (id, lesson_id, account_id, body, created_at, updated_at) values ($1, $2, $3, $4, $5, $5)",
            note.id,
            note.lesson_id,
            account,
            &note.body,
            note.updated_at
        ),
    )
    .await
}

/// Changes a note.
pub(in super::super) async fn change_note(
    tx: &mut Tx,
    note: NoteId,
    body: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    tx.exactly(1, sql!("update lesson_notes set body = $2, updated_at = $3 where id = $1", note, body, now))
        .await
}

/// Deletes a note.
pub(in super::super) async fn delete_note(tx: &mut Tx, note: NoteId) -> Result<(), DbError> {
    tx.exactly(1, sql!("delete from lesson_notes where id = $1", note)).await
}
