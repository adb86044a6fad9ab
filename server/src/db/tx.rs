//! Write transactions: changes, and what must follow them if, and only if, they are committed.

use domain::accounts::AccountId;
use domain::time::Timestamp;
use sqlx::{Postgres, Sqlite, Transaction};
use uuid::Uuid;

use super::{Arg, Around, Db, DbError, Pools, Record, Rows, Sql, bind, decode, prepared};
use crate::bus::{Note, Tag};
use crate::jobs::Job;
use crate::sql;

/// A thing whose changes must come one after the other.
///
/// Whoever locks several takes them in the order of these lines, and several of one kind in the order of their ids,
/// so that nobody ever waits in a circle. Orders alone are free among themselves: whoever locks a second one holds
/// their account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lock {
    /// An account: its limits and balances.
    Account(AccountId),
    /// An order and its payments.
    Order(Uuid),
    /// A course.
    Course(Uuid),
    /// A competition: its seats, limits and public sequence.
    Competition(Uuid),
    /// The cached sums of the ledger. Nearly every booking meets at the same few rows, so that one lock costs nothing
    /// that those would not cost.
    Ledger,
}

impl Lock {
    /// Whether it may be taken while another is held.
    fn may_follow(self, held: Self) -> bool {
        self > held || matches!((self, held), (Self::Order(_), Self::Order(_)))
    }
}

enum Inner {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

/// An open write transaction; dropping it undoes everything.
pub struct Tx {
    inner: Inner,
    around: Around,
    notes: Vec<Note>,
    held: Vec<Lock>,
}

impl Tx {
    pub(super) async fn begin(db: &Db) -> Result<Self, DbError> {
        let inner = match &db.pools {
            Pools::Sqlite { writer, .. } => Inner::Sqlite(writer.begin_with("begin immediate").await?),
            Pools::Postgres(pool) => Inner::Postgres(pool.begin().await?),
        };
        Ok(Self { inner, around: db.around.clone(), notes: Vec::new(), held: Vec::new() })
    }

    /// Every row that a statement gives.
    pub async fn all<T: Record>(&mut self, sql: Sql) -> Result<Vec<T>, DbError> {
        decode(self.rows(sql).await?)
    }
    /// The first row that a statement gives, if any.
    pub async fn maybe<T: Record>(&mut self, sql: Sql) -> Result<Option<T>, DbError> {
        Ok(self.all(sql).await?.into_iter().next())
    }
    /// The only row that a statement gives; its absence is a fault.
    pub async fn one<T: Record>(&mut self, sql: Sql) -> Result<T, DbError> {
        self.maybe(sql).await?.ok_or(DbError::Other(sqlx::Error::RowNotFound))
    }
    /// Runs a statement; how many rows it changed.
    pub async fn run(&mut self, sql: Sql) -> Result<u64, DbError> {
        Ok(match &mut self.inner {
            Inner::Sqlite(tx) => {
                bind!(prepared(sql.text), sql.args).execute(&mut **tx).await?.rows_affected()
            }
            Inner::Postgres(tx) => {
                bind!(prepared(sql.text), sql.args).execute(&mut **tx).await?.rows_affected()
            }
        })
    }
    /// Runs a statement that must change exactly `expected` rows.
    pub async fn exactly(&mut self, expected: u64, sql: Sql) -> Result<(), DbError> {
        let found = self.run(sql).await?;
        if found == expected { Ok(()) } else { Err(DbError::Rows { expected, found }) }
    }

    async fn rows(&mut self, sql: Sql) -> Result<Rows, DbError> {
        Ok(match &mut self.inner {
            Inner::Sqlite(tx) => {
                Rows::Sqlite(bind!(prepared(sql.text), sql.args).fetch_all(&mut **tx).await?)
            }
            Inner::Postgres(tx) => {
                Rows::Postgres(bind!(prepared(sql.text), sql.args).fetch_all(&mut **tx).await?)
            }
        })
    }

    /// Makes every other transaction that locks the same thing wait until this one ends.
    ///
    /// Nothing to do on SQLite, whose writers come one after the other anyway; yet the order of locks is checked on
    /// both engines while developing, for a circle shows itself only once in a long while.
    pub async fn lock(&mut self, lock: Lock) -> Result<(), DbError> {
        if self.held.contains(&lock) {
            return Ok(());
        }
        if let Some(held) = self.held.iter().find(|held| !lock.may_follow(**held)) {
            if cfg!(debug_assertions) {
                return Err(DbError::Other(sqlx::Error::Protocol(format!("{lock:?} after {held:?}"))));
            }
            tracing::error!(?lock, ?held, "locks are taken in another order than everywhere");
        }
        self.held.push(lock);
        if let Inner::Postgres(tx) = &mut self.inner {
            let key = match lock {
                Lock::Account(id) => key("accounts", id.0),
                Lock::Course(id) => key("courses", id),
                Lock::Competition(id) => key("competitions", id),
                Lock::Order(id) => key("orders", id),
                Lock::Ledger => key("ledger", Uuid::nil()),
            };
            bind!(prepared("select pg_advisory_xact_lock($1)"), [Arg::Int(Some(key))])
                .execute(&mut **tx)
                .await?;
        }
        Ok(())
    }

