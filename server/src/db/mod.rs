//! The data layer: one handle over two engines, chosen by the address at run time.
//!
//! This folder is the only place that names sqlx's pools. Features write portable SQL in their
//! `store.rs` through [`sql!`](crate::sql), by these rules:
//!
//! 1. `$1, $2` everywhere; a number may repeat. Every placeholder is bound.
//! 2. Time is `bigint` microseconds from the `Clock`, never the database's own clock.
//! 3. Money and counts are `bigint`; write `cast(sum(x) as bigint)`.
//! 4. Ids are UUIDs version 7: `uuid` / `blob`. Booleans: write `= true`. JSON is opaque.
//! 5. Optional filters: `(cast($1 as text) is null or col = $1)`.
//! 6. `insert .. on conflict (cols) do update set x = excluded.x`, `on conflict do nothing`, `returning`.
//! 7. `order by` ends in a unique column and says `nulls last` where nulls are possible.
//! 8. Compare text by a normalised key column; no case-blind operators.
//! 9. No locks in feature SQL: [`Tx::lock`] and the job queue.
//! 10. After an error a transaction is over; prefer `on conflict do nothing` and look at the count.
//! 11. Guard every change of state: `.. where id = $1 and state = 'pending'` with [`Tx::exactly`].
//! 12. What is written once, into an append-only table, asks first: `insert .. select .. where not exists (..) on
//!     conflict do nothing`. There SQLite refuses each insert that meets a row, whatever its conflict clause says.
//! 13. The text is a literal, registered, and prepared on both engines by a test.

mod arg;
mod error;
mod sql;
mod tend;
mod tx;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

pub use arg::Arg;
pub use error::DbError;
pub use sql::{Registered, Sql};
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions, PgRow};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow, SqliteSynchronous,
};
use sqlx::{FromRow, PgPool, SqlitePool};
pub use tend::TendDatabase;
pub use tx::{Lock, Tx};

use crate::bus::Bus;
use crate::clock::{Clock, Entropy};

/// How long a statement waits for what another one holds; then the answer is [`DbError::Busy`].
const PATIENCE: Duration = Duration::from_secs(3);

/// How much of a file is read through memory by whoever only looks, in bytes.
const LOOKED_AT: &str = "8589934592";

/// A row that both engines can decode: what `#[derive(sqlx::FromRow)]` gives.
pub trait Record:
    for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin + 'static
{
}
impl<T> Record for T where
    T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin + 'static
{
}

/// A single number, for `select count(*) as n`.
#[derive(sqlx::FromRow)]
pub struct Count {
    /// The number.
    pub n: i64,
}

/// The database: pools of one engine, and the bus that hears of commits.
#[derive(Clone)]
pub struct Db {
    pub(crate) pools: Pools,
    pub(crate) around: Around,
}

/// What a database handle needs of its surroundings.
#[derive(Clone)]
pub struct Around {
    /// Hears of commits.
    pub bus: Bus,
    /// Says when a job is due.
    pub clock: Arc<dyn Clock>,
    /// Makes the ids of jobs.
    pub entropy: Arc<dyn Entropy>,
}

/// The pools of an engine.
#[derive(Clone)]
pub enum Pools {
    /// One file: a single writer connection, several readers.
    Sqlite {
        /// The one connection that writes.
        writer: SqlitePool,
        /// Read-only connections.
        readers: SqlitePool,
    },
    /// A server.
    Postgres(PgPool),
}

macro_rules! bind {
    ($query:expr, $args:expr) => {{
        let mut query = $query;
        for arg in $args {
            query = match arg {
                Arg::Bool(value) => query.bind(value),
                Arg::Int(value) => query.bind(value),
                Arg::Real(value) => query.bind(value),
                Arg::Text(value) => query.bind(value),
                Arg::Bytes(value) => query.bind(value),
                Arg::Uuid(value) => query.bind(value),
                Arg::Json(value) => query.bind(value),
            };
        }
        query
    }};
}
pub(crate) use bind;

