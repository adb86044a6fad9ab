//! Rules about refunds and disputes.

use super::{Check, check};

pub(super) const CHECKS: &[Check] = &[
    check!("I10", "never more goes back than was taken", "charges", words
        "select c.gateway || ' ' || c.charge as key, cast(sum(r.amount) as text) || ' of '
                || cast(c.amount as text) || ' go back' as what
         from charges c join refunds r on r.gateway = c.gateway and r.charge = c.charge and r.state <> 'failed'
         group by c.gateway, c.charge, c.amount having sum(r.amount) > c.amount"),
    check!("I10", "a line gives no more than its price", "order_lines", "more goes back than it cost", ids
        "select l.id from order_lines l join refund_lines b on b.line_id = l.id
         join refunds r on r.id = b.refund_id and r.state <> 'failed'
         group by l.id, l.price having sum(b.amount) > l.price"),
    check!("I9", "what went back in full has ended", "order_lines", "all of its price went back, and its right goes on", ids
        "select f.line_id as id from line_facts f
         where f.price > 0 and f.returned >= f.price and f.ended = false"),
    check!("I10", "a refund belongs to a charge", "refunds", "no such charge of its order and currency", ids
        "select r.id from refunds r
         left join charges c on c.gateway = r.gateway and c.charge = r.charge
         where c.charge is null or c.currency <> r.currency or c.order_id <> r.order_id"),
    check!("I16", "a refund is the sum of its lines", "refunds", "amount and lines differ", ids
        "select r.id from refunds r left join refund_lines b on b.refund_id = r.id
         where r.kind = 'lines' group by r.id, r.amount having r.amount <> coalesce(sum(b.amount), 0)"),
    check!("I9", "a refund gives back lines of its own order", "refunds", "a line of another order", ids
        "select distinct r.id from refunds r join refund_lines b on b.refund_id = r.id
         join order_lines l on l.id = b.line_id where l.order_id <> r.order_id"),
    check!("I10", "a refund holds its money until it is settled", "refunds", "what is on its way is not its amount", ids
        "select r.id from refunds r
         where r.kind <> 'dispute'
           and coalesce((select sum(t.amount) from transfers t where t.refund_id = r.id
                         and t.credit = 'refund:inflight'), 0)
             - coalesce((select sum(t.amount) from transfers t where t.refund_id = r.id
                         and t.debit = 'refund:inflight'), 0)
             <> case when r.state in ('requested', 'sent', 'unknown') then r.amount else 0 end"),
    check!("I19", "a refund has its history", "refunds", "nobody wrote down how it came to its state", ids
        "select r.id from refunds r where not exists
             (select 1 from refund_history h where h.refund_id = r.id and h.event = r.state)"),
    check!("I9", "an order is refunded by its refunds", "orders", "its state and its refunds disagree", ids
        "select o.id from orders o
         where o.state in ('paid', 'partially_refunded') and o.total > 0
           and coalesce((select sum(r.amount) from refunds r where r.order_id = o.id and r.kind <> 'parked'
                         and r.state = 'succeeded'), 0) >= case o.state when 'paid' then 1 else o.total end"),
    check!("I9", "a dispute holds its money as its state says", "refunds", "its reservations say something else", ids
        "select r.id from refunds r where r.kind = 'dispute'
           and ((select coalesce(sum(p.amount), 0) from transfers p where p.refund_id = r.id and p.kind = 'pending')
                  <> r.amount
             or exists (select 1 from transfers p where p.refund_id = r.id and p.kind = 'pending'
                and coalesce((select s.kind from transfers s where s.pending_id = p.id), 'none')
                  <> case r.state when 'succeeded' then 'post' when 'failed' then 'void' else 'none' end))"),
    check!("I9", "a refunded order has its refunds", "orders", "less went back than its total", ids
        "select o.id from orders o where o.state = 'refunded' and o.total >
             coalesce((select sum(r.amount) from refunds r where r.order_id = o.id and r.kind <> 'parked'
                       and r.state <> 'failed'), 0)"),
    check!("I10", "money of no order gives back what it was", "charges", words
        "select u.gateway || ' ' || u.charge as key, cast(sum(u.amount) as text) || ' go back' as what
         from unmatched_refunds u left join charges c on c.gateway = u.gateway and c.charge = u.charge
         where u.state <> 'failed'
         group by u.gateway, u.charge, c.amount, c.currency, c.payment_id
         having c.amount is null or c.payment_id is not null or sum(u.amount) > c.amount
             or min(u.currency) <> c.currency or max(u.currency) <> c.currency"),
    check!("I10", "what goes back of money of no order is booked as it stands", "unmatched_refunds", "its transfers say something else", ids
        "select u.id from unmatched_refunds u
         where (select coalesce(sum(case when t.credit = 'refund:inflight' then t.amount
                                         when t.debit = 'refund:inflight' then -t.amount else 0 end), 0)
                from transfers t join unmatched_refund_steps s on s.group_id = t.group_id where s.refund_id = u.id)
             <> case when u.state = 'requested' then u.amount else 0 end
            or (select coalesce(sum(case when t.credit = 'gateway:' || u.gateway || ':clearing' then t.amount
                                         when t.debit = 'gateway:' || u.gateway || ':clearing' then -t.amount
                                         else 0 end), 0)
                from transfers t join unmatched_refund_steps s on s.group_id = t.group_id where s.refund_id = u.id)
             <> case when u.state = 'succeeded' then u.amount else 0 end"),
    check!("I19", "what goes back of money of no order has its history", "unmatched_refunds", "nobody wrote down how it came to its state", ids
        "select u.id from unmatched_refunds u where not exists
             (select 1 from unmatched_refund_steps s where s.refund_id = u.id and s.state = u.state)"),
];
