//! Statements about money of no order, and what goes back of it.

use domain::money::{Currency, Money};
use domain::payments::{NoticeId, UnmatchedState};
use domain::time::Timestamp;
use uuid::Uuid;

use crate::db::{Count, Db, Tx};
use crate::error::Result;
use crate::sql;

/// Money of no order, and what of it goes back or went.
#[derive(Clone, Debug)]
pub struct UnmatchedCharge {
    /// Who took it.
    pub gateway: String,
    /// The gateway's name of it.
    pub charge: String,
    /// By which notice it came.
    pub notice: NoticeId,
    /// How much it was.
    pub amount: Money,
    /// What goes back of it, or went.
    pub refunds: Vec<UnmatchedRefund>,
}

impl UnmatchedCharge {
    /// What of it lies there still, one refund left out.
    pub fn left(&self, but: Option<Uuid>) -> i64 {
        let gone = self.refunds.iter().filter(|refund| Some(refund.id) != but);
        let gone = gone.filter(|refund| refund.state != UnmatchedState::Failed);
        self.amount.minor - gone.map(|refund| refund.amount).sum::<i64>()
    }
}

/// What goes back of money of no order.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct UnmatchedRefund {
    /// The refund.
    pub id: Uuid,
    /// How much.
    pub amount: i64,
    /// Where it stands.
    #[sqlx(try_from = "String")]
    pub state: UnmatchedState,
}

/// Whether a charge was booked for no attempt.
pub async fn is_unmatched(db: &Db, gateway: &str, charge: &str) -> Result<bool> {
    let count: Count = db
        .one(sql!(
            "select count(*) as n from charges where gateway = $1 and charge = $2 and payment_id is null",
            gateway,
            charge
        ))
        .await?;
    Ok(count.n > 0)
}

/// A charge of no attempt.
pub async fn unmatched_charge(tx: &mut Tx, gateway: &str, charge: &str) -> Result<Option<UnmatchedCharge>> {
    #[derive(sqlx::FromRow)]
    struct Row {
        amount: i64,
        #[sqlx(try_from = "String")]
        currency: Currency,
        notice_id: Uuid,
    }
    let row: Option<Row> = tx
        .maybe(sql!(
            "select amount, currency, notice_id from charges where gateway = $1 and charge = $2 and payment_id is null",
            gateway,
            charge
        ))
        .await?;
    let Some(row) = row else { return Ok(None) };
    let refunds = tx
        .all(sql!(
            "select id, amount, state from unmatched_refunds where gateway = $1 and charge = $2 order by id",
            gateway,
            charge
        ))
        .await?;
    let amount = Money::new(row.amount, row.currency);
    let (gateway, charge, notice) = (gateway.to_owned(), charge.to_owned(), NoticeId(row.notice_id));
    Ok(Some(UnmatchedCharge { gateway, charge, notice, amount, refunds }))
}

/// What goes back of money of no order, by the gateway's name of it.
pub async fn unmatched_refund(
    tx: &mut Tx,
    gateway: &str,
    reference: &str,
) -> Result<Option<UnmatchedRefund>> {
    Ok(tx
        .maybe(sql!(
            "select id, amount, state from unmatched_refunds where gateway = $1 and reference = $2",
            gateway,
            reference
        ))
        .await?)
}

/// Writes where money of no order stands that goes back, by which notice that is, and what was booked: the
/// step's own id, the notice, the group.
pub async fn set_unmatched(
    tx: &mut Tx,
    charge: &UnmatchedCharge,
    refund: &UnmatchedRefund,
    reference: &str,
    (step, notice, group): (Uuid, NoticeId, Uuid),
    now: Timestamp,
) -> Result<()> {
    let changed = tx
        .run(sql!(
            "update unmatched_refunds set state = $3, changed_at = $4 where gateway = $1 and reference = $2",
            &charge.gateway,
            reference,
            refund.state.as_str(),
            now
        ))
        .await?;
    if changed == 0 {
        let sql = sql!(
            "insert into unmatched_refunds
                 (id, gateway, reference, charge, currency, amount, state, requested_at, changed_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $8)",
            refund.id,
            &charge.gateway,
            reference,
            &charge.charge,
            charge.amount.currency.code(),
            refund.amount,
            refund.state.as_str(),
            now
        );
        tx.exactly(1, sql).await?;
    }
    let sql = sql!(
        "insert into unmatched_refund_steps (id, refund_id, state, notice_id, group_id, at)
         values ($1, $2, $3, $4, $5, $6)",
        step,
        refund.id,
        refund.state.as_str(),
        notice,
        group,
        now
    );
    Ok(tx.exactly(1, sql).await?)
}

/// Tells whoever looks at money of no order that its gateway gave something of it back: where nothing is left,
/// nobody has to look any more.
pub async fn tell_of_unmatched(
    tx: &mut Tx,
    gateway: &str,
    charge: &str,
    reference: &str,
    left: i64,
    now: Timestamp,
) -> Result<()> {
    if left > 0 {
        tx.run(sql!(
            "update money_alerts set detail = detail || $3 where closed_at is null and notice_id =
                 (select c.notice_id from charges c where c.gateway = $1 and c.charge = $2)",
            gateway,
            charge,
            format!(", of which a part went back: {reference}")
        ))
        .await?;
    } else {
        tx.run(sql!(
            "update money_alerts set closed_at = $4, note = $3 where closed_at is null and notice_id =
                 (select c.notice_id from charges c where c.gateway = $1 and c.charge = $2)",
            gateway,
            charge,
            format!("its gateway gave it back: {reference}"),
            now
        ))
        .await?;
    }
    Ok(())
}
