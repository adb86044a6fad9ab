//! Every statement about submissions, judgements and quiz attempts.

use domain::accounts::AccountId;
use domain::competitions::{CompetitionId, RegistrationId};
use domain::judging::{Score, Scores, SubmissionId, Verdict};
use domain::time::{Span, Timestamp};
use uuid::Uuid;

use crate::db::{Count, Db, Sql, Tx};
use crate::error::Result;
use crate::sql;

/// A submission as it is stored.
#[derive(Clone, Debug)]
pub struct Submission {
    /// The submission.
    pub id: SubmissionId,
    /// The competition.
    pub competition: CompetitionId,
    /// The entrant.
    pub registration: RegistrationId,
    /// Who.
    pub account: AccountId,
    /// When it arrived.
    pub received_at: Timestamp,
    /// The name of the file.
    pub file_name: String,
    /// Its size in bytes.
    pub size: i64,
    /// What became of it.
    pub verdict: Verdict,
    /// The scores, once it was judged.
    pub scores: Option<Scores>,
    /// Whether its entrant chose it.
    pub chosen: bool,
}

#[derive(sqlx::FromRow)]
struct Row {
    #[sqlx(try_from = "Uuid")]
    id: SubmissionId,
    #[sqlx(try_from = "Uuid")]
    competition_id: CompetitionId,
    #[sqlx(try_from = "Uuid")]
    registration_id: RegistrationId,
    #[sqlx(try_from = "Uuid")]
    account_id: AccountId,
    #[sqlx(try_from = "i64")]
    received_at: Timestamp,
    file_name: String,
    size: i64,
    #[sqlx(try_from = "String")]
    verdict: Verdict,
    public_score: Option<i64>,
    private_score: Option<i64>,
    chosen: bool,
}

impl From<Row> for Submission {
    fn from(row: Row) -> Self {
        let scores = row.public_score.zip(row.private_score);
        Self {
            id: row.id,
            competition: row.competition_id,
            registration: row.registration_id,
            account: row.account_id,
            received_at: row.received_at,
            file_name: row.file_name,
            size: row.size,
            verdict: row.verdict,
            scores: scores.map(|(public, private)| Scores { public: Score(public), private: Score(private) }),
            chosen: row.chosen,
        }
    }
}

/// Adds a submission with its content, waiting for its judgement.
pub async fn add(tx: &mut Tx, new: &Submission, content: Vec<u8>) -> Result<()> {
    tx.exactly(
        1,
        sql!(
            "insert into submissions (id, competition_id, registration_id, account_id, received_at, file_name,
                size, verdict) values ($1, $2, $3, $4, $5, $6, $7, 'queued')",
            new.id,
            new.competition,
            new.registration,
            new.account,
            new.received_at,
            &new.file_name,
            new.size
        ),
    )
    .await?;
    tx.exactly(
        1,
        sql!("insert into submission_contents (submission_id, content) values ($1, $2)", new.id, content),
    )
    .await?;
    Ok(())
}

fn between(registration: RegistrationId, from: Timestamp, before: Timestamp) -> Sql {
    sql!(
        "select count(*) as n from submissions where registration_id = $1 and received_at >= $2
         and received_at < $3 and verdict <> 'JE'",
        registration,
        from,
        before
    )
}

/// How many submissions of an entrant arrived within a span and count; those that failed by our fault do not.
pub async fn count_between(
    tx: &mut Tx,
    registration: RegistrationId,
    from: Timestamp,
    before: Timestamp,
) -> Result<i64> {
    Ok(tx.one::<Count>(between(registration, from, before)).await?.n)
}

/// The same for a page.
pub async fn seen_between(
    db: &Db,
    registration: RegistrationId,
    from: Timestamp,
    before: Timestamp,
) -> Result<i64> {
    Ok(db.one::<Count>(between(registration, from, before)).await?.n)
}

/// A submission.
pub async fn find(db: &Db, id: SubmissionId) -> Result<Option<Submission>> {
    let row: Option<Row> = db.maybe(sql!("select * from submissions where id = $1", id)).await?;
    Ok(row.map(Into::into))
}

/// What was submitted.
pub async fn content(db: &Db, id: SubmissionId) -> Result<Option<Vec<u8>>> {
    #[derive(sqlx::FromRow)]
    struct Content {
        content: Vec<u8>,
    }
    let row: Option<Content> =
        db.maybe(sql!("select content from submission_contents where submission_id = $1", id)).await?;
    Ok(row.map(|row| row.content))
}

