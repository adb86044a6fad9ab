//! Statements about bundles, and about what was paid for parts of them.

use domain::accounts::AccountId;
use domain::courses::CourseId;
use domain::locale::Bilingual;
use domain::money::{Currency, Money};
use domain::offers::input::NewBundle;
use domain::offers::{BundleId, Worth};
use domain::orders::OrderLineId;
use domain::time::Timestamp;
use uuid::Uuid;

use crate::db::{Db, Sql, Tx};
use crate::error::Result;
use crate::sql;

/// A bundle without its courses.
#[derive(Clone, Debug)]
pub struct Bundle {
    /// The bundle.
    pub id: BundleId,
    /// Who made it.
    pub author: AccountId,
    /// `draft`, `published` or `closed`.
    pub state: String,
    /// Its title.
    pub title: Bilingual,
    /// A few words about it.
    pub about: Bilingual,
    /// What all of it costs.
    pub price: Money,
}

#[derive(sqlx::FromRow)]
struct Row {
    #[sqlx(try_from = "Uuid")]
    id: BundleId,
    #[sqlx(try_from = "Uuid")]
    author_id: AccountId,
    state: String,
    title_en: String,
    title_zh: String,
    about_en: String,
    about_zh: String,
    #[sqlx(try_from = "String")]
    currency: Currency,
    price: i64,
}

impl From<Row> for Bundle {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            author: row.author_id,
            state: row.state,
            title: Bilingual::new(row.title_en, row.title_zh),
            about: Bilingual::new(row.about_en, row.about_zh),
            price: Money::new(row.price, row.currency),
        }
    }
}

fn one_sql(id: BundleId) -> Sql {
    sql!(
        "select id, author_id, state, title_en, title_zh, about_en, about_zh, currency, price
         from bundles where id = $1",
        id
    )
}

/// A bundle.
pub async fn one(db: &Db, id: BundleId) -> Result<Option<Bundle>> {
    Ok(db.maybe::<Row>(one_sql(id)).await?.map(Bundle::from))
}

/// A bundle, read where an order is placed or it is changed.
pub async fn one_in(tx: &mut Tx, id: BundleId) -> Result<Option<Bundle>> {
    Ok(tx.maybe::<Row>(one_sql(id)).await?.map(Bundle::from))
}

/// Bundles of a state or every state, of an author or of everybody; newest first, from a cursor on.
pub async fn list(
    db: &Db,
    state: Option<&str>,
    author: Option<AccountId>,
    before: Option<BundleId>,
    limit: i64,
) -> Result<Vec<Bundle>> {
    let rows: Vec<Row> = db
        .all(sql!(
            "select id, author_id, state, title_en, title_zh, about_en, about_zh, currency, price from bundles
             where (cast($1 as text) is null or state = $1) and (cast($2 as uuid) is null or author_id = $2)
               and (cast($3 as uuid) is null or id < $3) order by id desc limit $4",
            state,
            author,
            before,
            limit
        ))
        .await?;
    Ok(rows.into_iter().map(Bundle::from).collect())
}

/// A course of a bundle.
#[derive(Clone, Debug)]
pub struct Part {
    /// The course.
    pub course: CourseId,
    /// Its address.
    pub slug: String,
    /// Its title.
    pub title: Bilingual,
    /// Its own price.
    pub price: Money,
    /// Whether it can be had now.
    pub open: bool,
    /// Who wrote it.
    pub author: AccountId,
}

#[derive(sqlx::FromRow)]
struct PartRow {
    #[sqlx(try_from = "Uuid")]
    id: CourseId,
    slug: String,
    title_en: String,
    title_zh: String,
    #[sqlx(try_from = "String")]
    currency: Currency,
    price_minor: i64,
    state: String,
    #[sqlx(try_from = "Uuid")]
    author_id: AccountId,
}

impl From<PartRow> for Part {
    fn from(row: PartRow) -> Self {
        Self {
            course: row.id,
            slug: row.slug,
            title: Bilingual::new(row.title_en, row.title_zh),
            price: Money::new(row.price_minor, row.currency),
            open: row.state == "published",
            author: row.author_id,
        }
    }
}

fn parts_sql(bundle: BundleId) -> Sql {
    sql!(
        "select c.id, c.slug, c.title_en, c.title_zh, c.currency, c.price_minor, c.state, c.author_id
         from bundle_courses b join courses c on c.id = b.course_id where b.bundle_id = $1
         order by b.position, c.id",
        bundle
    )
}

/// The courses of a bundle.
pub async fn parts(db: &Db, bundle: BundleId) -> Result<Vec<Part>> {
    Ok(db.all::<PartRow>(parts_sql(bundle)).await?.into_iter().map(Part::from).collect())
}

