//! Statements about the money that refunds give back.

use domain::money::{Currency, Money};
use domain::orders::OrderId;
use domain::payments::{AlertId, NoticeId, PaymentId};
use uuid::Uuid;

use crate::db::{Count, Db, Sql, Tx};
use crate::error::Result;
use crate::sql;

/// The money that paid an order.
#[derive(Clone, Debug)]
pub struct Charge {
    /// The attempt.
    pub payment: PaymentId,
    /// Where it was paid.
    pub gateway: String,
    /// The gateway's name of it.
    pub charge: String,
    /// How much it was.
    pub amount: Money,
}

#[derive(sqlx::FromRow)]
struct ChargeRow {
    #[sqlx(try_from = "Uuid")]
    payment_id: PaymentId,
    gateway: String,
    charge: String,
    amount: i64,
    #[sqlx(try_from = "String")]
    currency: Currency,
}

impl From<ChargeRow> for Charge {
    fn from(row: ChargeRow) -> Self {
        let amount = Money::new(row.amount, row.currency);
        Self { payment: row.payment_id, gateway: row.gateway, charge: row.charge, amount }
    }
}

/// The charge that paid an order.
pub async fn charge_of(tx: &mut Tx, order: OrderId) -> Result<Option<Charge>> {
    let row: Option<ChargeRow> = tx
        .maybe(sql!(
            "select payment_id, gateway, charge, amount, currency from charges
             where order_id = $1 and outcome = 'order' order by charge limit 1",
            order
        ))
        .await?;
    Ok(row.map(Charge::from))
}

/// A charge by the gateway's name of it, with the order it belongs to.
pub async fn charge_named(tx: &mut Tx, gateway: &str, charge: &str) -> Result<Option<Charge>> {
    Ok(tx.maybe::<ChargeRow>(charge_sql(gateway, charge)).await?.map(Charge::from))
}

fn charge_sql(gateway: &str, charge: &str) -> Sql {
    sql!(
        "select payment_id, gateway, charge, amount, currency from charges
         where gateway = $1 and charge = $2 and payment_id is not null",
        gateway,
        charge
    )
}

/// The money that an attempt brought and that paid nothing; first what nothing of has gone back.
pub async fn parked_of(tx: &mut Tx, payment: PaymentId) -> Result<Option<Charge>> {
    let row: Option<ChargeRow> = tx
        .maybe(sql!(
            "select c.payment_id, c.gateway, c.charge, c.amount, c.currency from charges c
             where c.payment_id = $1 and c.outcome = 'suspense'
             order by (select count(*) from refunds r where r.gateway = c.gateway and r.charge = c.charge
                       and r.state <> 'failed'), c.charge limit 1",
            payment
        ))
        .await?;
    Ok(row.map(Charge::from))
}

/// The order and the charge of an open alert about money that paid nothing: the money that the alert is about, and
/// no other of the same attempt.
pub async fn of_alert(db: &Db, alert: AlertId) -> Result<Option<(OrderId, String, String)>> {
    #[derive(sqlx::FromRow)]
    struct Row {
        #[sqlx(try_from = "Uuid")]
        order_id: OrderId,
        gateway: String,
        charge: String,
    }
    let row: Option<Row> = db
        .maybe(sql!(
            "select a.order_id, c.gateway, c.charge from money_alerts a
             join charges c on c.notice_id = a.notice_id and c.outcome = 'suspense'
             where a.id = $1 and a.closed_at is null and a.order_id is not null and c.payment_id is not null",
            alert
        ))
        .await?;
    Ok(row.map(|row| (row.order_id, row.gateway, row.charge)))
}

/// The notice by which money came that paid for nothing; nothing where it paid an order.
pub async fn parked_notice(tx: &mut Tx, gateway: &str, charge: &str) -> Result<Option<NoticeId>> {
    #[derive(sqlx::FromRow)]
    struct Row {
        notice_id: Uuid,
    }
    let row: Option<Row> = tx
        .maybe(sql!(
            "select notice_id from charges where gateway = $1 and charge = $2 and outcome = 'suspense'",
            gateway,
            charge
        ))
        .await?;
    Ok(row.map(|row| NoticeId(row.notice_id)))
}

/// What a charge brought, read where nothing is changed.
pub async fn charged(db: &Db, gateway: &str, charge: &str) -> Result<Option<Money>> {
    let row: Option<ChargeRow> = db.maybe(charge_sql(gateway, charge)).await?;
    Ok(row.map(|row| Money::new(row.amount, row.currency)))
}

/// How much of a charge went back, or is on its way, disputes included.
pub async fn returned_of_charge(tx: &mut Tx, gateway: &str, charge: &str) -> Result<i64> {
    let sum: Count = tx
        .one(sql!(
            "select cast(coalesce(sum(amount), 0) as bigint) as n from refunds
             where gateway = $1 and charge = $2 and state <> 'failed'",
            gateway,
            charge
        ))
        .await?;
    Ok(sum.n)
}
