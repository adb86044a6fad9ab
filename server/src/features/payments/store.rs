//! Every statement about attempts, notices, charges and alerts.

use domain::accounts::AccountId;
use domain::locale::Bilingual;
use domain::money::{Currency, Money};
use domain::orders::OrderId;
use domain::payments::{AlertId, AttemptState, NoticeId, PaymentId};
use domain::time::Timestamp;
use uuid::Uuid;

use crate::db::{Count, Db, Tx};
use crate::error::Result;
use crate::sql;

/// One attempt to pay an order.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// The attempt.
    pub id: PaymentId,
    /// The order.
    pub order: OrderId,
    /// Where it is paid.
    pub gateway: String,
    /// What it demands.
    pub amount: Money,
    /// Where it stands.
    pub state: AttemptState,
    /// When it began.
    pub created_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct AttemptRow {
    #[sqlx(try_from = "Uuid")]
    id: PaymentId,
    #[sqlx(try_from = "Uuid")]
    order_id: OrderId,
    gateway: String,
    #[sqlx(try_from = "String")]
    currency: Currency,
    amount: i64,
    #[sqlx(try_from = "String")]
    state: AttemptState,
    #[sqlx(try_from = "i64")]
    created_at: Timestamp,
}

impl From<AttemptRow> for Attempt {
    fn from(row: AttemptRow) -> Self {
        Self {
            id: row.id,
            order: row.order_id,
            gateway: row.gateway,
            amount: Money::new(row.amount, row.currency),
            state: row.state,
            created_at: row.created_at,
        }
    }
}

/// A notice as it was received.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Stored {
    /// The notice.
    #[sqlx(try_from = "Uuid")]
    pub id: NoticeId,
    /// Who sent it.
    pub gateway: String,
    /// Its raw bytes.
    pub body: Vec<u8>,
}

/// The account that placed an order.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub struct Owner {
    /// The account.
    #[sqlx(try_from = "Uuid")]
    pub account_id: AccountId,
    /// The order.
    #[sqlx(try_from = "Uuid")]
    pub order_id: OrderId,
}

/// The attempts of an order, newest first.
pub async fn attempts(db: &Db, order: OrderId) -> Result<Vec<Attempt>> {
    let rows: Vec<AttemptRow> = db
        .all(sql!(
            "select id, order_id, gateway, currency, amount, state, created_at
             from payments where order_id = $1 order by id desc",
            order
        ))
        .await?;
    Ok(rows.into_iter().map(Attempt::from).collect())
}

/// The attempts of an order, read under its lock.
pub async fn attempts_in(tx: &mut Tx, order: OrderId) -> Result<Vec<Attempt>> {
    let rows: Vec<AttemptRow> = tx
        .all(sql!(
            "select id, order_id, gateway, currency, amount, state, created_at
             from payments where order_id = $1 order by id desc",
            order
        ))
        .await?;
    Ok(rows.into_iter().map(Attempt::from).collect())
}

/// One attempt, read under the lock of its order.
pub async fn attempt_in(tx: &mut Tx, id: PaymentId) -> Result<Option<Attempt>> {
    let row: Option<AttemptRow> = tx
        .maybe(sql!(
            "select id, order_id, gateway, currency, amount, state, created_at from payments where id = $1",
            id
        ))
        .await?;
    Ok(row.map(Attempt::from))
}

/// One attempt.
pub async fn attempt(db: &Db, id: PaymentId) -> Result<Option<Attempt>> {
    let row: Option<AttemptRow> = db
        .maybe(sql!(
            "select id, order_id, gateway, currency, amount, state, created_at from payments where id = $1",
            id
        ))
        .await?;
    Ok(row.map(Attempt::from))
}

/// An attempt of an account's own order.
pub async fn own_attempt(db: &Db, id: PaymentId, account: AccountId) -> Result<Option<Attempt>> {
    let row: Option<AttemptRow> = db
        .maybe(sql!(
            "select p.id, p.order_id, p.gateway, p.currency, p.amount, p.state, p.created_at
             from payments p join orders o on o.id = p.order_id where p.id = $1 and o.account_id = $2",
            id,
            account
        ))
        .await?;
    Ok(row.map(Attempt::from))
}

