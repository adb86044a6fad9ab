//! Statements about points.

use domain::accounts::AccountId;
use domain::offers::Rates;
use domain::orders::OrderId;
use domain::time::Timestamp;
use uuid::Uuid;

use crate::db::{Count, Db, Tx};
use crate::error::Result;
use crate::sql;

#[derive(sqlx::FromRow)]
struct RateRow {
    code: String,
    points: i64,
}

fn rates_of(rows: &[RateRow]) -> Rates {
    let of = |code: &str| rows.iter().find(|row| row.code == code).map_or(0, |row| row.points);
    Rates { per_unit: of("per_unit"), completed: of("completed"), worth: of("worth") }
}

/// What is earned for what.
pub async fn rates_in(tx: &mut Tx) -> Result<Rates> {
    Ok(rates_of(&tx.all(sql!("select code, points from point_rates order by code")).await?))
}

/// The same, read for a page.
pub async fn rates(db: &Db) -> Result<Rates> {
    Ok(rates_of(&db.all(sql!("select code, points from point_rates order by code")).await?))
}

/// Changes a rate.
pub async fn set_rate(tx: &mut Tx, code: &str, points: i64) -> Result<()> {
    Ok(tx.exactly(1, sql!("update point_rates set points = $2 where code = $1", code, points)).await?)
}

/// The points of an account, and how many it still owes.
#[derive(Clone, Copy, Debug, Default, sqlx::FromRow)]
pub struct Balance {
    /// What may be spent.
    pub balance: i64,
    /// What was reversed after it was spent: future points pay it first.
    pub owed: i64,
}

/// The points of an account.
pub async fn balance(db: &Db, account: AccountId) -> Result<Balance> {
    let row: Option<Balance> =
        db.maybe(sql!("select balance, owed from point_accounts where account_id = $1", account)).await?;
    Ok(row.unwrap_or_default())
}

/// The points of an account, read under its lock.
pub async fn balance_in(tx: &mut Tx, account: AccountId) -> Result<Balance> {
    let row: Option<Balance> =
        tx.maybe(sql!("select balance, owed from point_accounts where account_id = $1", account)).await?;
    Ok(row.unwrap_or_default())
}

/// Moves the balance of an account and what it owes; whether the balance allowed it.
pub async fn shift(tx: &mut Tx, account: AccountId, points: i64, owed: i64) -> Result<bool> {
    tx.run(sql!(
        "insert into point_accounts (account_id, balance, owed) values ($1, 0, 0)
         on conflict (account_id) do nothing",
        account
    ))
    .await?;
    let changed = tx
        .run(sql!(
            "update point_accounts set balance = balance + $2, owed = owed + $3
             where account_id = $1 and balance + $2 >= 0 and owed + $3 >= 0",
            account,
            points,
            owed
        ))
        .await?;
    Ok(changed == 1)
}

/// An entry of points.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The entry.
    pub id: Uuid,
    /// Whose points.
    pub account: AccountId,
    /// How many; below zero where they leave.
    pub amount: i64,
    /// Why, in a word.
    pub kind: &'static str,
    /// Through what.
    pub source: String,
    /// The order that it belongs to.
    pub order: Option<OrderId>,
    /// When.
    pub at: Timestamp,
}

/// Writes an entry; whether it was not there before.
pub async fn add(tx: &mut Tx, entry: &Entry) -> Result<bool> {
    let changed = tx
        .run(sql!(
            "insert into point_entries (id, account_id, amount, kind, source, order_id, at)
             select $1, $2, $3, $4, $5, $6, $7
             where not exists (select 1 from point_entries where account_id = $2 and kind = $4 and source = $5
                               and kind in ('paid', 'completed')) on conflict do nothing",
            entry.id,
            entry.account,
            entry.amount,
            entry.kind,
            &entry.source,
            entry.order,
            entry.at
        ))
        .await?;
    Ok(changed == 1)
}

/// The sum of the entries of one source and kinds, for one account.
pub async fn sum(tx: &mut Tx, account: AccountId, source: &str) -> Result<i64> {
    let count: Count = tx
        .one(sql!(
            "select coalesce(cast(sum(amount) as bigint), 0) as n from point_entries
             where account_id = $1 and source = $2",
            account,
            source
        ))
        .await?;
    Ok(count.n)
}

/// How many points an order took when it was placed; nothing where it took none.
pub async fn spent(tx: &mut Tx, order: OrderId) -> Result<i64> {
    let count: Count = tx
        .one(sql!(
            "select coalesce(cast(max(-amount) as bigint), 0) as n from point_entries
             where source = $1 and kind = 'spent'",
            format!("spent:{order}")
        ))
        .await?;
    Ok(count.n)
}

/// A past entry, for the page of points.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Past {
    /// When.
    #[sqlx(try_from = "i64")]
    pub at: Timestamp,
    /// Why, in a word.
    pub kind: String,
    /// How many.
    pub amount: i64,
    /// The order that it belongs to.
    pub order_id: Option<Uuid>,
}

/// The latest entries of an account.
pub async fn latest(db: &Db, account: AccountId, limit: i64) -> Result<Vec<Past>> {
    Ok(db
        .all(sql!(
            "select at, kind, amount, order_id from point_entries where account_id = $1
             order by at desc, id desc limit $2",
            account,
            limit
        ))
        .await?)
}
