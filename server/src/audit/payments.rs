//! Rules about attempts, charges, notices and what gateways hold.

use super::{Check, check};

pub(super) const CHECKS: &[Check] = &[
    check!("I7", "a charge is booked in full", "charges", words
        "select c.gateway || ' ' || c.charge as key, 'transfers differ' as what from charges c
         left join transfers t on t.group_id = c.group_id
         group by c.gateway, c.charge, c.amount
         having c.amount <> coalesce(sum(case when t.currency = c.currency
                    and t.debit = 'gateway:' || c.gateway || ':clearing'
                    and t.code = case c.outcome when 'order' then 'sale' else 'unmatched' end
                    then t.amount else 0 end), 0)"),
    check!("I7", "suspense has an alert or goes back", "charges", words
        "select c.gateway || ' ' || c.charge as key, 'nobody was told' as what from charges c
         where c.outcome = 'suspense'
           and not exists (select 1 from money_alerts a where a.notice_id = c.notice_id and a.closed_at is null)
           and c.amount > (select coalesce(sum(r.amount), 0) from refunds r
                           where r.gateway = c.gateway and r.charge = c.charge and r.state <> 'failed')
                        + (select coalesce(sum(u.amount), 0) from unmatched_refunds u
                           where u.gateway = c.gateway and u.charge = c.charge and u.state <> 'failed')"),
    check!("I7", "no capture is lost", "charges", words
        "select c.gateway || ' ' || c.charge as key, 'its order is not paid' as what
         from charges c join orders o on o.id = c.order_id
         where c.outcome = 'order' and o.state not in ('paid', 'partially_refunded', 'refunded')"),
    check!("I4", "an order is paid by one charge", "orders", "several charges pay it", ids
        "select order_id as id from charges where outcome = 'order'
         group by order_id having count(*) > 1"),
    check!("I2", "a gateway holds what it took less what went back", "gateway", words
        "select g.gateway || ' ' || g.currency as key,
                'holds ' || cast(g.holds as text) || ' in place of ' || cast(g.due as text) as what
         from (select n.gateway, n.currency,
                 coalesce((select a.debits - a.credits from ledger_accounts a
                           where a.name = 'gateway:' || n.gateway || ':clearing' and a.currency = n.currency), 0)
                   as holds,
                 coalesce((select sum(c.amount) from charges c
                           where c.gateway = n.gateway and c.currency = n.currency), 0)
                 - coalesce((select sum(r.amount) from refunds r
                           where r.gateway = n.gateway and r.currency = n.currency
                             and r.destination = 'gateway' and r.kind <> 'dispute' and r.state = 'succeeded'), 0)
                 - coalesce((select sum(r.amount) from refunds r
                           where r.gateway = n.gateway and r.currency = n.currency
                             and r.kind = 'dispute' and r.state <> 'failed'), 0)
                 - coalesce((select sum(u.amount) from unmatched_refunds u
                           where u.gateway = n.gateway and u.currency = n.currency and u.state = 'succeeded'), 0)
                 - coalesce((select sum(t.amount) from transfers t
                           where t.credit = 'gateway:' || n.gateway || ':clearing' and t.currency = n.currency
                             and t.code in ('wallet_paid', 'gateway_fee', 'settlement')), 0)
                 + coalesce((select sum(t.amount) from transfers t
                           where t.debit = 'gateway:' || n.gateway || ':clearing' and t.currency = n.currency
                             and t.code in ('wallet_refund', 'gateway_fee', 'settlement')), 0)
                   as due
               from (select distinct gateway, currency from charges) n) g
         where g.holds <> g.due"),
    check!("I2", "what a gateway kept or sent is booked as it was listed", "gateway_entries", words
        "select e.gateway || ' ' || e.kind || ' ' || e.reference as key, 'its transfers say something else' as what
         from gateway_entries e left join transfers t on t.group_id = e.group_id
         group by e.gateway, e.kind, e.reference, e.amount
         having e.amount <> coalesce(sum(case
                    when t.currency <> e.currency
                      or t.code <> case e.kind when 'fee' then 'gateway_fee' else 'settlement' end then 0
                    when t.credit = 'gateway:' || e.gateway || ':clearing' then t.amount
                    when t.debit = 'gateway:' || e.gateway || ':clearing' then -t.amount
                    else 0 end), 0)"),
    check!("I7", "a confirmed attempt has its charge", "payments", "no money came of it", ids
        "select p.id from payments p where p.state = 'confirmed'
           and not exists (select 1 from charges c where c.payment_id = p.id)"),
    check!("I12", "an order has one open payment", "orders", "its buyer could pay twice", ids
        "select order_id as id from payments where state in ('created', 'pending', 'unknown')
         group by order_id having count(*) > 1"),
    check!("I25", "play money stays in a demonstration", "payments", "a play payment where money is real", ids
        "select p.id from payments p join installation i on i.demonstration = false
         where p.gateway = 'sandbox'"),
    check!("I8", "an attempt demands what its order costs", "payments", "amounts differ", ids
        "select p.id from payments p join orders o on o.id = p.order_id
         where p.amount <> o.total or p.currency <> o.currency"),
    check!("I8", "never close enough", "payments", "the charge that pays it differs", ids
        "select p.id from payments p join charges c on c.payment_id = p.id and c.outcome = 'order'
         where c.amount <> p.amount or c.currency <> p.currency or p.state <> 'confirmed'"),
    check!("I18", "a stored notice has a state", "notices", "nobody will apply it", ids
        "select n.id from notices n
         where not exists (select 1 from notice_states s where s.notice_id = n.id)"),
];
