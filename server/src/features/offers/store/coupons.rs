//! Statements about coupons, their uses and the codes that were tried in vain.

use std::collections::HashMap;

use domain::accounts::AccountId;
use domain::money::{Currency, Money};
use domain::offers::input::NewCoupon;
use domain::offers::{BundleId, Coupon, CouponId, Cut, Uses};
use domain::orders::{OrderId, Thing};
use domain::time::Timestamp;
use uuid::Uuid;

use crate::db::{Count, Db, DbError, Tx};
use crate::error::{Error, Result};
use crate::sql;

/// A coupon with what staff sees beside its rules.
#[derive(Clone, Debug)]
pub struct Stored {
    /// The coupon.
    pub coupon: Coupon,
    /// How often it is used now.
    pub uses: i64,
    /// A remark for staff.
    pub note: String,
}

#[derive(sqlx::FromRow)]
struct Row {
    #[sqlx(try_from = "Uuid")]
    id: CouponId,
    code: String,
    basis_points: Option<i64>,
    amount: Option<i64>,
    currency: Option<String>,
    #[sqlx(try_from = "i64")]
    starts_at: Timestamp,
    ends_at: Option<i64>,
    uses_limit: Option<i64>,
    account_limit: Option<i64>,
    stacks: bool,
    active: bool,
    uses: i64,
    note: String,
}

#[derive(sqlx::FromRow)]
struct BoundRow {
    #[sqlx(try_from = "Uuid")]
    coupon_id: CouponId,
    thing_kind: String,
    thing_id: Uuid,
}

fn stored(row: Row, bound: &[BoundRow]) -> Result<Stored> {
    let currency = row.currency.and_then(|code| Currency::parse(&code));
    let cut = match (row.basis_points, row.amount.zip(currency)) {
        (Some(points), _) => Cut::Percent(points),
        (None, Some((amount, currency))) => Cut::Amount(Money::new(amount, currency)),
        (None, None) => return Err(Error::bug("a coupon that takes nothing")),
    };
    let mine = || bound.iter().filter(|bound| bound.coupon_id == row.id);
    let coupon = Coupon {
        id: row.id,
        code: row.code,
        cut,
        from: row.starts_at,
        until: row.ends_at.map(Timestamp::from),
        limit: row.uses_limit,
        account_limit: row.account_limit,
        stacks: row.stacks,
        active: row.active,
        things: mine().filter_map(|bound| Thing::of(&bound.thing_kind, bound.thing_id)).collect(),
        bundles: mine()
            .filter(|bound| bound.thing_kind == "bundle")
            .map(|bound| BundleId(bound.thing_id))
            .collect(),
    };
    Ok(Stored { coupon, uses: row.uses, note: row.note })
}

/// A competition by its address.
pub async fn competition(tx: &mut Tx, slug: &str) -> Result<Option<Uuid>> {
    #[derive(sqlx::FromRow)]
    struct Found {
        id: Uuid,
    }
    let found: Option<Found> = tx.maybe(sql!("select id from competitions where slug = $1", slug)).await?;
    Ok(found.map(|found| found.id))
}

/// A coupon by its code, where it may be used.
pub async fn by_code_in(tx: &mut Tx, code: &str) -> Result<Option<Stored>> {
    let row: Option<Row> = tx
        .maybe(sql!(
            "select id, code, basis_points, amount, currency, starts_at, ends_at, uses_limit, account_limit,
                    stacks, active, uses, note from coupons where code = $1",
            code
        ))
        .await?;
    let Some(row) = row else { return Ok(None) };
    let bound: Vec<BoundRow> = tx
        .all(sql!(
            "select coupon_id, thing_kind, thing_id from coupon_things where coupon_id = $1
             order by thing_kind, thing_id",
            row.id
        ))
        .await?;
    stored(row, &bound).map(Some)
}

/// The coupons, newest first, from a cursor on.
pub async fn list(db: &Db, before: Option<CouponId>, limit: i64) -> Result<Vec<Stored>> {
    let rows: Vec<Row> = db
        .all(sql!(
            "select id, code, basis_points, amount, currency, starts_at, ends_at, uses_limit, account_limit,
                    stacks, active, uses, note from coupons
             where cast($1 as uuid) is null or id < $1 order by id desc limit $2",
            before,
            limit
        ))
        .await?;
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return Ok(Vec::new()) };
    let bound: Vec<BoundRow> = db
        .all(sql!(
            "select coupon_id, thing_kind, thing_id from coupon_things where coupon_id between $1 and $2
             order by coupon_id, thing_kind, thing_id",
            last.id,
            first.id
        ))
        .await?;
    rows.into_iter().map(|row| stored(row, &bound)).collect()
}

