//! The rights of an account: derived from the lines of paid orders, never stored.
//!
//! A thing is open because a line of a paid order is the thing itself, or because a line is a period of a
//! plan that opens it. The end of such a right is the end of the paid period and the plan's grace, whatever
//! the state of the subscription says (invariant I21); where a change of plan carried the rest of the period
//! into another line, it ends where that one begins.

use domain::accounts::AccountId;
use domain::orders::{Entitlement, OrderId, Purpose, Source, Thing};
use domain::time::{Span, Timestamp};
use uuid::Uuid;

use crate::db::{Db, Sql, Tx};
use crate::error::Result;
use crate::features::subscriptions::store::above;
use crate::sql;

#[derive(sqlx::FromRow)]
struct Row {
    #[sqlx(try_from = "Uuid")]
    order_id: OrderId,
    #[sqlx(try_from = "String")]
    purpose: Purpose,
    list_price: i64,
    #[sqlx(try_from = "i64")]
    paid_at: Timestamp,
    period_from: Option<i64>,
    period_until: Option<i64>,
}

impl Row {
    fn into_right(self, thing: Thing) -> Entitlement {
        let order = self.order_id;
        let source = match (self.purpose, thing) {
            (Purpose::Redeemed, _) => Source::Gift(order),
            (Purpose::Grant, _) => Source::Granted(order),
            (_, Thing::Plan(_)) => Source::Plan(order),
            _ if self.list_price == 0 => Source::Free(order),
            _ => Source::Bought(order),
        };
        let from = self.period_from.map_or(self.paid_at, Timestamp::from);
        Entitlement { thing, source, from, until: self.period_until.map(Timestamp::from) }
    }
}

/// What an account bought of a thing.
fn bought_sql(account: AccountId, thing: &Thing) -> Sql {
    sql!(
        "select o.id as order_id, o.purpose, l.list_price, o.paid_at, l.period_from, l.period_until
         from orders o join order_lines l on l.order_id = o.id
         where o.account_id = $1 and l.thing_kind = $2 and l.thing_id = $3
           and o.state in ('paid', 'partially_refunded') and o.purpose <> 'gift'
           and not exists (select 1 from refund_lines b join refunds r on r.id = b.refund_id
               where b.line_id = l.id and r.state <> 'failed' and b.whole = true)
           and (l.price = 0 or l.price > (select coalesce(sum(b.amount), 0) from refund_lines b
               join refunds r on r.id = b.refund_id where b.line_id = l.id and r.state <> 'failed'))
           and not exists (select 1 from gifts g
               join order_lines s on s.order_id = g.order_id and s.thing_kind = l.thing_kind and s.thing_id = l.thing_id
               join refund_lines b on b.line_id = s.id and b.whole = true
               join refunds r on r.id = b.refund_id and r.state <> 'failed'
               where g.redeemed_order = o.id)
           and not exists (select 1 from plan_entries e
               join refund_lines b on b.line_id = e.plan_line_id and b.whole = true
               join refunds r on r.id = b.refund_id and r.state <> 'failed'
               where e.line_id = l.id)
         order by o.id, l.id",
        account,
        thing.kind(),
        thing.uuid()
    )
}

/// The rights of an account to a thing: the lines of its paid orders, but for what was given back in full
/// and for gifts it gave away; of a gift that was taken, what went back to its giver; of what a plan opened, what
/// went back of the plan. A refund that failed gave nothing back.
pub async fn entitlements(db: &Db, account: AccountId, thing: &Thing) -> Result<Vec<Entitlement>> {
    let bought: Vec<Row> = db.all(bought_sql(account, thing)).await?;
    let category: Option<Category> = match thing {
        Thing::Course(_) => db.maybe(category_sql(thing)).await?,
        _ => None,
    };
    let opened: Vec<PlanRow> = db.all(opened_sql(account, thing, category)).await?;
    let mut rights: Vec<Entitlement> = bought.into_iter().map(|row| row.into_right(*thing)).collect();
    rights.extend(opened.into_iter().map(|row| row.into_right(*thing)));
    Ok(rights)
}

/// The same, read inside a transaction.
pub async fn entitlements_in(tx: &mut Tx, account: AccountId, thing: &Thing) -> Result<Vec<Entitlement>> {
    let bought: Vec<Row> = tx.all(bought_sql(account, thing)).await?;
    let mut rights: Vec<Entitlement> = bought.into_iter().map(|row| row.into_right(*thing)).collect();
    rights.extend(opened_in(tx, account, thing).await?);
    Ok(rights)
}

/// The rights to a thing that an account has by its plans alone, read inside a transaction.
pub async fn opened_in(tx: &mut Tx, account: AccountId, thing: &Thing) -> Result<Vec<Entitlement>> {
    let category: Option<Category> = match thing {
        Thing::Course(_) => tx.maybe(category_sql(thing)).await?,
        _ => None,
    };
    let opened: Vec<PlanRow> = tx.all(opened_sql(account, thing, category)).await?;
    Ok(opened.into_iter().map(|row| row.into_right(*thing)).collect())
}

