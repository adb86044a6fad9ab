-- What somebody was shown of a course: it is consumed, whether or not they say that they read it.
create table lesson_openings (
    account_id uuid   not null references accounts (id),
    lesson_id  uuid   not null references lessons (id),
    opened_at  bigint not null,
    primary key (account_id, lesson_id)
);
create trigger lesson_openings_append_only before update or delete on lesson_openings for each row execute function refuse_change();
create trigger lesson_openings_no_truncate before truncate on lesson_openings for each statement execute function refuse_change();

-- Which line of a plan opened a line that cost nothing: it lasts as long as the money of the plan is ours.
create table plan_entries (
    line_id      uuid not null primary key references order_lines (id),
    plan_line_id uuid not null references order_lines (id)
);
create index plan_entries_plan_line on plan_entries (plan_line_id);
create trigger plan_entries_append_only before update or delete on plan_entries for each row execute function refuse_change();
create trigger plan_entries_no_truncate before truncate on plan_entries for each statement execute function refuse_change();
insert into plan_entries (line_id, plan_line_id)
select r.line_id, i.line_id from order_reductions r
join subscription_invoices i on i.order_id = cast(substr(r.source, 7) as uuid)
where r.kind = 'plan';

-- What comes back to an escrow that was given out (a dispute that was won, a refund that came to nothing) is given out
-- as well: each time is a round.
create table prize_rounds (
    competition_id uuid   not null references competitions (id),
    currency       text   not null check (currency in ('CNY', 'USD')),
    round          bigint not null check (round > 0),
    amount         bigint not null check (amount > 0),
    group_id       uuid   not null unique,
    settled_at     bigint not null,
    cause          text   not null,
    primary key (competition_id, currency, round)
);
insert into prize_rounds (competition_id, currency, round, amount, group_id, settled_at, cause)
select competition_id, currency, 1, amount, group_id, settled_at, cause from prize_settlements;
drop table prize_settlements;
create trigger prize_rounds_append_only before update or delete on prize_rounds for each row execute function refuse_change();
create trigger prize_rounds_no_truncate before truncate on prize_rounds for each statement execute function refuse_change();

-- Why a competition was called off; its entrants get their fees back.
create table competition_cancellations (
    competition_id uuid   not null primary key references competitions (id),
    reason         text   not null,
    cancelled_at   bigint not null,
    cancelled_by   uuid   not null references accounts (id)
);
create trigger competition_cancellations_append_only before update or delete on competition_cancellations for each row execute function refuse_change();
create trigger competition_cancellations_no_truncate before truncate on competition_cancellations for each statement execute function refuse_change();

-- The audit asks of each charge in suspense whether somebody was told.
create index money_alerts_notice on money_alerts (notice_id) where notice_id is not null;
create index charges_notice on charges (notice_id) where outcome = 'suspense';

-- Money in suspense keeps an open alert. Alerts of refunds that failed are told apart by the notice of their money,
-- and the last alert of money that still lies there is opened again.
update money_alerts set notice_id = (select c.notice_id from refunds r
    join charges c on c.gateway = r.gateway and c.charge = r.charge and c.outcome = 'suspense' where cast(r.id as text) = substr(money_alerts.key, 15))
where reason = 'refund_failed' and notice_id is null;
update money_alerts set closed_at = null, closed_by = null, note = ''
where closed_at is not null
  and id = (select b.id from money_alerts b where b.notice_id = money_alerts.notice_id order by b.opened_at desc, b.id desc limit 1)
  and not exists (select 1 from money_alerts b where b.notice_id = money_alerts.notice_id and b.closed_at is null)
  and exists (select 1 from charges c where c.notice_id = money_alerts.notice_id and c.outcome = 'suspense'
      and c.amount > (select coalesce(sum(r.amount), 0) from refunds r
                      where r.gateway = c.gateway and r.charge = c.charge and r.state <> 'failed'));
