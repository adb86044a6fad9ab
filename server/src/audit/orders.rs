//! Rules about orders, their lines, seats and rights.

use super::{Check, check};

pub(super) const CHECKS: &[Check] = &[
    check!("I16", "an order is the sum of its lines", "orders", "total and lines differ", ids
        "select o.id from orders o left join order_lines l on l.order_id = o.id
         group by o.id, o.total having o.total <> coalesce(sum(l.price), 0) or count(l.id) = 0 order by o.id"),
    check!("I16", "a price is the list price less reductions", "order_lines", "price and reductions differ", ids
        "select l.id from order_lines l left join order_reductions r on r.line_id = l.id
         group by l.id, l.list_price, l.price having l.list_price <> l.price + coalesce(sum(r.amount), 0)
         order by l.id"),
    check!("I6", "rights follow from paid orders", "orders", "state and time of payment disagree", ids
        "select o.id from orders o
         where (o.state in ('paid', 'partially_refunded', 'refunded')) <> (o.paid_at is not null) order by o.id"),
    check!("I6", "what was given free has somebody who gave it", "orders", "nobody is named", ids
        "select o.id from orders o where o.total = 0 and o.state in ('paid', 'partially_refunded', 'refunded')
           and not exists (select 1 from order_history h where h.order_id = o.id and h.event = 'given')
         order by o.id"),
    check!("I19", "a paid order has its history", "orders", "nobody wrote down who paid it and when", ids
        "select o.id from orders o where o.state in ('paid', 'partially_refunded', 'refunded')
           and not exists (select 1 from order_history h where h.order_id = o.id
                           and h.event in ('paid', 'paid_late', 'given')) order by o.id"),
    check!("I6", "a paid order has one charge of its amount", "orders", "no such charge", ids
        "select o.id from orders o
         where o.state in ('paid', 'partially_refunded', 'refunded') and o.total > 0
           and (select count(*) from charges c where c.order_id = o.id and c.outcome = 'order'
                and c.amount = o.total and c.currency = o.currency) <> 1 order by o.id"),
    check!("I16", "a paid line was sold at its price", "order_lines", "the transfers of its sale are not its price", ids
        "select l.id from order_lines l join orders o on o.id = l.order_id
         where o.state in ('paid', 'partially_refunded', 'refunded') and l.price > 0
           and l.price <> (select coalesce(sum(t.amount), 0) from transfers t
                where t.line_id = l.id and t.code = 'sale' and t.currency = o.currency and t.order_id = o.id)
         order by l.id"),
    check!("I6", "an unpaid order has no sale", "orders", "a sale was booked for it", ids
        "select distinct o.id from orders o join transfers t on t.order_id = o.id and t.code = 'sale'
         where o.total = 0 or o.state in ('reserved', 'awaiting_payment', 'expired', 'cancelled') order by o.id"),
    check!("I16", "the shares of a line are a whole", "order_lines", "its basis points are not 10000", ids
        "select line_id as id from order_line_shares group by line_id
         having sum(basis_points) <> 10000 order by line_id"),
    check!("I13", "no seat is sold twice", "competitions", "more seats are taken than there are", ids
        "select c.id from competitions c where c.capacity is not null
           and c.capacity < (select count(*) from registrations r where r.competition_id = c.id
               and r.state in ('awaiting_payment', 'under_review', 'approved')) order by c.id"),
    check!("I14", "a held seat has its order", "registrations", "its order ended and the seat was not given back", ids
        "select r.id from registrations r where r.state = 'awaiting_payment'
           and not exists (select 1 from orders o join order_lines l on l.order_id = o.id
               where o.account_id = r.account_id and l.thing_kind = 'competition'
                 and l.thing_id = r.competition_id
                 and o.state in ('reserved', 'awaiting_payment', 'paid', 'partially_refunded'))
         order by r.id"),
    check!("I14", "a seat is given back with its money", "registrations", "its order was refunded in full", ids
        "select r.id from registrations r join orders o on o.id = r.order_id
         where r.state = 'approved' and o.state = 'refunded' order by r.id"),
];
