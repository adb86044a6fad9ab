//! Statements about what happened to an attempt: written once, read by staff.

use domain::orders::OrderId;
use domain::payments::{AttemptState, PaymentId};
use domain::time::Timestamp;
use uuid::Uuid;

use crate::db::{Db, Tx};
use crate::error::Result;
use crate::sql;

/// A state that an attempt came to.
#[derive(sqlx::FromRow)]
pub struct AttemptStep {
    /// The attempt.
    #[sqlx(try_from = "Uuid")]
    pub payment_id: PaymentId,
    /// When.
    #[sqlx(try_from = "i64")]
    pub at: Timestamp,
    /// Where it stood from then on.
    #[sqlx(try_from = "String")]
    pub state: AttemptState,
    /// Through what: `buyer`, `renewal`, `answer`, `silence`, `notice:<id>`.
    pub cause: String,
}

/// Notes a state that an attempt came to, and through what.
pub(super) async fn add_step(
    tx: &mut Tx,
    id: Uuid,
    payment: PaymentId,
    state: AttemptState,
    cause: &str,
    now: Timestamp,
) -> Result<()> {
    let sql = sql!(
        "insert into payment_history (id, payment_id, at, state, cause) values ($1, $2, $3, $4, $5)",
        id,
        payment,
        now,
        state.as_str(),
        cause
    );
    Ok(tx.exactly(1, sql).await?)
}

/// Every state of every attempt of an order, in order.
pub async fn attempt_steps(db: &Db, order: OrderId) -> Result<Vec<AttemptStep>> {
    Ok(db
        .all(sql!(
            "select h.payment_id, h.at, h.state, h.cause from payment_history h
             join payments p on p.id = h.payment_id where p.order_id = $1 order by h.at, h.id",
            order
        ))
        .await?)
}
