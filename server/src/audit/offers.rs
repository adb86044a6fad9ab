//! Rules about coupons, bundles, gifts and points.

use super::{Check, check};

pub(super) const CHECKS: &[Check] = &[
    check!("I14", "the uses of a coupon are counted", "coupons", "its count and the orders that use it differ", ids
        "select c.id from coupons c left join coupon_uses u on u.coupon_id = c.id and u.held = true
         group by c.id, c.uses having c.uses <> count(u.order_id)"),
    check!("I22", "a coupon is used as often as it may", "coupons", "more orders use it than it allows", ids
        "select c.id from coupons c where c.uses_limit is not null and c.uses_limit <
             (select count(*) from coupon_uses u where u.coupon_id = c.id and u.held = true)"),
    check!("I22", "an account uses a coupon as often as it may", "coupons", "an account uses it more often", ids
        "select c.id from coupons c join coupon_uses u on u.coupon_id = c.id and u.held = true
         where c.account_limit is not null
         group by c.id, c.account_limit, u.account_id having count(*) > c.account_limit"),
    check!("I14", "an ended order holds no coupon", "orders", "it ended and still counts against a coupon", ids
        "select distinct o.id from orders o join coupon_uses u on u.order_id = o.id and u.held = true
         where o.state in ('expired', 'cancelled')"),
    check!("I6", "a coupon that lowered a price was counted", "order_reductions", "no use of that coupon is written", ids
        "select r.id from order_reductions r where r.kind = 'coupon'
           and not exists (select 1 from coupon_uses u join coupon_sources s on s.coupon_id = u.coupon_id
                           where u.order_id = r.order_id and s.source = r.source)"),
    check!("I14", "points are the sum of their entries", "point_accounts", "balance and entries differ", ids
        "select a.account_id as id from point_accounts a
         left join point_entries e on e.account_id = a.account_id
         group by a.account_id, a.balance having a.balance <> coalesce(sum(e.amount), 0)"),
    check!("I14", "an ended order keeps no points", "orders", "it ended and its points were not returned", ids
        "select o.id from orders o join point_entries e on e.order_id = o.id and e.kind in ('spent', 'returned')
         where o.state in ('expired', 'cancelled', 'refunded')
         group by o.id having sum(e.amount) <> 0"),
    check!("I6", "a gift was paid for", "gifts", "the order that should have paid for it is not paid", ids
        "select g.id from gifts g join orders o on o.id = g.order_id
         where g.state <> 'void' and (o.paid_at is null or o.purpose <> 'gift')"),
    check!("I6", "a gift that was taken has its order", "orders", "no gift that was taken stands behind it", ids
        "select o.id from orders o where o.purpose = 'redeemed'
           and not exists (select 1 from gifts g where g.redeemed_order = o.id and g.redeemed_by = o.account_id)"),
    check!("I16", "of a line no more counts elsewhere than was paid", "order_lines", "more of it counts towards other lines", ids
        "select f.line_id as id from line_facts f
         where f.counted > 0 and f.counted > f.price + case when f.ended then 0 else f.carried end
             - (select coalesce(sum(b.amount), 0) from refund_lines b join refunds r on r.id = b.refund_id
                where b.line_id = f.line_id and r.kind = 'lines' and r.outside is null and r.state <> 'failed')"),
    check!("I9", "what went back without money had cost none", "order_lines", "it cost money, or its order was never paid", ids
        "select l.id from order_lines l join returns_without_money w on w.line_id = l.id
         join orders o on o.id = l.order_id
         where l.price > 0 or o.state not in ('partially_refunded', 'refunded')"),
    check!("I19", "what the platform gave has a giver and a reason", "orders", "nobody or nothing is named", ids
        "select o.id from orders o where o.purpose = 'grant' and (o.granted_by is null or o.note = '')"),
];
