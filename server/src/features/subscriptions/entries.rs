//! What a plan opened for nothing ends with the money of the plan.

use domain::orders::{OrderId, OrderLineId, Reduction, ReductionKind, Step};
use domain::time::Timestamp;

use super::Service;
use super::jobs::EndEntry;
use super::store;
use crate::db::{Lock, Tx};
use crate::error::{Error, Result};
use crate::features::orders::service::Cause;
use crate::features::orders::store as orders;

/// The order of the plan that a reduction names as its source.
fn source(reduction: &Reduction) -> Option<OrderId> {
    reduction.source.strip_prefix("order:")?.parse().ok()
}

impl Service {
    /// Writes down which line of a plan opened each line that costs nothing because of it.
    pub(super) async fn note_entries(&self, tx: &mut Tx, reductions: &[Reduction]) -> Result<()> {
        for reduction in reductions.iter().filter(|reduction| reduction.kind == ReductionKind::Plan) {
            let by = source(reduction).ok_or_else(|| Error::bug("a plan without its order"))?;
            let invoice = store::invoice_of(tx, by).await?.ok_or_else(Error::not_found)?;
            store::add_entry(tx, reduction.line, invoice.line).await?;
        }
        Ok(())
    }

    /// The money of a line of a plan went back: what it opened for nothing is given up soon, by its jobs.
    pub(super) async fn end_entries(&self, tx: &mut Tx, plan_line: OrderLineId) -> Result<()> {
        for order in store::orders_opened_by(tx, plan_line).await? {
            tx.enqueue(&EndEntry { order }).await?;
        }
        Ok(())
    }

    /// Gives the seats of an order up that a plan had opened whose money went back; twice changes nothing.
    pub(crate) async fn end_entry(&self, id: OrderId) -> Result<()> {
        let Some(order) = orders::order(&self.kit.db, id).await? else { return Ok(()) };
        let now: Timestamp = self.kit.now();
        let mut tx = self.kit.db.begin().await?;
        tx.lock(Lock::Account(order.account)).await?;
        tx.lock(Lock::Order(id.0)).await?;
        let Some(order) = orders::order_in(&mut tx, id).await?.filter(|order| order.state.entitles()) else {
            return Ok(());
        };
        let ended = store::ended_lines(&mut tx, id).await?;
        let lines = orders::lines_in(&mut tx, id).await?;
        let all = ended.len() == lines.len();
        let gone: Vec<_> = lines.into_iter().filter(|line| ended.contains(&line.id)).collect();
        if gone.is_empty() {
            return Ok(());
        }
        let step = if all { Step::RefundAll } else { Step::RefundPart };
        let cause = Cause { actor: None, by: "plan" };
        self.orders.take_back(&mut tx, &order, &gone, step, cause, now).await?;
        Ok(tx.commit().await?)
    }
}
