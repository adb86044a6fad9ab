//! Chapters, lessons and pictures.

use domain::courses::input::LessonText;
use domain::courses::quiz::Question;
use domain::courses::rules::{LessonDraft, Step};
use domain::courses::{ChapterId, CourseId, LessonId, LessonKind};
use domain::locale::Bilingual;
use domain::time::Timestamp;
use sqlx::types::Json;
use uuid::Uuid;

use crate::db::{Db, DbError, Sql, Tx};
use crate::sql;

/// A chapter.
#[derive(Clone, Debug)]
pub(in super::super) struct Chapter {
    pub id: ChapterId,
    pub course: CourseId,
    pub position: i64,
    pub title: Bilingual,
}

/// A lesson without its text.
#[derive(Clone, Debug)]
pub(in super::super) struct LessonHead {
    pub id: LessonId,
    pub course: CourseId,
    pub chapter: ChapterId,
    pub position: i64,
    pub kind: LessonKind,
    pub title: Bilingual,
    pub preview: bool,
    pub minutes: u32,
}

impl LessonHead {
    /// The lesson as completion sees it.
    pub(in super::super) fn step(&self) -> Step {
        Step { lesson: self.id, kind: self.kind }
    }
}

/// A lesson with its text and questions.
#[derive(Clone, Debug)]
pub(in super::super) struct Lesson {
    pub head: LessonHead,
    pub body: Bilingual,
    pub pass_mark: u32,
    pub attempts: u32,
    pub questions: Vec<Question>,
}

impl Lesson {
    /// The lesson as publishing sees it.
    pub(in super::super) fn draft(&self) -> LessonDraft {
        LessonDraft {
            title: self.head.title.clone(),
            kind: self.head.kind,
            body: self.body.clone(),
            questions: u32::try_from(self.questions.len()).unwrap_or(u32::MAX),
        }
    }
}

#[derive(sqlx::FromRow)]
struct ChapterRow {
    #[sqlx(try_from = "Uuid")]
    id: ChapterId,
    #[sqlx(try_from = "Uuid")]
    course_id: CourseId,
    position: i64,
    title_en: String,
    title_zh: String,
}

impl From<ChapterRow> for Chapter {
    fn from(row: ChapterRow) -> Self {
        let title = Bilingual::new(row.title_en, row.title_zh);
        Self { id: row.id, course: row.course_id, position: row.position, title }
    }
}

#[derive(sqlx::FromRow)]
struct HeadRow {
    #[sqlx(try_from = "Uuid")]
    id: LessonId,
    #[sqlx(try_from = "Uuid")]
    course_id: CourseId,
    #[sqlx(try_from = "Uuid")]
    chapter_id: ChapterId,
    position: i64,
    #[sqlx(try_from = "String")]
    kind: LessonKind,
    title_en: String,
    title_zh: String,
    preview: bool,
    #[sqlx(try_from = "i64")]
    minutes: u32,
}

impl From<HeadRow> for LessonHead {
    fn from(row: HeadRow) -> Self {
        Self {
            id: row.id,
            course: row.course_id,
            chapter: row.chapter_id,
            position: row.position,
            kind: row.kind,
            title: Bilingual::new(row.title_en, row.title_zh),
            preview: row.preview,
            minutes: row.minutes,
        }
    }
}

#[derive(sqlx::FromRow)]
struct LessonRow {
    #[sqlx(flatten)]
    head: HeadRow,
    body_en: String,
    body_zh: String,
    #[sqlx(try_from = "i64")]
    pass_mark: u32,
    #[sqlx(try_from = "i64")]
    attempts: u32,
    questions: Json<Vec<Question>>,
}

impl From<LessonRow> for Lesson {
    fn from(row: LessonRow) -> Self {
        Self {
            head: row.head.into(),
            body: Bilingual::new(row.body_en, row.body_zh),
            pass_mark: row.pass_mark,
            attempts: row.attempts,
            questions: row.questions.0,
        }
    }
}

fn chapters_sql(course: CourseId) -> Sql {
    sql!(
        "select id, course_id, position, title_en, title_zh from chapters
         where course_id = $1 and removed_at is null order by position, id",
        course
    )
}

