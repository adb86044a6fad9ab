//! What happened to an order: written once, read by its buyer and by staff.

use domain::accounts::AccountId;
use domain::orders::OrderId;
use domain::time::Timestamp;
use uuid::Uuid;

use crate::db::{Db, Tx};
use crate::error::Result;
use crate::sql;

/// Something that happened to an order.
#[derive(Clone, Debug)]
pub struct Happened {
    /// When.
    pub at: Timestamp,
    /// What, in snake case.
    pub event: String,
}

/// Notes what happened to an order, who did it and through what.
pub async fn add_history(
    tx: &mut Tx,
    id: Uuid,
    order: OrderId,
    at: Timestamp,
    event: &str,
    actor: Option<AccountId>,
    cause: &str,
) -> Result<()> {
    let sql = sql!(
        "insert into order_history (id, order_id, at, event, actor_id, cause) values ($1, $2, $3, $4, $5, $6)",
        id,
        order,
        at,
        event,
        actor,
        cause
    );
    Ok(tx.exactly(1, sql).await?)
}

/// What happened to an order, in order.
pub async fn history(db: &Db, order: OrderId) -> Result<Vec<Happened>> {
    #[derive(sqlx::FromRow)]
    struct Row {
        #[sqlx(try_from = "i64")]
        at: Timestamp,
        event: String,
    }
    let rows: Vec<Row> = db
        .all(sql!("select at, event from order_history where order_id = $1 order by at, id", order))
        .await?;
    Ok(rows.into_iter().map(|row| Happened { at: row.at, event: row.event }).collect())
}

/// Something that happened to an order, and through whom.
#[derive(sqlx::FromRow)]
pub struct Traced {
    /// When.
    #[sqlx(try_from = "i64")]
    pub at: Timestamp,
    /// What.
    pub event: String,
    /// Who, if it was a person.
    pub username: Option<String>,
    /// Through what.
    pub cause: String,
}

/// Everything that happened to an order, in order.
pub async fn traces(db: &Db, order: OrderId) -> Result<Vec<Traced>> {
    Ok(db
        .all(sql!(
            "select h.at, h.event, a.username, h.cause from order_history h
             left join accounts a on a.id = h.actor_id where h.order_id = $1 order by h.at, h.id",
            order
        ))
        .await?)
}