/// Whose order an attempt pays, if the gateway is the one it was begun at.
pub async fn owner(db: &Db, id: PaymentId, gateway: &str) -> Result<Option<Owner>> {
    Ok(db
        .maybe(sql!(
            "select o.account_id, o.id as order_id from payments p join orders o on o.id = p.order_id
             where p.id = $1 and p.gateway = $2",
            id,
            gateway
        ))
        .await?)
}

/// Writes a new attempt.
pub async fn add_attempt(tx: &mut Tx, attempt: &Attempt) -> Result<()> {
    let sql = sql!(
        "insert into payments (id, order_id, gateway, currency, amount, state, created_at, changed_at)
         values ($1, $2, $3, $4, $5, $6, $7, $7)",
        attempt.id,
        attempt.order,
        &attempt.gateway,
        attempt.amount.currency.code(),
        attempt.amount.minor,
        attempt.state.as_str(),
        attempt.created_at
    );
    Ok(tx.exactly(1, sql).await?)
}

/// Moves an attempt from the state in which it was read.
pub async fn set_attempt(
    tx: &mut Tx,
    id: PaymentId,
    from: AttemptState,
    to: AttemptState,
    now: Timestamp,
) -> Result<()> {
    let sql = sql!(
        "update payments set state = $3, changed_at = $4 where id = $1 and state = $2",
        id,
        from.as_str(),
        to.as_str(),
        now
    );
    Ok(tx.exactly(1, sql).await?)
}

/// Closes every open attempt of an order but one, on our side.
pub async fn supersede(tx: &mut Tx, order: OrderId, but: Option<PaymentId>, now: Timestamp) -> Result<()> {
    tx.run(sql!(
        "update payments set state = 'superseded', changed_at = $3
         where order_id = $1 and state in ('created', 'pending', 'unknown') and (cast($2 as uuid) is null or id <> $2)",
        order,
        but,
        now
    ))
    .await?;
    Ok(())
}

/// Whether an event of a gateway is stored.
pub async fn notice_of_event(db: &Db, gateway: &str, event: &str) -> Result<Option<NoticeId>> {
    #[derive(sqlx::FromRow)]
    struct Row {
        #[sqlx(try_from = "Uuid")]
        id: NoticeId,
    }
    let row: Option<Row> =
        db.maybe(sql!("select id from notices where gateway = $1 and event_id = $2", gateway, event)).await?;
    Ok(row.map(|row| row.id))
}

/// Stores a notice once; says whether it is new.
pub async fn add_notice(tx: &mut Tx, notice: &Stored, event: &str, now: Timestamp) -> Result<bool> {
    let added = tx
        .run(sql!(
            "insert into notices (id, gateway, event_id, body, received_at) values ($1, $2, $3, $4, $5)
             on conflict (gateway, event_id) do nothing",
            notice.id,
            &notice.gateway,
            event,
            notice.body.clone(),
            now
        ))
        .await?;
    if added == 0 {
        return Ok(false);
    }
    let sql = sql!(
        "insert into notice_states (notice_id, state, changed_at) values ($1, 'received', $2)",
        notice.id,
        now
    );
    tx.exactly(1, sql).await?;
    Ok(true)
}

/// A notice that waits to be applied.
pub async fn waiting_notice(db: &Db, id: NoticeId) -> Result<Option<Stored>> {
    Ok(db
        .maybe(sql!(
            "select n.id, n.gateway, n.body from notices n join notice_states s on s.notice_id = n.id
             where n.id = $1 and s.state = 'received'",
            id
        ))
        .await?)
}

/// Says what became of a notice that waited; says whether it still did.
pub async fn finish_notice(
    tx: &mut Tx,
    id: NoticeId,
    state: &str,
    reason: Option<&str>,
    payment: Option<PaymentId>,
    now: Timestamp,
) -> Result<bool> {
    let changed = tx
        .run(sql!(
            "update notice_states set state = $2, reason = $3, payment_id = $4, changed_at = $5
             where notice_id = $1 and state = 'received'",
            id,
            state,
            reason,
            payment,
            now
        ))
        .await?;
    Ok(changed == 1)
}

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

