//! Invoices: the orders of periods, and what an order of a plan is going to be.

use domain::accounts::AccountId;
use domain::money::{Currency, Money};
use domain::orders::{OrderId, OrderLineId, OrderState, Period};
use domain::subscriptions::{InvoiceId, InvoiceKind, PlanId, SubscriptionId};
use domain::time::Timestamp;
use uuid::Uuid;

use super::Subscription;
use crate::db::{Count, Db, DbError, Tx};
use crate::error::Result;
use crate::sql;

/// An invoice: the order of one period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invoice {
    /// The invoice.
    pub id: InvoiceId,
    /// The subscription; one that begins with this invoice has no row before it is paid.
    pub subscription: SubscriptionId,
    /// Who pays.
    pub account: AccountId,
    /// The order.
    pub order: OrderId,
    /// Its line.
    pub line: OrderLineId,
    /// The plan.
    pub plan: PlanId,
    /// What it is for.
    pub kind: InvoiceKind,
    /// The period.
    pub period: Period,
    /// The line whose unused part counts.
    pub credit_line: Option<OrderLineId>,
    /// Whether renewals are to be paid from the balance.
    pub wallet: bool,
}

#[derive(sqlx::FromRow)]
struct Row {
    #[sqlx(try_from = "Uuid")]
    id: InvoiceId,
    #[sqlx(try_from = "Uuid")]
    subscription_id: SubscriptionId,
    #[sqlx(try_from = "Uuid")]
    account_id: AccountId,
    #[sqlx(try_from = "Uuid")]
    order_id: OrderId,
    #[sqlx(try_from = "Uuid")]
    line_id: OrderLineId,
    #[sqlx(try_from = "Uuid")]
    plan_id: PlanId,
    #[sqlx(try_from = "String")]
    kind: InvoiceKind,
    #[sqlx(try_from = "i64")]
    period_from: Timestamp,
    #[sqlx(try_from = "i64")]
    period_until: Timestamp,
    credit_line_id: Option<Uuid>,
    wallet: bool,
}

impl From<Row> for Invoice {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            subscription: row.subscription_id,
            account: row.account_id,
            order: row.order_id,
            line: row.line_id,
            plan: row.plan_id,
            kind: row.kind,
            period: (row.period_from, row.period_until),
            credit_line: row.credit_line_id.map(OrderLineId::from),
            wallet: row.wallet,
        }
    }
}

/// Writes a new invoice.
pub async fn add_invoice(tx: &mut Tx, new: &Invoice, now: Timestamp) -> Result<(), DbError> {
    let sql = sql!(
        "insert into subscription_invoices (id, subscription_id, account_id, order_id, line_id, plan_id, kind,
                                            period_from, period_until, credit_line_id, wallet, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        new.id,
        new.subscription,
        new.account,
        new.order,
        new.line,
        new.plan,
        new.kind.as_str(),
        new.period.0,
        new.period.1,
        new.credit_line,
        new.wallet,
        now
    );
    tx.exactly(1, sql).await
}

/// The invoice that an order is.
pub async fn invoice_of(tx: &mut Tx, order: OrderId) -> Result<Option<Invoice>> {
    let row: Option<Row> = tx
        .maybe(sql!(
            "select id, subscription_id, account_id, order_id, line_id, plan_id, kind, period_from,
                    period_until, credit_line_id, wallet
             from subscription_invoices where order_id = $1",
            order
        ))
        .await?;
    Ok(row.map(Invoice::from))
}

/// The invoices of an account that wait for money and begin a subscription.
pub async fn open_of_account(tx: &mut Tx, account: AccountId) -> Result<Vec<Invoice>> {
    let rows: Vec<Row> = tx
        .all(sql!(
            "select i.id, i.subscription_id, i.account_id, i.order_id, i.line_id, i.plan_id, i.kind,
                    i.period_from, i.period_until, i.credit_line_id, i.wallet
             from subscription_invoices i join orders o on o.id = i.order_id
             where i.account_id = $1 and i.kind = 'start' and o.state in ('reserved', 'awaiting_payment')
             order by i.created_at, i.id",
            account
        ))
        .await?;
    Ok(rows.into_iter().map(Invoice::from).collect())
}

