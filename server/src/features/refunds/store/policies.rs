//! What is promised: policies, and the products that have them.

use domain::accounts::AccountId;
use domain::locale::Bilingual;
use domain::orders::{OrderId, Thing};
use domain::refunds::Policy;
use domain::time::Timestamp;
use uuid::Uuid;

use crate::db::{Count, Db, Tx};
use crate::error::Result;
use crate::sql;

#[derive(sqlx::FromRow)]
struct Row {
    code: String,
    name_en: String,
    name_zh: String,
    self_service: bool,
    hours: Option<i64>,
    consumed_percent: Option<i64>,
    until_start: bool,
}

impl From<Row> for (Policy, Bilingual) {
    fn from(row: Row) -> Self {
        let consumed_percent = row.consumed_percent.and_then(|percent| u32::try_from(percent).ok());
        let Row { code, self_service, hours, until_start, .. } = row;
        let name = Bilingual::new(row.name_en, row.name_zh);
        (Policy { code, self_service, hours, consumed_percent, until_start }, name)
    }
}

/// Every policy with its name, the newest first.
pub async fn all(db: &Db, limit: i64) -> Result<Vec<(Policy, Bilingual)>> {
    let rows: Vec<Row> = db
        .all(sql!(
            "select code, name_en, name_zh, self_service, hours, consumed_percent, until_start
             from refund_policies order by changed_at desc, code limit $1",
            limit
        ))
        .await?;
    Ok(rows.into_iter().map(<(Policy, Bilingual)>::from).collect())
}

/// A policy by its code.
pub async fn of_code(tx: &mut Tx, code: &str) -> Result<Option<Policy>> {
    let row: Option<Row> = tx
        .maybe(sql!(
            "select code, name_en, name_zh, self_service, hours, consumed_percent, until_start
             from refund_policies where code = $1",
            code
        ))
        .await?;
    Ok(row.map(|row| <(Policy, Bilingual)>::from(row).0))
}

/// What is promised to whoever buys a product now: by its own policy, or by that of its kind.
pub async fn of_thing(db: &Db, thing: &Thing) -> Result<Policy> {
    // The nil id stands for the whole kind, and comes last.
    let row: Option<Row> = db
        .maybe(sql!(
            "select p.code, p.name_en, p.name_zh, p.self_service, p.hours, p.consumed_percent, p.until_start
             from refund_policy_bindings b join refund_policies p on p.code = b.policy
             where b.thing_kind = $1 and b.thing_id in ($2, $3) order by b.thing_id desc limit 1",
            thing.kind(),
            thing.uuid(),
            Uuid::nil()
        ))
        .await?;
    Ok(row.map_or_else(Policy::staff, |row| <(Policy, Bilingual)>::from(row).0))
}

/// Whether a competition has started; nothing else starts.
pub async fn has_started(db: &Db, thing: &Thing, now: Timestamp) -> Result<bool> {
    let Thing::Competition(id) = thing else { return Ok(false) };
    let sql = sql!("select count(*) as n from competitions where id = $1 and starts <= $2", *id, now);
    let count: Count = db.one(sql).await?;
    Ok(count.n > 0)
}

/// What was promised with the lines of an order that cost something, as it was when they were ordered.
pub async fn of_order(db: &Db, order: OrderId) -> Result<Vec<Policy>> {
    let rows: Vec<Row> = db
        .all(sql!(
            "select t.policy as code, '' as name_en, '' as name_zh, t.self_service, t.hours, t.consumed_percent,
                    t.until_start
             from order_line_terms t join order_lines l on l.id = t.line_id
             where l.order_id = $1 and l.price > 0 order by l.position",
            order
        ))
        .await?;
    Ok(rows.into_iter().map(|row| <(Policy, Bilingual)>::from(row).0).collect())
}

/// What is promised for a product, or for every product of a kind without its own.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Bound {
    /// The kind.
    pub thing_kind: String,
    /// The product; the id of only zeros for the kind.
    pub thing_id: Uuid,
    /// The last part of its address, where it has one.
    pub slug: Option<String>,
    /// Its name in English.
    pub title_en: Option<String>,
    /// Its name in Chinese.
    pub title_zh: Option<String>,
    /// The code of its policy.
    pub policy: String,
}

/// What is promised for which products, whole kinds first.
pub async fn bound(db: &Db, limit: i64) -> Result<Vec<Bound>> {
    Ok(db
        .all(sql!(
            "select b.thing_kind, b.thing_id, coalesce(c.slug, k.slug) as slug, b.policy,
                    coalesce(c.title_en, k.title_en, p.title_en) as title_en,
                    coalesce(c.title_zh, k.title_zh, p.title_zh) as title_zh
             from refund_policy_bindings b
             left join courses c on b.thing_kind = 'course' and c.id = b.thing_id
             left join competitions k on b.thing_kind = 'competition' and k.id = b.thing_id
             left join plans p on b.thing_kind = 'plan' and p.id = b.thing_id
             order by b.thing_id, b.thing_kind limit $1",
            limit
        ))
        .await?)
}

/// Makes a policy the promise of a product, or by the id of only zeros of every product of its kind.
pub async fn bind(tx: &mut Tx, thing: Thing, policy: &str) -> Result<()> {
    let sql = sql!(
        "insert into refund_policy_bindings (thing_kind, thing_id, policy) values ($1, $2, $3)
         on conflict (thing_kind, thing_id) do update set policy = excluded.policy",
        thing.kind(),
        thing.uuid(),
        policy
    );
    Ok(tx.exactly(1, sql).await?)
}

/// Takes the promise of a product away: it has that of its kind again.
pub async fn unbind(tx: &mut Tx, thing: Thing) -> Result<()> {
    tx.run(sql!(
        "delete from refund_policy_bindings where thing_kind = $1 and thing_id = $2 and thing_id <> $3",
        thing.kind(),
        thing.uuid(),
        Uuid::nil()
    ))
    .await?;
    Ok(())
}

/// Writes a policy down; says whether its code was free. What was promised is never changed: a line keeps
/// the terms under which it was ordered.
pub async fn add(
    tx: &mut Tx,
    policy: &Policy,
    name: &Bilingual,
    by: AccountId,
    now: Timestamp,
) -> Result<bool> {
    let added = tx
        .run(sql!(
            "insert into refund_policies
                 (code, name_en, name_zh, self_service, hours, consumed_percent, until_start, changed_at, changed_by)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (code) do nothing",
            &policy.code,
            &name.en,
            &name.zh,
            policy.self_service,
            policy.hours,
            policy.consumed_percent.map(i64::from),
            policy.until_start,
            now,
            by
        ))
        .await?;
    Ok(added == 1)
}
