//! Statements about notices: stored once, then applied.

use domain::payments::{NoticeId, PaymentId};
use domain::time::Timestamp;
use uuid::Uuid;

use crate::db::{Count, Db, Tx};
use crate::error::Result;
use crate::sql;

/// A notice as it was received.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Stored {
    /// The notice.
    #[sqlx(try_from = "Uuid")]
    pub id: NoticeId,
    /// Who sent it.
    pub gateway: String,
    /// Its raw bytes.
    pub body: Vec<u8>,
}

impl Stored {
    /// The gateway's charge, or the notice where it names none: for people who look at an alert.
    pub fn detail(&self, charge: &str) -> String {
        format!("{} {charge}", self.gateway)
    }
}

/// Whether an event of a gateway is stored.
pub async fn notice_of_event(db: &Db, gateway: &str, event: &str) -> Result<Option<NoticeId>> {
    #[derive(sqlx::FromRow)]
    struct Row {
        #[sqlx(try_from = "Uuid")]
        id: NoticeId,
    }
    let row: Option<Row> =
        db.maybe(sql!("select id from notices where gateway = $1 and event_id = $2", gateway, event)).await?;
    Ok(row.map(|row| row.id))
}

/// Stores a notice once; says whether it is new.
pub async fn add_notice(tx: &mut Tx, notice: &Stored, event: &str, now: Timestamp) -> Result<bool> {
    let added = tx
        .run(sql!(
            "insert into notices (id, gateway, event_id, body, received_at) select $1, $2, $3, $4, $5
             where not exists (select 1 from notices where gateway = $2 and event_id = $3)
             on conflict (gateway, event_id) do nothing",
            notice.id,
            &notice.gateway,
            event,
            notice.body.clone(),
            now
        ))
        .await?;
    if added == 0 {
        return Ok(false);
    }
    let sql = sql!(
        "insert into notice_states (notice_id, state, changed_at) values ($1, 'received', $2)",
        notice.id,
        now
    );
    tx.exactly(1, sql).await?;
    Ok(true)
}

/// A notice that waits to be applied.
pub async fn waiting_notice(db: &Db, id: NoticeId) -> Result<Option<Stored>> {
    Ok(db
        .maybe(sql!(
            "select n.id, n.gateway, n.body from notices n join notice_states s on s.notice_id = n.id
             where n.id = $1 and s.state = 'received'",
            id
        ))
        .await?)
}

/// A notice that waits to be applied, the gateway's id of its event, and when it came.
pub async fn waiting_since(db: &Db, id: NoticeId) -> Result<Option<(Stored, String, Timestamp)>> {
    #[derive(sqlx::FromRow)]
    struct Row {
        #[sqlx(try_from = "Uuid")]
        id: NoticeId,
        gateway: String,
        body: Vec<u8>,
        event_id: String,
        #[sqlx(try_from = "i64")]
        received_at: Timestamp,
    }
    let row: Option<Row> = db
        .maybe(sql!(
            "select n.id, n.gateway, n.body, n.event_id, n.received_at
             from notices n join notice_states s on s.notice_id = n.id
             where n.id = $1 and s.state = 'received'",
            id
        ))
        .await?;
    let stored = |row: Row| {
        (Stored { id: row.id, gateway: row.gateway, body: row.body }, row.event_id, row.received_at)
    };
    Ok(row.map(stored))
}

/// Says what became of a notice that waited; says whether it still did.
pub async fn finish_notice(
    tx: &mut Tx,
    id: NoticeId,
    state: &str,
    reason: Option<&str>,
    payment: Option<PaymentId>,
    now: Timestamp,
) -> Result<bool> {
    let changed = tx
        .run(sql!(
            "update notice_states set state = $2, reason = $3, payment_id = $4, changed_at = $5
             where notice_id = $1 and state = 'received'",
            id,
            state,
            reason,
            payment,
            now
        ))
        .await?;
    Ok(changed == 1)
}

/// A notice that was not applied, as staff sees it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct StuckRow {
    /// The notice.
    #[sqlx(try_from = "Uuid")]
    pub id: NoticeId,
    /// The gateway.
    pub gateway: String,
    /// The gateway's id of the event.
    pub event_id: String,
    /// What became of it.
    pub state: String,
    /// When it came.
    #[sqlx(try_from = "i64")]
    pub received_at: Timestamp,
}

/// Notices that nobody could read, and those that wait for longer than they should, oldest first, from the one
/// after another on.
pub async fn stuck_notices(
    db: &Db,
    before: Timestamp,
    after: Option<NoticeId>,
    limit: i64,
) -> Result<Vec<StuckRow>> {
    Ok(db
        .all(sql!(
            "select n.id, n.gateway, n.event_id, s.state, n.received_at
             from notice_states s join notices n on n.id = s.notice_id
             where (s.state = 'unreadable' or (s.state = 'received' and s.changed_at < $1))
               and (cast($2 as uuid) is null or (n.received_at, n.id) >
                    (select m.received_at, m.id from notices m where m.id = $2))
             order by n.received_at, n.id limit $3",
            before,
            after,
            limit
        ))
        .await?)
}

/// How many notices nobody could read, or wait for longer than they should.
pub async fn count_stuck(db: &Db, before: Timestamp) -> Result<i64> {
    let sql = sql!(
        "select count(*) as n from notice_states
         where state = 'unreadable' or (state = 'received' and changed_at < $1)",
        before
    );
    let count: Count = db.one(sql).await?;
    Ok(count.n)
}

/// Notices that were taken in before an instant and still wait, the oldest first.
pub async fn notices_waiting_since(db: &Db, before: Timestamp, limit: i64) -> Result<Vec<NoticeId>> {
    #[derive(sqlx::FromRow)]
    struct Row {
        #[sqlx(try_from = "Uuid")]
        notice_id: NoticeId,
    }
    let rows: Vec<Row> = db
        .all(sql!(
            "select notice_id from notice_states where state = 'received' and changed_at < $1
             order by changed_at, notice_id limit $2",
            before,
            limit
        ))
        .await?;
    Ok(rows.into_iter().map(|row| row.notice_id).collect())
}
