//! Statements about receipts.

use domain::accounts::AccountId;
use domain::orders::OrderId;
use domain::time::Timestamp;

use crate::db::{Count, Db, Tx};
use crate::error::Result;
use crate::sql;

/// A receipt as it was issued.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Receipt {
    /// Its number; the first is 1.
    pub number: i64,
    /// Who sold, on that day.
    pub seller: String,
    /// Who bought, on that day.
    pub buyer: String,
    /// When it was issued.
    #[sqlx(try_from = "i64")]
    pub issued_at: Timestamp,
}

/// Issues the receipt of an order under the next number. The counter's row stays locked until the
/// transaction ends: that is what leaves no gap.
pub async fn issue(tx: &mut Tx, order: OrderId, seller: &str, buyer: &str, now: Timestamp) -> Result<()> {
    let next: Count =
        tx.one(sql!("update receipt_numbers set last = last + 1 where id = 1 returning last as n")).await?;
    let sql = sql!(
        "insert into receipts (order_id, number, seller, buyer, issued_at) values ($1, $2, $3, $4, $5)",
        order,
        next.n,
        seller,
        buyer,
        now
    );
    Ok(tx.exactly(1, sql).await?)
}

/// The receipt of an order; nothing where no money was paid for it.
pub async fn of_order(db: &Db, order: OrderId) -> Result<Option<Receipt>> {
    Ok(db
        .maybe(sql!("select number, seller, buyer, issued_at from receipts where order_id = $1", order))
        .await?)
}

#[derive(sqlx::FromRow)]
struct Name {
    name: String,
}

/// Where an order was paid.
pub async fn gateway(db: &Db, order: OrderId) -> Result<Option<String>> {
    let sql = sql!(
        "select gateway as name from charges where order_id = $1 and outcome = 'order' order by booked_at, charge limit 1",
        order
    );
    Ok(db.maybe::<Name>(sql).await?.map(|row| row.name))
}

/// What a buyer is called on a receipt.
pub async fn buyer(tx: &mut Tx, account: AccountId) -> Result<Option<String>> {
    let sql = sql!("select username || ' <' || email || '>' as name from accounts where id = $1", account);
    Ok(tx.maybe::<Name>(sql).await?.map(|row| row.name))
}