/// The submissions of an entrant, latest first.
pub async fn of_entrant(db: &Db, registration: RegistrationId) -> Result<Vec<Submission>> {
    let rows: Vec<Row> = db
        .all(sql!(
            "select * from submissions where registration_id = $1 order by received_at desc, id desc limit 500",
            registration
        ))
        .await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// How many submissions wait, this one and those that came before it.
pub async fn place(db: &Db, submission: &Submission) -> Result<i64> {
    let count: Count = db
        .one(sql!(
            "select count(*) as n from submissions where verdict = 'queued'
             and (received_at < $1 or (received_at = $1 and id <= $2))",
            submission.received_at,
            submission.id
        ))
        .await?;
    Ok(count.n)
}

/// How long the latest judgements took on average, where there are any.
pub async fn usual_time(db: &Db) -> Result<Option<Span>> {
    #[derive(sqlx::FromRow)]
    struct Took {
        took: i64,
    }
    let rows: Vec<Took> =
        db.all(sql!("select took from judgements order by judged_at desc, id desc limit 20")).await?;
    let count = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    let sum: i64 = rows.iter().map(|row| row.took).sum();
    Ok((count > 0).then(|| Span::from_micros(sum / count)))
}

/// Stores what the judge found; `false` when it was found before.
pub async fn settle(
    tx: &mut Tx,
    id: SubmissionId,
    verdict: Verdict,
    scores: Option<Scores>,
    now: Timestamp,
) -> Result<bool> {
    let changed = tx
        .run(sql!(
            "update submissions set verdict = $2, public_score = $3, private_score = $4, judged_at = $5
             where id = $1 and verdict = 'queued'",
            id,
            verdict.as_str(),
            scores.map(|scores| scores.public.0),
            scores.map(|scores| scores.private.0),
            now
        ))
        .await?;
    Ok(changed == 1)
}

/// One evaluation of a submission.
pub struct Judgement<'a> {
    /// The submission.
    pub submission: SubmissionId,
    /// What came out.
    pub verdict: Verdict,
    /// The scores.
    pub scores: Option<Scores>,
    /// Why there is no score; for the organiser and the log.
    pub reason: &'a str,
    /// How long it took.
    pub took: Span,
}

/// Appends an evaluation.
pub async fn add_judgement(tx: &mut Tx, id: Uuid, judgement: &Judgement<'_>, now: Timestamp) -> Result<()> {
    Ok(tx
        .exactly(
            1,
            sql!(
                "insert into judgements (id, submission_id, verdict, public_score, private_score, reason, took,
                    judged_at) values ($1, $2, $3, $4, $5, $6, $7, $8)",
                id,
                judgement.submission,
                judgement.verdict.as_str(),
                judgement.scores.map(|scores| scores.public.0),
                judgement.scores.map(|scores| scores.private.0),
                judgement.reason,
                judgement.took.micros(),
                now
            ),
        )
        .await?)
}

/// Makes a judged submission of an entrant the chosen one; `false` when it is not theirs or not judged.
pub async fn choose(tx: &mut Tx, registration: RegistrationId, id: SubmissionId) -> Result<bool> {
    let chosen = tx
        .run(sql!(
            "update submissions set chosen = true where id = $1 and registration_id = $2 and verdict = 'AC'",
            id,
            registration
        ))
        .await?;
    if chosen == 1 {
        tx.run(sql!(
            "update submissions set chosen = false where registration_id = $1 and id <> $2 and chosen = true",
            registration,
            id
        ))
        .await?;
    }
    Ok(chosen == 1)
}

/// An attempt at a quiz.
#[derive(Clone, Copy, Debug)]
pub struct Attempt {
    /// When it was begun.
    pub started_at: Timestamp,
    /// The last instant at which answers are taken.
    pub deadline: Timestamp,
    /// The answers that were handed in.
    pub submission: Option<SubmissionId>,
}

#[derive(sqlx::FromRow)]
struct AttemptRow {
    #[sqlx(try_from = "i64")]
    started_at: Timestamp,
    #[sqlx(try_from = "i64")]
    deadline: Timestamp,
    submission_id: Option<Uuid>,
}

impl From<AttemptRow> for Attempt {
    fn from(row: AttemptRow) -> Self {
        let submission = row.submission_id.map(SubmissionId);
        Self { started_at: row.started_at, deadline: row.deadline, submission }
    }
}

fn attempt_sql(registration: RegistrationId) -> Sql {
    sql!(
        "select started_at, deadline, submission_id from quiz_attempts where registration_id = $1",
        registration
    )
}

/// The attempt of an entrant.
pub async fn attempt(db: &Db, registration: RegistrationId) -> Result<Option<Attempt>> {
    Ok(db.maybe::<AttemptRow>(attempt_sql(registration)).await?.map(Into::into))
}

/// The attempt of an entrant inside a transaction.
pub async fn attempt_in(tx: &mut Tx, registration: RegistrationId) -> Result<Option<Attempt>> {
    Ok(tx.maybe::<AttemptRow>(attempt_sql(registration)).await?.map(Into::into))
}

/// Begins the one attempt of an entrant; an attempt that was begun goes on.
pub async fn begin_attempt(
    tx: &mut Tx,
    id: Uuid,
    competition: CompetitionId,
    registration: RegistrationId,
    (started_at, deadline): (Timestamp, Timestamp),
) -> Result<()> {
    tx.run(sql!(
        "insert into quiz_attempts (id, competition_id, registration_id, started_at, deadline)
         values ($1, $2, $3, $4, $5) on conflict (registration_id) do nothing",
        id,
        competition,
        registration,
        started_at,
        deadline
    ))
    .await?;
    Ok(())
}

/// Ties the answers to the attempt; refuses a second time.
pub async fn end_attempt(tx: &mut Tx, registration: RegistrationId, submission: SubmissionId) -> Result<()> {
    tx.exactly(
        1,
        sql!(
            "update quiz_attempts set submission_id = $2 where registration_id = $1 and submission_id is null",
            registration,
            submission
        ),
    )
    .await?;
    Ok(())
}
