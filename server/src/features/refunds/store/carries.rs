//! Statements about bundles that were sold for less because their buyer had a part of them already.

use domain::accounts::AccountId;
use domain::orders::{OrderState, Thing};
use domain::refunds::Carries;

use crate::db::Tx;
use crate::error::Result;
use crate::sql;

/// Whether an account has, or is about to have, a bundle that was sold without one of its courses, since the account
/// had that course already.
pub async fn carries(tx: &mut Tx, account: AccountId, thing: Thing) -> Result<Carries> {
    #[derive(sqlx::FromRow)]
    struct Row {
        #[sqlx(try_from = "String")]
        state: OrderState,
    }
    let Thing::Course(course) = thing else { return Ok(Carries::Nothing) };
    let rows: Vec<Row> = tx
        .all(sql!(
            "select distinct o.state from bundle_courses b
             join order_lines l on l.bundle_id = b.bundle_id
             join orders o on o.id = l.order_id and o.account_id = $1 and o.purpose = 'purchase'
               and o.state in ('reserved', 'awaiting_payment', 'paid', 'partially_refunded')
             join line_facts f on f.line_id = l.id and f.ended = false
             where b.course_id = $2
               and not exists (select 1 from order_lines s where s.order_id = o.id and s.bundle_id = b.bundle_id
                               and s.thing_kind = 'course' and s.thing_id = b.course_id)",
            account,
            course
        ))
        .await?;
    let carried = rows.iter().map(|row| if row.state.is_open() { Carries::Waiting } else { Carries::Held });
    Ok(carried.max().unwrap_or(Carries::Nothing))
}
