//! The competition behind a board, as far as standings need it.

use domain::competitions::calendar::Offset;
use domain::competitions::rules::Timetable;
use domain::competitions::{Counting, State, TieRule};
use domain::judging::{Direction, Metric};
use domain::locale::Bilingual;
use domain::standings::{Mode, Rules};
use domain::time::Timestamp;
use uuid::Uuid;

use crate::db::{Db, Tx};
use crate::error::{Error, Result};
use crate::sql;

/// What a board needs to know of its competition; none of it moves once it is published.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The competition.
    pub id: Uuid,
    /// The part of the address.
    pub slug: String,
    /// Who runs it.
    pub organiser: Uuid,
    /// The state.
    pub state: State,
    /// The title.
    pub title: Bilingual,
    /// The name of the metric; nothing for points.
    pub metric: Option<String>,
    /// The rules of the order.
    pub rules: Rules,
    /// The timetable.
    pub timetable: Timetable,
    /// The zone that the organiser states beside it.
    pub offset: Offset,
}

#[derive(sqlx::FromRow)]
struct SubjectRow {
    id: Uuid,
    slug: String,
    organiser_id: Uuid,
    #[sqlx(try_from = "String")]
    state: State,
    title_en: String,
    title_zh: String,
    #[sqlx(try_from = "String")]
    counting: Counting,
    #[sqlx(try_from = "String")]
    ties: TieRule,
    metric: Option<String>,
    #[sqlx(try_from = "i64")]
    registration_opens: Timestamp,
    #[sqlx(try_from = "i64")]
    registration_closes: Timestamp,
    #[sqlx(try_from = "i64")]
    starts: Timestamp,
    freezes: Option<i64>,
    #[sqlx(try_from = "i64")]
    ends: Timestamp,
    utc_offset: i64,
}

impl From<SubjectRow> for Subject {
    fn from(row: SubjectRow) -> Self {
        let mode = match row.metric.as_deref().and_then(Metric::parse) {
            Some(metric) => Mode::Metric { higher_is_better: metric.direction() == Direction::Higher },
            None => Mode::Points,
        };
        Self {
            id: row.id,
            slug: row.slug,
            organiser: row.organiser_id,
            state: row.state,
            title: Bilingual::new(row.title_en, row.title_zh),
            metric: row.metric,
            rules: Rules { mode, counting: row.counting, ties: row.ties, problems: 1 },
            timetable: Timetable {
                registration_opens: row.registration_opens,
                registration_closes: row.registration_closes,
                starts: row.starts,
                freezes: row.freezes.map(Timestamp::from_micros),
                ends: row.ends,
            },
            offset: Offset::from_minutes(row.utc_offset).unwrap_or_default(),
        }
    }
}

/// The competition behind an address.
pub async fn subject_by_slug(db: &Db, slug: &str) -> Result<Option<Subject>> {
    let row: Option<SubjectRow> = db
        .maybe(sql!(
            "select id, slug, organiser_id, state, title_en, title_zh, counting, ties, metric,
                    registration_opens, registration_closes, starts, freezes, ends, utc_offset
             from competitions where slug = $1",
            slug
        ))
        .await?;
    Ok(row.map(Into::into))
}

/// The competition with an id, as a change sees it.
pub async fn subject(tx: &mut Tx, id: Uuid) -> Result<Subject> {
    let row: Option<SubjectRow> = tx
        .maybe(sql!(
            "select id, slug, organiser_id, state, title_en, title_zh, counting, ties, metric,
                    registration_opens, registration_closes, starts, freezes, ends, utc_offset
             from competitions where id = $1",
            id
        ))
        .await?;
    row.map(Into::into).ok_or_else(Error::not_found)
}

/// The present state of a competition.
pub async fn state_of(db: &Db, id: Uuid) -> Result<State> {
    #[derive(sqlx::FromRow)]
    struct Row {
        #[sqlx(try_from = "String")]
        state: State,
    }
    let row: Row = db.one(sql!("select state from competitions where id = $1", id)).await?;
    Ok(row.state)
}

/// The addresses of the competitions that began and are not final, the latest first.
pub async fn running(db: &Db, now: Timestamp) -> Result<Vec<String>> {
    #[derive(sqlx::FromRow)]
    struct Row {
        slug: String,
    }
    let rows: Vec<Row> = db
        .all(sql!(
            "select slug from competitions where state = 'published' and starts <= $1
             order by case when ends >= $1 then 0 else 1 end,
                 (select count(*) from registrations
                  where registrations.competition_id = competitions.id and registrations.state = 'approved') desc,
                 starts desc, id limit 3",
            now
        ))
        .await?;
    Ok(rows.into_iter().map(|row| row.slug).collect())
}
