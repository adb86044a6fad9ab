//! What a plan opened for nothing ends with the money of the plan.

use domain::orders::{OrderId, OrderLineId, Reduction, ReductionKind};

use super::Service;
use super::jobs::EndEntry;
use super::store;
use crate::db::Tx;
use crate::error::{Error, Result};

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
}