    /// Records a job as part of this change, to be run at once.
    pub async fn enqueue<J: Job>(&mut self, job: &J) -> Result<(), DbError> {
        self.enqueue_at(job, self.around.clock.now()).await
    }

    /// Records a job as part of this change, to be run at an instant.
    pub async fn enqueue_at<J: Job>(&mut self, job: &J, at: Timestamp) -> Result<(), DbError> {
        let id = self.job_id();
        self.insert_job(id, job, &id.to_string(), at).await
    }

    /// Records a job under a key: at most one job of a kind and key is ever recorded.
    pub async fn enqueue_once<J: Job>(&mut self, job: &J, key: &str) -> Result<(), DbError> {
        let (id, now) = (self.job_id(), self.around.clock.now());
        self.insert_job(id, job, key, now).await
    }

    /// As [`Tx::enqueue_once`], to be run at an instant.
    pub async fn enqueue_once_at<J: Job>(
        &mut self,
        job: &J,
        key: &str,
        at: Timestamp,
    ) -> Result<(), DbError> {
        let id = self.job_id();
        self.insert_job(id, job, key, at).await
    }

    fn job_id(&self) -> Uuid {
        let mut random = [0; 10];
        self.around.entropy.fill(&mut random);
        domain::id::uuid_v7(self.around.clock.now(), random)
    }

    async fn insert_job<J: Job>(
        &mut self,
        id: Uuid,
        job: &J,
        key: &str,
        at: Timestamp,
    ) -> Result<(), DbError> {
        let payload =
            serde_json::to_value(job).map_err(|error| DbError::Other(sqlx::Error::Encode(error.into())))?;
        let added = self
            .run(sql!(
                "insert into jobs (id, kind, key, payload, state, attempts, run_at, created_at)
                 values ($1, $2, $3, $4, 'ready', 0, $5, $6) on conflict (kind, key) do nothing",
                id,
                J::KIND,
                key,
                payload,
                at,
                self.around.clock.now()
            ))
            .await?;
        // What is due later is found by the worker's own look at the clock; on Postgres a note is not free.
        if added > 0 && at <= self.around.clock.now() {
            self.notes.push(Note::Jobs);
        }
        Ok(())
    }

    /// Says on commit that cached public pages which show something are stale.
    pub fn touch(&mut self, tag: Tag) {
        self.notes.push(Note::Touched(tag));
    }

    /// Says something to every process on commit; nobody hears of a rollback.
    pub fn tell(&mut self, note: Note) {
        self.notes.push(note);
    }

    /// Makes everything durable, then tells what follows from it.
    pub async fn commit(mut self) -> Result<(), DbError> {
        self.notes.dedup();
        if let Inner::Postgres(tx) = &mut self.inner {
            for note in &self.notes {
                let payload = self.around.bus.wire(note);
                bind!(prepared("select pg_notify('leitai', $1)"), [Arg::Text(Some(payload))])
                    .execute(&mut **tx)
                    .await?;
            }
        }
        match self.inner {
            Inner::Sqlite(tx) => tx.commit().await?,
            Inner::Postgres(tx) => tx.commit().await?,
        }
        for note in self.notes {
            self.around.bus.say(note);
        }
        Ok(())
    }
}

/// A lock number for a thing: FNV-1a over its kind and id.
fn key(kind: &str, id: Uuid) -> i64 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in kind.bytes().chain(id.into_bytes()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    hash as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locks_have_one_order() {
        let id = Uuid::from_u128;
        let (ada, bob) = (Lock::Account(AccountId(id(1))), Lock::Account(AccountId(id(2))));
        assert!(bob.may_follow(ada) && !ada.may_follow(bob));
        assert!(Lock::Order(id(1)).may_follow(Lock::Order(id(2))), "their account is held");
        assert!(Lock::Competition(id(1)).may_follow(Lock::Order(id(9))));
        assert!(!Lock::Competition(id(1)).may_follow(Lock::Competition(id(2))));
        assert!(Lock::Ledger.may_follow(Lock::Competition(id(9))) && !ada.may_follow(Lock::Ledger));
    }
}
