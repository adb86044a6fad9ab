//! Every statement about competitions; their files, questions and registrations stand beside.

pub mod files;
pub mod registrations;

use domain::accounts::AccountId;
use domain::competitions::calendar::Offset;
use domain::competitions::input::{NewCompetition, Task};
use domain::competitions::rules::Timetable;
use domain::competitions::{CompetitionId, Counting, Kind, State, TieRule};
use domain::judging::{Metric, Split};
use domain::locale::Bilingual;
use domain::money::{Currency, Money};
use domain::text::Slug;
use domain::time::{Span, Timestamp};
use uuid::Uuid;

use crate::db::{Db, Tx};
use crate::error::{Error, Result};
use crate::sql;

/// A competition as it is stored.
#[derive(Clone, Debug)]
pub struct Competition {
    /// The competition.
    pub id: CompetitionId,
    /// Who runs it.
    pub organiser: AccountId,
    /// Its state.
    pub state: State,
    /// What its organiser designed.
    pub design: NewCompetition,
    /// The seed of the split into public and private rows.
    pub split_seed: i64,
    /// How many are in, where a statement counts them; for the public, who came before the freeze.
    pub entrants: i64,
}

impl Competition {
    /// The split of the rows; everything is public where nothing is predicted.
    pub fn split(&self) -> Split {
        let public_share = match self.design.task {
            Task::Quiz { .. } => 100,
            Task::Prediction { public_share, .. } => public_share,
        };
        Split { seed: self.split_seed, public_share }
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    #[sqlx(try_from = "Uuid")]
    id: CompetitionId,
    slug: String,
    #[sqlx(try_from = "Uuid")]
    organiser_id: AccountId,
    #[sqlx(try_from = "String")]
    kind: Kind,
    #[sqlx(try_from = "String")]
    state: State,
    title_en: String,
    title_zh: String,
    summary_en: String,
    summary_zh: String,
    rules_en: String,
    rules_zh: String,
    utc_offset: i64,
    #[sqlx(try_from = "i64")]
    registration_opens: Timestamp,
    #[sqlx(try_from = "i64")]
    registration_closes: Timestamp,
    #[sqlx(try_from = "i64")]
    starts: Timestamp,
    freezes: Option<i64>,
    #[sqlx(try_from = "i64")]
    ends: Timestamp,
    fee_minor: i64,
    #[sqlx(try_from = "String")]
    currency: Currency,
    capacity: Option<i64>,
    #[sqlx(try_from = "String")]
    counting: Counting,
    #[sqlx(try_from = "String")]
    ties: TieRule,
    metric: Option<String>,
    public_share: Option<i64>,
    daily_limit: Option<i64>,
    time_limit: Option<i64>,
    split_seed: i64,
    #[sqlx(default)]
    entrants: i64,
}

impl TryFrom<Row> for Competition {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self> {
        let bad = || Error::bug(format!("the competition {} is stored wrongly", row.id));
        let task = match row.kind {
            Kind::Quiz => Task::Quiz { time_limit: Span::from_micros(row.time_limit.ok_or_else(bad)?) },
            Kind::Prediction => Task::Prediction {
                metric: row.metric.as_deref().and_then(Metric::parse).ok_or_else(bad)?,
                public_share: row.public_share.and_then(|share| u8::try_from(share).ok()).ok_or_else(bad)?,
                daily_limit: row.daily_limit,
            },
        };
        let timetable = Timetable {
            registration_opens: row.registration_opens,
            registration_closes: row.registration_closes,
            starts: row.starts,
            freezes: row.freezes.map(Timestamp::from_micros),
            ends: row.ends,
        };
        let design = NewCompetition {
            slug: Slug::try_from(row.slug.clone()).map_err(|_| bad())?,
            title: Bilingual::new(row.title_en.as_str(), row.title_zh.as_str()),
            summary: Bilingual::new(row.summary_en.as_str(), row.summary_zh.as_str()),
            rules: Bilingual::new(row.rules_en.as_str(), row.rules_zh.as_str()),
            offset: Offset::from_minutes(row.utc_offset).ok_or_else(bad)?,
            timetable,
            fee: Money::new(row.fee_minor, row.currency),
            capacity: row.capacity,
            counting: row.counting,
            ties: row.ties,
            task,
        };
        Ok(Self {
            id: row.id,
            organiser: row.organiser_id,
            state: row.state,
            design,
            split_seed: row.split_seed,
            entrants: row.entrants,
        })
    }
}

/// A competition by its slug.
pub async fn by_slug(db: &Db, slug: &str) -> Result<Option<Competition>> {
    let row: Option<Row> = db
        .maybe(sql!(
            "select c.*, (select count(*) from registrations r
                          where r.competition_id = c.id and r.state = 'approved'
                          and (c.freezes is null or c.state = 'finalised' or r.approved_at < c.freezes)) as entrants
             from competitions c where c.slug = $1",
            slug
        ))
        .await?;
    row.map(TryInto::try_into).transpose()
}

