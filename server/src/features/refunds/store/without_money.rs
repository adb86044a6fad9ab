//! Statements about lines that cost no money and were given back, and about every line whose right is over.

use domain::accounts::AccountId;
use domain::orders::{OrderId, OrderLineId};
use domain::time::Timestamp;
use uuid::Uuid;

use crate::db::{Db, Tx};
use crate::error::Result;
use crate::sql;

#[derive(sqlx::FromRow)]
struct Line {
    #[sqlx(try_from = "Uuid")]
    line_id: OrderLineId,
}

/// Who gave a line back that cost no money, and why.
#[derive(Clone, Copy, Debug)]
pub struct GivenUp<'a> {
    /// The line.
    pub line: OrderLineId,
    /// The policy that allows it.
    pub policy: &'a str,
    /// Why, in words or as a code.
    pub reason: &'a str,
    /// Who asked; nobody where a competition was called off.
    pub actor: Option<AccountId>,
    /// Through what.
    pub cause: &'a str,
}

/// Writes that a line was given back without money; once for each line.
pub async fn give_up(tx: &mut Tx, given: GivenUp<'_>, now: Timestamp) -> Result<()> {
    let sql = sql!(
        "insert into returns_without_money (line_id, policy, reason, actor_id, cause, returned_at)
         values ($1, $2, $3, $4, $5, $6)",
        given.line,
        given.policy,
        given.reason,
        given.actor,
        given.cause,
        now
    );
    Ok(tx.exactly(1, sql).await?)
}

/// The lines of an order that were given back without money.
pub async fn given_up(tx: &mut Tx, order: OrderId) -> Result<Vec<OrderLineId>> {
    let rows: Vec<Line> = tx
        .all(sql!(
            "select w.line_id from returns_without_money w join order_lines l on l.id = w.line_id
             where l.order_id = $1 order by w.line_id",
            order
        ))
        .await?;
    Ok(rows.into_iter().map(|row| row.line_id).collect())
}

/// The lines of an order that were given back, or are on their way back.
pub async fn ended_lines(db: &Db, order: OrderId) -> Result<Vec<OrderLineId>> {
    let rows: Vec<Line> = db
        .all(sql!(
            "select f.line_id from order_lines l join line_facts f on f.line_id = l.id
             where l.order_id = $1 and f.ended = true order by f.line_id",
            order
        ))
        .await?;
    Ok(rows.into_iter().map(|row| row.line_id).collect())
}
