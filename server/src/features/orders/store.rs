//! Every statement about orders and their lines.

mod facts;
mod history;
mod lists;
mod reductions;
mod rights;

use domain::accounts::AccountId;
use domain::locale::Bilingual;
use domain::money::{Currency, Money};
use domain::offers::BundleId;
use domain::orders::{Draft, OrderId, OrderLineId, OrderState, Period, Purpose, Thing};
use domain::time::Timestamp;
use uuid::Uuid;

use crate::db::{Count, Db, DbError, Sql, Tx};
use crate::error::{Error, Result};
use crate::sql;

pub use facts::{LineFacts, facts_in};
pub use history::{Happened, add_history, history, traces};
pub use lists::{Found, Wanted, every, of_account, searched, username};
pub use reductions::{add_reduction, reductions, reductions_in};
pub use rights::{entitlements, entitlements_in, opened_in, rights};

/// An order without its lines.
#[derive(Clone, Debug)]
pub struct Order {
    /// The order.
    pub id: OrderId,
    /// Whose it is.
    pub account: AccountId,
    /// Where it stands.
    pub state: OrderState,
    /// What it is for.
    pub purpose: Purpose,
    /// Who of the platform gave it.
    pub granted_by: Option<AccountId>,
    /// Why it was given, or what is said with a gift.
    pub note: String,
    /// The sum of its lines.
    pub total: Money,
    /// When it was placed.
    pub placed_at: Timestamp,
    /// The last instant at which its seat is held.
    pub expires_at: Timestamp,
    /// When it was paid.
    pub paid_at: Option<Timestamp>,
}

impl Order {
    /// An order that somebody places for themselves.
    pub fn purchase(
        id: OrderId,
        account: AccountId,
        total: Money,
        placed_at: Timestamp,
        expires_at: Timestamp,
    ) -> Self {
        Self {
            id,
            account,
            state: OrderState::Reserved,
            purpose: Purpose::Purchase,
            granted_by: None,
            note: String::new(),
            total,
            placed_at,
            expires_at,
            paid_at: None,
        }
    }
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
    /// Its price before reductions.
    pub list_price: Money,
    /// What it demands, frozen.
    pub price: Money,
    /// The bundle as part of which it was ordered.
    pub bundle: Option<BundleId>,
    /// The time for which it was ordered.
    pub period: Option<Period>,
}

impl OrderLine {
    /// A line of a thing at its list price, without end.
    pub fn plain(id: OrderLineId, order: OrderId, thing: Thing, title: Bilingual, price: Money) -> Self {
        Self { id, order, thing, title, list_price: price, price, bundle: None, period: None }
    }
    /// The line while it is being priced.
    pub const fn draft(&self) -> Draft {
        Draft {
            line: self.id,
            thing: self.thing,
            bundle: self.bundle,
            list_price: self.list_price,
            price: self.price,
        }
    }
}

#[derive(sqlx::FromRow)]
pub(super) struct OrderRow {
    #[sqlx(try_from = "Uuid")]
    id: OrderId,
    #[sqlx(try_from = "Uuid")]
    account_id: AccountId,
    #[sqlx(try_from = "String")]
    state: OrderState,
    #[sqlx(try_from = "String")]
    purpose: Purpose,
    granted_by: Option<Uuid>,
    note: String,
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
            purpose: row.purpose,
            granted_by: row.granted_by.map(AccountId::from),
            note: row.note,
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
    list_price: i64,
    price: i64,
    bundle_id: Option<Uuid>,
    period_from: Option<i64>,
    period_until: Option<i64>,
    #[sqlx(try_from = "String")]
    currency: Currency,
}

impl TryFrom<LineRow> for OrderLine {
    type Error = Error;
    fn try_from(row: LineRow) -> Result<Self> {
        let thing =
            Thing::of(&row.thing_kind, row.thing_id).ok_or_else(|| Error::bug("an unknown kind of thing"))?;
        Ok(Self {
            id: row.id,
            order: row.order_id,
            thing,
            title: Bilingual::new(row.title_en, row.title_zh),
            list_price: Money::new(row.list_price, row.currency),
            price: Money::new(row.price, row.currency),
            bundle: row.bundle_id.map(BundleId::from),
            period: row
                .period_from
                .zip(row.period_until)
                .map(|(from, until)| (Timestamp::from(from), Timestamp::from(until))),
        })
    }
}

