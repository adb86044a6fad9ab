//! The rights of an account: derived from the lines of paid orders, never stored.

use domain::accounts::AccountId;
use domain::orders::{Entitlement, OrderId, Purpose, Source, Thing};
use domain::time::Timestamp;
use uuid::Uuid;

use crate::db::{Db, Tx};
use crate::error::Result;
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

/// The rights of an account to a thing: the lines of its paid orders, but for what was given back in full
/// and for gifts it gave away. A refund that failed gave nothing back.
pub async fn entitlements(db: &Db, account: AccountId, thing: &Thing) -> Result<Vec<Entitlement>> {
    let rows: Vec<Row> = db
        .all(sql!(
            "select o.id as order_id, o.purpose, l.list_price, o.paid_at, l.period_from, l.period_until
             from order_lines l join orders o on o.id = l.order_id
             where o.account_id = $1 and l.thing_kind = $2 and l.thing_id = $3
               and o.state in ('paid', 'partially_refunded') and o.purpose <> 'gift'
               and not exists (select 1 from refund_lines b join refunds r on r.id = b.refund_id
                   where b.line_id = l.id and r.state <> 'failed' and b.whole = true)
               and (l.price = 0 or l.price > (select coalesce(sum(b.amount), 0) from refund_lines b
                   join refunds r on r.id = b.refund_id where b.line_id = l.id and r.state <> 'failed'))
             order by o.id, l.id",
            account,
            thing.kind(),
            thing.uuid()
        ))
        .await?;
    Ok(rows.into_iter().map(|row| row.into_right(*thing)).collect())
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
             from order_lines l join orders o on o.id = l.order_id
             where o.account_id = $1 and o.state in ('paid', 'partially_refunded') and o.purpose <> 'gift'
               and not exists (select 1 from refund_lines b join refunds r on r.id = b.refund_id
                   where b.line_id = l.id and r.state <> 'failed' and b.whole = true)
               and (l.price = 0 or l.price > (select coalesce(sum(b.amount), 0) from refund_lines b
                   join refunds r on r.id = b.refund_id where b.line_id = l.id and r.state <> 'failed'))
             order by o.id, l.position",
            account
        ))
        .await?;
    let right = |row: Held| Thing::of(&row.thing_kind, row.thing_id).map(|thing| row.right.into_right(thing));
    Ok(rows.into_iter().filter_map(right).collect())
}

/// The same, read inside a transaction.
pub async fn entitlements_in(tx: &mut Tx, account: AccountId, thing: &Thing) -> Result<Vec<Entitlement>> {
    let rows: Vec<Row> = tx
        .all(sql!(
            "select o.id as order_id, o.purpose, l.list_price, o.paid_at, l.period_from, l.period_until
             from order_lines l join orders o on o.id = l.order_id
             where o.account_id = $1 and l.thing_kind = $2 and l.thing_id = $3
               and o.state in ('paid', 'partially_refunded') and o.purpose <> 'gift'
               and not exists (select 1 from refund_lines b join refunds r on r.id = b.refund_id
                   where b.line_id = l.id and r.state <> 'failed' and b.whole = true)
               and (l.price = 0 or l.price > (select coalesce(sum(b.amount), 0) from refund_lines b
                   join refunds r on r.id = b.refund_id where b.line_id = l.id and r.state <> 'failed'))
             order by o.id, l.id",
            account,
            thing.kind(),
            thing.uuid()
        ))
        .await?;
    Ok(rows.into_iter().map(|row| row.into_right(*thing)).collect())
}
