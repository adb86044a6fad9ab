//! Statements about comparisons: until when each gateway was compared with what was booked.

use domain::time::Timestamp;

use crate::db::{Db, Tx};
use crate::error::Result;
use crate::sql;

/// Until when a gateway was compared, and when that was.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ComparedRow {
    /// The gateway.
    pub gateway: String,
    /// Until when.
    #[sqlx(try_from = "i64")]
    pub compared_until: Timestamp,
    /// When that was.
    #[sqlx(try_from = "i64")]
    pub compared_at: Timestamp,
}

/// Until when every gateway was compared.
pub async fn compared(db: &Db) -> Result<Vec<ComparedRow>> {
    Ok(db
        .all(sql!("select gateway, compared_until, compared_at from gateway_comparisons order by gateway"))
        .await?)
}

/// Until when a gateway was compared; nothing where it never was.
pub async fn compared_until(db: &Db, gateway: &str) -> Result<Option<Timestamp>> {
    let row: Option<ComparedRow> = db
        .maybe(sql!(
            "select gateway, compared_until, compared_at from gateway_comparisons where gateway = $1",
            gateway
        ))
        .await?;
    Ok(row.map(|row| row.compared_until))
}

/// Notes until when a gateway was compared; never earlier than before.
pub async fn set_compared(tx: &mut Tx, gateway: &str, until: Timestamp, now: Timestamp) -> Result<()> {
    tx.run(sql!(
        "insert into gateway_comparisons (gateway, compared_until, compared_at) values ($1, $2, $3)
         on conflict (gateway) do update set compared_at = excluded.compared_at,
             compared_until = case when excluded.compared_until > gateway_comparisons.compared_until
                              then excluded.compared_until else gateway_comparisons.compared_until end",
        gateway,
        until,
        now
    ))
    .await?;
    Ok(())
}