/// Rows of either engine, not yet decoded.
pub(crate) enum Rows {
    Sqlite(Vec<SqliteRow>),
    Postgres(Vec<PgRow>),
}

pub(crate) fn decode<T: Record>(rows: Rows) -> Result<Vec<T>, DbError> {
    Ok(match rows {
        Rows::Sqlite(rows) => rows.iter().map(T::from_row).collect::<Result<_, _>>()?,
        Rows::Postgres(rows) => rows.iter().map(T::from_row).collect::<Result<_, _>>()?,
    })
}

impl Db {
    /// Opens an engine by its address (`sqlite:PATH` or `postgres://...`) and migrates it if asked.
    pub async fn connect(
        address: &str,
        connections: u32,
        migrate: bool,
        around: Around,
    ) -> Result<Self, DbError> {
        let pools = match address.strip_prefix("sqlite:") {
            Some(path) => Self::open_sqlite(Path::new(path.trim_start_matches("//")), connections).await?,
            None => Self::open_postgres(address, connections).await?,
        };
        let db = Self { pools, around };
        if migrate {
            db.migrate().await?;
        } else if !db.is_current().await {
            let what = "the schema is of another version: run `leitai migrate`, or leave MIGRATE out";
            return Err(DbError::Other(sqlx::Error::Configuration(what.into())));
        }
        Ok(db)
    }

    /// Opens an engine only to look: nothing is made, nothing is migrated, and nothing can be written.
    pub async fn inspect(address: &str, around: Around) -> Result<Self, DbError> {
        let pools = match address.strip_prefix("sqlite:") {
            Some(path) => {
                let options = Self::sqlite_options(Path::new(path.trim_start_matches("//"))).read_only(true);
                // Whoever looks reads all of it, several times, and with two cores.
                let options = options.pragma("mmap_size", LOOKED_AT).pragma("temp_store", "memory");
                let readers = SqlitePoolOptions::new().max_connections(2).connect_with(options).await?;
                Pools::Sqlite { writer: readers.clone(), readers }
            }
            None => Self::open_postgres(address, 2).await?,
        };
        let db = Self { pools, around };
        if db.is_current().await {
            return Ok(db);
        }
        let what = "the schema is of another version, or there is none: run `leitai migrate`";
        Err(DbError::Other(sqlx::Error::Configuration(what.into())))
    }

    fn sqlite_options(path: &Path) -> SqliteConnectOptions {
        SqliteConnectOptions::new()
            .filename(path)
            .foreign_keys(true)
            .busy_timeout(PATIENCE)
            .pragma("recursive_triggers", "on")
            .statement_cache_capacity(512)
    }

    async fn open_sqlite(path: &Path, connections: u32) -> Result<Pools, DbError> {
        let options = Self::sqlite_options(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full);
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(Duration::from_secs(30))
            .connect_with(options.clone())
            .await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(connections.max(1))
            .connect_with(options.create_if_missing(false).read_only(true))
            .await?;
        Ok(Pools::Sqlite { writer, readers })
    }

    async fn open_postgres(address: &str, connections: u32) -> Result<Pools, DbError> {
        let options: PgConnectOptions = address.parse().map_err(DbError::Other)?;
        let options = options.application_name("leitai").statement_cache_capacity(512).options([
            ("statement_timeout", "30s".to_owned()),
            ("lock_timeout", format!("{}s", PATIENCE.as_secs())),
        ]);
        let pool = PgPoolOptions::new()
            .max_connections(connections.max(2))
            .acquire_timeout(Duration::from_secs(30))
            .connect_with(options)
            .await?;
        Ok(Pools::Postgres(pool))
    }

    /// The migrations of the engine, as this binary holds them.
    fn migrations(&self) -> Migrator {
        match &self.pools {
            Pools::Sqlite { .. } => sqlx::migrate!("../migrations/sqlite"),
            Pools::Postgres(_) => sqlx::migrate!("../migrations/postgres"),
        }
    }

