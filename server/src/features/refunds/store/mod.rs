//! Every statement about refunds.

mod carries;
mod charges;
mod desk;
pub mod policies;
mod without_money;

use domain::accounts::AccountId;
use domain::competitions::{CompetitionId, RegistrationId};
use domain::money::{Currency, Money};
use domain::orders::{OrderId, OrderLineId};
use domain::payments::{PaymentId, RefundId};
use domain::refunds::{Destination, RefundKind, RefundState};
use domain::time::Timestamp;
use uuid::Uuid;

pub use carries::carries;
pub use charges::{
    Charge, charge_named, charge_of, charged, of_alert, parked_notice, parked_of, returned_of_charge,
};
pub use desk::{newest, oldest, waiting};
pub use without_money::{GivenUp, ended_lines, give_up, given_up};

use crate::db::{Count, Db, Tx};
use crate::error::Result;
use crate::features::orders::store::facts_in;
use crate::sql;

/// A refund.
#[derive(Clone, Debug)]
pub struct Refund {
    /// The refund.
    pub id: RefundId,
    /// The order.
    pub order: OrderId,
    /// The attempt whose money it is.
    pub payment: PaymentId,
    /// Where that was paid.
    pub gateway: String,
    /// The gateway's name of the money.
    pub charge: String,
    /// How much goes back.
    pub amount: Money,
    /// What kind it is.
    pub kind: RefundKind,
    /// Where the money goes.
    pub destination: Destination,
    /// Where it stands.
    pub state: RefundState,
    /// Why, in words or as a code.
    pub reason: String,
    /// The policy that allowed it.
    pub policy: String,
    /// The gateway's name of it, where the gateway made it.
    pub outside: Option<String>,
    /// Who asked for it.
    pub requested_by: Option<AccountId>,
    /// When.
    pub requested_at: Timestamp,
}

/// What a refund gives back of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// The line.
    pub line: OrderLineId,
    /// How much, in minor units.
    pub amount: i64,
    /// Whether the right of the line ends.
    pub whole: bool,
}

#[derive(sqlx::FromRow)]
struct Row {
    #[sqlx(try_from = "Uuid")]
    id: RefundId,
    #[sqlx(try_from = "Uuid")]
    order_id: OrderId,
    #[sqlx(try_from = "Uuid")]
    payment_id: PaymentId,
    gateway: String,
    charge: String,
    #[sqlx(try_from = "String")]
    currency: Currency,
    amount: i64,
    #[sqlx(try_from = "String")]
    kind: RefundKind,
    #[sqlx(try_from = "String")]
    destination: Destination,
    #[sqlx(try_from = "String")]
    state: RefundState,
    reason: String,
    policy: String,
    outside: Option<String>,
    requested_by: Option<Uuid>,
    #[sqlx(try_from = "i64")]
    requested_at: Timestamp,
}

impl From<Row> for Refund {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            order: row.order_id,
            payment: row.payment_id,
            gateway: row.gateway,
            charge: row.charge,
            amount: Money::new(row.amount, row.currency),
            kind: row.kind,
            destination: row.destination,
            state: row.state,
            reason: row.reason,
            policy: row.policy,
            outside: row.outside,
            requested_by: row.requested_by.map(AccountId),
            requested_at: row.requested_at,
        }
    }
}

/// A refund, read without a lock.
pub async fn refund(db: &Db, id: RefundId) -> Result<Option<Refund>> {
    let row: Option<Row> = db
        .maybe(sql!(
            "select id, order_id, payment_id, gateway, charge, currency, amount, kind, destination, state,
                    reason, policy, outside, requested_by, requested_at from refunds where id = $1",
            id
        ))
        .await?;
    Ok(row.map(Refund::from))
}

/// A refund, read under the lock of its order.
pub async fn refund_in(tx: &mut Tx, id: RefundId) -> Result<Option<Refund>> {
    let row: Option<Row> = tx
        .maybe(sql!(
            "select id, order_id, payment_id, gateway, charge, currency, amount, kind, destination, state,
                    reason, policy, outside, requested_by, requested_at from refunds where id = $1",
            id
        ))
        .await?;
    Ok(row.map(Refund::from))
}

/// What a gateway made of its own accord, by its name of it.
pub async fn by_outside(tx: &mut Tx, gateway: &str, outside: &str) -> Result<Option<Refund>> {
    let row: Option<Row> = tx
        .maybe(sql!(
            "select id, order_id, payment_id, gateway, charge, currency, amount, kind, destination, state,
                    reason, policy, outside, requested_by, requested_at
             from refunds where gateway = $1 and outside = $2",
            gateway,
            outside
        ))
        .await?;
    Ok(row.map(Refund::from))
}

/// The refunds of an order, newest first.
pub async fn of_order(db: &Db, order: OrderId) -> Result<Vec<Refund>> {
    let rows: Vec<Row> = db
        .all(sql!(
            "select id, order_id, payment_id, gateway, charge, currency, amount, kind, destination, state,
                    reason, policy, outside, requested_by, requested_at
             from refunds where order_id = $1 order by requested_at desc, id desc",
            order
        ))
        .await?;
    Ok(rows.into_iter().map(Refund::from).collect())
}

/// Writes a new refund.
pub async fn add(tx: &mut Tx, refund: &Refund) -> Result<()> {
    let sql = sql!(
        "insert into refunds (id, order_id, payment_id, gateway, charge, currency, amount, kind, destination,
                              state, reason, policy, outside, requested_by, requested_at, changed_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15)",
        refund.id,
        refund.order,
        refund.payment,
        &refund.gateway,
        &refund.charge,
        refund.amount.currency.code(),
        refund.amount.minor,
        refund.kind.as_str(),
        refund.destination.as_str(),
        refund.state.as_str(),
        &refund.reason,
        &refund.policy,
        refund.outside.as_deref(),
        refund.requested_by,
        refund.requested_at
    );
    Ok(tx.exactly(1, sql).await?)
}

