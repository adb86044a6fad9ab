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

#[derive(sqlx::FromRow)]
struct Earlier {
    first: Uuid,
    closed: bool,
    detail: String,
    currency: String,
    amount: i64,
}

/// Opens an alert, once for each key; says whether it is new.
///
/// What a person closed stays closed, unless it is told again with another detail or amount: that is news, and has an
/// alert of its own.
pub async fn add_alert(tx: &mut Tx, alert: &NewAlert<'_>, now: Timestamp) -> Result<bool> {
    let earlier: Option<Earlier> = tx
        .maybe(sql!(
            "select coalesce(again_of, id) as first, closed_at is not null as closed, detail, currency, amount
             from money_alerts where key = $1 or again_of = (select id from money_alerts where key = $1)
             order by opened_at desc, id desc limit 1",
            alert.key
        ))
        .await?;
    let again_of = match earlier {
        None => None,
        Some(earlier) => {
            let same = earlier.detail == alert.detail
                && (earlier.currency.as_str(), earlier.amount)
                    == (alert.amount.currency.code(), alert.amount.minor);
            if !earlier.closed || same {
                return Ok(false);
            }
            Some(earlier.first)
        }
    };
    let key = if again_of.is_some() { format!("{}#{}", alert.key, alert.id) } else { alert.key.to_owned() };
    let added = tx
        .run(sql!(
            "insert into money_alerts
             (id, key, reason, detail, notice_id, payment_id, order_id, currency, amount, opened_at, again_of)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict (key) do nothing",
            alert.id,
            key,
            alert.reason,
            alert.detail,
            alert.notice,
            alert.payment,
            alert.order,
            alert.amount.currency.code(),
            alert.amount.minor,
            now,
            again_of
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

/// Whether an open alert is the last one that tells of money in suspense which has not gone back, and is not on its
/// way.
pub async fn keeps_money(tx: &mut Tx, id: AlertId) -> Result<bool> {
    let count: Count = tx
        .one(sql!(
            "select count(*) as n from money_alerts a
             join charges c on c.notice_id = a.notice_id and c.outcome = 'suspense'
             where a.id = $1 and a.closed_at is null
               and not exists (select 1 from money_alerts b
                               where b.notice_id = a.notice_id and b.id <> a.id and b.closed_at is null)
               and c.amount > (select coalesce(sum(r.amount), 0) from refunds r
                               where r.gateway = c.gateway and r.charge = c.charge and r.state <> 'failed')
                            + (select coalesce(sum(u.amount), 0) from unmatched_refunds u
                               where u.gateway = c.gateway and u.charge = c.charge and u.state <> 'failed')",
            id
        ))
        .await?;
    Ok(count.n > 0)
}

/// Closes what nobody has to look at any more, and notes why.
pub async fn settle_alert(tx: &mut Tx, key: &str, note: &str, now: Timestamp) -> Result<()> {
    tx.run(sql!(
        "update money_alerts set closed_at = $2, note = $3
         where (key = $1 or again_of = (select id from money_alerts where key = $1)) and closed_at is null",
        key,
        now,
        note
    ))
    .await?;
    Ok(())
}

/// Whether money of an order that does not fit it waits for a person; the reasons are those of
/// [`Parked`](domain::payments::Parked) with an order, or it was on its way back and could not go.
pub async fn under_review(db: &Db, order: OrderId) -> Result<bool> {
    let count: Count = db
        .one(sql!(
            "select count(*) as n from money_alerts where order_id = $1 and closed_at is null
               and (reason in ('other_amount', 'paid_twice', 'seat_gone', 'refunded', 'contradiction')
                    or (reason = 'refund_failed' and notice_id is not null))",
            order
        ))
        .await?;
    Ok(count.n > 0)
}

/// An alert, as staff sees it.
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
    /// The attempt, if one is known.
    pub payment_id: Option<Uuid>,
    /// The order, if one is known.
    pub order_id: Option<Uuid>,
    /// Who placed it.
    pub username: Option<String>,
    /// The gateway and its name of the thing.
    pub detail: String,
    /// When it was opened.
    #[sqlx(try_from = "i64")]
    pub opened_at: Timestamp,
    /// When it was closed.
    pub closed_at: Option<i64>,
    /// Who closed it.
    pub closer: Option<String>,
    /// What was done.
    pub note: String,
    /// What of its money paid nothing, belongs to an order and has not gone back.
    pub parked: i64,
}

/// Which alerts are asked for.
#[derive(Clone, Debug, Default)]
pub struct AlertsAsked {
    /// Of one reason.
    pub reason: Option<String>,
    /// Of one gateway: what the detail begins with.
    pub gateway: Option<String>,
    /// Those that come after this one.
    pub after: Option<AlertId>,
}

/// Open alerts, oldest first.
pub async fn open_alerts(db: &Db, asked: &AlertsAsked, limit: i64) -> Result<Vec<AlertRow>> {
    Ok(db
        .all(sql!(
            "select a.id, a.reason, a.amount, a.currency, a.payment_id, a.order_id, c.username, a.detail,
                    a.opened_at, a.closed_at, s.username as closer, a.note,
                    cast((select coalesce(sum(g.amount - (select coalesce(sum(r.amount), 0) from refunds r
                             where r.gateway = g.gateway and r.charge = g.charge and r.state <> 'failed')), 0)
                          from charges g where g.notice_id = a.notice_id and g.outcome = 'suspense'
                            and g.payment_id is not null) as bigint) as parked
             from money_alerts a left join orders o on o.id = a.order_id
             left join accounts c on c.id = o.account_id left join accounts s on s.id = a.closed_by
             where a.closed_at is null
               and (cast($1 as text) is null or a.reason = $1)
               and (cast($2 as text) is null or a.detail like $2)
               and (cast($3 as uuid) is null or (a.opened_at, a.id) >
                    (select b.opened_at, b.id from money_alerts b where b.id = $3))
             order by a.opened_at, a.id limit $4",
            asked.reason.as_deref(),
            asked.gateway.as_ref().map(|gateway| format!("{gateway} %")),
            asked.after,
            limit
        ))
        .await?)
}

/// Closed alerts, newest first.
pub async fn closed_alerts(db: &Db, asked: &AlertsAsked, limit: i64) -> Result<Vec<AlertRow>> {
    Ok(db
        .all(sql!(
            "select a.id, a.reason, a.amount, a.currency, a.payment_id, a.order_id, c.username, a.detail,
                    a.opened_at, a.closed_at, s.username as closer, a.note, cast(0 as bigint) as parked
             from money_alerts a left join orders o on o.id = a.order_id
             left join accounts c on c.id = o.account_id left join accounts s on s.id = a.closed_by
             where a.closed_at is not null
               and (cast($1 as text) is null or a.reason = $1)
               and (cast($2 as text) is null or a.detail like $2)
               and (cast($3 as uuid) is null or (a.closed_at, a.id) <
                    (select b.closed_at, b.id from money_alerts b where b.id = $3))
             order by a.closed_at desc, a.id desc limit $4",
            asked.reason.as_deref(),
            asked.gateway.as_ref().map(|gateway| format!("{gateway} %")),
            asked.after,
            limit
        ))
        .await?)
}

/// The alerts of an order, open and closed, oldest first.
pub async fn alerts_of(db: &Db, order: OrderId, limit: i64) -> Result<Vec<AlertRow>> {
    Ok(db
        .all(sql!(
            "select a.id, a.reason, a.amount, a.currency, a.payment_id, a.order_id, c.username, a.detail,
                    a.opened_at, a.closed_at, s.username as closer, a.note, cast(0 as bigint) as parked
             from money_alerts a join orders o on o.id = a.order_id
             join accounts c on c.id = o.account_id left join accounts s on s.id = a.closed_by
             where a.order_id = $1 order by a.opened_at, a.id limit $2",
            order,
            limit
        ))
        .await?)
}

/// How many alerts are open.
pub async fn count_open(db: &Db) -> Result<i64> {
    let count: Count = db.one(sql!("select count(*) as n from money_alerts where closed_at is null")).await?;
    Ok(count.n)
}
