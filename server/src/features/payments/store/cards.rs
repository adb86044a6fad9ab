//! Statements about cards that are kept at gateways.

use domain::accounts::AccountId;
use domain::payments::CardId;
use domain::time::Timestamp;
use uuid::Uuid;

use super::super::gateway::Card;
use crate::db::{Count, Db, Sql, Tx};
use crate::error::Result;
use crate::sql;

/// A card of an account.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct KeptCard {
    /// The card.
    #[sqlx(try_from = "Uuid")]
    pub id: CardId,
    /// The gateway that knows it.
    pub gateway: String,
    /// The gateway's name of its owner.
    pub customer: String,
    /// The gateway's name of it.
    pub method: String,
    /// What its owner recognises it by.
    pub label: String,
}

impl KeptCard {
    /// The card as its gateway knows it.
    pub fn card(&self) -> Card {
        Card { customer: self.customer.clone(), method: self.method.clone(), label: self.label.clone() }
    }
}

/// The card that an account lets us keep.
pub async fn kept_card(db: &Db, account: AccountId) -> Result<Option<KeptCard>> {
    Ok(db.maybe(kept_card_sql(account)).await?)
}

/// As [`kept_card`], under the lock of the account.
pub async fn kept_card_in(tx: &mut Tx, account: AccountId) -> Result<Option<KeptCard>> {
    Ok(tx.maybe(kept_card_sql(account)).await?)
}

fn kept_card_sql(account: AccountId) -> Sql {
    sql!(
        "select id, gateway, customer, method, label from kept_cards
         where account_id = $1 and forgotten_at is null",
        account
    )
}

/// A card by its id, forgotten or not.
pub async fn card(db: &Db, id: CardId) -> Result<Option<KeptCard>> {
    Ok(db
        .maybe(sql!("select id, gateway, customer, method, label from kept_cards where id = $1", id))
        .await?)
}

/// Whether a card was ever written down, forgotten or not.
pub async fn was_kept(tx: &mut Tx, gateway: &str, method: &str) -> Result<bool> {
    let count: Count = tx
        .one(sql!("select count(*) as n from kept_cards where gateway = $1 and method = $2", gateway, method))
        .await?;
    Ok(count.n > 0)
}

/// Whether a card was charged, or may have been, since an instant.
pub async fn was_charged(db: &Db, card: CardId, since: Timestamp) -> Result<bool> {
    let count: Count = db
        .one(sql!(
            "select count(*) as n from payments
             where card_id = $1 and (created_at > $2 or state in ('created', 'pending', 'unknown'))",
            card,
            since
        ))
        .await?;
    Ok(count.n > 0)
}

/// Writes down a card that is kept.
pub async fn keep_card(
    tx: &mut Tx,
    id: CardId,
    account: AccountId,
    gateway: &str,
    card: &Card,
    now: Timestamp,
) -> Result<()> {
    let sql = sql!(
        "insert into kept_cards (id, account_id, gateway, customer, method, label, kept_at)
         values ($1, $2, $3, $4, $5, $6, $7)",
        id,
        account,
        gateway,
        &card.customer,
        &card.method,
        &card.label,
        now
    );
    Ok(tx.exactly(1, sql).await?)
}

/// Notes that a card is charged no more.
pub async fn forget_card(tx: &mut Tx, id: CardId, now: Timestamp) -> Result<()> {
    let sql = sql!("update kept_cards set forgotten_at = $2 where id = $1 and forgotten_at is null", id, now);
    Ok(tx.exactly(1, sql).await?)
}
