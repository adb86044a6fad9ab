//! Statements about orders in lists: one's own, and everybody's.

use domain::accounts::AccountId;
use domain::locale::Bilingual;
use domain::money::{Currency, Money};
use domain::orders::{OrderId, OrderState, Purpose};
use domain::payments::PaymentId;
use domain::time::Timestamp;
use uuid::Uuid;

use crate::db::Db;
use crate::error::Result;
use crate::sql;

/// An order with whose it is and the title of its first line.
#[derive(sqlx::FromRow)]
pub struct Found {
    /// The order.
    #[sqlx(try_from = "Uuid")]
    pub id: OrderId,
    /// Where it stands.
    #[sqlx(try_from = "String")]
    pub state: OrderState,
    /// What it is for.
    #[sqlx(try_from = "String")]
    pub purpose: Purpose,
    /// Whose it is; nothing among one's own.
    pub username: String,
    title_en: String,
    title_zh: String,
    /// How many lines it has.
    pub lines: i64,
    total: i64,
    #[sqlx(try_from = "String")]
    currency: Currency,
    /// When it was placed.
    #[sqlx(try_from = "i64")]
    pub placed_at: Timestamp,
}

impl Found {
    /// The title of its first line.
    pub fn title(&self) -> Bilingual {
        Bilingual::new(&self.title_en, &self.title_zh)
    }

    /// The sum.
    pub fn total(&self) -> Money {
        Money::new(self.total, self.currency)
    }
}

/// The orders of everybody, newest first, in a state, from a cursor on.
pub async fn every(db: &Db, state: Option<&str>, before: Option<OrderId>, limit: i64) -> Result<Vec<Found>> {
    Ok(db
        .all(sql!(
            "select o.id, o.state, o.purpose, a.username, l.title_en, l.title_zh,
                    (select count(*) from order_lines n where n.order_id = o.id) as lines,
                    o.total, o.currency, o.placed_at
             from orders o join accounts a on a.id = o.account_id
             join order_lines l on l.order_id = o.id and l.position = 0
             where (cast($1 as text) is null or o.state = $1) and (cast($2 as uuid) is null or o.id < $2)
             order by o.id desc limit $3",
            state,
            before,
            limit
        ))
        .await?)
}

/// The orders of an account, newest first, from a cursor on.
pub async fn of_account(
    db: &Db,
    account: AccountId,
    before: Option<OrderId>,
    limit: i64,
) -> Result<Vec<Found>> {
    Ok(db
        .all(sql!(
            "select o.id, o.state, o.purpose, '' as username, l.title_en, l.title_zh,
                    (select count(*) from order_lines n where n.order_id = o.id) as lines,
                    o.total, o.currency, o.placed_at
             from orders o join order_lines l on l.order_id = o.id and l.position = 0
             where o.account_id = $1 and (cast($2 as uuid) is null or o.id < $2)
             order by o.id desc limit $3",
            account,
            before,
            limit
        ))
        .await?)
}

/// What people search an order by.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// The key of a username.
    pub username: String,
    /// The short number of an order.
    pub number: String,
    /// The number of a receipt.
    pub receipt: Option<i64>,
    /// A gateway's name of a payment or of its money.
    pub reference: String,
    /// Our number of a payment at its gateway.
    pub payment: Option<PaymentId>,
}

/// As [`every`], of a person or with a number: found by the indexes of each, however many orders there are.
pub async fn searched(
    db: &Db,
    wanted: &Wanted,
    state: Option<&str>,
    before: Option<OrderId>,
    limit: i64,
) -> Result<Vec<Found>> {
    Ok(db
        .all(sql!(
            "select o.id, o.state, o.purpose, a.username, l.title_en, l.title_zh,
                    (select count(*) from order_lines n where n.order_id = o.id) as lines,
                    o.total, o.currency, o.placed_at
             from orders o join accounts a on a.id = o.account_id
             join order_lines l on l.order_id = o.id and l.position = 0
             where o.id in (select n.id from orders n where n.number = $2
                            union select p.id from accounts w cross join orders p
                            where w.username_key = $1 and p.account_id = w.id
                            union select r.order_id from receipts r where r.number = $3
                            union select c.order_id from charges c where c.charge = $4 and c.order_id is not null
                            union select t.order_id from payments t where t.reference = $4
                            union select u.order_id from payments u where u.id = $5)
               and (cast($6 as text) is null or o.state = $6) and (cast($7 as uuid) is null or o.id < $7)
             order by o.id desc limit $8",
            &wanted.username,
            &wanted.number,
            wanted.receipt,
            &wanted.reference,
            wanted.payment,
            state,
            before,
            limit
        ))
        .await?)
}

/// The name of an account.
pub async fn username(db: &Db, account: AccountId) -> Result<String> {
    #[derive(sqlx::FromRow)]
    struct Row {
        username: String,
    }
    let row: Row = db.one(sql!("select username from accounts where id = $1", account)).await?;
    Ok(row.username)
}
