//! Reads that agree with each other.

use sqlx::{Postgres, Sqlite, Transaction};

use super::{Arg, Count, Db, DbError, Pools, Record, Rows, Sql, bind, decode, prepared};

enum Inner {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

/// What the database holds at one moment: every read sees that moment, however long they take, and nobody who writes
/// waits for them.
pub struct Snapshot {
    inner: Inner,
}

impl Snapshot {
    pub(super) async fn of(db: &Db) -> Result<Self, DbError> {
        let inner = match &db.pools {
            Pools::Sqlite { readers, .. } => Inner::Sqlite(readers.begin().await?),
            Pools::Postgres(pool) => {
                let mut tx = pool.begin().await?;
                for text in [
                    "set transaction isolation level repeatable read, read only",
                    "set local statement_timeout = 0",
                ] {
                    bind!(prepared(text), []).execute(&mut *tx).await?;
                }
                Inner::Postgres(tx)
            }
        };
        let mut snapshot = Self { inner };
        // The moment is that of the first read.
        snapshot.one::<Count>(Sql::new("select count(*) as n from installation", Vec::new())).await?;
        Ok(snapshot)
    }

    /// Every row of a read.
    pub async fn all<T: Record>(&mut self, sql: Sql) -> Result<Vec<T>, DbError> {
        decode(match &mut self.inner {
            Inner::Sqlite(tx) => {
                Rows::Sqlite(bind!(prepared(sql.text), sql.args).fetch_all(&mut **tx).await?)
            }
            Inner::Postgres(tx) => {
                Rows::Postgres(bind!(prepared(sql.text), sql.args).fetch_all(&mut **tx).await?)
            }
        })
    }
    /// The only row of a read; its absence is a fault.
    pub async fn one<T: Record>(&mut self, sql: Sql) -> Result<T, DbError> {
        self.all(sql).await?.into_iter().next().ok_or(DbError::Other(sqlx::Error::RowNotFound))
    }
}
