//! What became of a line after it was paid: read from the one view that says so.

use domain::orders::OrderLineId;

use crate::db::Tx;
use crate::error::Result;
use crate::sql;

/// What became of a line; amounts in minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct LineFacts {
    /// Whether its right is over: it was given back, or is on its way back.
    pub ended: bool,
    /// What went back, or is on its way.
    pub returned: i64,
    /// What counts towards other lines that are held or paid.
    pub counted: i64,
    /// What of that counts in orders that wait for money.
    pub waiting: i64,
    /// What a bank holds back while it looks at the case.
    pub disputed: i64,
}

/// What became of a line, read under the lock of its order.
pub async fn facts_in(tx: &mut Tx, line: OrderLineId) -> Result<LineFacts> {
    Ok(tx
        .one(sql!(
            "select ended, returned, counted, waiting, disputed from line_facts where line_id = $1",
            line
        ))
        .await?)
}
