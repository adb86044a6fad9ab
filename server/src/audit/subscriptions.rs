//! Rules about subscriptions and their invoices.

use super::{Check, check};

pub(super) const CHECKS: &[Check] = &[
    check!("I21", "a running period is paid", "subscriptions", "no paid invoice has its period", ids
        "select s.id from subscriptions s where s.state <> 'expired' and not exists
             (select 1 from subscription_invoices i join orders o on o.id = i.order_id
              where i.subscription_id = s.id and i.plan_id = s.plan_id and i.period_from = s.period_from
                and i.period_until = s.period_until and o.state in ('paid', 'partially_refunded'))"),
    check!("I21", "an invoice is the line of its order", "subscription_invoices", "another plan, buyer or period", ids
        "select i.id from subscription_invoices i join orders o on o.id = i.order_id
         join order_lines l on l.id = i.line_id
         where l.order_id <> i.order_id or l.thing_kind <> 'plan' or l.thing_id <> i.plan_id
            or o.account_id <> i.account_id or l.period_from <> i.period_from or l.period_until <> i.period_until"),
    check!("I21", "what was unused counts once", "order_lines", "carried into more than one paid line", ids
        "select i.credit_line_id as id from subscription_invoices i join orders o on o.id = i.order_id
         where i.credit_line_id is not null and o.state in ('paid', 'partially_refunded')
         group by i.credit_line_id having count(*) > 1"),
    check!("I21", "a trial is had once", "accounts", "more than one trial", ids
        "select account_id as id from subscription_invoices where kind = 'trial'
         group by account_id having count(*) > 1"),
];
