//! Every statement about payouts and earnings.

use domain::accounts::AccountId;
use domain::money::{Currency, Money};
use domain::payouts::{PayoutId, PayoutState};
use domain::time::Timestamp;
use uuid::Uuid;

use crate::db::{Count, Db, Tx};
use crate::error::Result;
use crate::sql;

/// A payout.
#[derive(Clone, Debug)]
pub struct Payout {
    /// The payout.
    pub id: PayoutId,
    /// Whose earnings.
    pub account: AccountId,
    /// How much.
    pub amount: Money,
    /// Who holds the bank account.
    pub holder: String,
    /// The bank account.
    pub bank: String,
    /// Where it stands.
    pub state: PayoutState,
    /// Why it was refused, or came back.
    pub reason: Option<String>,
    /// When it was requested.
    pub requested_at: Timestamp,
    /// Whose earnings, by name.
    pub username: String,
    /// How many approved.
    pub approvals: i64,
}

#[derive(sqlx::FromRow)]
struct Row {
    #[sqlx(try_from = "Uuid")]
    id: PayoutId,
    #[sqlx(try_from = "Uuid")]
    account_id: AccountId,
    #[sqlx(try_from = "String")]
    currency: Currency,
    amount: i64,
    holder: String,
    bank: String,
    #[sqlx(try_from = "String")]
    state: PayoutState,
    reason: Option<String>,
    #[sqlx(try_from = "i64")]
    requested_at: Timestamp,
    username: String,
    approvals: i64,
}

impl From<Row> for Payout {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            account: row.account_id,
            amount: Money::new(row.amount, row.currency),
            holder: row.holder,
            bank: row.bank,
            state: row.state,
            reason: row.reason,
            requested_at: row.requested_at,
            username: row.username,
            approvals: row.approvals,
        }
    }
}

/// A payout, read where it may be changed.
pub async fn payout_in(tx: &mut Tx, id: PayoutId) -> Result<Option<Payout>> {
    let row: Option<Row> = tx
        .maybe(sql!(
            "select p.id, p.account_id, p.currency, p.amount, p.holder, p.bank, p.state, p.reason, p.requested_at, a.username,
                    (select count(*) from payout_approvals v where v.payout_id = p.id) as approvals
             from payouts p join accounts a on a.id = p.account_id where p.id = $1",
            id
        ))
        .await?;
    Ok(row.map(Payout::from))
}

/// Whose payout it is.
pub async fn owner(tx: &mut Tx, id: PayoutId) -> Result<Option<AccountId>> {
    #[derive(sqlx::FromRow)]
    struct Owner {
        #[sqlx(try_from = "Uuid")]
        account_id: AccountId,
    }
    let row: Option<Owner> = tx.maybe(sql!("select account_id from payouts where id = $1", id)).await?;
    Ok(row.map(|row| row.account_id))
}

/// The payouts of an account or of everybody, in a state or in any, newest first.
pub async fn payouts(
    db: &Db,
    account: Option<AccountId>,
    state: Option<&str>,
    limit: i64,
) -> Result<Vec<Payout>> {
    let rows: Vec<Row> = db
        .all(sql!(
            "select p.id, p.account_id, p.currency, p.amount, p.holder, p.bank, p.state, p.reason, p.requested_at, a.username,
                    (select count(*) from payout_approvals v where v.payout_id = p.id) as approvals
             from payouts p join accounts a on a.id = p.account_id
             where (cast($1 as uuid) is null or p.account_id = $1) and (cast($2 as text) is null or p.state = $2)
             order by p.requested_at desc, p.id desc limit $3",
            account,
            state,
            limit
        ))
        .await?;
    Ok(rows.into_iter().map(Payout::from).collect())
}

