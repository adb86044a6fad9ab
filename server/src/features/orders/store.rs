//! Every statement about orders.

use domain::accounts::AccountId;
use domain::locale::Bilingual;
use domain::money::{Currency, Money};
use domain::orders::{Entitlement, OrderId, OrderLineId, OrderState, Source, Thing};
use domain::time::Timestamp;
use uuid::Uuid;

use crate::db::{Count, Db, DbError, Tx};
use crate::error::{Error, Result};
use crate::sql;

/// An order without its lines.
#[derive(Clone, Debug)]
pub struct Order {
    /// The order.
    pub id: OrderId,
    /// Who buys.
    pub account: AccountId,
    /// Where it stands.
    pub state: OrderState,
    /// The sum of its lines.
    pub total: Money,
    /// When it was placed.
    pub placed_at: Timestamp,
    /// The last instant at which its seat is held.
    pub expires_at: Timestamp,
    /// When it was paid.
    pub paid_at: Option<Timestamp>,
}

/// A line of an order.
#[derive(Clone, Debug)]
pub struct OrderLine {
    /// The line.
    pub id: OrderLineId,
    /// The order.
    pub order: OrderId,
    /// What was ordered.
    pub thing: Thing,
    /// Its title when it was ordered.
    pub title: Bilingual,
    /// Its frozen price.
    pub price: Money,
}

/// Something that happened to an order.
#[derive(Clone, Debug)]
pub struct Happened {
    /// When.
    pub at: Timestamp,
    /// What, in snake case.
    pub event: String,
}

#[derive(sqlx::FromRow)]
struct OrderRow {
    #[sqlx(try_from = "Uuid")]
    id: OrderId,
    #[sqlx(try_from = "Uuid")]
    account_id: AccountId,
    #[sqlx(try_from = "String")]
    state: OrderState,
    #[sqlx(try_from = "String")]
    currency: Currency,
    total: i64,
    #[sqlx(try_from = "i64")]
    placed_at: Timestamp,
    #[sqlx(try_from = "i64")]
    expires_at: Timestamp,
    paid_at: Option<i64>,
}

impl From<OrderRow> for Order {
    fn from(row: OrderRow) -> Self {
        Self {
            id: row.id,
            account: row.account_id,
            state: row.state,
            total: Money::new(row.total, row.currency),
            placed_at: row.placed_at,
            expires_at: row.expires_at,
            paid_at: row.paid_at.map(Timestamp::from),
        }
    }
}

#[derive(sqlx::FromRow)]
struct LineRow {
    #[sqlx(try_from = "Uuid")]
    id: OrderLineId,
    #[sqlx(try_from = "Uuid")]
    order_id: OrderId,
    thing_kind: String,
    thing_id: Uuid,
    title_en: String,
    title_zh: String,
    price: i64,
    #[sqlx(try_from = "String")]
    currency: Currency,
}

impl TryFrom<LineRow> for OrderLine {
    type Error = Error;
    fn try_from(row: LineRow) -> Result<Self> {
        let thing =
            Thing::of(&row.thing_kind, row.thing_id).ok_or_else(|| Error::bug("an unknown kind of thing"))?;
        let title = Bilingual::new(row.title_en, row.title_zh);
        Ok(Self { id: row.id, order: row.order_id, thing, title, price: Money::new(row.price, row.currency) })
    }
}

/// An order, read where it may be changed.
pub async fn order_in(tx: &mut Tx, id: OrderId) -> Result<Option<Order>> {
    let row: Option<OrderRow> = tx
        .maybe(sql!(
            "select id, account_id, state, currency, total, placed_at, expires_at, paid_at from orders where id = $1",
            id
        ))
        .await?;
    Ok(row.map(Order::from))
}

/// An order of an account.
pub async fn own_order(db: &Db, id: OrderId, account: AccountId) -> Result<Option<Order>> {
    let row: Option<OrderRow> = db
        .maybe(sql!(
            "select id, account_id, state, currency, total, placed_at, expires_at, paid_at
             from orders where id = $1 and account_id = $2",
            id,
            account
        ))
        .await?;
    Ok(row.map(Order::from))
}

