//! Statements about keys of idempotence that are used up.

use crate::db::{Count, Db};
use crate::error::Result;
use crate::sql;

/// How many keys for a purpose are used up.
pub async fn spent_keys(db: &Db, gateway: &str, purpose: &str) -> Result<u32> {
    let spent: Option<Count> = db
        .maybe(sql!(
            "select spent as n from spent_keys where gateway = $1 and purpose = $2",
            gateway,
            purpose
        ))
        .await?;
    Ok(spent.and_then(|spent| u32::try_from(spent.n).ok()).unwrap_or_default())
}

/// Notes how many keys for a purpose are used up; never fewer than before.
pub async fn spend_key(db: &Db, gateway: &str, purpose: &str, spent: u32) -> Result<()> {
    let mut tx = db.begin().await?;
    tx.run(sql!(
        "insert into spent_keys (gateway, purpose, spent) values ($1, $2, $3)
         on conflict (gateway, purpose) do update set spent = excluded.spent
         where excluded.spent > spent_keys.spent",
        gateway,
        purpose,
        i64::from(spent)
    ))
    .await?;
    Ok(tx.commit().await?)
}
