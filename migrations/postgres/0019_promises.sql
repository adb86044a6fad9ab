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