/// The coupons of a cart.
pub async fn of_cart(db: &Db, account: AccountId) -> Result<Vec<Stored>> {
    let rows: Vec<Row> = db
        .all(sql!(
            "select c.id, c.code, c.basis_points, c.amount, c.currency, c.starts_at, c.ends_at, c.uses_limit,
                    c.account_limit, c.stacks, c.active, c.uses, c.note
             from coupons c join cart_coupons k on k.coupon_id = c.id where k.account_id = $1
             order by k.added_at, c.id",
            account
        ))
        .await?;
    let bound: Vec<BoundRow> = db
        .all(sql!(
            "select t.coupon_id, t.thing_kind, t.thing_id from coupon_things t
             join cart_coupons k on k.coupon_id = t.coupon_id where k.account_id = $1
             order by t.coupon_id, t.thing_kind, t.thing_id",
            account
        ))
        .await?;
    rows.into_iter().map(|row| stored(row, &bound)).collect()
}

#[derive(sqlx::FromRow)]
struct Code {
    code: String,
}

/// The codes of a cart's coupons, read where it may be changed.
pub async fn codes_of_cart(tx: &mut Tx, account: AccountId) -> Result<Vec<String>> {
    let rows: Vec<Code> = tx
        .all(sql!(
            "select c.code from coupons c join cart_coupons k on k.coupon_id = c.id where k.account_id = $1
             order by k.added_at, c.id",
            account
        ))
        .await?;
    Ok(rows.into_iter().map(|row| row.code).collect())
}

/// The codes of the coupons that an order used.
pub async fn codes_of_order(tx: &mut Tx, order: OrderId) -> Result<Vec<String>> {
    let rows: Vec<Code> = tx
        .all(sql!(
            "select c.code from coupons c join coupon_uses u on u.coupon_id = c.id where u.order_id = $1
             order by c.id",
            order
        ))
        .await?;
    Ok(rows.into_iter().map(|row| row.code).collect())
}

/// How often a coupon is used by an account.
pub async fn own_uses_in(tx: &mut Tx, coupon: CouponId, account: AccountId) -> Result<i64> {
    let count: Count = tx
        .one(sql!(
            "select count(*) as n from coupon_uses where coupon_id = $1 and account_id = $2 and held = true",
            coupon,
            account
        ))
        .await?;
    Ok(count.n)
}

/// The uses of the coupons of an account's cart.
pub async fn own_uses(db: &Db, account: AccountId) -> Result<HashMap<CouponId, i64>> {
    #[derive(sqlx::FromRow)]
    struct Used {
        #[sqlx(try_from = "Uuid")]
        coupon_id: CouponId,
        n: i64,
    }
    let rows: Vec<Used> = db
        .all(sql!(
            "select coupon_id, count(*) as n from coupon_uses where account_id = $1 and held = true
             group by coupon_id order by coupon_id",
            account
        ))
        .await?;
    Ok(rows.into_iter().map(|row| (row.coupon_id, row.n)).collect())
}

/// The uses of a coupon as its rules count them, under the account's lock.
pub async fn uses_in(tx: &mut Tx, stored: &Stored, account: AccountId) -> Result<Uses> {
    Ok(Uses { all: stored.uses, own: own_uses_in(tx, stored.coupon.id, account).await? })
}

/// Counts one more use, unless the limit of all uses is reached; the row itself is the lock.
pub async fn count_use(tx: &mut Tx, coupon: CouponId) -> Result<bool> {
    let changed = tx
        .run(sql!(
            "update coupons set uses = uses + 1 where id = $1 and (uses_limit is null or uses < uses_limit)",
            coupon
        ))
        .await?;
    Ok(changed == 1)
}

/// Whether an account may use a coupon once more, by the coupon's limit for each account.
pub async fn may_use_again(tx: &mut Tx, coupon: CouponId, account: AccountId) -> Result<bool> {
    let count: Count = tx
        .one(sql!(
            "select count(*) as n from coupons c where c.id = $1 and (c.account_limit is null or c.account_limit >
                 (select count(*) from coupon_uses u
                  where u.coupon_id = c.id and u.account_id = $2 and u.held = true))",
            coupon,
            account
        ))
        .await?;
    Ok(count.n == 1)
}