/// Every right of an account, for a page that shows many things.
pub async fn rights(db: &Db, account: AccountId) -> Result<Vec<Entitlement>> {
    #[derive(sqlx::FromRow)]
    struct Held {
        thing_kind: String,
        thing_id: Uuid,
        #[sqlx(flatten)]
        right: Row,
    }
    let rows: Vec<Held> = db
        .all(sql!(
            "select l.thing_kind, l.thing_id, o.id as order_id, o.purpose, l.list_price, o.paid_at, l.period_from, l.period_until
             from orders o join order_lines l on l.order_id = o.id
             where o.account_id = $1 and o.state in ('paid', 'partially_refunded') and o.purpose <> 'gift'
               and not exists (select 1 from refund_lines b join refunds r on r.id = b.refund_id
                   where b.line_id = l.id and r.state <> 'failed' and b.whole = true)
               and (l.price = 0 or l.price > (select coalesce(sum(b.amount), 0) from refund_lines b
                   join refunds r on r.id = b.refund_id where b.line_id = l.id and r.state <> 'failed'))
               and not exists (select 1 from gifts g
                   join order_lines s on s.order_id = g.order_id and s.thing_kind = l.thing_kind and s.thing_id = l.thing_id
                   join refund_lines b on b.line_id = s.id and b.whole = true
                   join refunds r on r.id = b.refund_id and r.state <> 'failed'
                   where g.redeemed_order = o.id)
               and not exists (select 1 from plan_entries e
                   join refund_lines b on b.line_id = e.plan_line_id and b.whole = true
                   join refunds r on r.id = b.refund_id and r.state <> 'failed'
                   where e.line_id = l.id)
             order by o.id, l.position",
            account
        ))
        .await?;
    let right = |row: Held| Thing::of(&row.thing_kind, row.thing_id).map(|thing| row.right.into_right(thing));
    Ok(rows.into_iter().filter_map(right).collect())
}

#[derive(sqlx::FromRow)]
struct PlanRow {
    #[sqlx(try_from = "Uuid")]
    order_id: OrderId,
    #[sqlx(try_from = "i64")]
    period_from: Timestamp,
    #[sqlx(try_from = "i64")]
    period_until: Timestamp,
    grace_days: i64,
    carried_at: Option<i64>,
}

impl PlanRow {
    fn into_right(self, thing: Thing) -> Entitlement {
        let end = self.period_until.plus(Span::days(self.grace_days));
        let until = self.carried_at.map_or(end, |at| end.min(Timestamp::from(at)));
        Entitlement { thing, source: Source::Plan(self.order_id), from: self.period_from, until: Some(until) }
    }
}

#[derive(sqlx::FromRow)]
struct Category {
    category: Option<String>,
}

/// What a plan may name to open a thing: the word for all of its kind, and the subjects of a course.
fn names(thing: &Thing, category: Option<&str>) -> (&'static str, String, String) {
    let all = match thing {
        Thing::Course(_) => "courses",
        Thing::Competition(_) => "competitions",
        Thing::Plan(_) => "",
    };
    let mut subjects = above(category).into_iter().map(str::to_owned);
    (all, subjects.next().unwrap_or_default(), subjects.next().unwrap_or_default())
}

fn category_sql(thing: &Thing) -> Sql {
    sql!("select category from courses where id = $1", thing.uuid())
}

/// The periods of plans that open a thing of a category.
fn opened_sql(account: AccountId, thing: &Thing, category: Option<Category>) -> Sql {
    let (all, subject, parent) = names(thing, category.and_then(|row| row.category).as_deref());
    sql!(
        "select o.id as order_id, i.period_from, i.period_until, p.grace_days,
                (select min(n.period_from) from subscription_invoices n join orders c on c.id = n.order_id
                 where n.credit_line_id = l.id and c.state in ('paid', 'partially_refunded')) as carried_at
         from subscription_invoices i join orders o on o.id = i.order_id
         join order_lines l on l.id = i.line_id join plans p on p.id = i.plan_id
         where i.account_id = $1 and o.state in ('paid', 'partially_refunded')
           and exists (select 1 from plan_things t where t.plan_id = i.plan_id
               and (t.kind = $2 or (t.kind = $3 and t.reference = $4)
                    or (t.kind = 'category' and (t.reference = $5 or t.reference = $6))))
           and not exists (select 1 from refund_lines b join refunds r on r.id = b.refund_id
               where b.line_id = l.id and r.state <> 'failed' and b.whole = true)
           and (l.price = 0 or l.price > (select coalesce(sum(b.amount), 0) from refund_lines b
               join refunds r on r.id = b.refund_id where b.line_id = l.id and r.state <> 'failed'))
         order by o.id",
        account,
        all,
        thing.kind(),
        thing.uuid().to_string(),
        subject,
        parent
    )
}