/// A competition by its id.
pub async fn by_id(db: &Db, id: CompetitionId) -> Result<Option<Competition>> {
    let row: Option<Row> = db
        .maybe(sql!(
            "select c.*, (select count(*) from registrations r
                          where r.competition_id = c.id and r.state = 'approved'
                          and (c.freezes is null or c.state = 'finalised' or r.approved_at < c.freezes)) as entrants
             from competitions c where c.id = $1",
            id
        ))
        .await?;
    row.map(TryInto::try_into).transpose()
}

/// A competition inside a transaction.
pub async fn in_tx(tx: &mut Tx, id: CompetitionId) -> Result<Option<Competition>> {
    let row: Option<Row> = tx
        .maybe(sql!("select c.*, cast(0 as bigint) as entrants from competitions c where c.id = $1", id))
        .await?;
    row.map(TryInto::try_into).transpose()
}

fn all(rows: Vec<Row>) -> Result<Vec<Competition>> {
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Everything public, latest start first.
pub async fn public(db: &Db) -> Result<Vec<Competition>> {
    all(db
        .all(sql!(
            "select c.*, (select count(*) from registrations r
                          where r.competition_id = c.id and r.state = 'approved'
                          and (c.freezes is null or c.state = 'finalised' or r.approved_at < c.freezes)) as entrants
             from competitions c where c.state <> 'draft' order by c.starts desc, c.id desc limit 200"
        ))
        .await?)
}

/// What an account organises, latest first.
pub async fn organised(db: &Db, account: AccountId) -> Result<Vec<Competition>> {
    all(db
        .all(sql!(
            "select c.*, (select count(*) from registrations r
                          where r.competition_id = c.id and r.state = 'approved') as entrants
             from competitions c where c.organiser_id = $1 order by c.created_at desc, c.id desc limit 200",
            account
        ))
        .await?)
}

/// Everything, drafts included, for administrators.
pub async fn everything(db: &Db) -> Result<Vec<Competition>> {
    all(db
        .all(sql!(
            "select c.*, (select count(*) from registrations r
                          where r.competition_id = c.id and r.state = 'approved') as entrants
             from competitions c order by c.created_at desc, c.id desc limit 200"
        ))
        .await?)
}

/// What an account is registered for, latest first.
pub async fn entered(db: &Db, account: AccountId) -> Result<Vec<Competition>> {
    all(db
        .all(sql!(
            "select c.*, (select count(*) from registrations r
                          where r.competition_id = c.id and r.state = 'approved'
                          and (c.freezes is null or c.state = 'finalised' or r.approved_at < c.freezes)) as entrants
             from competitions c join registrations m on m.competition_id = c.id
             where m.account_id = $1 and m.state in ('awaiting_payment', 'under_review', 'approved')
             order by m.created_at desc, c.id desc limit 200",
            account
        ))
        .await?)
}

/// Username and display name of an account.
pub async fn names(db: &Db, account: AccountId) -> Result<(String, String)> {
    #[derive(sqlx::FromRow)]
    struct Names {
        username: String,
        display_name: String,
    }
    let names: Names =
        db.one(sql!("select username, display_name from accounts where id = $1", account)).await?;
    Ok((names.username, names.display_name))
}

struct Columns<'a> {
    new: &'a NewCompetition,
    metric: Option<&'static str>,
    public_share: Option<i64>,
    time_limit: Option<i64>,
}

impl<'a> From<&'a NewCompetition> for Columns<'a> {
    fn from(new: &'a NewCompetition) -> Self {
        let (metric, public_share, time_limit) = match &new.task {
            Task::Quiz { time_limit } => (None, None, Some(time_limit.micros())),
            Task::Prediction { metric, public_share, .. } => {
                (Some(metric.as_str()), Some(i64::from(*public_share)), None)
            }
        };
        Self { new, metric, public_share, time_limit }
    }
}

