//! Plans and what they open.

use domain::accounts::AccountId;
use domain::courses::category::CATEGORIES;
use domain::locale::Bilingual;
use domain::money::{Currency, Money};
use domain::orders::Thing;
use domain::subscriptions::input::NewPlan;
use domain::subscriptions::{Interval, Opens, PlanId, Rank, Terms, Tier};
use domain::time::Timestamp;
use uuid::Uuid;

use crate::db::{Db, DbError, Tx};
use crate::error::Result;
use crate::sql;

/// A plan.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The plan.
    pub id: PlanId,
    /// How much it opens and how long its period lasts.
    pub rank: Rank,
    /// Its name.
    pub title: Bilingual,
    /// What it is, in a sentence.
    pub summary: Bilingual,
    /// What it costs, in every currency in which it can be bought.
    pub prices: Vec<Money>,
    /// Trial, grace and retries.
    pub terms: Terms,
    /// Whether it is offered.
    pub active: bool,
}

impl Plan {
    /// The price in a currency.
    pub fn price(&self, currency: Currency) -> Option<Money> {
        self.prices.iter().copied().find(|price| price.currency == currency)
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    #[sqlx(try_from = "Uuid")]
    id: PlanId,
    #[sqlx(try_from = "String")]
    tier: Tier,
    #[sqlx(try_from = "String")]
    every: Interval,
    title_en: String,
    title_zh: String,
    summary_en: String,
    summary_zh: String,
    price_cny: Option<i64>,
    price_usd: Option<i64>,
    trial_days: i64,
    grace_days: i64,
    retry_days: String,
    active: bool,
}

impl From<Row> for Plan {
    fn from(row: Row) -> Self {
        let prices = [(row.price_cny, Currency::Cny), (row.price_usd, Currency::Usd)];
        Self {
            id: row.id,
            rank: Rank { tier: row.tier, interval: row.every },
            title: Bilingual::new(row.title_en, row.title_zh),
            summary: Bilingual::new(row.summary_en, row.summary_zh),
            prices: prices
                .into_iter()
                .filter_map(|(minor, currency)| Some(Money::new(minor?, currency)))
                .collect(),
            terms: Terms {
                trial_days: row.trial_days,
                grace_days: row.grace_days,
                retry_days: row.retry_days.split(',').filter_map(|days| days.parse().ok()).collect(),
            },
            active: row.active,
        }
    }
}

/// Every plan, from less to more and from short to long.
pub async fn plans(db: &Db) -> Result<Vec<Plan>> {
    let rows: Vec<Row> = db
        .all(sql!(
            "select id, tier, every, title_en, title_zh, summary_en, summary_zh, price_cny, price_usd,
                    trial_days, grace_days, retry_days, active from plans order by id"
        ))
        .await?;
    let mut plans: Vec<Plan> = rows.into_iter().map(Plan::from).collect();
    plans.sort_by_key(|plan| (plan.rank.tier, plan.rank.interval, plan.id));
    Ok(plans)
}

/// A plan.
pub async fn plan(db: &Db, id: PlanId) -> Result<Option<Plan>> {
    let row: Option<Row> = db
        .maybe(sql!(
            "select id, tier, every, title_en, title_zh, summary_en, summary_zh, price_cny, price_usd,
                    trial_days, grace_days, retry_days, active from plans where id = $1",
            id
        ))
        .await?;
    Ok(row.map(Plan::from))
}

/// A plan, read where something follows from it.
pub async fn plan_in(tx: &mut Tx, id: PlanId) -> Result<Option<Plan>> {
    let row: Option<Row> = tx
        .maybe(sql!(
            "select id, tier, every, title_en, title_zh, summary_en, summary_zh, price_cny, price_usd,
                    trial_days, grace_days, retry_days, active from plans where id = $1",
            id
        ))
        .await?;
    Ok(row.map(Plan::from))
}

fn retries(plan: &NewPlan) -> String {
    let days: Vec<String> = plan.terms.retry_days.iter().map(ToString::to_string).collect();
    days.join(",")
}

/// Writes a new plan, not offered yet.
pub async fn add_plan(
    tx: &mut Tx,
    id: PlanId,
    plan: &NewPlan,
    by: AccountId,
    now: Timestamp,
) -> Result<(), DbError> {
    let sql = sql!(
        "insert into plans (id, tier, every, title_en, title_zh, summary_en, summary_zh, price_cny, price_usd,
                            trial_days, grace_days, retry_days, active, created_at, created_by, changed_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, false, $13, $14, $13)",
        id,
        plan.rank.tier.as_str(),
        plan.rank.interval.as_str(),
        &plan.title.en,
        &plan.title.zh,
        &plan.summary.en,
        &plan.summary.zh,
        plan.price(Currency::Cny).map(|price| price.minor),
        plan.price(Currency::Usd).map(|price| price.minor),
        plan.terms.trial_days,
        plan.terms.grace_days,
        retries(plan),
        now,
        by
    );
    tx.exactly(1, sql).await
}