/// Writes that an order uses a coupon.
pub async fn add_use(
    tx: &mut Tx,
    coupon: CouponId,
    order: OrderId,
    account: AccountId,
    now: Timestamp,
) -> Result<()> {
    let sql = sql!(
        "insert into coupon_uses (coupon_id, order_id, account_id, held, used_at) values ($1, $2, $3, true, $4)
         on conflict (coupon_id, order_id) do update set held = true",
        coupon,
        order,
        account,
        now
    );
    Ok(tx.exactly(1, sql).await?)
}

/// The coupons of an order's uses that are held, or were given back.
pub async fn used_by(tx: &mut Tx, order: OrderId, held: bool) -> Result<Vec<CouponId>> {
    #[derive(sqlx::FromRow)]
    struct Id {
        #[sqlx(try_from = "Uuid")]
        coupon_id: CouponId,
    }
    let rows: Vec<Id> = tx
        .all(sql!(
            "select coupon_id from coupon_uses where order_id = $1 and held = $2 order by coupon_id",
            order,
            held
        ))
        .await?;
    Ok(rows.into_iter().map(|row| row.coupon_id).collect())
}

/// Gives a use back.
pub async fn give_back(tx: &mut Tx, coupon: CouponId, order: OrderId) -> Result<()> {
    let changed = tx
        .run(sql!(
            "update coupon_uses set held = false where coupon_id = $1 and order_id = $2 and held = true",
            coupon,
            order
        ))
        .await?;
    if changed == 1 {
        tx.exactly(1, sql!("update coupons set uses = uses - 1 where id = $1", coupon)).await?;
    }
    Ok(())
}

/// Writes a new coupon.
pub async fn add(
    tx: &mut Tx,
    id: CouponId,
    new: &NewCoupon,
    stacks: bool,
    by: AccountId,
    now: Timestamp,
) -> Result<(), DbError> {
    let (points, amount) = match new.cut {
        Cut::Percent(points) => (Some(points), None),
        Cut::Amount(amount) => (None, Some(amount)),
    };
    tx.exactly(
        1,
        sql!(
            "insert into coupons (id, code, basis_points, amount, currency, starts_at, ends_at, uses_limit,
                                  account_limit, stacks, active, note, created_by, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, true, $11, $12, $13)",
            id,
            &new.code,
            points,
            amount.map(|amount| amount.minor),
            amount.map(|amount| amount.currency.code()),
            new.from,
            new.until,
            new.limit,
            new.account_limit,
            stacks,
            &new.note,
            by,
            now
        ),
    )
    .await
}

/// Binds a coupon to a thing or bundle.
pub async fn bind(tx: &mut Tx, coupon: CouponId, kind: &str, id: Uuid) -> Result<()> {
    tx.run(sql!(
        "insert into coupon_things (coupon_id, thing_kind, thing_id) values ($1, $2, $3)
         on conflict (coupon_id, thing_kind, thing_id) do nothing",
        coupon,
        kind,
        id
    ))
    .await?;
    Ok(())
}

/// Withdraws a coupon, or allows it again; its code, where there is one.
pub async fn set_active(tx: &mut Tx, coupon: CouponId, active: bool) -> Result<Option<String>> {
    #[derive(sqlx::FromRow)]
    struct Row {
        code: String,
    }
    let row: Option<Row> =
        tx.maybe(sql!("update coupons set active = $2 where id = $1 returning code", coupon, active)).await?;
    Ok(row.map(|row| row.code))
}

/// Notes a code that is none.
pub async fn add_try(tx: &mut Tx, id: Uuid, account: AccountId, now: Timestamp) -> Result<()> {
    let sql = sql!("insert into code_tries (id, account_id, at) values ($1, $2, $3)", id, account, now);
    Ok(tx.exactly(1, sql).await?)
}

/// How many codes that are none an account tried since an instant.
pub async fn tries_since(tx: &mut Tx, account: AccountId, since: Timestamp) -> Result<i64> {
    let count: Count = tx
        .one(sql!("select count(*) as n from code_tries where account_id = $1 and at > $2", account, since))
        .await?;
    Ok(count.n)
}
