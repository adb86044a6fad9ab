//! Lines that cost nothing because a plan opened them, and the line of the plan that did.

use domain::orders::{OrderId, OrderLineId};
use uuid::Uuid;

use crate::db::Tx;
use crate::error::Result;
use crate::sql;

/// Writes down which line of a plan opened a line.
pub async fn add_entry(tx: &mut Tx, line: OrderLineId, plan_line: OrderLineId) -> Result<()> {
    let sql = sql!("insert into plan_entries (line_id, plan_line_id) values ($1, $2)", line, plan_line);
    Ok(tx.exactly(1, sql).await?)
}

/// The paid orders with lines that a line of a plan opened.
pub async fn orders_opened_by(tx: &mut Tx, plan_line: OrderLineId) -> Result<Vec<OrderId>> {
    #[derive(sqlx::FromRow)]
    struct Row {
        order_id: Uuid,
    }
    let rows: Vec<Row> = tx
        .all(sql!(
            "select distinct l.order_id from plan_entries e join order_lines l on l.id = e.line_id
             join orders o on o.id = l.order_id
             where e.plan_line_id = $1 and o.state in ('paid', 'partially_refunded') order by l.order_id",
            plan_line
        ))
        .await?;
    Ok(rows.into_iter().map(|row| OrderId(row.order_id)).collect())
}

/// The lines of an order that plans opened whose money went back.
pub async fn ended_lines(tx: &mut Tx, order: OrderId) -> Result<Vec<OrderLineId>> {
    #[derive(sqlx::FromRow)]
    struct Row {
        line_id: Uuid,
    }
    let rows: Vec<Row> = tx
        .all(sql!(
            "select e.line_id from plan_entries e join order_lines l on l.id = e.line_id
             where l.order_id = $1 and exists (select 1 from refund_lines b join refunds r on r.id = b.refund_id
                 where b.line_id = e.plan_line_id and b.whole = true and r.state = 'succeeded')
             order by e.line_id",
            order
        ))
        .await?;
    Ok(rows.into_iter().map(|row| OrderLineId(row.line_id)).collect())
}
