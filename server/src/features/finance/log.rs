//! The log of what people changed about money without moving any: written once, read by staff.

use app::features::finance::api::LogEntry;
use domain::actor::Actor;
use domain::page::Page;
use domain::payments::LogEvent;
use domain::time::Timestamp;
use uuid::Uuid;

use super::store::PAGE;
use crate::db::{Db, Tx};
use crate::error::Result;
use crate::kit::Kit;
use crate::sql;

/// Writes down who did what, in the transaction that does it: about what, by its name, and how it is from now on.
pub async fn write(
    tx: &mut Tx,
    kit: &Kit,
    actor: &Actor,
    event: LogEvent,
    about: &str,
    detail: &str,
) -> Result<()> {
    let sql = sql!(
        "insert into finance_log (id, at, actor_id, event, about, detail) values ($1, $2, $3, $4, $5, $6)",
        kit.id::<Uuid>(),
        kit.now(),
        actor.account,
        event.as_str(),
        about,
        detail
    );
    Ok(tx.exactly(1, sql).await?)
}

/// The log, newest first.
pub(super) async fn read(db: &Db, after: Option<Uuid>) -> Result<Page<LogEntry>> {
    #[derive(sqlx::FromRow)]
    struct Row {
        id: Uuid,
        #[sqlx(try_from = "i64")]
        at: Timestamp,
        username: String,
        #[sqlx(try_from = "String")]
        event: LogEvent,
        about: String,
        detail: String,
    }
    let rows: Vec<Row> = db
        .all(sql!(
            "select l.id, l.at, a.username, l.event, l.about, l.detail from finance_log l
             join accounts a on a.id = l.actor_id
             where cast($1 as uuid) is null or l.id < $1 order by l.id desc limit $2",
            after,
            PAGE as i64 + 1
        ))
        .await?;
    Ok(Page::cut(rows, PAGE, |row| row.id.to_string()).map(|row| LogEntry {
        at: row.at,
        username: row.username,
        event: row.event,
        about: row.about,
        detail: row.detail,
    }))
}
