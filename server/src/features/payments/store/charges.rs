//! Statements about charges, and the accounts of the house.

use domain::money::{Currency, Money};
use domain::orders::OrderId;
use domain::payments::{NoticeId, PaymentId};
use domain::time::Timestamp;
use uuid::Uuid;

use crate::db::{Count, Db, Tx};
use crate::error::Result;
use crate::sql;

#[derive(sqlx::FromRow)]
struct Sum {
    amount: i64,
    #[sqlx(try_from = "String")]
    currency: Currency,
}

/// With which amount a charge was booked, if it was.
pub async fn booked(tx: &mut Tx, gateway: &str, charge: &str) -> Result<Option<Money>> {
    let row: Option<Sum> = tx
        .maybe(sql!(
            "select amount, currency from charges where gateway = $1 and charge = $2",
            gateway,
            charge
        ))
        .await?;
    Ok(row.map(|row| Money::new(row.amount, row.currency)))
}

/// The same, outside of a transaction.
pub async fn booked_amount(db: &Db, gateway: &str, charge: &str) -> Result<Option<Money>> {
    let row: Option<Sum> = db
        .maybe(sql!(
            "select amount, currency from charges where gateway = $1 and charge = $2",
            gateway,
            charge
        ))
        .await?;
    Ok(row.map(|row| Money::new(row.amount, row.currency)))
}

/// A charge that was booked.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct BookedRow {
    /// The gateway's name for it.
    pub charge: String,
    /// The attempt, if one is known.
    pub payment_id: Option<Uuid>,
    /// The order, if one is known.
    pub order_id: Option<Uuid>,
    /// How much.
    pub amount: i64,
    /// In which currency.
    #[sqlx(try_from = "String")]
    pub currency: Currency,
}

/// The charges of a gateway that were booked in a time.
pub async fn booked_between(
    db: &Db,
    gateway: &str,
    from: Timestamp,
    until: Timestamp,
) -> Result<Vec<BookedRow>> {
    Ok(db
        .all(sql!(
            "select charge, payment_id, order_id, amount, currency from charges
             where gateway = $1 and booked_at >= $2 and booked_at <= $3 order by booked_at, charge",
            gateway,
            from,
            until
        ))
        .await?)
}

impl BookedRow {
    /// How much, in which currency.
    pub const fn money(&self) -> Money {
        Money::new(self.amount, self.currency)
    }
}

/// Whether everything of a charge has gone back, or is on its way.
pub async fn is_given_back(db: &Db, gateway: &str, charge: &str) -> Result<bool> {
    let held: Count = db
        .one(sql!(
            "select count(*) as n from charges c where c.gateway = $1 and c.charge = $2
               and c.amount > (select coalesce(sum(r.amount), 0) from refunds r
                   where r.gateway = c.gateway and r.charge = c.charge and r.state <> 'failed')",
            gateway,
            charge
        ))
        .await?;
    Ok(held.n == 0)
}

/// A refund or dispute as it was booked.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct BookedRefund {
    /// The refund.
    pub id: Uuid,
    /// The order.
    pub order_id: Uuid,
    /// The attempt whose money it is.
    pub payment_id: Uuid,
    /// The gateway's name of that money.
    pub charge: String,
    /// How much was taken then.
    pub charged: i64,
    /// How much goes back.
    pub amount: i64,
    /// In which currency.
    #[sqlx(try_from = "String")]
    pub currency: Currency,
    /// The gateway's name of it, where the gateway made it.
    pub outside: Option<String>,
}

/// The refunds at a gateway that were booked as given back in a time.
pub async fn refunds_booked_between(
    db: &Db,
    gateway: &str,
    from: Timestamp,
    until: Timestamp,
) -> Result<Vec<BookedRefund>> {
    Ok(db
        .all(sql!(
            "select r.id, r.order_id, r.payment_id, r.charge, c.amount as charged, r.amount, r.currency, r.outside
             from refunds r join charges c on c.gateway = r.gateway and c.charge = r.charge
             where r.gateway = $1 and r.changed_at >= $2 and r.changed_at <= $3 and r.state = 'succeeded'
               and r.destination = 'gateway' and r.kind <> 'dispute' order by r.changed_at, r.id",
            gateway,
            from,
            until
        ))
        .await?)
}

/// The disputes at a gateway that are not decided, those first that have waited longest: those that were booked, and
/// those that could not be and of whose end nobody was told yet, each under the id of its alert.
pub async fn open_disputes(db: &Db, gateway: &str, limit: i64) -> Result<Vec<BookedRefund>> {
    Ok(db
        .all(sql!(
            "select r.id, r.order_id, r.payment_id, r.charge, c.amount as charged, r.amount, r.currency, r.outside,
                    r.changed_at as since
             from refunds r join charges c on c.gateway = r.gateway and c.charge = r.charge
             where r.gateway = $1 and r.kind = 'dispute' and r.state = 'requested'
             union all
             select a.id, a.order_id, a.payment_id, c.charge, c.amount, a.amount, a.currency,
                    substr(a.detail, length($1) + 2), a.opened_at
             from money_alerts a join charges c on c.payment_id = a.payment_id and c.gateway = $1
             where a.closed_at is null and a.reason = 'disputed' and a.order_id is not null
               and a.key like 'disputed:' || $1 || ':%'
               and not exists (select 1 from money_alerts e where e.key in
                   (replace(a.key, 'disputed:', 'dispute_won:'), replace(a.key, 'disputed:', 'dispute_lost:')))
             order by since, id limit $2",
            gateway,
            limit
        ))
        .await?)
}

/// Money that a gateway took, and what became of it.
pub struct Charge<'a> {
    /// Who took it.
    pub gateway: &'a str,
    /// The gateway's name for it.
    pub charge: &'a str,
    /// The attempt that it belongs to.
    pub payment: Option<PaymentId>,
    /// The order of that attempt.
    pub order: Option<OrderId>,
    /// The notice that said so.
    pub notice: NoticeId,
    /// How much.
    pub amount: Money,
    /// Whether it pays the order; else it lies in suspense.
    pub pays: bool,
    /// The transfers.
    pub group: Uuid,
}

/// Notes that money was taken and booked.
pub async fn add_charge(tx: &mut Tx, charge: &Charge<'_>, now: Timestamp) -> Result<()> {
    let sql = sql!(
        "insert into charges
             (gateway, charge, payment_id, order_id, notice_id, currency, amount, outcome, group_id, booked_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        charge.gateway,
        charge.charge,
        charge.payment,
        charge.order,
        charge.notice,
        charge.amount.currency.code(),
        charge.amount.minor,
        if charge.pays { "order" } else { "suspense" },
        charge.group,
        now
    );
    Ok(tx.exactly(1, sql).await?)
}
