//! Messages: what the platform writes to a person, in the transaction of what it writes about.
//!
//! Other features call [`write`]; the same key is written once, so that a repeated job repeats nothing.

mod mail;
mod port;

use domain::accounts::AccountId;
use domain::messages::{MessageId, Said};
use domain::time::Timestamp;
use uuid::Uuid;

pub use mail::MailMessage;

use crate::db::{Db, DbError, Tx};
use crate::error::Result;
use crate::kit::Kit;
use crate::sql;

/// The messages of every account.
pub struct Service {
    kit: Kit,
}

impl Service {
    /// Messages.
    pub fn new(kit: Kit) -> Self {
        Self { kit }
    }
}

/// Writes a message, and has it mailed; one with a key that the account has already changes nothing.
pub async fn write(
    tx: &mut Tx,
    id: MessageId,
    account: AccountId,
    key: &str,
    said: &Said,
    now: Timestamp,
) -> Result<(), DbError> {
    let params =
        serde_json::to_value(said).map_err(|error| DbError::Other(sqlx::Error::Encode(error.into())))?;
    let written = tx
        .run(sql!(
            "insert into messages (id, account_id, key, kind, params, link, created_at)
         values ($1, $2, $3, $4, $5, $6, $7) on conflict (account_id, key) do nothing",
            id,
            account,
            key,
            said.kind.as_str(),
            params,
            &said.link,
            now
        ))
        .await?;
    if written == 1 {
        tx.enqueue(&MailMessage { message: id }).await?;
    }
    Ok(())
}

/// A message as stored.
#[derive(Clone, Debug)]
pub struct Stored {
    /// The message.
    pub id: MessageId,
    /// What it says.
    pub said: Said,
    /// When it was written.
    pub at: Timestamp,
    /// Whether it was shown before.
    pub read: bool,
}

/// The latest messages of an account, newest first.
pub async fn of_account(db: &Db, account: AccountId, limit: i64) -> Result<Vec<Stored>> {
    #[derive(sqlx::FromRow)]
    struct Row {
        #[sqlx(try_from = "Uuid")]
        id: MessageId,
        params: sqlx::types::Json<Said>,
        #[sqlx(try_from = "i64")]
        created_at: Timestamp,
        read_at: Option<i64>,
    }
    let rows: Vec<Row> = db
        .all(sql!(
            "select id, params, created_at, read_at from messages where account_id = $1
             order by created_at desc, id desc limit $2",
            account,
            limit
        ))
        .await?;
    let stored =
        |row: Row| Stored { id: row.id, said: row.params.0, at: row.created_at, read: row.read_at.is_some() };
    Ok(rows.into_iter().map(stored).collect())
}

/// Notes that every message of an account was shown.
pub async fn mark_read(tx: &mut Tx, account: AccountId, now: Timestamp) -> Result<u64, DbError> {
    tx.run(sql!("update messages set read_at = $2 where account_id = $1 and read_at is null", account, now))
        .await
}
