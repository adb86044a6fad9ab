//! Pictures of lessons; their bytes lie among the files.

use domain::courses::{LessonId, PictureId};
use domain::time::Timestamp;
use uuid::Uuid;

use crate::db::{Db, DbError, Tx};
use crate::sql;

/// A picture of a lesson.
#[derive(Clone, Debug)]
pub(in super::super) struct Picture {
    pub id: PictureId,
    pub lesson: LessonId,
    pub content_type: String,
}

#[derive(sqlx::FromRow)]
struct PictureRow {
    #[sqlx(try_from = "Uuid")]
    id: PictureId,
    #[sqlx(try_from = "Uuid")]
    lesson_id: LessonId,
    content_type: String,
}

impl From<PictureRow> for Picture {
    fn from(row: PictureRow) -> Self {
        Self { id: row.id, lesson: row.lesson_id, content_type: row.content_type }
    }
}

/// Adds a picture.
pub(in super::super) async fn add_picture(
    tx: &mut Tx,
    picture: &Picture,
    size: i64,
    now: Timestamp,
) -> Result<(), DbError> {
    tx.exactly(
        1,
        sql!(
            "insert into course_pictures (id, lesson_id, content_type, size, created_at) values ($1, $2, $3, $4, $5)",
            picture.id,
            picture.lesson,
            &picture.content_type,
            size,
            now
        ),
    )
    .await
}

/// A picture.
pub(in super::super) async fn picture(db: &Db, picture: PictureId) -> Result<Option<Picture>, DbError> {
    let row = db.maybe::<PictureRow>(sql!(
        "select id, lesson_id, content_type from course_pictures where id = $1",
        picture
    ));
    Ok(row.await?.map(Picture::from))
}

/// The pictures of a lesson, latest first.
pub(in super::super) async fn pictures(db: &Db, lesson: LessonId) -> Result<Vec<PictureId>, DbError> {
    let rows = db.all::<PictureRow>(sql!(
        "select id, lesson_id, content_type from course_pictures where lesson_id = $1
         order by created_at desc, id desc limit 100",
        lesson
    ));
    Ok(rows.await?.into_iter().map(|row| row.id).collect())
}