/// The invoices of a subscription that wait for money.
pub async fn open_of_subscription(tx: &mut Tx, subscription: SubscriptionId) -> Result<Vec<Invoice>> {
    let rows: Vec<Row> = tx
        .all(sql!(
            "select i.id, i.subscription_id, i.account_id, i.order_id, i.line_id, i.plan_id, i.kind,
                    i.period_from, i.period_until, i.credit_line_id, i.wallet
             from subscription_invoices i join orders o on o.id = i.order_id
             where i.subscription_id = $1 and o.state in ('reserved', 'awaiting_payment')
             order by i.created_at, i.id",
            subscription
        ))
        .await?;
    Ok(rows.into_iter().map(Invoice::from).collect())
}

/// The paid invoice of the running period.
pub async fn current(tx: &mut Tx, of: &Subscription) -> Result<Option<Invoice>> {
    let row: Option<Row> = tx
        .maybe(sql!(
            "select i.id, i.subscription_id, i.account_id, i.order_id, i.line_id, i.plan_id, i.kind,
                    i.period_from, i.period_until, i.credit_line_id, i.wallet
             from subscription_invoices i join orders o on o.id = i.order_id
             where i.subscription_id = $1 and i.period_from = $2 and i.period_until = $3
               and o.state in ('paid', 'partially_refunded') order by i.created_at desc, i.id desc limit 1",
            of.id,
            of.period.0,
            of.period.1
        ))
        .await?;
    Ok(row.map(Invoice::from))
}

/// Whether the money of the running period is on its way back, or held by a bank that looks at it.
pub async fn is_going_back(tx: &mut Tx, of: &Subscription) -> Result<bool> {
    let row: Count = tx
        .one(sql!(
            "select count(*) as n from subscription_invoices i join refunds r on r.order_id = i.order_id
             where i.subscription_id = $1 and i.period_from = $2 and i.period_until = $3
               and r.state in ('requested', 'sent', 'unknown')
               and (r.kind = 'dispute' or exists (select 1 from refund_lines b
                    where b.refund_id = r.id and b.line_id = i.line_id and b.whole = true))",
            of.id,
            of.period.0,
            of.period.1
        ))
        .await?;
    Ok(row.n > 0)
}

/// The invoices of an account for a plan that ended unpaid, newest first: late money may still fit them.
pub async fn regainable(tx: &mut Tx, account: AccountId, plan: PlanId) -> Result<Vec<Invoice>> {
    let rows: Vec<Row> = tx
        .all(sql!(
            "select i.id, i.subscription_id, i.account_id, i.order_id, i.line_id, i.plan_id, i.kind,
                    i.period_from, i.period_until, i.credit_line_id, i.wallet
             from subscription_invoices i join orders o on o.id = i.order_id
             where i.account_id = $1 and i.plan_id = $2 and o.state in ('expired', 'cancelled')
             order by i.created_at desc, i.id desc limit 5",
            account,
            plan
        ))
        .await?;
    Ok(rows.into_iter().map(Invoice::from).collect())
}

/// What the time of a line is worth that was paid for it: its price and what was carried into it, less what
/// went back; nothing where it was carried on already.
pub async fn worth(tx: &mut Tx, line: OrderLineId) -> Result<i64> {
    #[derive(sqlx::FromRow)]
    struct Worth {
        worth: i64,
        carried_on: i64,
    }
    let row: Worth = tx
        .one(sql!(
            "select cast(l.price
                 + coalesce((select sum(r.amount) from order_reductions r
                             where r.line_id = l.id and r.kind = 'credit'), 0)
                 - coalesce((select sum(b.amount) from refund_lines b join refunds r on r.id = b.refund_id
                             where b.line_id = l.id and r.state <> 'failed'), 0) as bigint) as worth,
                 (select count(*) from subscription_invoices i join orders o on o.id = i.order_id
                  where i.credit_line_id = l.id and o.state in ('paid', 'partially_refunded')) as carried_on
             from order_lines l where l.id = $1",
            line
        ))
        .await?;
    Ok(if row.carried_on > 0 { 0 } else { row.worth.max(0) })
}

/// An invoice as its payer sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Billed {
    /// The order.
    pub order: OrderId,
    /// Where it stands.
    pub state: OrderState,
    /// The plan.
    pub plan: PlanId,
    /// What it is for.
    pub kind: InvoiceKind,
    /// The period.
    pub period: Period,
    /// The sum.
    pub total: Money,
    /// Whether what was unused of it counted for another period.
    pub carried_on: bool,
    /// Whether all of its money went back, or is on its way.
    pub given_back: bool,
}

