//! Statements about the files and questions of a competition.

use app::features::competitions::DataFile;
use domain::competitions::{CompetitionId, FileId};
use domain::courses::quiz::{Question, QuestionId};
use domain::time::Timestamp;
use uuid::Uuid;

use crate::db::{Count, Db, Tx};
use crate::error::{Error, Result};
use crate::sql;

#[derive(sqlx::FromRow)]
struct FileRow {
    #[sqlx(try_from = "Uuid")]
    id: FileId,
    name: String,
    size: i64,
    line_count: i64,
}

impl From<FileRow> for DataFile {
    fn from(row: FileRow) -> Self {
        Self { id: row.id, name: row.name, size: row.size, lines: row.line_count }
    }
}

/// The files of a purpose (`truth` or `data`), by name.
pub async fn files(db: &Db, competition: CompetitionId, purpose: &str) -> Result<Vec<DataFile>> {
    let rows: Vec<FileRow> = db
        .all(sql!(
            "select id, name, size, line_count from competition_files
             where competition_id = $1 and purpose = $2 order by name, id",
            competition,
            purpose
        ))
        .await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// How many data files a draft has, counted under its lock.
pub async fn count_data_files(tx: &mut Tx, competition: CompetitionId) -> Result<i64> {
    let count: Count = tx
        .one(sql!(
            "select count(*) as n from competition_files where competition_id = $1 and purpose = 'data'",
            competition
        ))
        .await?;
    Ok(count.n)
}

/// Takes away the file of a purpose and name, and gives its id so that its bytes can follow.
pub async fn drop_file(
    tx: &mut Tx,
    competition: CompetitionId,
    purpose: &str,
    name: Option<&str>,
) -> Result<Vec<FileId>> {
    #[derive(sqlx::FromRow)]
    struct Gone {
        #[sqlx(try_from = "Uuid")]
        id: FileId,
    }
    let gone: Vec<Gone> = tx
        .all(sql!(
            "delete from competition_files where competition_id = $1 and purpose = $2
             and (cast($3 as text) is null or name = $3) returning id",
            competition,
            purpose,
            name
        ))
        .await?;
    Ok(gone.into_iter().map(|row| row.id).collect())
}

/// Takes away a file by its id; `false` when the competition has no such file.
pub async fn remove_file(tx: &mut Tx, competition: CompetitionId, file: FileId) -> Result<bool> {
    let gone = tx
        .run(sql!("delete from competition_files where competition_id = $1 and id = $2", competition, file))
        .await?;
    Ok(gone == 1)
}

/// Adds a file whose bytes are stored already.
pub async fn add_file(
    tx: &mut Tx,
    competition: CompetitionId,
    purpose: &str,
    file: &DataFile,
    now: Timestamp,
) -> Result<()> {
    Ok(tx
        .exactly(
            1,
            sql!(
                "insert into competition_files (id, competition_id, purpose, name, size, line_count, created_at)
                 values ($1, $2, $3, $4, $5, $6, $7)",
                file.id,
                competition,
                purpose,
                &file.name,
                file.size,
                file.lines,
                now
            ),
        )
        .await?)
}

#[derive(sqlx::FromRow)]
struct Body {
    body: sqlx::types::Json<Question>,
}

/// The questions of a quiz in order, with their keys.
pub async fn questions(db: &Db, competition: CompetitionId) -> Result<Vec<Question>> {
    let rows: Vec<Body> = db
        .all(sql!(
            "select body from competition_questions where competition_id = $1 order by position, id limit 200",
            competition
        ))
        .await?;
    Ok(rows.into_iter().map(|row| row.body.0).collect())
}

/// Adds a question at the end; the caller holds the competition's lock.
pub async fn add_question(
    tx: &mut Tx,
    competition: CompetitionId,
    question: &Question,
    now: Timestamp,
) -> Result<()> {
    let last: Count = tx
        .one(sql!(
            "select coalesce(max(position), 0) as n from competition_questions where competition_id = $1",
            competition
        ))
        .await?;
    let body = serde_json::to_value(question).map_err(|error| Error::bug(error.to_string()))?;
    Ok(tx
        .exactly(
            1,
            sql!(
                "insert into competition_questions (id, competition_id, position, body, created_at)
                 values ($1, $2, $3, $4, $5)",
                question.id,
                competition,
                last.n + 1,
                body,
                now
            ),
        )
        .await?)
}

/// Takes a question out; `false` when the quiz has no such question.
pub async fn remove_question(tx: &mut Tx, competition: CompetitionId, question: QuestionId) -> Result<bool> {
    let gone = tx
        .run(sql!(
            "delete from competition_questions where competition_id = $1 and id = $2",
            competition,
            question
        ))
        .await?;
    Ok(gone == 1)
}

/// How many questions a quiz has.
pub async fn count_questions(db: &Db, competition: CompetitionId) -> Result<i64> {
    let count: Count = db
        .one(sql!("select count(*) as n from competition_questions where competition_id = $1", competition))
        .await?;
    Ok(count.n)
}
