//! Statements about payments by a slow method: the buyer has done their part, and the money is on its way.

use domain::payments::PaymentId;
use domain::time::Timestamp;

use crate::db::{Count, Db, Tx};
use crate::error::Result;
use crate::sql;

/// Notes that the gateway works on an attempt; says whether that is new.
pub async fn set_working(tx: &mut Tx, id: PaymentId, now: Timestamp) -> Result<bool> {
    let changed = tx
        .run(sql!("update payments set working_since = $2 where id = $1 and working_since is null", id, now))
        .await?;
    Ok(changed == 1)
}

/// Whether the gateway works on an attempt.
pub async fn is_working(db: &Db, id: PaymentId) -> Result<bool> {
    let sql = sql!("select count(*) as n from payments where id = $1 and working_since is not null", id);
    let count: Count = db.one(sql).await?;
    Ok(count.n > 0)
}