/// The short name of an order for people: the last eight digits of its id, which are random.
pub fn number(order: OrderId) -> String {
    let digits = order.0.simple().to_string().to_uppercase();
    digits.get(24..).unwrap_or_default().to_owned()
}

fn order_sql(id: OrderId) -> Sql {
    sql!(
        "select id, account_id, state, purpose, granted_by, note, currency, total, placed_at, expires_at, paid_at
         from orders where id = $1",
        id
    )
}

/// An order, read where it may be changed.
pub async fn order_in(tx: &mut Tx, id: OrderId) -> Result<Option<Order>> {
    Ok(tx.maybe::<OrderRow>(order_sql(id)).await?.map(Order::from))
}

/// An order.
pub async fn order(db: &Db, id: OrderId) -> Result<Option<Order>> {
    Ok(db.maybe::<OrderRow>(order_sql(id)).await?.map(Order::from))
}

/// An order of an account.
pub async fn own_order(db: &Db, id: OrderId, account: AccountId) -> Result<Option<Order>> {
    Ok(order(db, id).await?.filter(|order| order.account == account))
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
            "select id, account_id, state, purpose, granted_by, note, currency, total, placed_at, expires_at, paid_at
             from orders where account_id = $1 and (cast($2 as uuid) is null or id < $2)
             order by id desc limit $3",
            account,
            before,
            limit
        ))
        .await?;
    Ok(rows.into_iter().map(Order::from).collect())
}

fn lines_sql(order: OrderId) -> Sql {
    sql!(
        "select l.id, l.order_id, l.thing_kind, l.thing_id, l.title_en, l.title_zh, l.list_price, l.price,
                l.bundle_id, l.period_from, l.period_until, o.currency
         from order_lines l join orders o on o.id = l.order_id where l.order_id = $1 order by l.position",
        order
    )
}

/// The lines of an order.
pub async fn lines(db: &Db, order: OrderId) -> Result<Vec<OrderLine>> {
    db.all::<LineRow>(lines_sql(order)).await?.into_iter().map(OrderLine::try_from).collect()
}

/// The lines of an order, read where it may be changed.
pub async fn lines_in(tx: &mut Tx, order: OrderId) -> Result<Vec<OrderLine>> {
    tx.all::<LineRow>(lines_sql(order)).await?.into_iter().map(OrderLine::try_from).collect()
}

/// The open order in which an account holds a thing.
pub async fn open_order(tx: &mut Tx, account: AccountId, thing: &Thing) -> Result<Option<Order>> {
    let row: Option<OrderRow> = tx
        .maybe(sql!(
            "select o.id, o.account_id, o.state, o.purpose, o.granted_by, o.note, o.currency, o.total,
                    o.placed_at, o.expires_at, o.paid_at
             from orders o join order_lines l on l.order_id = o.id
             where o.account_id = $1 and o.state in ('reserved', 'awaiting_payment') and o.purpose <> 'gift'
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
               and o.purpose <> 'gift'
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
        "insert into orders (id, account_id, state, currency, total, placed_at, expires_at, purpose, granted_by,
                             note, number)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        order.id,
        order.account,
        order.state.as_str(),
        order.total.currency.code(),
        order.total.minor,
        order.placed_at,
        order.expires_at,
        order.purpose.as_str(),
        order.granted_by,
        &order.note,
        number(order.id)
    );
    Ok(tx.exactly(1, sql).await?)
}

/// Writes a line of a new order.
pub async fn add_line(tx: &mut Tx, line: &OrderLine, position: i64) -> Result<()> {
    let sql = sql!(
        "insert into order_lines (id, order_id, position, thing_kind, thing_id, title_en, title_zh, price,
                                  list_price, bundle_id, period_from, period_until)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        line.id,
        line.order,
        position,
        line.thing.kind(),
        line.thing.uuid(),
        &line.title.en,
        &line.title.zh,
        line.price.minor,
        line.list_price.minor,
        line.bundle,
        line.period.map(|period| period.0),
        line.period.map(|period| period.1)
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