    /// Whether exactly the migrations of this binary were applied.
    async fn is_current(&self) -> bool {
        let applied = Sql::new("select count(*) as n from _sqlx_migrations where success = true", Vec::new());
        let known = self.migrations().iter().count();
        // Without the table nothing was ever applied.
        self.one::<Count>(applied).await.is_ok_and(|applied| usize::try_from(applied.n) == Ok(known))
    }

    /// Brings the schema up to date.
    pub async fn migrate(&self) -> Result<(), DbError> {
        let migrations = self.migrations();
        let done = match &self.pools {
            Pools::Sqlite { writer, .. } => migrations.run(writer).await,
            Pools::Postgres(pool) => migrations.run(pool).await,
        };
        done.map_err(|error| DbError::Other(error.into()))
    }

    /// Passes on what other processes say, as long as the database can be reached.
    pub async fn relay(self) -> Result<(), DbError> {
        self.around.bus.clone().relay(self.pools.clone()).await
    }

    /// Whether the engine is Postgres.
    pub fn is_postgres(&self) -> bool {
        matches!(self.pools, Pools::Postgres(_))
    }

    /// A write transaction. SQLite takes its write lock now, not at the first write.
    ///
    /// Never await the outside world inside one.
    pub async fn begin(&self) -> Result<Tx, DbError> {
        Tx::begin(self).await
    }

    /// A transaction that only reads: everything as of one moment, and nobody who writes is kept waiting.
    pub async fn read(&self) -> Result<Tx, DbError> {
        Tx::read(self, "30s").await
    }

    /// The same for reads that take as long as they take.
    pub async fn snapshot(&self) -> Result<Tx, DbError> {
        Tx::read(self, "0").await
    }

    /// Every row of a read.
    pub async fn all<T: Record>(&self, sql: Sql) -> Result<Vec<T>, DbError> {
        decode(self.rows(sql).await?)
    }
    /// The first row of a read, if any.
    pub async fn maybe<T: Record>(&self, sql: Sql) -> Result<Option<T>, DbError> {
        Ok(self.all(sql).await?.into_iter().next())
    }
    /// The only row of a read; its absence is a fault.
    pub async fn one<T: Record>(&self, sql: Sql) -> Result<T, DbError> {
        self.maybe(sql).await?.ok_or(DbError::Other(sqlx::Error::RowNotFound))
    }

    /// The one place where a read runs; not generic, so it is compiled once.
    async fn rows(&self, sql: Sql) -> Result<Rows, DbError> {
        Ok(match &self.pools {
            Pools::Sqlite { readers, .. } => {
                Rows::Sqlite(bind!(prepared(sql.text), sql.args).fetch_all(readers).await?)
            }
            Pools::Postgres(pool) => {
                Rows::Postgres(bind!(prepared(sql.text), sql.args).fetch_all(pool).await?)
            }
        })
    }

    /// Prepares a statement without running it.
    pub async fn prepare(&self, text: &'static str) -> Result<(), DbError> {
        use sqlx::{Executor, SqlSafeStr};
        match &self.pools {
            Pools::Sqlite { readers, .. } => {
                readers.prepare(text.into_sql_str()).await?;
            }
            Pools::Postgres(pool) => {
                pool.prepare(text.into_sql_str()).await?;
            }
        }
        Ok(())
    }

    /// Writes a consistent copy of a SQLite database into a new file.
    pub async fn copy_sqlite(&self, to: &Path) -> Result<(), DbError> {
        if let Pools::Sqlite { writer, .. } = &self.pools {
            let path = Arg::Text(Some(to.display().to_string()));
            bind!(prepared("vacuum into $1"), [path]).execute(writer).await?;
        }
        Ok(())
    }

    /// Closes every connection.
    pub async fn close(&self) {
        match &self.pools {
            Pools::Sqlite { writer, readers } => {
                readers.close().await;
                writer.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
    }
}

/// The only caller of `sqlx::query`.
#[expect(clippy::disallowed_methods, reason = "this is the data layer")]
pub(crate) fn prepared<DB: sqlx::Database>(
    text: &'static str,
) -> sqlx::query::Query<'static, DB, <DB as sqlx::Database>::Arguments> {
    sqlx::query(text)
}
