-- Lines that cost no money and were given back: their right ended, and points, credit and seat are free again.
create table returns_without_money (
    line_id     uuid   not null primary key references order_lines (id),
    policy      text   not null,
    reason      text   not null,
    actor_id    uuid   references accounts (id),
    cause       text   not null,
    returned_at bigint not null
);
create trigger returns_without_money_append_only before update or delete on returns_without_money for each row execute function refuse_change();
create trigger returns_without_money_no_truncate before truncate on returns_without_money for each statement execute function refuse_change();

-- What became of a line, said once for everybody who asks.
-- ended:    its right is over: it was given back, or is on its way back. A refund that failed gave nothing back.
-- returned: the money that went back, or is on its way.
-- carried:  what was paid for other lines and counted towards this one.
-- counted:  what of this one counts towards other lines that are held or paid.
-- waiting:  what of that counts in orders that are not paid yet, and may come free again.
-- disputed: what a bank holds back while it looks at the case.
create view line_facts as
select l.id as line_id, l.price,
    (exists (select 1 from returns_without_money w where w.line_id = l.id)
     or exists (select 1 from refund_lines b join refunds r on r.id = b.refund_id
                where b.line_id = l.id and b.whole = true and r.state <> 'failed')) as ended,
    cast((select coalesce(sum(b.amount), 0) from refund_lines b join refunds r on r.id = b.refund_id
          where b.line_id = l.id and r.state <> 'failed') as bigint) as returned,
    cast((select coalesce(sum(c.amount), 0) from order_reductions c
          where c.line_id = l.id and c.kind = 'credit') as bigint) as carried,
    cast((select coalesce(sum(c.amount), 0) from order_reductions c join orders o on o.id = c.order_id
          where c.kind = 'credit'
            and c.source = 'line:' || cast(l.id as text)
            and o.state in ('reserved', 'awaiting_payment', 'paid', 'partially_refunded')
            and not exists (select 1 from returns_without_money w where w.line_id = c.line_id)
            and not exists (select 1 from refund_lines b join refunds r on r.id = b.refund_id
                            where b.line_id = c.line_id and b.whole = true and r.state <> 'failed')) as bigint) as counted,
    cast((select coalesce(sum(c.amount), 0) from order_reductions c join orders o on o.id = c.order_id
          where c.kind = 'credit'
            and c.source = 'line:' || cast(l.id as text)
            and o.state in ('reserved', 'awaiting_payment')) as bigint) as waiting,
    cast((select coalesce(sum(t.amount), 0) from transfers t
          where t.line_id = l.id and t.credit = 'dispute:held' and t.kind = 'pending'
            and not exists (select 1 from transfers d where d.pending_id = t.id)) as bigint) as disputed
from order_lines l;

-- How a reduction names the coupon that it comes from.
create view coupon_sources as
select id as coupon_id, 'coupon:' || cast(id as text) as source from coupons;

-- What points are earned for and what they are worth, by currency: a yuan and a dollar are not the same. What was
-- one rate for both stays that of the yuan. Worth nothing would mean worth everything.
create table point_rules (
    code       text   not null primary key check (code in
        ('completed', 'per_unit:CNY', 'worth:CNY', 'per_unit:USD', 'worth:USD')),
    points     bigint not null check (points >= 0),
    changed_at bigint,
    changed_by uuid references accounts (id),
    constraint point_rules_worth_check check (points > 0 or code not like 'worth:%')
);
insert into point_rules (code, points) select code, points from point_rates where code = 'completed';
insert into point_rules (code, points) select 'per_unit:CNY', points from point_rates where code = 'per_unit';
insert into point_rules (code, points) select 'worth:CNY', points from point_rates where code = 'worth' and points > 0;
insert into point_rules (code, points) select 'per_unit:USD', points * 7 from point_rates where code = 'per_unit';
insert into point_rules (code, points) select 'worth:USD', points * 7 from point_rates where code = 'worth' and points > 0;
insert into point_rules (code, points) values ('worth:CNY', 100), ('worth:USD', 700) on conflict (code) do nothing;
drop table point_rates;

-- Who of the platform gave points, and why.
create table point_grants (
    entry_id   uuid not null primary key references point_entries (id),
    granted_by uuid not null references accounts (id),
    reason     text not null
);
create trigger point_grants_append_only before update or delete on point_grants for each row execute function refuse_change();
create trigger point_grants_no_truncate before truncate on point_grants for each statement execute function refuse_change();

-- The log of a board is append-only, as its table has always said; and what cannot be deleted row by row cannot be
-- emptied either.
create trigger score_events_append_only before update or delete on score_events for each row execute function refuse_change();
create trigger score_events_no_truncate before truncate on score_events for each statement execute function refuse_change();
create trigger learning_events_no_truncate before truncate on learning_events for each statement execute function refuse_change();
create trigger refunds_no_truncate before truncate on refunds for each statement execute function refuse_change();
create trigger payouts_no_truncate before truncate on payouts for each statement execute function refuse_change();
create trigger receipt_numbers_no_truncate before truncate on receipt_numbers for each statement execute function refuse_change();
