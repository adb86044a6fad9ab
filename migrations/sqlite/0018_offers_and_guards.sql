-- Lines that cost no money and were given back: their right ended, and points, credit and seat are free again.
create table returns_without_money (
    line_id     blob    not null primary key references order_lines (id),
    policy      text    not null,
    reason      text    not null,
    actor_id    blob    not null references accounts (id),
    cause       text    not null,
    returned_at integer not null
) strict;
create trigger returns_without_money_no_update before update on returns_without_money begin select raise(abort, 'returns_without_money is append-only'); end;
create trigger returns_without_money_no_delete before delete on returns_without_money begin select raise(abort, 'returns_without_money is append-only'); end;

-- What became of a line, said once for everybody who asks.
-- ended:    its right is over: it was given back, or is on its way back. A refund that failed gave nothing back.
-- returned: the money that went back, or is on its way.
-- carried:  what was paid for other lines and counted towards this one.
-- counted:  what of this one counts towards other lines that are held or paid.
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
            and c.source = 'line:' || lower(substr(hex(l.id), 1, 8) || '-' || substr(hex(l.id), 9, 4) || '-' || substr(hex(l.id), 13, 4)
                     || '-' || substr(hex(l.id), 17, 4) || '-' || substr(hex(l.id), 21))
            and o.state in ('reserved', 'awaiting_payment', 'paid', 'partially_refunded')
            and not exists (select 1 from returns_without_money w where w.line_id = c.line_id)
            and not exists (select 1 from refund_lines b join refunds r on r.id = b.refund_id
                            where b.line_id = c.line_id and b.whole = true and r.state <> 'failed')) as bigint) as counted,
    cast((select coalesce(sum(t.amount), 0) from transfers t
          where t.line_id = l.id and t.credit = 'dispute:held' and t.kind = 'pending'
            and not exists (select 1 from transfers d where d.pending_id = t.id)) as bigint) as disputed
from order_lines l;
