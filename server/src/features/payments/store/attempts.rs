//! Statements about attempts to pay.

use domain::accounts::AccountId;
use domain::locale::{Bilingual, Locale};
use domain::money::{Currency, Money};
use domain::orders::OrderId;
use domain::payments::{AttemptState, CardId, PaymentId};
use domain::time::Timestamp;
use uuid::Uuid;

use super::super::gateway::{Card, Checkout, Demand};
use super::history::add_step;
use crate::db::{Count, Db, Tx};
use crate::error::Result;
use crate::sql;

/// One attempt to pay an order.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// The attempt.
    pub id: PaymentId,
    /// The order.
    pub order: OrderId,
    /// Who pays.
    pub buyer: AccountId,
    /// Where it is paid.
    pub gateway: String,
    /// What it demands.
    pub amount: Money,
    /// Where it stands.
    pub state: AttemptState,
    /// For what, as the gateway shows it.
    pub title: String,
    /// The buyer's language.
    pub locale: Locale,
    /// When it began.
    pub created_at: Timestamp,
    /// The last instant at which it may be paid.
    pub expires_at: Timestamp,
    /// The gateway's own name of it.
    pub reference: Option<String>,
    /// Where the buyer pays, once the gateway has made it.
    pub checkout: Option<Checkout>,
    /// Whether the card that pays is to be kept for renewals.
    pub keeps: bool,
    /// The kept card that is charged, where the buyer is not there.
    pub card: Option<Card>,
}

impl Attempt {
    /// Our number of the attempt at the gateway: 32 hexadecimal digits.
    pub fn number(&self) -> String {
        self.id.0.simple().to_string()
    }
    /// What the gateway is asked for; always the same for one attempt.
    pub fn demand(&self) -> Demand {
        Demand {
            attempt: self.id,
            number: self.number(),
            order: self.order,
            buyer: self.buyer,
            amount: self.amount,
            title: self.title.clone(),
            created_at: self.created_at,
            expires_at: self.expires_at,
            locale: self.locale,
            keeps: self.keeps,
            card: self.card.clone(),
        }
    }
}

#[derive(sqlx::FromRow)]
struct AttemptRow {
    #[sqlx(try_from = "Uuid")]
    id: PaymentId,
    #[sqlx(try_from = "Uuid")]
    order_id: OrderId,
    #[sqlx(try_from = "Uuid")]
    account_id: AccountId,
    gateway: String,
    #[sqlx(try_from = "String")]
    currency: Currency,
    amount: i64,
    #[sqlx(try_from = "String")]
    state: AttemptState,
    title: String,
    locale: String,
    #[sqlx(try_from = "i64")]
    created_at: Timestamp,
    #[sqlx(try_from = "i64")]
    expires_at: Timestamp,
    reference: Option<String>,
    checkout_kind: Option<String>,
    checkout: Option<String>,
    keeps: bool,
    customer: Option<String>,
    method: Option<String>,
    label: Option<String>,
}

impl From<AttemptRow> for Attempt {
    fn from(row: AttemptRow) -> Self {
        let checkout = row.checkout_kind.zip(row.checkout);
        let card = row.customer.zip(row.method).zip(row.label);
        Self {
            id: row.id,
            order: row.order_id,
            buyer: row.account_id,
            gateway: row.gateway,
            amount: Money::new(row.amount, row.currency),
            state: row.state,
            title: row.title,
            locale: Locale::parse(&row.locale).unwrap_or_default(),
            created_at: row.created_at,
            expires_at: row.expires_at,
            reference: row.reference,
            checkout: checkout.and_then(|(kind, target)| Checkout::of(&kind, target)),
            keeps: row.keeps,
            card: card.map(|((customer, method), label)| Card { customer, method, label }),
        }
    }
}

/// The account that placed an order, and the attempt that pays it.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub struct Owner {
    /// The account.
    #[sqlx(try_from = "Uuid")]
    pub account_id: AccountId,
    /// The order.
    #[sqlx(try_from = "Uuid")]
    pub order_id: OrderId,
    /// The attempt.
    #[sqlx(try_from = "Uuid")]
    pub payment_id: PaymentId,
}

