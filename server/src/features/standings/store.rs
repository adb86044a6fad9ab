//! Every statement of the standings; those about the competition itself stand in `subject`.

use domain::accounts::AccountId;
use domain::competitions::{CompetitionId, RegistrationId};
use domain::standings::{Event, Fact, Stage};
use domain::time::Timestamp;
use sqlx::types::Json;
use uuid::Uuid;

pub use super::subject::{Subject, running, state_of, subject, subject_by_slug};
use crate::db::{Db, DbError, Tx};
use crate::error::{Error, Result};
use crate::sql;

/// How many events are read at a time.
const BATCH: i64 = 5_000;

/// The last numbers of a competition's two sequences; locked until the transaction ends.
#[derive(Clone, Debug)]
pub struct Head {
    /// The last number in the jury's order.
    pub sequence: i64,
    /// The last public number.
    pub public: i64,
    /// How many entrants have a number.
    pub entrants: i64,
    /// How far the competition has come.
    pub stage: Stage,
}

/// Locks the row that gives out numbers, and reads it.
pub async fn lock_head(tx: &mut Tx, competition: Uuid) -> Result<Head> {
    #[derive(sqlx::FromRow)]
    struct Row {
        sequence: i64,
        public_sequence: i64,
        entrants: i64,
        stage: String,
    }
    tx.run(sql!(
        "insert into standings_heads (competition_id, sequence, public_sequence, entrants, stage)
         values ($1, 0, 0, 0, 'waiting') on conflict (competition_id) do nothing",
        competition
    ))
    .await?;
    let row: Row = tx
        .one(sql!(
            "update standings_heads set sequence = sequence where competition_id = $1
             returning sequence, public_sequence, entrants, stage",
            competition
        ))
        .await?;
    let stage = Stage::parse(&row.stage).ok_or_else(|| Error::bug("a stage that nobody knows"))?;
    Ok(Head { sequence: row.sequence, public: row.public_sequence, entrants: row.entrants, stage })
}

/// The last numbers of every competition, by its address.
pub async fn heads(db: &Db) -> Result<Vec<(String, Head)>> {
    #[derive(sqlx::FromRow)]
    struct Row {
        slug: String,
        sequence: i64,
        public_sequence: i64,
        entrants: i64,
        stage: String,
    }
    let rows: Vec<Row> = db
        .all(sql!(
            "select slug, sequence, public_sequence, entrants, stage from standings_heads
             join competitions on competitions.id = standings_heads.competition_id order by slug"
        ))
        .await?;
    rows.into_iter()
        .map(|row| {
            let stage = Stage::parse(&row.stage).ok_or_else(|| Error::bug("a stage that nobody knows"))?;
            let head =
                Head { sequence: row.sequence, public: row.public_sequence, entrants: row.entrants, stage };
            Ok((row.slug, head))
        })
        .collect()
}

/// Writes the numbers back.
pub async fn save_head(tx: &mut Tx, competition: Uuid, head: &Head) -> Result<(), DbError> {
    tx.exactly(
        1,
        sql!(
            "update standings_heads set sequence = $2, public_sequence = $3, entrants = $4, stage = $5
             where competition_id = $1",
            competition,
            head.sequence,
            head.public,
            head.entrants,
            head.stage.as_str()
        ),
    )
    .await
}

/// Adds an event.
pub async fn append(tx: &mut Tx, competition: Uuid, event: &Event, now: Timestamp) -> Result<()> {
    let body = serde_json::to_value(&event.fact).map_err(|error| Error::bug(error.to_string()))?;
    tx.exactly(
        1,
        sql!(
            "insert into score_events (competition_id, sequence, public_sequence, body, recorded_at)
             values ($1, $2, $3, $4, $5)",
            competition,
            event.sequence,
            event.public,
            body,
            now
        ),
    )
    .await?;
    Ok(())
}

/// An entrant of a board.
#[derive(sqlx::FromRow)]
pub struct EntrantRow {
    /// The number on the board.
    pub number: i64,
    /// Whether the public does not see it.
    pub hidden: bool,
}

/// An entrant of a board, if it has joined.
pub async fn entrant(tx: &mut Tx, competition: Uuid, entrant: RegistrationId) -> Result<Option<EntrantRow>> {
    Ok(tx
        .maybe(sql!(
            "select number, hidden from standings_entrants where competition_id = $1 and entrant_id = $2",
            competition,
            entrant.0
        ))
        .await?)
}

