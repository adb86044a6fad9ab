//! Rules about orders, their lines, seats and rights.

use std::collections::BTreeMap;

use domain::money::{Currency, Money};
use domain::orders::{OrderLineId, Thing};
use domain::payments::{LedgerAccount, Line, Party, Share, Shares, sale};
use uuid::Uuid;

use super::{Check, Report, check};
use crate::db::Tx;
use crate::error::Result;
use crate::sql;

pub(super) const CHECKS: &[Check] = &[
    check!("I16", "an order is the sum of its lines", "orders", "total and lines differ", ids
        "select o.id from orders o left join order_lines l on l.order_id = o.id
         group by o.id, o.total having o.total <> coalesce(sum(l.price), 0) or count(l.id) = 0"),
    check!("I16", "a price is the list price less reductions", "order_lines", "price and reductions differ", ids
        "select l.id from order_lines l left join order_reductions r on r.line_id = l.id
         group by l.id, l.list_price, l.price having l.list_price <> l.price + coalesce(sum(r.amount), 0)"),
    check!("I6", "rights follow from paid orders", "orders", "state and time of payment disagree", ids
        "select o.id from orders o
         where (o.state in ('paid', 'partially_refunded', 'refunded')) <> (o.paid_at is not null)"),
    check!("I6", "what was given free has somebody who gave it", "orders", "nobody is named", ids
        "select o.id from orders o where o.total = 0 and o.state in ('paid', 'partially_refunded', 'refunded')
           and not exists (select 1 from order_history h where h.order_id = o.id and h.event = 'given')"),
    check!("I19", "a paid order has its history", "orders", "nobody wrote down who paid it and when", ids
        "select o.id from orders o where o.state in ('paid', 'partially_refunded', 'refunded')
           and not exists (select 1 from order_history h where h.order_id = o.id
                           and h.event in ('paid', 'paid_late', 'given'))"),
    check!("I6", "a paid order has one charge of its amount", "orders", "no such charge", ids
        "select o.id from orders o
         where o.state in ('paid', 'partially_refunded', 'refunded') and o.total > 0
           and (select count(*) from charges c where c.order_id = o.id and c.outcome = 'order'
                and c.amount = o.total and c.currency = o.currency) <> 1"),
    check!("I19", "a payment has its history", "payments", "nobody wrote down how it came to its state", ids
        "select p.id from payments p where not exists
             (select 1 from payment_history h where h.payment_id = p.id and h.state = p.state)"),
    check!("I16", "a paid line was sold at its price", "order_lines", "the transfers of its sale are not its price", ids
        "select l.id from order_lines l join orders o on o.id = l.order_id
         where o.state in ('paid', 'partially_refunded', 'refunded') and l.price > 0
           and l.price <> (select coalesce(sum(t.amount), 0) from transfers t
                where t.line_id = l.id and t.code = 'sale' and t.currency = o.currency and t.order_id = o.id)"),
    check!("I6", "an unpaid order has no sale", "orders", "a sale was booked for it", ids
        "select o.id from orders o
         where (o.total = 0 or o.state in ('reserved', 'awaiting_payment', 'expired', 'cancelled'))
           and exists (select 1 from transfers t where t.order_id = o.id and t.code = 'sale')"),
    check!("I16", "the shares of a line are a whole", "order_lines", "its basis points are not 10000", ids
        "select line_id as id from order_line_shares group by line_id
         having sum(basis_points) <> 10000"),
    check!("I19", "an ended order has its history", "orders", "nobody wrote down how it ended", ids
        "select o.id from orders o where o.state in ('expired', 'cancelled', 'partially_refunded', 'refunded')
           and not exists (select 1 from order_history h where h.order_id = o.id and h.event in
               ('expired', 'cancelled', 'replaced', 'replaced_by_grant', 'partially_refunded', 'refunded'))"),
    check!("I6", "an entry with a fee was ordered", "registrations", "no order stands behind it", ids
        "select r.id from registrations r join competitions c on c.id = r.competition_id
         where r.state = 'approved' and c.fee_minor > 0 and not exists (select 1 from orders o
             join order_lines l on l.order_id = o.id and l.thing_kind = 'competition' and l.thing_id = c.id
             where o.id = r.order_id and o.account_id = r.account_id)"),
    // A refund that failed gives the place back only where one is free, and tells a person.
    check!("I6", "a paid entry has its place", "order_lines", "its buyer is not among the entrants", ids
        "select l.id from order_lines l join competitions c on c.id = l.thing_id
           join orders o on o.id = l.order_id join line_facts f on f.line_id = l.id
         where l.thing_kind = 'competition' and o.state in ('paid', 'partially_refunded') and f.ended = false
           and not exists (select 1 from registrations r where r.competition_id = l.thing_id
               and r.account_id = o.account_id and r.state = 'approved')
           and not exists (select 1 from money_alerts a where a.order_id = o.id and a.reason = 'refund_failed')"),
    check!("I9", "a seat is given back with its line", "registrations", "its line was refunded in full", ids
        "select g.id from registrations g join order_lines l on l.order_id = g.order_id
           and l.thing_kind = 'competition' and l.thing_id = g.competition_id
         where g.state = 'approved' and exists (select 1 from refund_lines b join refunds r on r.id = b.refund_id
             where b.line_id = l.id and b.whole = true and r.state = 'succeeded')"),
    check!("I13", "no seat is sold twice", "competitions", "more seats are taken than there are", ids
        "select c.id from competitions c where c.capacity is not null
           and c.capacity < (select count(*) from registrations r where r.competition_id = c.id
               and r.state in ('awaiting_payment', 'under_review', 'approved'))"),
    check!("I14", "a held seat has its order", "registrations", "its order ended and the seat was not given back", ids
        "select r.id from registrations r where r.state = 'awaiting_payment'
           and not exists (select 1 from orders o join order_lines l on l.order_id = o.id
               where o.account_id = r.account_id and l.thing_kind = 'competition'
                 and l.thing_id = r.competition_id
                 and o.state in ('reserved', 'awaiting_payment', 'paid', 'partially_refunded'))"),
    check!("I14", "a seat is given back with its money", "registrations", "its order was refunded in full", ids
        "select r.id from registrations r join orders o on o.id = r.order_id
         where r.state = 'approved' and o.state = 'refunded'"),
];

/// How many rows of shares are looked at at a time.
const PAGE: i64 = 20_000;

#[derive(sqlx::FromRow)]
struct ShareRow {
    line_id: Uuid,
    thing_kind: String,
    thing_id: Uuid,
    price: i64,
    #[sqlx(try_from = "String")]
    currency: Currency,
    #[sqlx(try_from = "String")]
    party: Party,
    account_id: Option<Uuid>,
    basis_points: i64,
}

#[derive(sqlx::FromRow)]
struct SoldRow {
    line_id: Uuid,
    credit: String,
    amount: i64,
}

/// What a paid line brought went to whom its frozen shares name, to the cent.
pub(super) async fn shared(db: &mut Tx, report: &mut Report) -> Result<()> {
    let mut after = Uuid::nil();
    loop {
        let mut rows: Vec<ShareRow> = db
            .all(sql!(
                "select s.line_id, l.thing_kind, l.thing_id, l.price, o.currency, s.party, s.account_id, s.basis_points
                 from order_line_shares s join order_lines l on l.id = s.line_id join orders o on o.id = l.order_id
                 where s.line_id > $1 order by s.line_id, s.position limit $2",
                after,
                PAGE
            ))
            .await?;
        // The last line of a page may go on behind it.
        let last = rows.last().map(|row| row.line_id);
        if rows.len() >= usize::try_from(PAGE).unwrap_or(usize::MAX) {
            rows.retain(|row| Some(row.line_id) != last);
        }
        let Some(until) = rows.last().map(|row| row.line_id) else { return Ok(()) };
        let sold: Vec<SoldRow> = db
            .all(sql!(
                "select line_id, credit, cast(sum(amount) as bigint) as amount from transfers
                 where code = 'sale' and line_id > $1 and line_id <= $2
                 group by line_id, credit order by line_id, credit",
                after,
                until
            ))
            .await?;
        compare(rows, sold, report);
        after = until;
    }
}

/// Compares what was sold of each line with what its shares say; a line that was not sold is left alone.
fn compare(shares: Vec<ShareRow>, sold: Vec<SoldRow>, report: &mut Report) {
    let mut brought: BTreeMap<Uuid, BTreeMap<String, i64>> = BTreeMap::new();
    for row in sold {
        brought.entry(row.line_id).or_default().insert(row.credit, row.amount);
    }
    for rows in shares.chunk_by(|one, other| one.line_id == other.line_id) {
        let Some(first) = rows.first() else { continue };
        let Some(brought) = brought.get(&first.line_id) else { continue };
        if due(first, rows).as_ref() != Some(brought) {
            let key = format!("order_lines {}", first.line_id);
            report.add("I16", "a line is shared as it was frozen", key, "others have it, or other amounts");
        }
    }
}

/// What each account should have of a line; nothing where its shares make no whole.
fn due(line: &ShareRow, rows: &[ShareRow]) -> Option<BTreeMap<String, i64>> {
    let thing = Thing::of(&line.thing_kind, line.thing_id)?;
    let share = |row: &ShareRow| Share {
        party: row.party,
        account: row.account_id.map(domain::accounts::AccountId),
        basis_points: u32::try_from(row.basis_points).unwrap_or_default(),
    };
    let shares = Shares::of(rows.iter().map(share).collect(), thing).ok()?;
    let price = Money::new(line.price, line.currency);
    let sold = Line { id: OrderLineId(line.line_id), thing, price, shares, matures: None };
    let mut due: BTreeMap<String, i64> = BTreeMap::new();
    for posting in sale("any", &[sold]) {
        let LedgerAccount::Clearing(_) = posting.debit else { return None };
        *due.entry(posting.credit.to_string()).or_default() += posting.amount.minor;
    }
    Some(due)
}
