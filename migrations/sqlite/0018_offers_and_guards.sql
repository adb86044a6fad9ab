-- Lines that cost no money and were given back: their right ended, and points, credit and seat are free again.
create table returns_without_money (
    line_id     blob    not null primary key references order_lines (id),
    policy      text    not null,
    reason      text    not null,
    actor_id    blob    references accounts (id),
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
            and c.source = 'line:' || lower(substr(hex(l.id), 1, 8) || '-' || substr(hex(l.id), 9, 4) || '-' || substr(hex(l.id), 13, 4)
                     || '-' || substr(hex(l.id), 17, 4) || '-' || substr(hex(l.id), 21))
            and o.state in ('reserved', 'awaiting_payment', 'paid', 'partially_refunded')
            and not exists (select 1 from returns_without_money w where w.line_id = c.line_id)
            and not exists (select 1 from refund_lines b join refunds r on r.id = b.refund_id
                            where b.line_id = c.line_id and b.whole = true and r.state <> 'failed')) as bigint) as counted,
    cast((select coalesce(sum(c.amount), 0) from order_reductions c join orders o on o.id = c.order_id
          where c.kind = 'credit'
            and c.source = 'line:' || lower(substr(hex(l.id), 1, 8) || '-' || substr(hex(l.id), 9, 4) || '-' || substr(hex(l.id), 13, 4)
                     || '-' || substr(hex(l.id), 17, 4) || '-' || substr(hex(l.id), 21))
            and o.state in ('reserved', 'awaiting_payment')) as bigint) as waiting,
    cast((select coalesce(sum(t.amount), 0) from transfers t
          where t.line_id = l.id and t.credit = 'dispute:held' and t.kind = 'pending'
            and not exists (select 1 from transfers d where d.pending_id = t.id)) as bigint) as disputed
from order_lines l;

-- How a reduction names the coupon that it comes from.
create view coupon_sources as
select id as coupon_id, 'coupon:' || lower(substr(hex(id), 1, 8) || '-' || substr(hex(id), 9, 4) || '-' || substr(hex(id), 13, 4)
           || '-' || substr(hex(id), 17, 4) || '-' || substr(hex(id), 21)) as source from coupons;

-- What points are earned for and what they are worth, by currency: a yuan and a dollar are not the same. What was
-- one rate for both stays that of the yuan. Worth nothing would mean worth everything.
create table point_rules (
    code       text    not null primary key check (code in
        ('completed', 'per_unit:CNY', 'worth:CNY', 'per_unit:USD', 'worth:USD')),
    points     integer not null check (points >= 0),
    changed_at integer,
    changed_by blob references accounts (id),
    constraint point_rules_worth_check check (points > 0 or code not like 'worth:%')
) strict;
insert into point_rules (code, points) select code, points from point_rates where code = 'completed';
insert into point_rules (code, points) select 'per_unit:CNY', points from point_rates where code = 'per_unit';
insert into point_rules (code, points) select 'worth:CNY', points from point_rates where code = 'worth' and points > 0;
insert into point_rules (code, points) select 'per_unit:USD', points * 7 from point_rates where code = 'per_unit';
insert into point_rules (code, points) select 'worth:USD', points * 7 from point_rates where code = 'worth' and points > 0;
insert into point_rules (code, points) values ('worth:CNY', 100), ('worth:USD', 700) on conflict (code) do nothing;
drop table point_rates;

-- Who of the platform gave points, and why.
create table point_grants (
    entry_id   blob not null primary key references point_entries (id),
    granted_by blob not null references accounts (id),
    reason     text not null
) strict;
create trigger point_grants_no_update before update on point_grants begin select raise(abort, 'point_grants is append-only'); end;
create trigger point_grants_no_delete before delete on point_grants begin select raise(abort, 'point_grants is append-only'); end;
create trigger point_grants_no_replace before insert on point_grants
when exists (select 1 from point_grants where entry_id = new.entry_id)
  or exists (select 1 from point_grants where rowid = new.rowid)
begin select raise(abort, 'point_grants is append-only'); end;

-- The log of a board is append-only, as its table has always said.
create trigger score_events_no_update before update on score_events begin select raise(abort, 'score_events is append-only'); end;
create trigger score_events_no_delete before delete on score_events begin select raise(abort, 'score_events is append-only'); end;

-- `insert or replace` deletes what stands in its way, and no delete trigger hears of it unless the connection asked
-- for that. So what stands is found before: by each key of an append-only table, and by the number of its row.
create trigger charges_no_replace before insert on charges
when exists (select 1 from charges where gateway = new.gateway and charge = new.charge)
  or exists (select 1 from charges where order_id = new.order_id and outcome = 'order' and new.outcome = 'order')
  or exists (select 1 from charges where rowid = new.rowid)
begin select raise(abort, 'charges is append-only'); end;
create trigger failed_transfers_no_replace before insert on failed_transfers
when exists (select 1 from failed_transfers where id = new.id)
  or exists (select 1 from failed_transfers where rowid = new.rowid)
begin select raise(abort, 'failed_transfers is append-only'); end;
create trigger learning_events_no_replace before insert on learning_events
when exists (select 1 from learning_events where id = new.id)
  or exists (select 1 from learning_events where rowid = new.rowid)
begin select raise(abort, 'learning_events is append-only'); end;
create trigger notices_no_replace before insert on notices
when exists (select 1 from notices where id = new.id)
  or exists (select 1 from notices where gateway = new.gateway and event_id = new.event_id)
  or exists (select 1 from notices where rowid = new.rowid)
begin select raise(abort, 'notices is append-only'); end;
create trigger order_history_no_replace before insert on order_history
when exists (select 1 from order_history where id = new.id)
  or exists (select 1 from order_history where rowid = new.rowid)
