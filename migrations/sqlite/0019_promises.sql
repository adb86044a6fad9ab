-- What somebody was shown of a course: it is consumed, whether or not they say that they read it.
create table lesson_openings (
    account_id blob    not null references accounts (id),
    lesson_id  blob    not null references lessons (id),
    opened_at  integer not null,
    primary key (account_id, lesson_id)
) strict;
create trigger lesson_openings_no_update before update on lesson_openings
begin select raise(abort, 'lesson_openings is append-only'); end;
create trigger lesson_openings_no_delete before delete on lesson_openings
begin select raise(abort, 'lesson_openings is append-only'); end;

-- Which line of a plan opened a line that cost nothing: it lasts as long as the money of the plan is ours.
create table plan_entries (
    line_id      blob not null primary key references order_lines (id),
    plan_line_id blob not null references order_lines (id)
) strict;
create index plan_entries_plan_line on plan_entries (plan_line_id);
create trigger plan_entries_no_update before update on plan_entries
begin select raise(abort, 'plan_entries is append-only'); end;
create trigger plan_entries_no_delete before delete on plan_entries
begin select raise(abort, 'plan_entries is append-only'); end;
insert into plan_entries (line_id, plan_line_id)
select r.line_id, i.line_id from order_reductions r
join subscription_invoices i on lower(hex(i.order_id)) = replace(substr(r.source, 7), '-', '')
where r.kind = 'plan';

-- What comes back to an escrow that was given out (a dispute that was won, a refund that came to nothing) is given out
-- as well: each time is a round.
create table prize_rounds (
    competition_id blob    not null references competitions (id),
    currency       text    not null check (currency in ('CNY', 'USD')),
    round          integer not null check (round > 0),
    amount         integer not null check (amount > 0),
    group_id       blob    not null unique,
    settled_at     integer not null,
    cause          text    not null,
    primary key (competition_id, currency, round)
) strict;
insert into prize_rounds (competition_id, currency, round, amount, group_id, settled_at, cause)
select competition_id, currency, 1, amount, group_id, settled_at, cause from prize_settlements;
drop table prize_settlements;
create trigger prize_rounds_no_update before update on prize_rounds
begin select raise(abort, 'prize_rounds is append-only'); end;
create trigger prize_rounds_no_delete before delete on prize_rounds
begin select raise(abort, 'prize_rounds is append-only'); end;

-- Why a competition was called off; its entrants get their fees back.
create table competition_cancellations (
    competition_id blob    not null primary key references competitions (id),
    reason         text    not null,
    cancelled_at   integer not null,
    cancelled_by   blob    not null references accounts (id)
) strict;
create trigger competition_cancellations_no_update before update on competition_cancellations
begin select raise(abort, 'competition_cancellations is append-only'); end;
create trigger competition_cancellations_no_delete before delete on competition_cancellations
begin select raise(abort, 'competition_cancellations is append-only'); end;

-- The audit asks of each charge in suspense whether somebody was told.
create index money_alerts_notice on money_alerts (notice_id) where notice_id is not null;
create index charges_notice on charges (notice_id) where outcome = 'suspense';

-- Money in suspense keeps an open alert. Alerts of refunds that failed are told apart by the notice of their money,
-- and the last alert of money that still lies there is opened again.
update money_alerts set notice_id = (select c.notice_id from refunds r
    join charges c on c.gateway = r.gateway and c.charge = r.charge and c.outcome = 'suspense' where lower(hex(r.id)) = replace(substr(money_alerts.key, 15), '-', ''))
where reason = 'refund_failed' and notice_id is null;
update money_alerts set closed_at = null, closed_by = null, note = ''
where closed_at is not null
  and id = (select b.id from money_alerts b where b.notice_id = money_alerts.notice_id order by b.opened_at desc, b.id desc limit 1)
  and not exists (select 1 from money_alerts b where b.notice_id = money_alerts.notice_id and b.closed_at is null)
  and exists (select 1 from charges c where c.notice_id = money_alerts.notice_id and c.outcome = 'suspense'
      and c.amount > (select coalesce(sum(r.amount), 0) from refunds r
                      where r.gateway = c.gateway and r.charge = c.charge and r.state <> 'failed'));
