//! The care that SQLite needs each day. Postgres looks after itself.

use async_trait::async_trait;
use domain::time::Span;
use serde::{Deserialize, Serialize};

use super::{Db, DbError, Pools, prepared};
use crate::jobs::{Job, JobError};
use crate::services::Services;

impl Db {
    /// Refreshes what the planner knows of every table that changed much, writes the log back into the file and empties it, and reads the whole file for
    /// damage; what was found, where something was.
    ///
    /// The log grows as long as somebody reads; emptying it waits for nobody, and the next night tries again.
    pub async fn tend(&self) -> Result<Option<String>, DbError> {
        let Pools::Sqlite { writer, readers } = &self.pools else { return Ok(None) };
        prepared("pragma optimize(0x10002)").execute(writer).await?;
        prepared("pragma wal_checkpoint(truncate)").fetch_all(writer).await?;
        let found: String =
            sqlx::Row::try_get(&prepared("pragma integrity_check(1)").fetch_one(readers).await?, 0)?;
        Ok(Some(found).filter(|found| found != "ok"))
    }
}

/// Once a day: tends the database.
#[derive(Serialize, Deserialize)]
pub struct TendDatabase {}

#[async_trait]
impl Job for TendDatabase {
    const KIND: &'static str = "db.tend";

    async fn run(self, services: &Services) -> Result<(), JobError> {
        let damage = services.kit.db.tend().await?;
        let tomorrow = services.kit.now().plus(Span::days(1));
        let key = (tomorrow.seconds() / 86_400).to_string();
        let mut tx = services.kit.db.begin().await?;
        tx.enqueue_once_at(&Self {}, &key, tomorrow).await?;
        tx.commit().await?;
        match damage {
            None => Ok(()),
            Some(damage) => {
                tracing::error!(damage, "the database file is damaged: stop, and restore a backup");
                Err(JobError::GiveUp(format!("the database file is damaged: {damage}")))
            }
        }
    }
}