/// Something about money that a person must look at.
pub struct NewAlert<'a> {
    /// The alert.
    pub id: AlertId,
    /// Why, in snake case.
    pub reason: &'a str,
    /// The notice that caused it.
    pub notice: NoticeId,
    /// The attempt.
    pub payment: Option<PaymentId>,
    /// The order.
    pub order: Option<OrderId>,
    /// How much money it is about.
    pub amount: Money,
}

/// Opens an alert.
pub async fn add_alert(tx: &mut Tx, alert: &NewAlert<'_>, now: Timestamp) -> Result<()> {
    let sql = sql!(
        "insert into money_alerts (id, reason, notice_id, payment_id, order_id, currency, amount, opened_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        alert.id,
        alert.reason,
        alert.notice,
        alert.payment,
        alert.order,
        alert.amount.currency.code(),
        alert.amount.minor,
        now
    );
    Ok(tx.exactly(1, sql).await?)
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

/// Whether money of an order waits for a person.
pub async fn under_review(db: &Db, order: OrderId) -> Result<bool> {
    let count: Count = db
        .one(sql!("select count(*) as n from money_alerts where order_id = $1 and closed_at is null", order))
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
    /// The gateway.
    pub gateway: String,
    /// The gateway's id of the event.
    pub event_id: String,
    /// When it was opened.
    #[sqlx(try_from = "i64")]
    pub opened_at: Timestamp,
}

/// The oldest open alerts.
pub async fn open_alerts(db: &Db, limit: i64) -> Result<Vec<AlertRow>> {
    Ok(db
        .all(sql!(
            "select a.id, a.reason, a.amount, a.currency, a.order_id, c.username, n.gateway, n.event_id, a.opened_at
             from money_alerts a join notices n on n.id = a.notice_id
             left join orders o on o.id = a.order_id left join accounts c on c.id = o.account_id
             where a.closed_at is null order by a.opened_at, a.id limit $1",
            limit
        ))
        .await?)
}

/// A notice that was not applied, as staff sees it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct StuckRow {
    /// The notice.
    #[sqlx(try_from = "Uuid")]
    pub id: NoticeId,
    /// The gateway.
    pub gateway: String,
    /// The gateway's id of the event.
    pub event_id: String,
    /// What became of it.
    pub state: String,
    /// When it came.
    #[sqlx(try_from = "i64")]
    pub received_at: Timestamp,
}

/// Notices that nobody could read, and those that wait for longer than they should.
pub async fn stuck_notices(db: &Db, before: Timestamp, limit: i64) -> Result<Vec<StuckRow>> {
    Ok(db
        .all(sql!(
            "select n.id, n.gateway, n.event_id, s.state, n.received_at
             from notice_states s join notices n on n.id = s.notice_id
             where s.state = 'unreadable' or (s.state = 'received' and s.changed_at < $1)
             order by n.received_at desc, n.id limit $2",
            before,
            limit
        ))
        .await?)
}

/// An account of the ledger and its sums.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct AccountRow {
    /// Its name.
    pub name: String,
    /// Its currency.
    #[sqlx(try_from = "String")]
    pub currency: Currency,
    /// Everything debited.
    pub debits: i64,
    /// Everything credited.
    pub credits: i64,
}

/// The accounts of the ledger that do not belong to a person or competition.
pub async fn house_accounts(db: &Db) -> Result<Vec<AccountRow>> {
    Ok(db
        .all(sql!(
            "select name, currency, debits, credits from ledger_accounts
             where name not like 'customer:%' and name not like 'payable:%' and name not like 'prize:%'
             order by currency, name"
        ))
        .await?)
}

/// The title of the first line of an order.
pub async fn title(db: &Db, order: OrderId) -> Result<Bilingual> {
    #[derive(sqlx::FromRow)]
    struct Row {
        title_en: String,
        title_zh: String,
    }
    let row: Option<Row> = db
        .maybe(sql!(
            "select title_en, title_zh from order_lines where order_id = $1 order by position limit 1",
            order
        ))
        .await?;
    Ok(row.map(|row| Bilingual::new(row.title_en, row.title_zh)).unwrap_or_default())
}
