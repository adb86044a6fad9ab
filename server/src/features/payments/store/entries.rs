//! Statements about what gateways kept for their work and sent to our bank.

use domain::money::{Currency, Money};
use domain::payments::EntryKind;
use domain::time::Timestamp;
use uuid::Uuid;

use crate::db::{Db, Tx};
use crate::error::Result;
use crate::sql;

/// With which amount an entry was booked, if it was.
pub async fn entry(db: &Db, gateway: &str, kind: EntryKind, reference: &str) -> Result<Option<Money>> {
    #[derive(sqlx::FromRow)]
    struct Row {
        amount: i64,
        #[sqlx(try_from = "String")]
        currency: Currency,
    }
    let row: Option<Row> = db
        .maybe(sql!(
            "select amount, currency from gateway_entries where gateway = $1 and kind = $2 and reference = $3",
            gateway,
            kind.as_str(),
            reference
        ))
        .await?;
    Ok(row.map(|row| Money::new(row.amount, row.currency)))
}

/// Notes an entry by its gateway, its kind and the gateway's name of it, once; says whether it is new.
pub async fn add_entry(
    tx: &mut Tx,
    (gateway, kind, reference): (&str, EntryKind, &str),
    amount: Money,
    listed_at: Timestamp,
    group: Uuid,
    now: Timestamp,
) -> Result<bool> {
    let added = tx
        .run(sql!(
            "insert into gateway_entries
                 (gateway, kind, reference, currency, amount, listed_at, group_id, booked_at)
             select $1, $2, $3, $4, $5, $6, $7, $8
             where not exists (select 1 from gateway_entries where gateway = $1 and kind = $2 and reference = $3)
             on conflict (gateway, kind, reference) do nothing",
            gateway,
            kind.as_str(),
            reference,
            amount.currency.code(),
            amount.minor,
            listed_at,
            group,
            now
        ))
        .await?;
    Ok(added == 1)
}
