//! Statements about everybody's refunds, a page at a time.

use domain::payments::RefundId;
use domain::refunds::RefundState;

use super::{Refund, Row};
use crate::db::Db;
use crate::error::Result;
use crate::sql;

/// The refunds in a state, oldest first, from the one after another on.
pub async fn oldest(db: &Db, state: &str, after: Option<RefundId>, limit: i64) -> Result<Vec<Refund>> {
    let rows: Vec<Row> = db
        .all(sql!(
            "select r.id, r.order_id, r.payment_id, r.gateway, r.charge, r.currency, r.amount, r.kind,
                    r.destination, r.state, r.reason, r.policy, r.outside, r.requested_by, r.requested_at
             from refunds r where r.state = $1 and (cast($2 as uuid) is null or (r.requested_at, r.id) >
                (select c.requested_at, c.id from refunds c where c.id = $2))
             order by r.requested_at, r.id limit $3",
            state,
            after,
            limit
        ))
        .await?;
    Ok(rows.into_iter().map(Refund::from).collect())
}

/// The refunds in a state or in any, newest first, from the one after another on.
pub async fn newest(
    db: &Db,
    state: Option<&str>,
    after: Option<RefundId>,
    limit: i64,
) -> Result<Vec<Refund>> {
    let rows: Vec<Row> = db
        .all(sql!(
            "select r.id, r.order_id, r.payment_id, r.gateway, r.charge, r.currency, r.amount, r.kind,
                    r.destination, r.state, r.reason, r.policy, r.outside, r.requested_by, r.requested_at
             from refunds r where (cast($1 as text) is null or r.state = $1)
               and (cast($2 as uuid) is null or (r.requested_at, r.id) <
                (select c.requested_at, c.id from refunds c where c.id = $2))
             order by r.requested_at desc, r.id desc limit $3",
            state,
            after,
            limit
        ))
        .await?;
    Ok(rows.into_iter().map(Refund::from).collect())
}

/// How many refunds are not settled, by state.
pub async fn waiting(db: &Db) -> Result<Vec<(RefundState, i64)>> {
    #[derive(sqlx::FromRow)]
    struct Waiting {
        #[sqlx(try_from = "String")]
        state: RefundState,
        n: i64,
    }
    let rows: Vec<Waiting> = db
        .all(sql!(
            "select state, count(*) as n from refunds where state in ('requested', 'sent', 'unknown')
             group by state order by state"
        ))
        .await?;
    Ok(rows.into_iter().map(|row| (row.state, row.n)).collect())
}