/// The chapters of a course, in order.
pub(in super::super) async fn chapters(db: &Db, course: CourseId) -> Result<Vec<Chapter>, DbError> {
    Ok(db.all::<ChapterRow>(chapters_sql(course)).await?.into_iter().map(Chapter::from).collect())
}

/// The chapters of a course, in order, inside a change.
pub(in super::super) async fn chapters_in(tx: &mut Tx, course: CourseId) -> Result<Vec<Chapter>, DbError> {
    Ok(tx.all::<ChapterRow>(chapters_sql(course)).await?.into_iter().map(Chapter::from).collect())
}

/// A chapter.
pub(in super::super) async fn chapter_in(
    tx: &mut Tx,
    chapter: ChapterId,
) -> Result<Option<Chapter>, DbError> {
    let row = tx.maybe::<ChapterRow>(sql!(
        "select id, course_id, position, title_en, title_zh from chapters where id = $1 and removed_at is null",
        chapter
    ));
    Ok(row.await?.map(Chapter::from))
}

fn heads_sql(course: CourseId) -> Sql {
    sql!(
        "select lessons.id, lessons.course_id, chapter_id, lessons.position, kind, lessons.title_en, lessons.title_zh,
                preview, minutes
         from lessons join chapters on chapters.id = chapter_id
         where lessons.course_id = $1 and lessons.removed_at is null
         order by chapters.position, chapters.id, lessons.position, lessons.id",
        course
    )
}

/// The lessons of a course, in the order of reading, without their texts.
pub(in super::super) async fn heads(db: &Db, course: CourseId) -> Result<Vec<LessonHead>, DbError> {
    Ok(db.all::<HeadRow>(heads_sql(course)).await?.into_iter().map(LessonHead::from).collect())
}

/// The lessons of a course, in the order of reading, inside a change.
pub(in super::super) async fn heads_in(tx: &mut Tx, course: CourseId) -> Result<Vec<LessonHead>, DbError> {
    Ok(tx.all::<HeadRow>(heads_sql(course)).await?.into_iter().map(LessonHead::from).collect())
}

fn lesson_sql(lesson: LessonId) -> Sql {
    sql!(
        "select id, course_id, chapter_id, position, kind, title_en, title_zh, preview, minutes, body_en, body_zh,
                pass_mark, attempts, questions
         from lessons where id = $1 and removed_at is null",
        lesson
    )
}

/// A lesson with its text.
pub(in super::super) async fn lesson(db: &Db, lesson: LessonId) -> Result<Option<Lesson>, DbError> {
    Ok(db.maybe::<LessonRow>(lesson_sql(lesson)).await?.map(Lesson::from))
}

/// A lesson with its text, inside a change.
pub(in super::super) async fn lesson_in(tx: &mut Tx, lesson: LessonId) -> Result<Option<Lesson>, DbError> {
    Ok(tx.maybe::<LessonRow>(lesson_sql(lesson)).await?.map(Lesson::from))
}

fn lessons_sql(course: CourseId) -> Sql {
    sql!(
        "select lessons.id, lessons.course_id, chapter_id, lessons.position, kind, lessons.title_en, lessons.title_zh,
                preview, minutes, body_en, body_zh, pass_mark, attempts, questions
         from lessons join chapters on chapters.id = chapter_id
         where lessons.course_id = $1 and lessons.removed_at is null
         order by chapters.position, chapters.id, lessons.position, lessons.id",
        course
    )
}

/// Every lesson of a course with its text.
pub(in super::super) async fn lessons(db: &Db, course: CourseId) -> Result<Vec<Lesson>, DbError> {
    Ok(db.all::<LessonRow>(lessons_sql(course)).await?.into_iter().map(Lesson::from).collect())
}

/// Every lesson of a course with its text, inside a change.
pub(in super::super) async fn lessons_in(tx: &mut Tx, course: CourseId) -> Result<Vec<Lesson>, DbError> {
    Ok(tx.all::<LessonRow>(lessons_sql(course)).await?.into_iter().map(Lesson::from).collect())
}

