//! Every statement of the first page.

use domain::money::{Currency, Money};

use crate::db::{Db, DbError};
use crate::sql;

/// What is counted.
#[derive(sqlx::FromRow)]
pub struct Counts {
    /// Accounts.
    pub people: i64,
    /// Lessons read or passed.
    pub lessons: i64,
    /// Certificates that hold.
    pub proven: i64,
}

#[derive(sqlx::FromRow)]
struct Sum {
    #[sqlx(try_from = "String")]
    currency: Currency,
    total: i64,
}

/// Accounts, finished lessons and certificates.
pub async fn counts(db: &Db) -> Result<Counts, DbError> {
    db.one(sql!(
        "select (select count(*) from accounts) as people,
                (select count(*) from learning_events where kind in ('read', 'passed')) as lessons,
                (select count(*) from certificates where revoked_at is null) as proven"
    ))
    .await
}

/// What was paid, by currency, the larger sum first.
pub async fn paid(db: &Db) -> Result<Vec<Money>, DbError> {
    let sums: Vec<Sum> = db
        .all(sql!(
            "select currency, cast(sum(total) as bigint) as total from orders
             where state in ('paid', 'partially_refunded') and total > 0
             group by currency order by total desc, currency"
        ))
        .await?;
    Ok(sums.into_iter().map(|sum| Money::new(sum.total, sum.currency)).collect())
}
