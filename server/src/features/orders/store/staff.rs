//! Statements about everybody's orders.

use domain::accounts::AccountId;
use domain::locale::Bilingual;
use domain::money::{Currency, Money};
use domain::orders::{OrderId, OrderState, Purpose};
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
    /// Whose it is.
    pub username: String,
    title_en: String,
    title_zh: String,
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
            "select o.id, o.state, o.purpose, a.username, l.title_en, l.title_zh, o.total, o.currency, o.placed_at
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

/// As [`every`], of a person or with a number: found by the indexes of both, however many orders there are.
pub async fn searched(
    db: &Db,
    (username_key, number): (String, String),
    state: Option<&str>,
    before: Option<OrderId>,
    limit: i64,
) -> Result<Vec<Found>> {
    Ok(db
        .all(sql!(
            "select o.id, o.state, o.purpose, a.username, l.title_en, l.title_zh, o.total, o.currency, o.placed_at
             from orders o join accounts a on a.id = o.account_id
             join order_lines l on l.order_id = o.id and l.position = 0
             where o.id in (select n.id from orders n where n.number = $2
                            union select p.id from accounts w cross join orders p
                            where w.username_key = $1 and p.account_id = w.id)
               and (cast($3 as text) is null or o.state = $3) and (cast($4 as uuid) is null or o.id < $4)
             order by o.id desc limit $5",
            username_key,
            number,
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
