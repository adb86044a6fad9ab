//! Statements about points.

use domain::accounts::AccountId;
use domain::offers::{PointRule, Rates};
use domain::orders::OrderId;
use domain::time::Timestamp;
use uuid::Uuid;

use crate::db::{Count, Db, Sql, Tx};
use crate::error::Result;
use crate::sql;

/// What a rule about points says.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Rule {
    /// The rule.
    #[sqlx(try_from = "String")]
    pub code: PointRule,
    /// How many points.
    pub points: i64,
    /// When it was changed last; nothing where it is as it came.
    pub changed_at: Option<i64>,
    /// By whom.
    pub username: Option<String>,
}

fn rules_sql() -> Sql {
    sql!(
        "select r.code, r.points, r.changed_at, a.username from point_rules r
         left join accounts a on a.id = r.changed_by order by r.code"
    )
}

/// What is earned for what, and what it is worth.
pub async fn rates_in(tx: &mut Tx) -> Result<Rates> {
    let rules: Vec<Rule> = tx.all(rules_sql()).await?;
    Ok(rules.iter().map(|rule| (rule.code, rule.points)).collect())
}

/// The same, rule by rule, for a page.
pub async fn rules(db: &Db) -> Result<Vec<Rule>> {
    Ok(db.all(rules_sql()).await?)
}

/// The same, read for a page.
pub async fn rates(db: &Db) -> Result<Rates> {
    Ok(rules(db).await?.iter().map(|rule| (rule.code, rule.points)).collect())
}

/// Changes a rule.
pub async fn set_rule(
    tx: &mut Tx,
    rule: PointRule,
    points: i64,
    by: AccountId,
    now: Timestamp,
) -> Result<()> {
    let sql = sql!(
        "update point_rules set points = $2, changed_at = $3, changed_by = $4 where code = $1",
        rule.to_string(),
        points,
        now,
        by
    );
    Ok(tx.exactly(1, sql).await?)
}

/// The points of an account, and how many it still owes.
#[derive(Clone, Copy, Debug, Default, sqlx::FromRow)]
pub struct Balance {
    /// What may be spent.
    pub balance: i64,
    /// What was reversed after it was spent: future points pay it first.
    pub owed: i64,
}

fn balance_sql(account: AccountId) -> Sql {
    sql!("select balance, owed from point_accounts where account_id = $1", account)
}

/// The points of an account.
pub async fn balance(db: &Db, account: AccountId) -> Result<Balance> {
    Ok(db.maybe(balance_sql(account)).await?.unwrap_or_default())
}

/// The points of an account, read under its lock.
pub async fn balance_in(tx: &mut Tx, account: AccountId) -> Result<Balance> {
    Ok(tx.maybe(balance_sql(account)).await?.unwrap_or_default())
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

/// Whether points were given under an id.
pub async fn is_given(tx: &mut Tx, id: Uuid) -> Result<bool> {
    let count: Count = tx.one(sql!("select count(*) as n from point_entries where id = $1", id)).await?;
    Ok(count.n > 0)
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

/// Writes who of the platform gave an entry, and why.
pub async fn add_grant(tx: &mut Tx, entry: Uuid, by: AccountId, reason: &str) -> Result<()> {
    let sql = sql!(
        "insert into point_grants (entry_id, granted_by, reason) values ($1, $2, $3)",
        entry,
        by,
        reason
    );
    Ok(tx.exactly(1, sql).await?)
}

/// A past entry, for the page of points.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Past {
    /// The entry.
    pub id: Uuid,
    /// When.
    #[sqlx(try_from = "i64")]
    pub at: Timestamp,
    /// Why, in a word.
    pub kind: String,
    /// How many.
    pub amount: i64,
    /// The order that it belongs to.
    pub order_id: Option<Uuid>,
    /// What the platform said with it, where the platform gave it.
    pub reason: Option<String>,
}

/// The entries of an account, newest first, from a cursor on.
pub async fn latest(db: &Db, account: AccountId, before: Option<Uuid>, limit: i64) -> Result<Vec<Past>> {
    Ok(db
        .all(sql!(
            "select e.id, e.at, e.kind, e.amount, e.order_id, g.reason from point_entries e
             left join point_grants g on g.entry_id = e.id
             where e.account_id = $1 and (cast($2 as uuid) is null or e.id < $2)
             order by e.id desc limit $3",
            account,
            before,
            limit
        ))
        .await?)
}

/// Points that the platform gave.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Granted {
    /// The entry.
    pub id: Uuid,
    /// When.
    #[sqlx(try_from = "i64")]
    pub at: Timestamp,
    /// How many.
    pub amount: i64,
    /// Who got them.
    pub username: String,
    /// Who gave them.
    pub granter: String,
    /// Why.
    pub reason: String,
}

/// What the platform gave to whom, newest first, from a cursor on.
pub async fn grants(db: &Db, before: Option<Uuid>, limit: i64) -> Result<Vec<Granted>> {
    Ok(db
        .all(sql!(
            "select e.id, e.at, e.amount, a.username, b.username as granter, g.reason
             from point_grants g join point_entries e on e.id = g.entry_id
             join accounts a on a.id = e.account_id join accounts b on b.id = g.granted_by
             where cast($1 as uuid) is null or g.entry_id < $1 order by g.entry_id desc limit $2",
            before,
            limit
        ))
        .await?)
}