/// The attempts of an order, newest first.
pub async fn attempts(db: &Db, order: OrderId) -> Result<Vec<Attempt>> {
    let rows: Vec<AttemptRow> = db
        .all(sql!(
            "select p.id, p.order_id, o.account_id, p.gateway, p.currency, p.amount, p.state, p.title, p.locale,
                    p.created_at, p.expires_at, p.reference, p.checkout_kind, p.checkout, p.keeps,
                    k.customer, k.method, k.label
             from payments p join orders o on o.id = p.order_id left join kept_cards k on k.id = p.card_id where p.order_id = $1 order by p.id desc",
            order
        ))
        .await?;
    Ok(rows.into_iter().map(Attempt::from).collect())
}

/// The attempts of an order, newest first, read under its lock.
pub async fn attempts_in(tx: &mut Tx, order: OrderId) -> Result<Vec<Attempt>> {
    let rows: Vec<AttemptRow> = tx
        .all(sql!(
            "select p.id, p.order_id, o.account_id, p.gateway, p.currency, p.amount, p.state, p.title, p.locale,
                    p.created_at, p.expires_at, p.reference, p.checkout_kind, p.checkout, p.keeps,
                    k.customer, k.method, k.label
             from payments p join orders o on o.id = p.order_id left join kept_cards k on k.id = p.card_id where p.order_id = $1 order by p.id desc",
            order
        ))
        .await?;
    Ok(rows.into_iter().map(Attempt::from).collect())
}

/// One attempt, read under the lock of its order.
pub async fn attempt_in(tx: &mut Tx, id: PaymentId) -> Result<Option<Attempt>> {
    let row: Option<AttemptRow> = tx
        .maybe(sql!(
            "select p.id, p.order_id, o.account_id, p.gateway, p.currency, p.amount, p.state, p.title, p.locale,
                    p.created_at, p.expires_at, p.reference, p.checkout_kind, p.checkout, p.keeps,
                    k.customer, k.method, k.label
             from payments p join orders o on o.id = p.order_id left join kept_cards k on k.id = p.card_id where p.id = $1",
            id
        ))
        .await?;
    Ok(row.map(Attempt::from))
}

/// One attempt.
pub async fn attempt(db: &Db, id: PaymentId) -> Result<Option<Attempt>> {
    let row: Option<AttemptRow> = db
        .maybe(sql!(
            "select p.id, p.order_id, o.account_id, p.gateway, p.currency, p.amount, p.state, p.title, p.locale,
                    p.created_at, p.expires_at, p.reference, p.checkout_kind, p.checkout, p.keeps,
                    k.customer, k.method, k.label
             from payments p join orders o on o.id = p.order_id left join kept_cards k on k.id = p.card_id where p.id = $1",
            id
        ))
        .await?;
    Ok(row.map(Attempt::from))
}

/// An attempt of an account's own order.
pub async fn own_attempt(db: &Db, id: PaymentId, account: AccountId) -> Result<Option<Attempt>> {
    Ok(attempt(db, id).await?.filter(|attempt| attempt.buyer == account))
}

/// Whose order an attempt pays, if the gateway is the one it was begun at.
pub async fn owner(db: &Db, id: PaymentId, gateway: &str) -> Result<Option<Owner>> {
    Ok(db
        .maybe(sql!(
            "select o.account_id, o.id as order_id, p.id as payment_id
             from payments p join orders o on o.id = p.order_id where p.id = $1 and p.gateway = $2",
            id,
            gateway
        ))
        .await?)
}

/// Whose order the money of a charge belongs to, if it was booked for an attempt.
pub async fn owner_of_charge(db: &Db, gateway: &str, charge: &str) -> Result<Option<Owner>> {
    Ok(db
        .maybe(sql!(
            "select o.account_id, o.id as order_id, c.payment_id
             from charges c join orders o on o.id = c.order_id
             where c.gateway = $1 and c.charge = $2 and c.payment_id is not null",
            gateway,
            charge
        ))
        .await?)
}

/// Writes a new attempt, with the kept card that it charges.
pub async fn add_attempt(tx: &mut Tx, step: Uuid, attempt: &Attempt, card: Option<CardId>) -> Result<()> {
    let sql = sql!(
        "insert into payments
             (id, order_id, gateway, currency, amount, state, title, locale, expires_at, created_at, changed_at,
              keeps, card_id)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, $11, $12)",
        attempt.id,
        attempt.order,
        &attempt.gateway,
        attempt.amount.currency.code(),
        attempt.amount.minor,
        attempt.state.as_str(),
        &attempt.title,
        attempt.locale.as_str(),
        attempt.expires_at,
        attempt.created_at,
        attempt.keeps,
        card
    );
    tx.exactly(1, sql).await?;
    let cause = if card.is_some() { "renewal" } else { "buyer" };
    add_step(tx, step, attempt.id, attempt.state, cause, attempt.created_at).await
}

