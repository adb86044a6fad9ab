//! Rules about receipts.

use super::{Check, check};

pub(super) const CHECKS: &[Check] = &[
    check!("I6", "every order that was paid with money has its receipt", "orders", "it has none", ids
        "select o.id from orders o where o.paid_at is not null and o.total > 0
           and not exists (select 1 from receipts r where r.order_id = o.id)"),
    check!("I6", "no receipt without a payment", "receipts", "its order was not paid with money", ids
        "select r.order_id as id from receipts r join orders o on o.id = r.order_id
         where o.paid_at is null or o.total = 0"),
    check!("I6", "receipts are numbered without gaps", "receipts", words
        "select 'numbers' as key, 'the last number and the count of receipts differ' as what from receipt_numbers n
         where n.last <> (select count(*) from receipts)
            or n.last <> (select coalesce(max(number), 0) from receipts)"),
];
