//! The catalogue: lists, filters, search.

use std::collections::HashMap;

use domain::courses::input::CatalogueFilter;
use domain::courses::search::{Term, prefix_end};
use domain::courses::{CourseId, Level, PriceFilter, Sort};
use domain::locale::{Bilingual, Locale};
use domain::money::{Currency, Money};
use uuid::Uuid;

use app::features::courses::view::{CourseCard, ProofLink};

use super::languages;
use crate::db::{Db, DbError, Tx};
use crate::sql;

/// A course in a list, with its place in the order.
pub(in super::super) struct Listed {
    pub id: CourseId,
    pub key: i64,
    pub card: CourseCard,
}

#[derive(sqlx::FromRow)]
struct Row {
    #[sqlx(try_from = "Uuid")]
    id: CourseId,
    slug: String,
    title_en: String,
    title_zh: String,
    summary_en: String,
    summary_zh: String,
    category: Option<String>,
    #[sqlx(try_from = "String")]
    level: Level,
    in_en: bool,
    in_zh: bool,
    price_minor: i64,
    #[sqlx(try_from = "String")]
    currency: Currency,
    display_name: String,
    #[sqlx(try_from = "i64")]
    learners: u32,
    #[sqlx(try_from = "i64")]
    lessons: u32,
    #[sqlx(try_from = "i64")]
    minutes: u32,
    sort_key: i64,
}

impl From<Row> for Listed {
    fn from(row: Row) -> Self {
        let card = CourseCard {
            slug: row.slug,
            title: Bilingual::new(row.title_en, row.title_zh),
            summary: Bilingual::new(row.summary_en, row.summary_zh),
            category: row.category,
            level: row.level,
            languages: languages(row.in_en, row.in_zh),
            price: Money::new(row.price_minor, row.currency),
            author: row.display_name,
            learners: row.learners,
            lessons: row.lessons,
            minutes: row.minutes,
        };
        Self { id: row.id, key: row.sort_key, card }
    }
}

/// Published courses that a filter lets through (but for its words), in its order, after a place in that order.
pub(in super::super) async fn list(
    db: &Db,
    filter: &CatalogueFilter,
    after: Option<(i64, Uuid)>,
    limit: i64,
) -> Result<Vec<Listed>, DbError> {
    let category = filter.category.map(|category| category.slug);
    let above =
        filter.category.filter(|category| category.parent.is_none()).map(|category| category.family());
    let below: Vec<&str> = above.unwrap_or_default();
    let below = |index: usize| below.get(index).copied();
    let rows = db.all::<Row>(sql!(
        "with listed as (
            select courses.*, display_name,
                   case cast($1 as text) when 'popular' then learners when 'price' then -price_minor else coalesce(published_at, 0) end
                   as sort_key
            from courses join accounts on accounts.id = author_id
            where courses.state = 'published'
              and (cast($2 as text) is null or category in ($2, $3, $4, $5, $6, $7))
              and (cast($8 as text) is null or level = $8)
              and (cast($9 as text) is null or ($9 = 'en' and in_en = true) or ($9 = 'zh' and in_zh = true))
              and (cast($10 as text) is null or ($10 = 'free' and price_minor = 0) or ($10 = 'paid' and price_minor > 0))
         )
         select id, slug, title_en, title_zh, summary_en, summary_zh, category, level, in_en, in_zh, price_minor,
                currency, display_name, learners, sort_key,
                (select count(*) from lessons where course_id = listed.id and removed_at is null) as lessons,
                cast(coalesce((select sum(minutes) from lessons where course_id = listed.id and removed_at is null), 0)
                     as bigint) as minutes
         from listed
         where cast($11 as bigint) is null or sort_key < $11 or (sort_key = $11 and id < $12)
         order by sort_key desc, id desc limit $13",
        filter.sort.unwrap_or(Sort::Newest).as_str(),
        category,
        below(1),
        below(2),
        below(3),
        below(4),
        below(5),
        filter.level.map(Level::as_str),
        filter.language.map(Locale::as_str),
        filter.price.map(PriceFilter::as_str),
        after.map(|(key, _)| key),
        after.map(|(_, id)| id),
        limit
    ));
    Ok(rows.await?.into_iter().map(Listed::from).collect())
}

#[derive(sqlx::FromRow)]
struct Found {
    #[sqlx(try_from = "Uuid")]
    course_id: CourseId,
    weight: i64,
}

/// How well each course meets every condition of a query; those that miss one are absent.
pub(in super::super) async fn search(db: &Db, terms: &[Term]) -> Result<HashMap<CourseId, i64>, DbError> {
    let mut found: Option<HashMap<CourseId, i64>> = None;
    for term in terms {
        let end = if term.prefix { prefix_end(&term.token) } else { format!("{}\u{1}", term.token) };
        let rows: Vec<Found> = db
            .all(sql!(
                "select course_id, cast(sum(weight) as bigint) as weight from course_tokens
                 where token >= $1 and token < $2 group by course_id order by course_id",
                &term.token,
                end
            ))
            .await?;
        let rows: HashMap<CourseId, i64> = rows.into_iter().map(|row| (row.course_id, row.weight)).collect();
        found = Some(match found {
            None => rows,
            Some(before) => before
                .into_iter()
                .filter_map(|(course, weight)| rows.get(&course).map(|more| (course, weight + more)))
                .collect(),
        });
    }
    Ok(found.unwrap_or_default())
}

/// Replaces the words by which a course is found.
pub(in super::super) async fn index(
    tx: &mut Tx,
    course: CourseId,
    words: &HashMap<String, i64>,
) -> Result<(), DbError> {
    tx.run(sql!("delete from course_tokens where course_id = $1", course)).await?;
    for (token, weight) in words {
        tx.run(sql!(
            "insert into course_tokens (token, course_id, weight) values ($1, $2, $3)",
            token,
            course,
            *weight
        ))
        .await?;
    }
    Ok(())
}

#[derive(sqlx::FromRow)]
struct Proof {
    slug: String,
    title_en: String,
    title_zh: String,
}

/// Competitions that can be seen, by their addresses.
pub(in super::super) async fn proofs(db: &Db, slugs: &[String]) -> Result<Vec<ProofLink>, DbError> {
    let mut proofs = Vec::new();
    for slug in slugs {
        let row: Option<Proof> = db
            .maybe(sql!(
                "select slug, title_en, title_zh from competitions
                 where slug = $1 and state in ('published', 'finalised')",
                slug
            ))
            .await?;
        proofs.extend(
            row.map(|row| ProofLink { slug: row.slug, title: Bilingual::new(row.title_en, row.title_zh) }),
        );
    }
    Ok(proofs)
}
