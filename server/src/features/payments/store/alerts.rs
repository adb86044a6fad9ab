//! Statements about alerts: money that a person must look at.

use domain::accounts::AccountId;
use domain::money::{Currency, Money};
use domain::orders::OrderId;
use domain::payments::{AlertId, NoticeId, PaymentId};
use domain::time::Timestamp;
use uuid::Uuid;

use crate::db::{Count, Db, Tx};
use crate::error::Result;
use crate::sql;

/// Something about money that a person must look at.
pub struct NewAlert<'a> {
    /// The alert.
    pub id: AlertId,
    /// Why, in snake case.
    pub reason: &'a str,
    /// What it is about: of several alerts with one key only the first is opened.
    pub key: &'a str,
    /// The gateway and its name of the thing, for people.
    pub detail: &'a str,
    /// The notice that caused it.
    pub notice: Option<NoticeId>,
    /// The attempt.
    pub payment: Option<PaymentId>,
    /// The order.
    pub order: Option<OrderId>,
    /// How much money it is about.
    pub amount: Money,
}

/// Opens an alert, once for each key; says whether it is new.
pub async fn add_alert(tx: &mut Tx, alert: &NewAlert<'_>, now: Timestamp) -> Result<bool> {
    let added = tx
        .run(sql!(
            "insert into money_alerts
             (id, key, reason, detail, notice_id, payment_id, order_id, currency, amount, opened_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (key) do nothing",
            alert.id,
            alert.key,
            alert.reason,
            alert.detail,
            alert.notice,
            alert.payment,
            alert.order,
            alert.amount.currency.code(),
            alert.amount.minor,
            now
        ))
        .await?;
    Ok(added == 1)
}

/// Closes an alert with a note; says whether it was open.
pub async fn close_alert(
    tx: &mut Tx,
    id: AlertId,
    by: AccountId,
    note: &str,
    now: Timestamp,
) -> Result<bool> {
    let changed = tx
        .run(sql!(
            "update money_alerts set closed_at = $2, closed_by = $3, note = $4 where id = $1 and closed_at is null",
            id,
            now,
            by,
            note
        ))
        .await?;
    Ok(changed == 1)
}

/// Closes what nobody has to look at any more, and notes why.
pub async fn settle_alert(tx: &mut Tx, key: &str, note: &str, now: Timestamp) -> Result<()> {
    tx.run(sql!(
        "update money_alerts set closed_at = $2, note = $3 where key = $1 and closed_at is null",
        key,
        now,
        note
    ))
    .await?;
    Ok(())
}

/// Whether money of an order that does not fit it waits for a person; the reasons are those of
/// [`Parked`](domain::payments::Parked) with an order.
pub async fn under_review(db: &Db, order: OrderId) -> Result<bool> {
    let count: Count = db
        .one(sql!(
            "select count(*) as n from money_alerts where order_id = $1 and closed_at is null
               and reason in ('other_amount', 'paid_twice', 'seat_gone', 'refunded', 'contradiction')",
            order
        ))
        .await?;
    Ok(count.n > 0)
}

/// An open alert, as staff sees it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct AlertRow {
    /// The alert.
    #[sqlx(try_from = "Uuid")]
    pub id: AlertId,
    /// Why.
    pub reason: String,
    /// How much.
    pub amount: i64,
    /// In which currency.
    #[sqlx(try_from = "String")]
    pub currency: Currency,
    /// The order, if one is known.
    pub order_id: Option<Uuid>,
    /// Who placed it.
    pub username: Option<String>,
    /// The gateway and its name of the thing.
    pub detail: String,
    /// When it was opened.
    #[sqlx(try_from = "i64")]
    pub opened_at: Timestamp,
    /// How many payments of its attempt paid nothing and have not gone back.
    pub parked: i64,
}

/// The oldest open alerts.
pub async fn open_alerts(db: &Db, limit: i64) -> Result<Vec<AlertRow>> {
    Ok(db
        .all(sql!(
            "select a.id, a.reason, a.amount, a.currency, a.order_id, c.username, a.detail, a.opened_at,
                    (select count(*) from charges g where g.payment_id = a.payment_id and g.outcome = 'suspense'
                       and not exists (select 1 from refunds r where r.gateway = g.gateway and r.charge = g.charge
                                       and r.state <> 'failed')) as parked
             from money_alerts a left join orders o on o.id = a.order_id
             left join accounts c on c.id = o.account_id
             where a.closed_at is null order by a.opened_at, a.id limit $1",
            limit
        ))
        .await?)
}
