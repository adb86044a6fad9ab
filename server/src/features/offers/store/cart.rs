//! Statements about carts.

use domain::accounts::AccountId;
use domain::time::Timestamp;
use uuid::Uuid;

use crate::db::{Count, Db, Sql, Tx};
use crate::error::Result;
use crate::sql;

/// Something in a cart: a course, a competition or a bundle.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Item {
    /// What kind of thing.
    pub thing_kind: String,
    /// Which.
    pub thing_id: Uuid,
}

fn items_sql(account: AccountId) -> Sql {
    sql!(
        "select thing_kind, thing_id from cart_items where account_id = $1
         order by added_at, thing_kind, thing_id",
        account
    )
}

/// What lies in a cart, in the order in which it was put in.
pub async fn items(db: &Db, account: AccountId) -> Result<Vec<Item>> {
    Ok(db.all(items_sql(account)).await?)
}

/// The same, read where it is ordered.
pub async fn items_in(tx: &mut Tx, account: AccountId) -> Result<Vec<Item>> {
    Ok(tx.all(items_sql(account)).await?)
}

fn points_sql(account: AccountId) -> Sql {
    sql!("select points as n from carts where account_id = $1", account)
}

/// The points that shall be spent.
pub async fn points(db: &Db, account: AccountId) -> Result<i64> {
    Ok(db.maybe::<Count>(points_sql(account)).await?.map_or(0, |row| row.n))
}

/// The same, read where it is ordered.
pub async fn points_in(tx: &mut Tx, account: AccountId) -> Result<i64> {
    Ok(tx.maybe::<Count>(points_sql(account)).await?.map_or(0, |row| row.n))
}

/// Makes sure that an account has a cart.
pub async fn open(tx: &mut Tx, account: AccountId, now: Timestamp) -> Result<()> {
    tx.run(sql!(
        "insert into carts (account_id, points, changed_at) values ($1, 0, $2)
         on conflict (account_id) do update set changed_at = excluded.changed_at",
        account,
        now
    ))
    .await?;
    Ok(())
}

/// Puts something in; a second time changes nothing.
pub async fn put(tx: &mut Tx, account: AccountId, item: &Item, now: Timestamp) -> Result<()> {
    tx.run(sql!(
        "insert into cart_items (account_id, thing_kind, thing_id, added_at) values ($1, $2, $3, $4)
         on conflict (account_id, thing_kind, thing_id) do nothing",
        account,
        &item.thing_kind,
        item.thing_id,
        now
    ))
    .await?;
    Ok(())
}

/// Takes something out.
pub async fn take(tx: &mut Tx, account: AccountId, item: &Item) -> Result<()> {
    tx.run(sql!(
        "delete from cart_items where account_id = $1 and thing_kind = $2 and thing_id = $3",
        account,
        &item.thing_kind,
        item.thing_id
    ))
    .await?;
    Ok(())
}

/// Remembers how many points shall be spent.
pub async fn set_points(tx: &mut Tx, account: AccountId, points: i64) -> Result<()> {
    Ok(tx.exactly(1, sql!("update carts set points = $2 where account_id = $1", account, points)).await?)
}

/// Adds a coupon.
pub async fn add_coupon(tx: &mut Tx, account: AccountId, coupon: Uuid, now: Timestamp) -> Result<()> {
    tx.run(sql!(
        "insert into cart_coupons (account_id, coupon_id, added_at) values ($1, $2, $3)
         on conflict (account_id, coupon_id) do nothing",
        account,
        coupon,
        now
    ))
    .await?;
    Ok(())
}

/// Takes a coupon out.
pub async fn take_coupon(tx: &mut Tx, account: AccountId, coupon: Uuid) -> Result<()> {
    tx.run(sql!("delete from cart_coupons where account_id = $1 and coupon_id = $2", account, coupon))
        .await?;
    Ok(())
}

/// Empties a cart after it was ordered.
pub async fn clear(tx: &mut Tx, account: AccountId) -> Result<()> {
    tx.run(sql!("delete from cart_coupons where account_id = $1", account)).await?;
    tx.run(sql!("delete from cart_items where account_id = $1", account)).await?;
    tx.run(sql!("update carts set points = 0 where account_id = $1", account)).await?;
    Ok(())
}
