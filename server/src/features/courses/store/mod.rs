//! Every statement of courses. Courses themselves stand here; outline, catalogue and learning in files of their own.

mod catalogue;
mod learning;
mod learnt;
mod outline;
mod pictures;

pub(super) use catalogue::*;
pub(super) use learning::*;
pub(super) use learnt::*;
pub(super) use outline::*;
pub(super) use pictures::*;

use domain::accounts::AccountId;
use domain::courses::input::CourseText;
use domain::courses::policy::CourseFacts;
use domain::courses::{CourseId, CourseState, Level};
use domain::locale::{Bilingual, Locale};
use domain::money::{Currency, Money};
use domain::time::Timestamp;
use sqlx::types::Json;
use uuid::Uuid;

use crate::db::{Db, DbError, Sql, Tx};
use crate::sql;

/// A course with the names of its author.
#[derive(Clone, Debug)]
pub(super) struct Course {
    pub id: CourseId,
    pub slug: String,
    pub author: AccountId,
    pub author_name: String,
    pub author_username: String,
    pub state: CourseState,
    pub title: Bilingual,
    pub summary: Bilingual,
    pub goals: Bilingual,
    pub category: Option<String>,
    pub level: Level,
    pub tags: Vec<String>,
    pub proves: Vec<String>,
    pub price: Money,
    pub languages: Vec<Locale>,
    pub learners: u32,
    pub updated_at: Timestamp,
}

impl Course {
    /// What the rules need to know.
    pub(super) fn facts(&self) -> CourseFacts {
        CourseFacts { id: self.id, author: self.author, state: self.state, price: self.price }
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    #[sqlx(try_from = "Uuid")]
    id: CourseId,
    slug: String,
    #[sqlx(try_from = "Uuid")]
    author_id: AccountId,
    display_name: String,
    username: String,
    #[sqlx(try_from = "String")]
    state: CourseState,
    title_en: String,
    title_zh: String,
    summary_en: String,
    summary_zh: String,
    goals_en: String,
    goals_zh: String,
    category: Option<String>,
    #[sqlx(try_from = "String")]
    level: Level,
    tags: Json<Vec<String>>,
    proves: Json<Vec<String>>,
    price_minor: i64,
    #[sqlx(try_from = "String")]
    currency: Currency,
    in_en: bool,
    in_zh: bool,
    #[sqlx(try_from = "i64")]
    learners: u32,
    #[sqlx(try_from = "i64")]
    updated_at: Timestamp,
}

impl From<Row> for Course {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            slug: row.slug,
            author: row.author_id,
            author_name: row.display_name,
            author_username: row.username,
            state: row.state,
            title: Bilingual::new(row.title_en, row.title_zh),
            summary: Bilingual::new(row.summary_en, row.summary_zh),
            goals: Bilingual::new(row.goals_en, row.goals_zh),
            category: row.category,
            level: row.level,
            tags: row.tags.0,
            proves: row.proves.0,
            price: Money::new(row.price_minor, row.currency),
            languages: languages(row.in_en, row.in_zh),
            learners: row.learners,
            updated_at: row.updated_at,
        }
    }
}

/// The languages of two flags.
pub(super) fn languages(en: bool, zh: bool) -> Vec<Locale> {
    [(en, Locale::En), (zh, Locale::Zh)]
        .into_iter()
        .filter(|(has, _)| *has)
        .map(|(_, locale)| locale)
        .collect()
}

fn by_id(course: CourseId) -> Sql {
    sql!(
        "select courses.id, slug, author_id, display_name, username, courses.state, title_en, title_zh, summary_en,
                summary_zh, goals_en, goals_zh, category, level, tags, proves, price_minor, currency, in_en, in_zh,
                learners, courses.updated_at
         from courses join accounts on accounts.id = author_id where courses.id = $1",
        course
    )
}

/// A course.
pub(super) async fn course(db: &Db, course: CourseId) -> Result<Option<Course>, DbError> {
    Ok(db.maybe::<Row>(by_id(course)).await?.map(Course::from))
}

/// A course, inside a change.
pub(super) async fn course_in(tx: &mut Tx, course: CourseId) -> Result<Option<Course>, DbError> {
    Ok(tx.maybe::<Row>(by_id(course)).await?.map(Course::from))
}