/// The orders of an account, newest first, from a cursor on.
pub async fn orders_of(
    db: &Db,
    account: AccountId,
    before: Option<OrderId>,
    limit: i64,
) -> Result<Vec<Order>> {
    let rows: Vec<OrderRow> = db
        .all(sql!(
            "select id, account_id, state, currency, total, placed_at, expires_at, paid_at
             from orders where account_id = $1 and (cast($2 as uuid) is null or id < $2)
             order by id desc limit $3",
            account,
            before,
            limit
        ))
        .await?;
    Ok(rows.into_iter().map(Order::from).collect())
}

/// The lines of an order.
pub async fn lines(db: &Db, order: OrderId) -> Result<Vec<OrderLine>> {
    let rows: Vec<LineRow> = db
        .all(sql!(
            "select l.id, l.order_id, l.thing_kind, l.thing_id, l.title_en, l.title_zh, l.price, o.currency
             from order_lines l join orders o on o.id = l.order_id where l.order_id = $1 order by l.position",
            order
        ))
        .await?;
    rows.into_iter().map(OrderLine::try_from).collect()
}

/// The lines of an order, read where it may be changed.
pub async fn lines_in(tx: &mut Tx, order: OrderId) -> Result<Vec<OrderLine>> {
    let rows: Vec<LineRow> = tx
        .all(sql!(
            "select l.id, l.order_id, l.thing_kind, l.thing_id, l.title_en, l.title_zh, l.price, o.currency
             from order_lines l join orders o on o.id = l.order_id where l.order_id = $1 order by l.position",
            order
        ))
        .await?;
    rows.into_iter().map(OrderLine::try_from).collect()
}

/// The open order in which an account holds a thing.
pub async fn open_order(tx: &mut Tx, account: AccountId, thing: &Thing) -> Result<Option<Order>> {
    let row: Option<OrderRow> = tx
        .maybe(sql!(
            "select o.id, o.account_id, o.state, o.currency, o.total, o.placed_at, o.expires_at, o.paid_at
             from orders o join order_lines l on l.order_id = o.id
             where o.account_id = $1 and o.state in ('reserved', 'awaiting_payment')
               and l.thing_kind = $2 and l.thing_id = $3 order by o.id desc limit 1",
            account,
            thing.kind(),
            thing.uuid()
        ))
        .await?;
    Ok(row.map(Order::from))
}

/// The id of the open order in which an account holds a thing at a moment.
pub async fn open_order_at(
    db: &Db,
    account: AccountId,
    thing: &Thing,
    now: Timestamp,
) -> Result<Option<OrderId>> {
    #[derive(sqlx::FromRow)]
    struct Id {
        #[sqlx(try_from = "Uuid")]
        id: OrderId,
    }
    let row: Option<Id> = db
        .maybe(sql!(
            "select o.id from orders o join order_lines l on l.order_id = o.id
             where o.account_id = $1 and o.state in ('reserved', 'awaiting_payment') and o.expires_at >= $4
               and l.thing_kind = $2 and l.thing_id = $3 order by o.id desc limit 1",
            account,
            thing.kind(),
            thing.uuid(),
            now
        ))
        .await?;
    Ok(row.map(|row| row.id))
}

/// How many orders an account holds open.
pub async fn count_open(tx: &mut Tx, account: AccountId) -> Result<i64> {
    let count: Count = tx
        .one(sql!(
            "select count(*) as n from orders where account_id = $1 and state in ('reserved', 'awaiting_payment')",
            account
        ))
        .await?;
    Ok(count.n)
}

/// Writes a new order.
pub async fn add_order(tx: &mut Tx, order: &Order) -> Result<()> {
    let sql = sql!(
        "insert into orders (id, account_id, state, currency, total, placed_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7)",
        order.id,
        order.account,
        order.state.as_str(),
        order.total.currency.code(),
        order.total.minor,
        order.placed_at,
        order.expires_at
    );
    Ok(tx.exactly(1, sql).await?)
}

/// Writes a line of a new order.
pub async fn add_line(tx: &mut Tx, line: &OrderLine, position: i64) -> Result<()> {
    let sql = sql!(
        "insert into order_lines (id, order_id, position, thing_kind, thing_id, title_en, title_zh, price)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        line.id,
        line.order,
        position,
        line.thing.kind(),
        line.thing.uuid(),
        &line.title.en,
        &line.title.zh,
        line.price.minor
    );
    Ok(tx.exactly(1, sql).await?)
}

