//! What orders do not demand of their list prices.

use domain::money::{Currency, Money};
use domain::orders::{OrderId, OrderLineId, Reduction, ReductionKind};
use uuid::Uuid;

use crate::db::{Db, Sql, Tx};
use crate::error::Result;
use crate::sql;

/// Writes what a new order does not demand.
pub async fn add_reduction(
    tx: &mut Tx,
    id: Uuid,
    order: OrderId,
    position: i64,
    reduction: &Reduction,
) -> Result<()> {
    let sql = sql!(
        "insert into order_reductions (id, order_id, line_id, position, kind, source, amount)
         values ($1, $2, $3, $4, $5, $6, $7)",
        id,
        order,
        reduction.line,
        position,
        reduction.kind.as_str(),
        &reduction.source,
        reduction.amount.minor
    );
    Ok(tx.exactly(1, sql).await?)
}

#[derive(sqlx::FromRow)]
struct ReductionRow {
    #[sqlx(try_from = "Uuid")]
    line_id: OrderLineId,
    #[sqlx(try_from = "String")]
    kind: ReductionKind,
    source: String,
    amount: i64,
    #[sqlx(try_from = "String")]
    currency: Currency,
}

impl From<ReductionRow> for Reduction {
    fn from(row: ReductionRow) -> Self {
        let amount = Money::new(row.amount, row.currency);
        Self { line: row.line_id, kind: row.kind, source: row.source, amount }
    }
}

fn reductions_sql(order: OrderId) -> Sql {
    sql!(
        "select r.line_id, r.kind, r.source, r.amount, o.currency
         from order_reductions r join orders o on o.id = r.order_id where r.order_id = $1 order by r.position",
        order
    )
}

/// What an order does not demand, and why.
pub async fn reductions(db: &Db, order: OrderId) -> Result<Vec<Reduction>> {
    let rows: Vec<ReductionRow> = db.all(reductions_sql(order)).await?;
    Ok(rows.into_iter().map(Reduction::from).collect())
}

/// The same, read where the order may be changed.
pub async fn reductions_in(tx: &mut Tx, order: OrderId) -> Result<Vec<Reduction>> {
    let rows: Vec<ReductionRow> = tx.all(reductions_sql(order)).await?;
    Ok(rows.into_iter().map(Reduction::from).collect())
}
