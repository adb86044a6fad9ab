//! Statements about gifts and grants.

use domain::accounts::AccountId;
use domain::locale::Bilingual;
use domain::offers::GiftId;
use domain::orders::{OrderId, Thing};
use domain::time::Timestamp;
use uuid::Uuid;

use crate::db::{Db, Tx};
use crate::error::Result;
use crate::sql;

/// A gift.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Gift {
    /// The gift.
    #[sqlx(try_from = "Uuid")]
    pub id: GiftId,
    /// The order that paid for it.
    #[sqlx(try_from = "Uuid")]
    pub order_id: OrderId,
    /// `waiting`, `redeemed` or `void`.
    pub state: String,
    /// When it was paid.
    #[sqlx(try_from = "i64")]
    pub made_at: Timestamp,
    /// The order that took it.
    pub redeemed_order: Option<Uuid>,
}

/// Writes a gift of a paid order, once.
pub async fn add(tx: &mut Tx, id: GiftId, order: OrderId, hash: Vec<u8>, now: Timestamp) -> Result<()> {
    tx.run(sql!(
        "insert into gifts (id, order_id, code_hash, state, made_at) values ($1, $2, $3, 'waiting', $4)
         on conflict (order_id) do nothing",
        id,
        order,
        hash,
        now
    ))
    .await?;
    Ok(())
}

/// A gift by the hash of its code.
pub async fn by_hash(tx: &mut Tx, hash: Vec<u8>) -> Result<Option<Gift>> {
    Ok(tx
        .maybe(sql!(
            "select id, order_id, state, made_at, redeemed_order from gifts where code_hash = $1",
            hash
        ))
        .await?)
}

/// The gift of an order.
pub async fn of_order(tx: &mut Tx, order: OrderId) -> Result<Option<Gift>> {
    Ok(tx
        .maybe(sql!(
            "select id, order_id, state, made_at, redeemed_order from gifts where order_id = $1",
            order
        ))
        .await?)
}

/// Takes a waiting gift for an account; whether it was still waiting.
pub async fn redeem(tx: &mut Tx, id: GiftId, by: AccountId, now: Timestamp) -> Result<bool> {
    let changed = tx
        .run(sql!(
            "update gifts set state = 'redeemed', redeemed_by = $2, redeemed_at = $3
             where id = $1 and state = 'waiting'",
            id,
            by,
            now
        ))
        .await?;
    Ok(changed == 1)
}

/// Notes the order that took a gift.
pub async fn set_order(tx: &mut Tx, id: GiftId, order: OrderId) -> Result<()> {
    Ok(tx.exactly(1, sql!("update gifts set redeemed_order = $2 where id = $1", id, order)).await?)
}

/// Makes the gift of an order worth nothing where it still waits.
pub async fn void(tx: &mut Tx, order: OrderId) -> Result<()> {
    tx.run(sql!("update gifts set state = 'void' where order_id = $1 and state = 'waiting'", order)).await?;
    Ok(())
}

/// A gift that somebody bought, as its page shows it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Bought {
    /// The gift.
    #[sqlx(try_from = "Uuid")]
    pub id: GiftId,
    /// The order that paid for it.
    #[sqlx(try_from = "Uuid")]
    pub order_id: OrderId,
    /// `waiting`, `redeemed` or `void`.
    pub state: String,
    /// When it was paid.
    #[sqlx(try_from = "i64")]
    pub made_at: Timestamp,
    /// The title of its first line in English.
    pub title_en: String,
    /// And in Chinese.
    pub title_zh: String,
}

/// The gifts that an account bought, newest first, from a cursor on.
pub async fn bought_by(
    db: &Db,
    account: AccountId,
    before: Option<GiftId>,
    limit: i64,
) -> Result<Vec<Bought>> {
    Ok(db
        .all(sql!(
            "select g.id, g.order_id, g.state, g.made_at, l.title_en, l.title_zh
             from gifts g join orders o on o.id = g.order_id
             join order_lines l on l.order_id = o.id and l.position = 0
             where o.account_id = $1 and (cast($2 as uuid) is null or g.id < $2)
             order by g.id desc limit $3",
            account,
            before,
            limit
        ))
        .await?)
}

/// The gift that an order paid for, as its page shows it.
pub async fn bought_with(db: &Db, order: OrderId) -> Result<Option<Bought>> {
    Ok(db
        .maybe(sql!(
            "select g.id, g.order_id, g.state, g.made_at, l.title_en, l.title_zh
             from gifts g join order_lines l on l.order_id = g.order_id and l.position = 0 where g.order_id = $1",
            order
        ))
        .await?)
}

#[derive(sqlx::FromRow)]
struct ThingRow {
    thing_kind: String,
    thing_id: Uuid,
}

/// What the order of a gift still gives: its lines that were not given back.
pub async fn things(tx: &mut Tx, order: OrderId) -> Result<Vec<Thing>> {
    let rows: Vec<ThingRow> = tx
        .all(sql!(
            "select l.thing_kind, l.thing_id from order_lines l join line_facts f on f.line_id = l.id
             where l.order_id = $1 and f.ended = false order by l.position",
            order
        ))
        .await?;
    Ok(rows.into_iter().filter_map(|row| Thing::of(&row.thing_kind, row.thing_id)).collect())
}

/// A place that the platform gave for nothing.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Granted {
    /// The order.
    #[sqlx(try_from = "Uuid")]
    pub order_id: OrderId,
    /// Who got it.
    pub username: String,
    /// Who gave it.
    pub granter: String,
    /// Why.
    pub note: String,
    /// When.
    #[sqlx(try_from = "i64")]
    pub placed_at: Timestamp,
    title_en: String,
    title_zh: String,
}

impl Granted {
    /// The title of what was given.
    pub fn title(&self) -> Bilingual {
        Bilingual::new(self.title_en.clone(), self.title_zh.clone())
    }
}

/// The grants, newest first, from a cursor on.
pub async fn grants(db: &Db, before: Option<OrderId>, limit: i64) -> Result<Vec<Granted>> {
    Ok(db
        .all(sql!(
            "select o.id as order_id, a.username, b.username as granter, o.note, o.placed_at, l.title_en, l.title_zh
             from orders o join accounts a on a.id = o.account_id join accounts b on b.id = o.granted_by
             join order_lines l on l.order_id = o.id and l.position = 0
             where o.purpose = 'grant' and (cast($1 as uuid) is null or o.id < $1) order by o.id desc limit $2",
            before,
            limit
        ))
        .await?)
}

/// An account by the key of its username.
pub async fn account(db: &Db, key: &str) -> Result<Option<AccountId>> {
    #[derive(sqlx::FromRow)]
    struct Id {
        #[sqlx(try_from = "Uuid")]
        id: AccountId,
    }
    let row: Option<Id> = db.maybe(sql!("select id from accounts where username_key = $1", key)).await?;
    Ok(row.map(|row| row.id))
}