/// Moves an attempt from the state in which it was read, and writes down when and through what.
pub async fn set_attempt(
    tx: &mut Tx,
    step: Uuid,
    id: PaymentId,
    from: AttemptState,
    to: AttemptState,
    cause: &str,
    now: Timestamp,
) -> Result<()> {
    let sql = sql!(
        "update payments set state = $3, changed_at = $4 where id = $1 and state = $2",
        id,
        from.as_str(),
        to.as_str(),
        now
    );
    tx.exactly(1, sql).await?;
    add_step(tx, step, id, to, cause, now).await
}

/// Notes where an attempt can be paid, once; the state is another matter.
pub async fn set_checkout(
    tx: &mut Tx,
    id: PaymentId,
    checkout: &Checkout,
    reference: Option<&str>,
    now: Timestamp,
) -> Result<()> {
    tx.run(sql!(
        "update payments set checkout_kind = $2, checkout = $3, reference = $4, changed_at = $5
         where id = $1 and checkout is null",
        id,
        checkout.kind(),
        checkout.target(),
        reference,
        now
    ))
    .await?;
    Ok(())
}

/// Notes what a gateway calls the charge of a kept card, once.
pub async fn set_reference(tx: &mut Tx, id: PaymentId, reference: &str, now: Timestamp) -> Result<()> {
    tx.run(sql!(
        "update payments set reference = $2, changed_at = $3 where id = $1 and reference is null",
        id,
        reference,
        now
    ))
    .await?;
    Ok(())
}

/// The title of the first line of an order.
pub async fn title(db: &Db, order: OrderId) -> Result<Bilingual> {
    #[derive(sqlx::FromRow)]
    struct Row {
        title_en: String,
        title_zh: String,
    }
    let row: Option<Row> = db
        .maybe(sql!(
            "select title_en, title_zh from order_lines where order_id = $1 order by position limit 1",
            order
        ))
        .await?;
    Ok(row.map(|row| Bilingual::new(row.title_en, row.title_zh)).unwrap_or_default())
}

/// The attempts at a gateway that began in a time and brought nothing so far.
pub async fn fruitless(db: &Db, gateway: &str, from: Timestamp, until: Timestamp) -> Result<Vec<PaymentId>> {
    #[derive(sqlx::FromRow)]
    struct Row {
        #[sqlx(try_from = "Uuid")]
        id: PaymentId,
    }
    let rows: Vec<Row> = db
        .all(sql!(
            "select id from payments where gateway = $1 and created_at >= $2 and created_at <= $3
               and state <> 'confirmed' order by id",
            gateway,
            from,
            until
        ))
        .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// An attempt of which nobody knows anything, as staff sees it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct UnknownRow {
    /// The attempt.
    #[sqlx(try_from = "Uuid")]
    pub id: PaymentId,
    /// The order.
    #[sqlx(try_from = "Uuid")]
    pub order_id: OrderId,
    /// Where it is paid.
    pub gateway: String,
    /// Who pays.
    pub username: String,
    /// How much.
    pub amount: i64,
    /// In which currency.
    #[sqlx(try_from = "String")]
    pub currency: Currency,
    /// Since when.
    #[sqlx(try_from = "i64")]
    pub changed_at: Timestamp,
}

/// The attempts that have been unknown since before an instant, oldest first, from the one after another on.
pub async fn unknown(
    db: &Db,
    before: Timestamp,
    after: Option<PaymentId>,
    limit: i64,
) -> Result<Vec<UnknownRow>> {
    Ok(db
        .all(sql!(
            "select p.id, p.order_id, p.gateway, a.username, p.amount, p.currency, p.changed_at
             from payments p join orders o on o.id = p.order_id join accounts a on a.id = o.account_id
             where p.state = 'unknown' and p.changed_at < $1
               and (cast($2 as uuid) is null or (p.changed_at, p.id) >
                    (select q.changed_at, q.id from payments q where q.id = $2))
             order by p.changed_at, p.id limit $3",
            before,
            after,
            limit
        ))
        .await?)
}

/// How many attempts have been unknown since before an instant.
pub async fn count_unknown(db: &Db, before: Timestamp) -> Result<i64> {
    let sql = sql!("select count(*) as n from payments where state = 'unknown' and changed_at < $1", before);
    let count: Count = db.one(sql).await?;
    Ok(count.n)
}