/// Gives an entrant its number.
pub async fn add_entrant(tx: &mut Tx, competition: Uuid, entrant: RegistrationId, number: i64) -> Result<()> {
    tx.exactly(
        1,
        sql!(
            "insert into standings_entrants (competition_id, entrant_id, number, hidden)
             values ($1, $2, $3, $4)",
            competition,
            entrant.0,
            number,
            false
        ),
    )
    .await?;
    Ok(())
}

/// Notes whether the public sees an entrant.
pub async fn set_hidden(tx: &mut Tx, competition: Uuid, entrant: RegistrationId, hidden: bool) -> Result<()> {
    tx.exactly(
        1,
        sql!(
            "update standings_entrants set hidden = $3 where competition_id = $1 and entrant_id = $2",
            competition,
            entrant.0,
            hidden
        ),
    )
    .await?;
    Ok(())
}

/// The name under which an account competes.
pub async fn name_of(tx: &mut Tx, entrant: RegistrationId) -> Result<String> {
    #[derive(sqlx::FromRow)]
    struct Row {
        display_name: String,
    }
    let row: Row = tx
        .one(sql!(
            "select accounts.display_name from registrations
             join accounts on accounts.id = registrations.account_id where registrations.id = $1",
            entrant.0
        ))
        .await?;
    Ok(row.display_name)
}

/// The competitions on whose boards an account stands, and under which registration.
pub async fn entries_of(tx: &mut Tx, account: AccountId) -> Result<Vec<(CompetitionId, RegistrationId)>> {
    #[derive(sqlx::FromRow)]
    struct Row {
        competition_id: Uuid,
        entrant_id: Uuid,
    }
    let rows: Vec<Row> = tx
        .all(sql!(
            "select e.competition_id, e.entrant_id from registrations r cross join standings_entrants e
             where r.account_id = $1 and e.competition_id = r.competition_id and e.entrant_id = r.id
             order by e.competition_id, e.entrant_id",
            account
        ))
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| (CompetitionId(row.competition_id), RegistrationId(row.entrant_id)))
        .collect())
}

/// The number under which an account stands on a board, if it does.
pub async fn number_of(db: &Db, competition: Uuid, account: Uuid) -> Result<Option<u32>> {
    let row: Option<EntrantRow> = db
        .maybe(sql!(
            "select standings_entrants.number, standings_entrants.hidden from standings_entrants
             join registrations on registrations.id = standings_entrants.entrant_id
             where standings_entrants.competition_id = $1 and registrations.account_id = $2",
            competition,
            account
        ))
        .await?;
    Ok(row.and_then(|row| u32::try_from(row.number).ok()))
}

#[derive(sqlx::FromRow)]
struct EventRow {
    sequence: i64,
    public_sequence: Option<i64>,
    body: Json<Fact>,
}

impl From<EventRow> for Event {
    fn from(row: EventRow) -> Self {
        Self { sequence: row.sequence, public: row.public_sequence, fact: row.body.0 }
    }
}

/// The next events after a number, in order; empty at the end.
pub async fn events_after(db: &Db, competition: Uuid, sequence: i64) -> Result<Vec<Event>> {
    let rows: Vec<EventRow> = db
        .all(sql!(
            "select sequence, public_sequence, body from score_events
             where competition_id = $1 and sequence > $2 order by sequence limit $3",
            competition,
            sequence,
            BATCH
        ))
        .await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Every event, as a change sees them.
pub async fn events(tx: &mut Tx, competition: Uuid) -> Result<Vec<Event>> {
    let rows: Vec<EventRow> = tx
        .all(sql!(
            "select sequence, public_sequence, body from score_events
             where competition_id = $1 order by sequence",
            competition
        ))
        .await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// A page of the events that the public could know when a public number was the last one.
///
/// `frozen` is the number of the event that froze the board, in the jury's order: what came later and
/// has no public number is withheld.
pub async fn published(
    db: &Db,
    competition: Uuid,
    until: i64,
    frozen: Option<i64>,
    skip: i64,
    size: i64,
) -> Result<Vec<Event>> {
    let rows: Vec<EventRow> = db
        .all(sql!(
            "select sequence, public_sequence, body from score_events
             where competition_id = $1
               and (public_sequence is not null or sequence < $3)
               and sequence <= (select max(sequence) from score_events
                                where competition_id = $1 and public_sequence <= $2)
             order by sequence limit $4 offset $5",
            competition,
            until,
            frozen.unwrap_or(i64::MAX),
            size,
            skip
        ))
        .await?;
    Ok(rows.into_iter().map(Into::into).collect())
}