/// The latest invoices of an account, newest first.
pub async fn invoices(db: &Db, account: AccountId, limit: i64) -> Result<Vec<Billed>> {
    #[derive(sqlx::FromRow)]
    struct Bill {
        #[sqlx(try_from = "Uuid")]
        order_id: OrderId,
        #[sqlx(try_from = "String")]
        state: OrderState,
        #[sqlx(try_from = "Uuid")]
        plan_id: PlanId,
        #[sqlx(try_from = "String")]
        kind: InvoiceKind,
        #[sqlx(try_from = "i64")]
        period_from: Timestamp,
        #[sqlx(try_from = "i64")]
        period_until: Timestamp,
        total: i64,
        #[sqlx(try_from = "String")]
        currency: Currency,
        carried_on: i64,
        given_back: i64,
    }
    let rows: Vec<Bill> = db
        .all(sql!(
            "select i.order_id, o.state, i.plan_id, i.kind, i.period_from, i.period_until, o.total, o.currency,
                    (select count(*) from subscription_invoices n join orders c on c.id = n.order_id
                     where n.credit_line_id = i.line_id and c.state in ('paid', 'partially_refunded')) as carried_on,
                    (select count(*) from refund_lines b join refunds r on r.id = b.refund_id
                     where b.line_id = i.line_id and b.whole = true and r.state <> 'failed') as given_back
             from subscription_invoices i join orders o on o.id = i.order_id
             where i.account_id = $1 order by i.created_at desc, i.id desc limit $2",
            account,
            limit
        ))
        .await?;
    let billed = |row: Bill| Billed {
        order: row.order_id,
        state: row.state,
        plan: row.plan_id,
        kind: row.kind,
        period: (row.period_from, row.period_until),
        total: Money::new(row.total, row.currency),
        carried_on: row.carried_on > 0,
        given_back: row.given_back > 0,
    };
    Ok(rows.into_iter().map(billed).collect())
}

/// What the order that is being placed is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    /// The subscription.
    pub subscription: SubscriptionId,
    /// The plan.
    pub plan: PlanId,
    /// What it is for.
    pub kind: InvoiceKind,
    /// The price of the period.
    pub price: Money,
    /// What of an earlier line counts: how much, and of which.
    pub credit: Option<(i64, OrderLineId)>,
    /// Whether renewals are to be paid from the balance.
    pub wallet: bool,
}

/// Writes what an order is going to be; within the transaction that places it.
pub async fn put_quote(tx: &mut Tx, account: AccountId, quote: &Quote) -> Result<(), DbError> {
    drop_quote(tx, account).await?;
    let sql = sql!(
        "insert into subscription_quotes (account_id, subscription_id, plan_id, kind, price, currency, credit,
                                          credit_line_id, wallet)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        account,
        quote.subscription,
        quote.plan,
        quote.kind.as_str(),
        quote.price.minor,
        quote.price.currency.code(),
        quote.credit.map_or(0, |(amount, _)| amount),
        quote.credit.map(|(_, line)| line),
        quote.wallet
    );
    tx.exactly(1, sql).await
}

/// What the order of an account that is being placed is to be.
pub async fn quote(tx: &mut Tx, account: AccountId) -> Result<Option<Quote>> {
    #[derive(sqlx::FromRow)]
    struct Quoted {
        #[sqlx(try_from = "Uuid")]
        subscription_id: SubscriptionId,
        #[sqlx(try_from = "Uuid")]
        plan_id: PlanId,
        #[sqlx(try_from = "String")]
        kind: InvoiceKind,
        price: i64,
        #[sqlx(try_from = "String")]
        currency: Currency,
        credit: i64,
        credit_line_id: Option<Uuid>,
        wallet: bool,
    }
    let row: Option<Quoted> = tx
        .maybe(sql!(
            "select subscription_id, plan_id, kind, price, currency, credit, credit_line_id, wallet
             from subscription_quotes where account_id = $1",
            account
        ))
        .await?;
    Ok(row.map(|row| Quote {
        subscription: row.subscription_id,
        plan: row.plan_id,
        kind: row.kind,
        price: Money::new(row.price, row.currency),
        credit: row.credit_line_id.map(|line| (row.credit, OrderLineId::from(line))),
        wallet: row.wallet,
    }))
}

/// Forgets what an order was going to be.
pub async fn drop_quote(tx: &mut Tx, account: AccountId) -> Result<(), DbError> {
    tx.run(sql!("delete from subscription_quotes where account_id = $1", account)).await.map(|_| ())
}