/// The same, read where an order is placed or the bundle is changed.
pub async fn parts_in(tx: &mut Tx, bundle: BundleId) -> Result<Vec<Part>> {
    Ok(tx.all::<PartRow>(parts_sql(bundle)).await?.into_iter().map(Part::from).collect())
}

/// A course by its address.
pub async fn course(tx: &mut Tx, slug: &str) -> Result<Option<Part>> {
    let row: Option<PartRow> = tx
        .maybe(sql!(
            "select id, slug, title_en, title_zh, currency, price_minor, state, author_id
             from courses where slug = $1",
            slug
        ))
        .await?;
    Ok(row.map(Part::from))
}

/// Writes a new bundle.
pub async fn add(
    tx: &mut Tx,
    id: BundleId,
    author: AccountId,
    new: &NewBundle,
    now: Timestamp,
) -> Result<()> {
    let sql = sql!(
        "insert into bundles (id, author_id, state, title_en, title_zh, about_en, about_zh, currency, price,
                              created_at, changed_at)
         values ($1, $2, 'draft', $3, $4, $5, $6, $7, $8, $9, $9)",
        id,
        author,
        &new.title.en,
        &new.title.zh,
        &new.about.en,
        &new.about.zh,
        new.price.currency.code(),
        new.price.minor,
        now
    );
    Ok(tx.exactly(1, sql).await?)
}

/// Puts a course into a bundle.
pub async fn put(tx: &mut Tx, bundle: BundleId, course: CourseId, position: i64) -> Result<()> {
    tx.run(sql!(
        "insert into bundle_courses (bundle_id, course_id, position) values ($1, $2, $3)
         on conflict (bundle_id, course_id) do nothing",
        bundle,
        course,
        position
    ))
    .await?;
    Ok(())
}

/// Publishes a bundle, or closes it.
pub async fn set_state(tx: &mut Tx, id: BundleId, state: &str, now: Timestamp) -> Result<()> {
    let sql = sql!("update bundles set state = $2, changed_at = $3 where id = $1", id, state, now);
    Ok(tx.exactly(1, sql).await?)
}

/// A line that an account paid for a course.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PaidLine {
    /// The line.
    pub id: OrderLineId,
    /// What was paid for it, and where it went since.
    pub worth: Worth,
}

#[derive(sqlx::FromRow)]
struct PaidRow {
    #[sqlx(try_from = "Uuid")]
    line_id: OrderLineId,
    price: i64,
    carried: i64,
    counted: i64,
    returned: i64,
    disputed: i64,
}

impl From<PaidRow> for PaidLine {
    fn from(row: PaidRow) -> Self {
        let PaidRow { price, carried, counted, returned, disputed, .. } = row;
        Self { id: row.line_id, worth: Worth { price, carried, counted, returned, disputed } }
    }
}

fn paid_sql(account: AccountId, course: CourseId, currency: Currency) -> Sql {
    sql!(
        "select f.line_id, f.price, f.carried, f.counted, f.returned, f.disputed
         from orders o join order_lines l on l.order_id = o.id join line_facts f on f.line_id = l.id
         where o.account_id = $1 and o.purpose = 'purchase' and o.state in ('paid', 'partially_refunded')
           and o.currency = $3 and l.thing_kind = 'course' and l.thing_id = $2 and f.ended = false
         order by l.id",
        account,
        course,
        currency.code()
    )
}

/// What an account paid for a course in a currency and did not give back.
pub async fn paid_in(
    tx: &mut Tx,
    account: AccountId,
    course: CourseId,
    currency: Currency,
) -> Result<Vec<PaidLine>> {
    let rows: Vec<PaidRow> = tx.all(paid_sql(account, course, currency)).await?;
    Ok(rows.into_iter().map(PaidLine::from).collect())
}

/// The same for a page that only shows it.
pub async fn paid(
    db: &Db,
    account: AccountId,
    course: CourseId,
    currency: Currency,
) -> Result<Vec<PaidLine>> {
    let rows: Vec<PaidRow> = db.all(paid_sql(account, course, currency)).await?;
    Ok(rows.into_iter().map(PaidLine::from).collect())
}

/// What of a paid line may still count towards a bundle; nothing where it was given back.
pub async fn open_of_line(tx: &mut Tx, line: OrderLineId) -> Result<i64> {
    let row: Option<PaidRow> = tx
        .maybe(sql!(
            "select f.line_id, f.price, f.carried, f.counted, f.returned, f.disputed
             from order_lines l join orders o on o.id = l.order_id join line_facts f on f.line_id = l.id
             where l.id = $1 and o.state in ('paid', 'partially_refunded') and f.ended = false",
            line
        ))
        .await?;
    Ok(row.map_or(0, |row| PaidLine::from(row).worth.open()))
}