/// The payouts of everybody in a state, oldest first, from the one after another on.
pub async fn oldest(db: &Db, state: &str, after: Option<PayoutId>, limit: i64) -> Result<Vec<Payout>> {
    let rows: Vec<Row> = db
        .all(sql!(
            "select p.id, p.account_id, p.currency, p.amount, p.holder, p.bank, p.state, p.reason, p.requested_at, a.username,
                    (select count(*) from payout_approvals v where v.payout_id = p.id) as approvals
             from payouts p join accounts a on a.id = p.account_id
             where p.state = $1 and (cast($2 as uuid) is null or (p.requested_at, p.id) >
                (select c.requested_at, c.id from payouts c where c.id = $2))
             order by p.requested_at, p.id limit $3",
            state,
            after,
            limit
        ))
        .await?;
    Ok(rows.into_iter().map(Payout::from).collect())
}

/// The payouts of everybody in a state or in any, newest first, from the one after another on.
pub async fn newest(
    db: &Db,
    state: Option<&str>,
    after: Option<PayoutId>,
    limit: i64,
) -> Result<Vec<Payout>> {
    let rows: Vec<Row> = db
        .all(sql!(
            "select p.id, p.account_id, p.currency, p.amount, p.holder, p.bank, p.state, p.reason, p.requested_at, a.username,
                    (select count(*) from payout_approvals v where v.payout_id = p.id) as approvals
             from payouts p join accounts a on a.id = p.account_id
             where (cast($1 as text) is null or p.state = $1) and (cast($2 as uuid) is null or (p.requested_at, p.id) <
                (select c.requested_at, c.id from payouts c where c.id = $2))
             order by p.requested_at desc, p.id desc limit $3",
            state,
            after,
            limit
        ))
        .await?;
    Ok(rows.into_iter().map(Payout::from).collect())
}

/// The files whose payouts the bank has not answered yet: when each was made, and how many there are; latest first.
pub async fn files(db: &Db) -> Result<Vec<(Timestamp, i64)>> {
    #[derive(sqlx::FromRow)]
    struct File {
        #[sqlx(try_from = "i64")]
        at: Timestamp,
        n: i64,
    }
    let rows: Vec<File> = db
        .all(sql!(
            "select h.at, count(*) as n from payout_history h
             join payouts p on p.id = h.payout_id and p.state = 'exported'
             where h.event = 'exported' group by h.at order by h.at desc limit 50"
        ))
        .await?;
    Ok(rows.into_iter().map(|row| (row.at, row.n)).collect())
}

/// The payouts of a file that the bank has not answered yet, oldest first.
pub async fn in_file(db: &Db, made: Timestamp) -> Result<Vec<Payout>> {
    let rows: Vec<Row> = db
        .all(sql!(
            "select p.id, p.account_id, p.currency, p.amount, p.holder, p.bank, p.state, p.reason, p.requested_at, a.username,
                    (select count(*) from payout_approvals v where v.payout_id = p.id) as approvals
             from payout_history h join payouts p on p.id = h.payout_id and p.state = 'exported'
             join accounts a on a.id = p.account_id
             where h.event = 'exported' and h.at = $1 order by p.requested_at, p.id",
            made
        ))
        .await?;
    Ok(rows.into_iter().map(Payout::from).collect())
}

/// How many payouts wait for somebody, by state.
pub async fn waiting(db: &Db) -> Result<Vec<(PayoutState, i64)>> {
    #[derive(sqlx::FromRow)]
    struct Waiting {
        #[sqlx(try_from = "String")]
        state: PayoutState,
        n: i64,
    }
    let rows: Vec<Waiting> = db
        .all(sql!(
            "select state, count(*) as n from payouts where state in ('requested', 'approved', 'exported')
             group by state order by state"
        ))
        .await?;
    Ok(rows.into_iter().map(|row| (row.state, row.n)).collect())
}

/// Notes why a payout was refused, or came back.
pub async fn set_reason(tx: &mut Tx, id: PayoutId, reason: &str) -> Result<()> {
    Ok(tx.exactly(1, sql!("update payouts set reason = $2 where id = $1", id, reason)).await?)
}