/// A course by its address.
pub(super) async fn course_at(db: &Db, slug: &str) -> Result<Option<Course>, DbError> {
    let row = db.maybe::<Row>(sql!(
        "select courses.id, slug, author_id, display_name, username, courses.state, title_en, title_zh, summary_en,
                summary_zh, goals_en, goals_zh, category, level, tags, proves, price_minor, currency, in_en, in_zh,
                learners, courses.updated_at
         from courses join accounts on accounts.id = author_id where slug = $1",
        slug
    ));
    Ok(row.await?.map(Course::from))
}

/// The courses of an author, the latest change first.
pub(super) async fn courses_of(db: &Db, author: AccountId) -> Result<Vec<Course>, DbError> {
    let rows = db.all::<Row>(sql!(
        "select courses.id, slug, author_id, display_name, username, courses.state, title_en, title_zh, summary_en,
                summary_zh, goals_en, goals_zh, category, level, tags, proves, price_minor, currency, in_en, in_zh,
                learners, courses.updated_at
         from courses join accounts on accounts.id = author_id where author_id = $1
         order by courses.updated_at desc, courses.id desc limit 500",
        author
    ));
    Ok(rows.await?.into_iter().map(Course::from).collect())
}

/// Adds a draft.
pub(super) async fn add_course(
    tx: &mut Tx,
    course: CourseId,
    slug: &str,
    author: AccountId,
    title: &Bilingual,
    now: Timestamp,
) -> Result<(), DbError> {
    let nothing = serde_json::Value::Array(Vec::new());
    tx.exactly(
        1,
        sql!(
            "insert into courses (id, slug, author_id, state, title_en, title_zh, summary_en, summary_zh, goals_en,
                                  goals_zh, level, tags, proves, price_minor, currency, in_en, in_zh, learners,
                                  created_at, updated_at)
             values ($1, $2, $3, 'draft', $4, $5, '', '', '', '', 'beginner', $6, $6, 0, 'CNY', false, false, 0, $7, $7)",
            course,
            slug,
            author,
            &title.en,
            &title.zh,
            nothing,
            now
        ),
    )
    .await
}

/// Changes what a course says of itself.
pub(super) async fn describe(
    tx: &mut Tx,
    course: CourseId,
    text: &CourseText,
    proves: &[String],
    now: Timestamp,
) -> Result<(), DbError> {
    tx.exactly(
        1,
        sql!(
            "update courses set slug = $2, title_en = $3, title_zh = $4, summary_en = $5, summary_zh = $6,
                    goals_en = $7, goals_zh = $8, category = $9, level = $10, tags = $11, proves = $12,
                    price_minor = $13, currency = $14, updated_at = $15
             where id = $1",
            course,
            text.slug.as_str(),
            &text.title.en,
            &text.title.zh,
            &text.summary.en,
            &text.summary.zh,
            &text.goals.en,
            &text.goals.zh,
            text.category,
            text.level.as_str(),
            serde_json::json!(text.tags),
            serde_json::json!(proves),
            text.price.minor,
            text.price.currency.code(),
            now
        ),
    )
    .await
}

/// Moves a course from one state to another.
pub(super) async fn set_state(
    tx: &mut Tx,
    course: CourseId,
    from: CourseState,
    to: CourseState,
    now: Timestamp,
) -> Result<(), DbError> {
    let published = (to == CourseState::Published).then_some(now);
    tx.exactly(
        1,
        sql!(
            "update courses set state = $3, updated_at = $4, published_at = coalesce(published_at, $5)
             where id = $1 and state = $2",
            course,
            from.as_str(),
            to.as_str(),
            now,
            published
        ),
    )
    .await
}

/// Notes in which languages a course is complete, and that it was changed.
pub(super) async fn set_languages(
    tx: &mut Tx,
    course: CourseId,
    languages: &[Locale],
    now: Timestamp,
) -> Result<(), DbError> {
    tx.exactly(
        1,
        sql!(
            "update courses set in_en = $2, in_zh = $3, updated_at = $4 where id = $1",
            course,
            languages.contains(&Locale::En),
            languages.contains(&Locale::Zh),
            now
        ),
    )
    .await
}

/// The name that stands on a certificate.
pub(super) async fn display_name(tx: &mut Tx, account: AccountId) -> Result<String, DbError> {
    #[derive(sqlx::FromRow)]
    struct Name {
        display_name: String,
    }
    let row: Name = tx.one(sql!("select display_name from accounts where id = $1", account)).await?;
    Ok(row.display_name)
}

/// Whether no course has an address yet.
pub(super) async fn slug_is_free(tx: &mut Tx, slug: &str) -> Result<bool, DbError> {
    let count: crate::db::Count =
        tx.one(sql!("select count(*) as n from courses where slug = $1", slug)).await?;
    Ok(count.n == 0)
}
