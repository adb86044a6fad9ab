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