/// Changes what may change of a plan: not its tier, not its interval.
pub async fn change_plan(tx: &mut Tx, id: PlanId, plan: &NewPlan, now: Timestamp) -> Result<(), DbError> {
    let sql = sql!(
        "update plans set title_en = $2, title_zh = $3, summary_en = $4, summary_zh = $5, price_cny = $6,
             price_usd = $7, trial_days = $8, grace_days = $9, retry_days = $10, changed_at = $11 where id = $1",
        id,
        &plan.title.en,
        &plan.title.zh,
        &plan.summary.en,
        &plan.summary.zh,
        plan.price(Currency::Cny).map(|price| price.minor),
        plan.price(Currency::Usd).map(|price| price.minor),
        plan.terms.trial_days,
        plan.terms.grace_days,
        retries(plan),
        now
    );
    tx.exactly(1, sql).await
}

/// Offers a plan, or no longer.
pub async fn set_active(tx: &mut Tx, id: PlanId, active: bool, now: Timestamp) -> Result<(), DbError> {
    tx.exactly(1, sql!("update plans set active = $2, changed_at = $3 where id = $1", id, active, now)).await
}

/// Writes anew what a plan opens.
pub async fn set_opens(tx: &mut Tx, id: PlanId, opens: &[Opens]) -> Result<(), DbError> {
    tx.run(sql!("delete from plan_things where plan_id = $1", id)).await?;
    for one in opens {
        let sql = sql!(
            "insert into plan_things (plan_id, kind, reference) values ($1, $2, $3)",
            id,
            one.kind(),
            one.reference()
        );
        tx.exactly(1, sql).await?;
    }
    Ok(())
}

#[derive(sqlx::FromRow)]
struct ThingRow {
    #[sqlx(try_from = "Uuid")]
    plan_id: PlanId,
    kind: String,
    reference: String,
}

/// What every plan opens.
pub async fn opens(db: &Db) -> Result<Vec<(PlanId, Opens)>> {
    let rows: Vec<ThingRow> = db
        .all(sql!("select plan_id, kind, reference from plan_things order by plan_id, kind, reference"))
        .await?;
    let read = |row: ThingRow| Some((row.plan_id, Opens::of(&row.kind, &row.reference)?));
    Ok(rows.into_iter().filter_map(read).collect())
}

/// What a plan opens.
pub async fn opens_of(db: &Db, id: PlanId) -> Result<Vec<Opens>> {
    Ok(opens(db).await?.into_iter().filter(|(plan, _)| *plan == id).map(|(_, opens)| opens).collect())
}

/// The names of the offered plans that open a thing, each tier once, from less to more.
pub async fn opening(db: &Db, thing: &Thing) -> Result<Vec<(Tier, Bilingual)>> {
    let category = match thing {
        Thing::Course(course) => category_of(db, course.0).await?,
        _ => None,
    };
    let reaches = |opens: &Opens| match (opens, thing) {
        (Opens::Courses, Thing::Course(_)) | (Opens::Competitions, Thing::Competition(_)) => true,
        (Opens::Course(id), Thing::Course(course)) => id == course,
        (Opens::Competition(id), Thing::Competition(competition)) => id == competition,
        (Opens::Category(slug), Thing::Course(_)) => above(category.as_deref()).contains(&slug.as_str()),
        _ => false,
    };
    let things = opens(db).await?;
    let mut found: Vec<(Tier, Bilingual)> = plans(db)
        .await?
        .into_iter()
        .filter(|plan| plan.active && plan.rank.tier != Tier::Free)
        .filter(|plan| things.iter().any(|(id, opens)| *id == plan.id && reaches(opens)))
        .map(|plan| (plan.rank.tier, plan.title))
        .collect();
    found.dedup_by_key(|(tier, _)| *tier);
    Ok(found)
}

async fn category_of(db: &Db, course: Uuid) -> Result<Option<String>> {
    #[derive(sqlx::FromRow)]
    struct Row {
        category: Option<String>,
    }
    let row: Option<Row> = db.maybe(sql!("select category from courses where id = $1", course)).await?;
    Ok(row.and_then(|row| row.category))
}

/// A subject and the one above it.
pub fn above(category: Option<&str>) -> Vec<&str> {
    let parent = CATEGORIES.iter().find(|known| Some(known.slug) == category).and_then(|known| known.parent);
    category.into_iter().chain(parent).collect()
}
