//! Statements about registrations.

use domain::accounts::AccountId;
use domain::competitions::{CompetitionId, RegistrationId, RegistrationState};
use domain::orders::OrderId;
use domain::time::Timestamp;
use uuid::Uuid;

use crate::db::{Count, Db, Sql, Tx};
use crate::error::Result;
use crate::sql;

/// A person's place in a competition.
#[derive(Clone, Copy, Debug)]
pub struct Registration {
    /// The registration.
    pub id: RegistrationId,
    /// Its state.
    pub state: RegistrationState,
    /// The order that it was bought by.
    pub order: Option<OrderId>,
}

#[derive(sqlx::FromRow)]
struct Row {
    #[sqlx(try_from = "Uuid")]
    id: RegistrationId,
    #[sqlx(try_from = "String")]
    state: RegistrationState,
    order_id: Option<Uuid>,
}

impl From<Row> for Registration {
    fn from(row: Row) -> Self {
        Self { id: row.id, state: row.state, order: row.order_id.map(OrderId) }
    }
}

/// An account's registration.
pub async fn registration(
    db: &Db,
    competition: CompetitionId,
    account: AccountId,
) -> Result<Option<Registration>> {
    let row: Option<Row> = db
        .maybe(sql!(
            "select id, state, order_id from registrations where competition_id = $1 and account_id = $2",
            competition,
            account
        ))
        .await?;
    Ok(row.map(Into::into))
}

/// An account's registration inside a transaction.
pub async fn registration_in(
    tx: &mut Tx,
    competition: CompetitionId,
    account: AccountId,
) -> Result<Option<Registration>> {
    let row: Option<Row> = tx
        .maybe(sql!(
            "select id, state, order_id from registrations where competition_id = $1 and account_id = $2",
            competition,
            account
        ))
        .await?;
    Ok(row.map(Into::into))
}

/// Names the columns of one index and no other: its entries are counted, no row is read.
fn seats_sql(competition: CompetitionId) -> Sql {
    sql!(
        "select count(*) as n from registrations where competition_id = $1
         and state in ('awaiting_payment', 'under_review', 'approved')",
        competition
    )
}

/// How many seats are taken.
pub async fn seats(db: &Db, competition: CompetitionId) -> Result<i64> {
    Ok(db.one::<Count>(seats_sql(competition)).await?.n)
}

/// As [`seats`]; the caller holds the competition's lock.
pub async fn seats_in(tx: &mut Tx, competition: CompetitionId) -> Result<i64> {
    Ok(tx.one::<Count>(seats_sql(competition)).await?.n)
}

/// Holds a seat until the order is paid or ends.
pub async fn hold_seat(
    tx: &mut Tx,
    id: RegistrationId,
    competition: CompetitionId,
    account: AccountId,
    now: Timestamp,
) -> Result<()> {
    tx.exactly(
        1,
        sql!(
            "insert into registrations (id, competition_id, account_id, state, created_at, updated_at)
             values ($1, $2, $3, 'awaiting_payment', $4, $4)
             on conflict (competition_id, account_id) do update
             set state = 'awaiting_payment', updated_at = excluded.updated_at
             where registrations.state in ('draft', 'awaiting_payment', 'withdrawn')",
            id,
            competition,
            account,
            now
        ),
    )
    .await?;
    Ok(())
}

/// Lets an entrant compete.
pub async fn approve(
    tx: &mut Tx,
    competition: CompetitionId,
    account: AccountId,
    order: OrderId,
    now: Timestamp,
) -> Result<()> {
    tx.exactly(
        1,
        sql!(
            "update registrations set state = 'approved', order_id = $3, approved_at = $4, updated_at = $4
             where competition_id = $1 and account_id = $2 and state = 'awaiting_payment'",
            competition,
            account,
            order,
            now
        ),
    )
    .await?;
    Ok(())
}

/// Gives a seat back that was never paid, or whose order was given back; not one that another order holds by now.
pub async fn withdraw(
    tx: &mut Tx,
    competition: CompetitionId,
    account: AccountId,
    order: OrderId,
    now: Timestamp,
) -> Result<()> {
    tx.run(sql!(
        "update registrations set state = 'withdrawn', updated_at = $3
         where competition_id = $1 and account_id = $2
           and (state = 'approved' and order_id = $4 or state = 'awaiting_payment' and not exists
               (select 1 from order_lines l join orders o on o.id = l.order_id
                where l.thing_kind = 'competition' and l.thing_id = $1 and o.account_id = $2 and o.id <> $4
                  and o.state in ('reserved', 'awaiting_payment')))",
        competition,
        account,
        now,
        order
    ))
    .await?;
    Ok(())
}

/// How a person is called on the board.
pub async fn display_name(tx: &mut Tx, account: AccountId) -> Result<String> {
    #[derive(sqlx::FromRow)]
    struct Row {
        display_name: String,
    }
    let row: Row = tx.one(sql!("select display_name from accounts where id = $1", account)).await?;
    Ok(row.display_name)
}

/// An approved entrant.
#[derive(sqlx::FromRow)]
pub struct Entrant {
    /// The registration.
    #[sqlx(try_from = "Uuid")]
    pub id: RegistrationId,
    /// Who.
    #[sqlx(try_from = "Uuid")]
    pub account_id: AccountId,
    /// The name that others read.
    pub display_name: String,
}

/// Every approved entrant.
pub async fn entrants(tx: &mut Tx, competition: CompetitionId) -> Result<Vec<Entrant>> {
    Ok(tx
        .all(sql!(
            "select r.id, r.account_id, a.display_name from registrations r
             join accounts a on a.id = r.account_id
             where r.competition_id = $1 and r.state = 'approved' order by r.id",
            competition
        ))
        .await?)
}

/// How many submissions there are, and how many wait for their judgement.
pub async fn submission_counts(db: &Db, competition: CompetitionId) -> Result<(i64, i64)> {
    let all: Count =
        db.one(sql!("select count(*) as n from submissions where competition_id = $1", competition)).await?;
    let waiting: Count = db
        .one(sql!(
            "select count(*) as n from submissions where competition_id = $1 and verdict = 'queued'",
            competition
        ))
        .await?;
    Ok((all.n, waiting.n))
}

/// How many submissions wait for their judgement; the caller holds the competition's lock.
pub async fn unjudged(tx: &mut Tx, competition: CompetitionId) -> Result<i64> {
    let count: Count = tx
        .one(sql!(
            "select count(*) as n from submissions where competition_id = $1 and verdict = 'queued'",
            competition
        ))
        .await?;
    Ok(count.n)
}