/// Writes a new payout.
pub async fn add(tx: &mut Tx, payout: &Payout) -> Result<()> {
    let sql = sql!(
        "insert into payouts (id, account_id, currency, amount, holder, bank, state, requested_at, changed_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $8)",
        payout.id,
        payout.account,
        payout.amount.currency.code(),
        payout.amount.minor,
        &payout.holder,
        &payout.bank,
        payout.state.as_str(),
        payout.requested_at
    );
    Ok(tx.exactly(1, sql).await?)
}

/// Moves a payout from the state in which it was read.
pub async fn set_state(tx: &mut Tx, payout: &Payout, to: PayoutState, now: Timestamp) -> Result<()> {
    let sql = sql!(
        "update payouts set state = $3, changed_at = $4 where id = $1 and state = $2",
        payout.id,
        payout.state.as_str(),
        to.as_str(),
        now
    );
    Ok(tx.exactly(1, sql).await?)
}

/// Notes what happened to a payout, who did it and through what.
pub async fn note(
    tx: &mut Tx,
    id: Uuid,
    payout: PayoutId,
    event: &str,
    actor: AccountId,
    cause: &str,
    now: Timestamp,
) -> Result<()> {
    let sql = sql!(
        "insert into payout_history (id, payout_id, at, event, actor_id, cause) values ($1, $2, $3, $4, $5, $6)",
        id,
        payout,
        now,
        event,
        actor,
        cause
    );
    Ok(tx.exactly(1, sql).await?)
}

/// Who approved a payout.
pub async fn approvals(tx: &mut Tx, payout: PayoutId) -> Result<Vec<AccountId>> {
    #[derive(sqlx::FromRow)]
    struct Approval {
        #[sqlx(try_from = "Uuid")]
        staff_id: AccountId,
    }
    let rows: Vec<Approval> = tx
        .all(sql!("select staff_id from payout_approvals where payout_id = $1 order by staff_id", payout))
        .await?;
    Ok(rows.into_iter().map(|row| row.staff_id).collect())
}

/// The payouts between two that wait for approval and that a person has approved.
pub async fn approved_between(
    db: &Db,
    staff: AccountId,
    first: PayoutId,
    last: PayoutId,
) -> Result<Vec<PayoutId>> {
    #[derive(sqlx::FromRow)]
    struct Approved {
        #[sqlx(try_from = "Uuid")]
        payout_id: PayoutId,
    }
    let rows: Vec<Approved> = db
        .all(sql!(
            "select v.payout_id from payout_approvals v join payouts p on p.id = v.payout_id
             where v.staff_id = $1 and p.id >= $2 and p.id <= $3 and p.state = 'requested' order by v.payout_id",
            staff,
            first,
            last
        ))
        .await?;
    Ok(rows.into_iter().map(|row| row.payout_id).collect())
}

/// Notes an approval.
pub async fn approve(tx: &mut Tx, payout: PayoutId, staff: AccountId, now: Timestamp) -> Result<()> {
    let sql = sql!(
        "insert into payout_approvals (payout_id, staff_id, approved_at) values ($1, $2, $3)",
        payout,
        staff,
        now
    );
    Ok(tx.exactly(1, sql).await?)
}

/// What an account of the ledger got in a currency for lines whose guarantee has not ended, less what it
/// gave back of them.
pub async fn held(tx: &mut Tx, name: &str, currency: Currency, now: Timestamp) -> Result<i64> {
    let sum: Count = tx
        .one(sql!(
            "select cast(coalesce(sum(case when m.credit = $1 then m.amount else 0 - m.amount end), 0) as bigint) as n
             from transfers m
             where m.currency = $2 and m.kind in ('single', 'post') and (m.credit = $1 or m.debit = $1)
               and m.line_id in (select t.line_id from transfers t
                   where t.credit = $1 and t.currency = $2 and t.matures_at >= $3)",
            name,
            currency.code(),
            now
        ))
        .await?;
    Ok(sum.n.max(0))
}