/// Moves an order from the state in which it was read.
pub async fn set_state(
    tx: &mut Tx,
    id: OrderId,
    from: OrderState,
    to: OrderState,
    paid_at: Option<Timestamp>,
) -> Result<(), DbError> {
    tx.exactly(
        1,
        sql!(
            "update orders set state = $3, paid_at = $4 where id = $1 and state = $2",
            id,
            from.as_str(),
            to.as_str(),
            paid_at
        ),
    )
    .await
}

/// Notes what happened to an order, who did it and through what.
pub async fn add_history(
    tx: &mut Tx,
    id: Uuid,
    order: OrderId,
    at: Timestamp,
    event: &str,
    actor: Option<AccountId>,
    cause: &str,
) -> Result<()> {
    let sql = sql!(
        "insert into order_history (id, order_id, at, event, actor_id, cause) values ($1, $2, $3, $4, $5, $6)",
        id,
        order,
        at,
        event,
        actor,
        cause
    );
    Ok(tx.exactly(1, sql).await?)
}

/// What happened to an order, in order.
pub async fn history(db: &Db, order: OrderId) -> Result<Vec<Happened>> {
    #[derive(sqlx::FromRow)]
    struct Row {
        #[sqlx(try_from = "i64")]
        at: Timestamp,
        event: String,
    }
    let rows: Vec<Row> = db
        .all(sql!("select at, event from order_history where order_id = $1 order by at, id", order))
        .await?;
    Ok(rows.into_iter().map(|row| Happened { at: row.at, event: row.event }).collect())
}

#[derive(sqlx::FromRow)]
struct EntitlementRow {
    #[sqlx(try_from = "Uuid")]
    order_id: OrderId,
    price: i64,
    #[sqlx(try_from = "i64")]
    paid_at: Timestamp,
}

impl EntitlementRow {
    fn into_right(self, thing: Thing) -> Entitlement {
        let source =
            if self.price == 0 { Source::Free(self.order_id) } else { Source::Bought(self.order_id) };
        Entitlement { thing, source, from: self.paid_at, until: None }
    }
}

/// The rights of an account to a thing: the lines of its paid orders.
pub async fn entitlements(db: &Db, account: AccountId, thing: &Thing) -> Result<Vec<Entitlement>> {
    let rows: Vec<EntitlementRow> = db
        .all(sql!(
            "select o.id as order_id, l.price, o.paid_at from order_lines l join orders o on o.id = l.order_id
             where o.account_id = $1 and l.thing_kind = $2 and l.thing_id = $3
               and o.state in ('paid', 'partially_refunded') order by o.id",
            account,
            thing.kind(),
            thing.uuid()
        ))
        .await?;
    Ok(rows.into_iter().map(|row| row.into_right(*thing)).collect())
}

/// Every right of an account: the lines of its paid orders.
pub async fn rights(db: &Db, account: AccountId) -> Result<Vec<Entitlement>> {
    #[derive(sqlx::FromRow)]
    struct Row {
        thing_kind: String,
        thing_id: Uuid,
        #[sqlx(flatten)]
        right: EntitlementRow,
    }
    let rows: Vec<Row> = db
        .all(sql!(
            "select l.thing_kind, l.thing_id, o.id as order_id, l.price, o.paid_at
             from order_lines l join orders o on o.id = l.order_id
             where o.account_id = $1 and o.state in ('paid', 'partially_refunded') order by o.id, l.position",
            account
        ))
        .await?;
    let right = |row: Row| Thing::of(&row.thing_kind, row.thing_id).map(|thing| row.right.into_right(thing));
    Ok(rows.into_iter().filter_map(right).collect())
}

/// The rights of an account to a thing, read inside a transaction.
pub async fn entitlements_in(tx: &mut Tx, account: AccountId, thing: &Thing) -> Result<Vec<Entitlement>> {
    let rows: Vec<EntitlementRow> = tx
        .all(sql!(
            "select o.id as order_id, l.price, o.paid_at from order_lines l join orders o on o.id = l.order_id
             where o.account_id = $1 and l.thing_kind = $2 and l.thing_id = $3
               and o.state in ('paid', 'partially_refunded') order by o.id",
            account,
            thing.kind(),
            thing.uuid()
        ))
        .await?;
    Ok(rows.into_iter().map(|row| row.into_right(*thing)).collect())
}
