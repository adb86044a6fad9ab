//! The throttle of guessing: failures by key, kept for a day.

use domain::time::{Span, Timestamp};

use crate::db::{Count, DbError};
use crate::kit::Kit;
use crate::sql;

/// How long a key that failed `limit` times within `span` must wait; nothing when it may try.
pub async fn wait(kit: &Kit, key: &str, limit: i64, span: Span) -> Result<Option<u32>, DbError> {
    #[derive(sqlx::FromRow)]
    struct Row {
        #[sqlx(try_from = "i64")]
        at: Timestamp,
    }
    let since = kit.now().minus(span);
    let count: Count = kit
        .db
        .one(sql!("select count(*) as n from login_failures where key = $1 and at > $2", key, since))
        .await?;
    if count.n < limit {
        return Ok(None);
    }
    let first: Option<Row> = kit
        .db
        .maybe(sql!(
            "select at from login_failures where key = $1 and at > $2 order by at, id limit 1",
            key,
            since
        ))
        .await?;
    let until = first.map_or(kit.now(), |row| row.at.plus(span));
    Ok(Some(u32::try_from(until.since(kit.now()).whole_seconds().max(1)).unwrap_or(1)))
}

/// Notes a failure under several keys.
pub async fn note_failure(kit: &Kit, keys: &[String]) -> Result<(), DbError> {
    let mut tx = kit.db.begin().await?;
    for key in keys {
        tx.run(sql!(
            "insert into login_failures (id, key, at) values ($1, $2, $3)",
            kit.id::<uuid::Uuid>(),
            key,
            kit.now()
        ))
        .await?;
    }
    tx.commit().await
}
