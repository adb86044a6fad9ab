//! The job table: claiming under a lease, finishing, failing, reviving.

use domain::page::Page;
use domain::time::{Span, Timestamp};
use serde_json::Value;
use uuid::Uuid;

use crate::db::{Db, DbError, Pools};
use crate::sql;

/// How long a worker may hold a job without a sign of life.
pub(super) const LEASE: Span = Span::seconds(60);
/// After how many failures a job is dead.
const TRIES: i64 = 8;

/// A claimed job.
#[derive(sqlx::FromRow)]
pub(super) struct Claimed {
    pub id: Uuid,
    pub kind: String,
    pub payload: sqlx::types::Json<Value>,
    pub attempts: i64,
    run_at: i64,
}

/// Takes up to `limit` due jobs for `worker`, ready ones and those whose worker died, in the order of their time.
pub(super) async fn claim(
    db: &Db,
    worker: Uuid,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<Claimed>, DbError> {
    let mut tx = db.begin().await?;
    let until = now.plus(LEASE);
    let mut jobs: Vec<Claimed> = match &db.pools {
        Pools::Sqlite { .. } => {
            tx.all(sql!(
                "update jobs set state = 'running', locked_by = $1, locked_until = $2, attempts = attempts + 1
                 where id in (select id from jobs where (state = 'ready' and run_at <= $3)
                              or (state = 'running' and locked_until < $3)
                              order by run_at, id limit $4)
                 returning id, kind, payload, attempts, run_at",
                worker, until, now, limit
            ))
            .await?
        }
        Pools::Postgres(_) => {
            tx.all(crate::db::Sql::new(
                "update jobs set state = 'running', locked_by = $1, locked_until = $2, attempts = attempts + 1
                 where id in (select id from jobs where (state = 'ready' and run_at <= $3)
                              or (state = 'running' and locked_until < $3)
                              order by run_at, id limit $4 for update skip locked)
                 returning id, kind, payload, attempts, run_at",
                vec![worker.into(), until.into(), now.into(), limit.into()],
            ))
            .await?
        }
    };
    tx.commit().await?;
    // What an update returns comes in the order of each engine.
    jobs.sort_by_key(|job| (job.run_at, job.id));
    Ok(jobs)
}

/// Keeps the lease of a job whose worker is alive; `false` when it was lost.
pub(super) async fn keep(db: &Db, worker: Uuid, id: Uuid, now: Timestamp) -> Result<bool, DbError> {
    let mut tx = db.begin().await?;
    let kept = tx
        .run(sql!(
            "update jobs set locked_until = $1 where id = $2 and locked_by = $3 and state = 'running'",
            now.plus(LEASE),
            id,
            worker
        ))
        .await?;
    tx.commit().await?;
    Ok(kept == 1)
}

/// Notes that a job is done.
pub(super) async fn finish(db: &Db, worker: Uuid, id: Uuid) -> Result<(), DbError> {
    let mut tx = db.begin().await?;
    tx.run(sql!(
        "update jobs set state = 'done', locked_by = null, locked_until = null, last_error = null
         where id = $1 and locked_by = $2 and state = 'running'",
        id,
        worker
    ))
    .await?;
    tx.commit().await
}

/// Notes a failure: another try after a pause that doubles, or death.
pub(super) async fn fail(
    db: &Db,
    worker: Uuid,
    job: &Claimed,
    now: Timestamp,
    error: &str,
    final_: bool,
) -> Result<(), DbError> {
    let dead = final_ || job.attempts >= TRIES;
    let pause = Span::seconds(1_i64 << job.attempts.clamp(0, 10));
    let mut tx = db.begin().await?;
    tx.run(sql!(
        "update jobs set state = $1, run_at = $2, locked_by = null, locked_until = null, last_error = $3
         where id = $4 and locked_by = $5 and state = 'running'",
        if dead { "dead" } else { "ready" },
        now.plus(pause),
        error,
        job.id,
        worker
    ))
    .await?;
    tx.commit().await
}

/// Gives unfinished jobs back when a worker stops in good order.
pub(super) async fn release(db: &Db, worker: Uuid) -> Result<(), DbError> {
    let mut tx = db.begin().await?;
    tx.run(sql!(
        "update jobs set state = 'ready', locked_by = null, locked_until = null, attempts = attempts - 1
         where locked_by = $1 and state = 'running'",
        worker
    ))
    .await?;
    tx.commit().await
}

/// A job that failed too often.
#[derive(sqlx::FromRow)]
pub struct DeadJob {
    /// The job.
    pub id: Uuid,
    /// Its kind.
    pub kind: String,
    /// How often it was tried.
    pub attempts: i64,
    /// What the last try said.
    pub last_error: Option<String>,
    /// When it was recorded, in microseconds since 1970.
    pub created_at: i64,
}

/// A page of dead jobs, latest first.
pub async fn dead_jobs(db: &Db, before: Option<Uuid>) -> Result<Page<DeadJob>, DbError> {
    let rows: Vec<DeadJob> = db
        .all(sql!(
            "select id, kind, attempts, last_error, created_at from jobs
             where state = 'dead' and ($1 = false or id < $2) order by id desc limit 51",
            before.is_some(),
            before.unwrap_or_default()
        ))
        .await?;
    Ok(Page::cut(rows, 50, |row| row.id.to_string()))
}

/// Gives a dead job another round of tries; `false` when there is no such dead job.
pub async fn revive(db: &Db, id: Uuid, now: Timestamp) -> Result<bool, DbError> {
    let mut tx = db.begin().await?;
    let revived = tx
        .run(sql!(
            "update jobs set state = 'ready', attempts = 0, run_at = $1 where id = $2 and state = 'dead'",
            now,
            id
        ))
        .await?;
    tx.tell(crate::bus::Note::Jobs);
    tx.commit().await?;
    Ok(revived == 1)
}