/// Adds a draft.
pub async fn add(
    tx: &mut Tx,
    id: CompetitionId,
    organiser: AccountId,
    new: &NewCompetition,
    seed: i64,
    now: Timestamp,
) -> Result<(), crate::db::DbError> {
    tx.exactly(
        1,
        sql!(
            "insert into competitions (id, slug, organiser_id, kind, state, title_en, title_zh, summary_en,
                summary_zh, rules_en, rules_zh, utc_offset, registration_opens, registration_closes, starts,
                ends, fee_minor, currency, counting, ties, split_seed, created_at, updated_at)
             values ($1, $2, $3, $4, 'draft', '', '', '', '', '', '', 0, $5, $5, $5, $5, 0, 'CNY', 'best',
                'earlier', $6, $5, $5)",
            id,
            new.slug.as_str(),
            organiser,
            new.task.kind().as_str(),
            now,
            seed
        ),
    )
    .await?;
    update(tx, id, new, now).await
}

/// Changes a draft.
pub async fn update(
    tx: &mut Tx,
    id: CompetitionId,
    new: &NewCompetition,
    now: Timestamp,
) -> Result<(), crate::db::DbError> {
    let Columns { new, metric, public_share, time_limit } = new.into();
    let table = &new.timetable;
    tx.exactly(
        1,
        sql!(
            "update competitions set slug = $2, kind = $3, title_en = $4, title_zh = $5, summary_en = $6,
                summary_zh = $7, rules_en = $8, rules_zh = $9, utc_offset = $10, registration_opens = $11,
                registration_closes = $12, starts = $13, freezes = $14, ends = $15, fee_minor = $16,
                currency = $17, capacity = $18, counting = $19, ties = $20, metric = $21, public_share = $22,
                daily_limit = $23, time_limit = $24, updated_at = $25
             where id = $1 and state = 'draft'",
            id,
            new.slug.as_str(),
            new.task.kind().as_str(),
            &new.title.en,
            &new.title.zh,
            &new.summary.en,
            &new.summary.zh,
            &new.rules.en,
            &new.rules.zh,
            new.offset.minutes(),
            table.registration_opens,
            table.registration_closes,
            table.starts,
            table.freezes,
            table.ends,
            new.fee.minor,
            new.fee.currency.code(),
            new.capacity,
            new.counting.as_str(),
            new.ties.as_str(),
            metric,
            public_share,
            new.task.daily_limit(),
            time_limit,
            now
        ),
    )
    .await
}

/// Moves a competition from one state to another.
pub async fn set_state(tx: &mut Tx, id: CompetitionId, from: State, to: State, now: Timestamp) -> Result<()> {
    Ok(tx
        .exactly(
            1,
            sql!(
                "update competitions set state = $3, updated_at = $4,
                    published_at = case when $3 = 'published' then $4 else published_at end,
                    finalised_at = case when $3 = 'finalised' then $4 else finalised_at end
                 where id = $1 and state = $2",
                id,
                from.as_str(),
                to.as_str(),
                now
            ),
        )
        .await?)
}

/// Writes down why a competition was called off.
pub async fn add_cancellation(
    tx: &mut Tx,
    id: CompetitionId,
    reason: &str,
    by: AccountId,
    now: Timestamp,
) -> Result<()> {
    let sql = sql!(
        "insert into competition_cancellations (competition_id, reason, cancelled_at, cancelled_by)
         values ($1, $2, $3, $4)",
        id,
        reason,
        now,
        by
    );
    Ok(tx.exactly(1, sql).await?)
}

/// Why a competition was called off.
pub async fn cancellation(db: &Db, id: CompetitionId) -> Result<Option<String>> {
    #[derive(sqlx::FromRow)]
    struct Why {
        reason: String,
    }
    let sql = sql!("select reason from competition_cancellations where competition_id = $1", id);
    Ok(db.maybe::<Why>(sql).await?.map(|why| why.reason))
}

/// Moves the end of a running competition.
pub async fn set_end(tx: &mut Tx, id: CompetitionId, timetable: &Timetable, now: Timestamp) -> Result<()> {
    Ok(tx
        .exactly(
            1,
            sql!(
                "update competitions set ends = $2, registration_closes = $3, freezes = $4, updated_at = $5
                 where id = $1 and state = 'published'",
                id,
                timetable.ends,
                timetable.registration_closes,
                timetable.freezes,
                now
            ),
        )
        .await?)
}

/// What each place wins of the entry fees, in basis points, the first place first.
pub async fn prizes(db: &Db, id: CompetitionId) -> Result<Vec<u32>> {
    #[derive(sqlx::FromRow)]
    struct Row {
        basis_points: i64,
    }
    let rows: Vec<Row> = db
        .all(sql!("select basis_points from competition_prizes where competition_id = $1 order by place", id))
        .await?;
    Ok(rows.into_iter().map(|row| u32::try_from(row.basis_points).unwrap_or_default()).collect())
}