/// Adds a chapter.
pub(in super::super) async fn add_chapter(tx: &mut Tx, chapter: &Chapter) -> Result<(), DbError> {
    tx.exactly(
        1,
        sql!(
            "insert into chapters (id, course_id, position, title_en, title_zh) values ($1, $2, $3, $4, $5)",
            chapter.id,
            chapter.course,
            chapter.position,
            &chapter.title.en,
            &chapter.title.zh
        ),
    )
    .await
}

/// Changes the title and place of a chapter.
pub(in super::super) async fn set_chapter(tx: &mut Tx, chapter: &Chapter) -> Result<(), DbError> {
    tx.exactly(
        1,
        sql!(
            "update chapters set position = $2, title_en = $3, title_zh = $4 where id = $1",
            chapter.id,
            chapter.position,
            &chapter.title.en,
            &chapter.title.zh
        ),
    )
    .await
}

/// Takes a chapter and its lessons out of the course.
pub(in super::super) async fn remove_chapter(
    tx: &mut Tx,
    chapter: ChapterId,
    now: Timestamp,
) -> Result<(), DbError> {
    tx.run(sql!(
        "update lessons set removed_at = $2 where chapter_id = $1 and removed_at is null",
        chapter,
        now
    ))
    .await?;
    tx.exactly(
        1,
        sql!("update chapters set removed_at = $2 where id = $1 and removed_at is null", chapter, now),
    )
    .await
}

/// Adds an empty lesson.
pub(in super::super) async fn add_lesson(tx: &mut Tx, lesson: &LessonHead) -> Result<(), DbError> {
    tx.exactly(
        1,
        sql!(
            "insert into lessons (id, course_id, chapter_id, position, kind, title_en, title_zh, body_en, body_zh,
                                  preview, minutes, pass_mark, attempts, questions)
             values ($1, $2, $3, $4, $5, $6, $7, '', '', false, $8, 70, 0, $9)",
            lesson.id,
            lesson.course,
            lesson.chapter,
            lesson.position,
            lesson.kind.as_str(),
            &lesson.title.en,
            &lesson.title.zh,
            lesson.minutes,
            serde_json::Value::Array(Vec::new())
        ),
    )
    .await
}

/// Moves a lesson to a place.
pub(in super::super) async fn place_lesson(
    tx: &mut Tx,
    lesson: LessonId,
    chapter: ChapterId,
    position: i64,
) -> Result<(), DbError> {
    tx.exactly(
        1,
        sql!("update lessons set chapter_id = $2, position = $3 where id = $1", lesson, chapter, position),
    )
    .await
}

/// Takes a lesson out of its course.
pub(in super::super) async fn remove_lesson(
    tx: &mut Tx,
    lesson: LessonId,
    now: Timestamp,
) -> Result<(), DbError> {
    tx.exactly(
        1,
        sql!("update lessons set removed_at = $2 where id = $1 and removed_at is null", lesson, now),
    )
    .await
}

/// Changes what a lesson says.
pub(in super::super) async fn write_lesson(
    tx: &mut Tx,
    lesson: LessonId,
    text: &LessonText,
) -> Result<(), DbError> {
    tx.exactly(
        1,
        sql!(
            "update lessons set title_en = $2, title_zh = $3, body_en = $4, body_zh = $5, preview = $6, minutes = $7,
                    pass_mark = $8, attempts = $9
             where id = $1",
            lesson,
            &text.title.en,
            &text.title.zh,
            &text.body.en,
            &text.body.zh,
            text.preview,
            text.minutes,
            text.pass_mark,
            text.attempts
        ),
    )
    .await
}

/// Replaces the questions of a quiz.
pub(in super::super) async fn set_questions(
    tx: &mut Tx,
    lesson: LessonId,
    questions: &[Question],
) -> Result<(), DbError> {
    tx.exactly(
        1,
        sql!(
            "update lessons set questions = $2 where id = $1",
            lesson,
            serde_json::to_value(questions).unwrap_or_default()
        ),
    )
    .await
}