begin select raise(abort, 'order_history is append-only'); end;
create trigger order_line_shares_no_replace before insert on order_line_shares
when exists (select 1 from order_line_shares where line_id = new.line_id and position = new.position)
  or exists (select 1 from order_line_shares where rowid = new.rowid)
begin select raise(abort, 'order_line_shares is append-only'); end;
create trigger order_line_terms_no_replace before insert on order_line_terms
when exists (select 1 from order_line_terms where line_id = new.line_id)
  or exists (select 1 from order_line_terms where rowid = new.rowid)
begin select raise(abort, 'order_line_terms is append-only'); end;
create trigger order_lines_no_replace before insert on order_lines
when exists (select 1 from order_lines where id = new.id)
  or exists (select 1 from order_lines where order_id = new.order_id and position = new.position)
  or exists (select 1 from order_lines where rowid = new.rowid)
begin select raise(abort, 'order_lines is append-only'); end;
create trigger order_reductions_no_replace before insert on order_reductions
when exists (select 1 from order_reductions where id = new.id)
  or exists (select 1 from order_reductions where order_id = new.order_id and position = new.position)
  or exists (select 1 from order_reductions where rowid = new.rowid)
begin select raise(abort, 'order_reductions is append-only'); end;
create trigger payout_approvals_no_replace before insert on payout_approvals
when exists (select 1 from payout_approvals where payout_id = new.payout_id and staff_id = new.staff_id)
  or exists (select 1 from payout_approvals where rowid = new.rowid)
begin select raise(abort, 'payout_approvals is append-only'); end;
create trigger payout_history_no_replace before insert on payout_history
when exists (select 1 from payout_history where id = new.id)
  or exists (select 1 from payout_history where rowid = new.rowid)
begin select raise(abort, 'payout_history is append-only'); end;
create trigger payouts_no_replace before insert on payouts
when exists (select 1 from payouts where id = new.id)
  or exists (select 1 from payouts where rowid = new.rowid)
begin select raise(abort, 'payouts is append-only'); end;
create trigger point_entries_no_replace before insert on point_entries
when exists (select 1 from point_entries where id = new.id)
  or exists (select 1 from point_entries where account_id = new.account_id and kind = new.kind and source = new.source and kind in ('paid', 'completed') and new.kind in ('paid', 'completed'))
  or exists (select 1 from point_entries where rowid = new.rowid)
begin select raise(abort, 'point_entries is append-only'); end;
create trigger prize_settlements_no_replace before insert on prize_settlements
when exists (select 1 from prize_settlements where competition_id = new.competition_id and currency = new.currency)
  or exists (select 1 from prize_settlements where rowid = new.rowid)
begin select raise(abort, 'prize_settlements is append-only'); end;
create trigger receipt_numbers_no_replace before insert on receipt_numbers
when exists (select 1 from receipt_numbers where id = new.id)
begin select raise(abort, 'receipt_numbers is append-only'); end;
create trigger receipts_no_replace before insert on receipts
when exists (select 1 from receipts where order_id = new.order_id)
  or exists (select 1 from receipts where number = new.number)
  or exists (select 1 from receipts where rowid = new.rowid)
begin select raise(abort, 'receipts is append-only'); end;
create trigger refund_history_no_replace before insert on refund_history
when exists (select 1 from refund_history where id = new.id)
  or exists (select 1 from refund_history where rowid = new.rowid)
begin select raise(abort, 'refund_history is append-only'); end;
create trigger refund_lines_no_replace before insert on refund_lines
when exists (select 1 from refund_lines where refund_id = new.refund_id and line_id = new.line_id)
  or exists (select 1 from refund_lines where rowid = new.rowid)
begin select raise(abort, 'refund_lines is append-only'); end;
create trigger refunds_no_replace before insert on refunds
when exists (select 1 from refunds where id = new.id)
  or exists (select 1 from refunds where gateway = new.gateway and outside = new.outside)
  or exists (select 1 from refunds where rowid = new.rowid)
begin select raise(abort, 'refunds is append-only'); end;
create trigger returns_without_money_no_replace before insert on returns_without_money
when exists (select 1 from returns_without_money where line_id = new.line_id)
  or exists (select 1 from returns_without_money where rowid = new.rowid)
begin select raise(abort, 'returns_without_money is append-only'); end;
create trigger score_events_no_replace before insert on score_events
when exists (select 1 from score_events where competition_id = new.competition_id and sequence = new.sequence)
  or exists (select 1 from score_events where competition_id = new.competition_id and public_sequence = new.public_sequence)
  or exists (select 1 from score_events where rowid = new.rowid)
begin select raise(abort, 'score_events is append-only'); end;
create trigger subscription_history_no_replace before insert on subscription_history
when exists (select 1 from subscription_history where id = new.id)
  or exists (select 1 from subscription_history where rowid = new.rowid)
begin select raise(abort, 'subscription_history is append-only'); end;
create trigger subscription_invoices_no_replace before insert on subscription_invoices
when exists (select 1 from subscription_invoices where id = new.id)
  or exists (select 1 from subscription_invoices where order_id = new.order_id)
  or exists (select 1 from subscription_invoices where rowid = new.rowid)
begin select raise(abort, 'subscription_invoices is append-only'); end;
create trigger subscription_trials_no_replace before insert on subscription_trials
when exists (select 1 from subscription_trials where account_id = new.account_id)
  or exists (select 1 from subscription_trials where rowid = new.rowid)
begin select raise(abort, 'subscription_trials is append-only'); end;
create trigger transfers_no_replace before insert on transfers
when exists (select 1 from transfers where id = new.id)
  or exists (select 1 from transfers where pending_id = new.pending_id)
  or exists (select 1 from transfers where rowid = new.rowid)
begin select raise(abort, 'transfers is append-only'); end;