/// Writes what a refund gives back of a line.
pub async fn add_part(tx: &mut Tx, refund: RefundId, part: Part) -> Result<()> {
    let sql = sql!(
        "insert into refund_lines (refund_id, line_id, amount, whole) values ($1, $2, $3, $4)",
        refund,
        part.line,
        part.amount,
        part.whole
    );
    Ok(tx.exactly(1, sql).await?)
}

/// What a refund gives back, by line.
pub async fn parts(tx: &mut Tx, refund: RefundId) -> Result<Vec<Part>> {
    #[derive(sqlx::FromRow)]
    struct PartRow {
        #[sqlx(try_from = "Uuid")]
        line_id: OrderLineId,
        amount: i64,
        whole: bool,
    }
    let rows: Vec<PartRow> = tx
        .all(sql!(
            "select line_id, amount, whole from refund_lines where refund_id = $1 order by line_id",
            refund
        ))
        .await?;
    Ok(rows.into_iter().map(|row| Part { line: row.line_id, amount: row.amount, whole: row.whole }).collect())
}

/// Moves a refund from the state in which it was read, and notes who did it and through what.
pub async fn step(
    tx: &mut Tx,
    history: Uuid,
    refund: &Refund,
    to: RefundState,
    actor: Option<AccountId>,
    cause: &str,
    now: Timestamp,
) -> Result<()> {
    let sql = sql!(
        "update refunds set state = $3, changed_at = $4 where id = $1 and state = $2",
        refund.id,
        refund.state.as_str(),
        to.as_str(),
        now
    );
    tx.exactly(1, sql).await?;
    note(tx, history, refund.id, to.as_str(), actor, cause, now).await
}

/// Notes what happened to a refund.
pub async fn note(
    tx: &mut Tx,
    id: Uuid,
    refund: RefundId,
    event: &str,
    actor: Option<AccountId>,
    cause: &str,
    now: Timestamp,
) -> Result<()> {
    let sql = sql!(
        "insert into refund_history (id, refund_id, at, event, actor_id, cause) values ($1, $2, $3, $4, $5, $6)",
        id,
        refund,
        now,
        event,
        actor,
        cause
    );
    Ok(tx.exactly(1, sql).await?)
}

/// How much of an order is back for good, money that paid nothing left out.
pub async fn returned_of_order(tx: &mut Tx, order: OrderId) -> Result<i64> {
    let sum: Count = tx
        .one(sql!(
            "select cast(coalesce(sum(amount), 0) as bigint) as n from refunds
             where order_id = $1 and state = 'succeeded' and kind <> 'parked'",
            order
        ))
        .await?;
    Ok(sum.n)
}

/// How much of a line went back or is on its way, and whether its right was ended.
pub async fn returned_of_line(tx: &mut Tx, line: OrderLineId) -> Result<(i64, bool)> {
    let facts = facts_in(tx, line).await?;
    Ok((facts.returned, facts.ended))
}

/// What of a line disputes hold that are not decided: what was reserved for them and neither lost nor won.
pub async fn disputed_of_line(tx: &mut Tx, line: OrderLineId) -> Result<i64> {
    Ok(facts_in(tx, line).await?.disputed)
}

/// The next registrations of a competition, so many in the order of their ids, each with every order behind it that
/// waits for money or is paid; with none, once and without. Nothing is left where nothing is given.
pub async fn entries_of(
    db: &Db,
    competition: CompetitionId,
    after: Option<RegistrationId>,
    limit: i64,
) -> Result<Vec<(RegistrationId, Option<OrderId>)>> {
    #[derive(sqlx::FromRow)]
    struct Row {
        #[sqlx(try_from = "Uuid")]
        id: RegistrationId,
        order_id: Option<Uuid>,
    }
    let rows: Vec<Row> = db
        .all(sql!(
            "select g.id, o.id as order_id from registrations g
             left join orders o on o.account_id = g.account_id
               and o.state in ('reserved', 'awaiting_payment', 'paid', 'partially_refunded')
               and exists (select 1 from order_lines l where l.order_id = o.id and l.thing_kind = 'competition'
                           and l.thing_id = g.competition_id)
             where g.id in (select n.id from registrations n
                            where n.competition_id = $1 and n.id > $2 order by n.id limit $3)
             order by g.id, o.id",
            competition,
            after.unwrap_or(RegistrationId(Uuid::nil())),
            limit
        ))
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.order_id.map(OrderId))).collect())
}

/// The account that placed an order.
pub async fn buyer(tx: &mut Tx, order: OrderId) -> Result<Option<AccountId>> {
    #[derive(sqlx::FromRow)]
    struct Buyer {
        #[sqlx(try_from = "Uuid")]
        account_id: AccountId,
    }
    let row: Option<Buyer> = tx.maybe(sql!("select account_id from orders where id = $1", order)).await?;
    Ok(row.map(|row| row.account_id))
}

/// The name of the buyer of an order.
pub async fn username_of_buyer(db: &Db, order: OrderId) -> Result<Option<String>> {
    #[derive(sqlx::FromRow)]
    struct Buyer {
        username: String,
    }
    let buyer: Option<Buyer> = db
        .maybe(sql!(
            "select a.username from orders o join accounts a on a.id = o.account_id where o.id = $1",
            order
        ))
        .await?;
    Ok(buyer.map(|buyer| buyer.username))
}
