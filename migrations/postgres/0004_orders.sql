create table orders (
    id         uuid    not null primary key,
    account_id uuid    not null references accounts (id),
    state      text    not null check (state in
        ('reserved', 'awaiting_payment', 'paid', 'partially_refunded', 'refunded', 'expired', 'cancelled')),
    currency   text    not null check (currency in ('CNY', 'USD')),
    total      bigint  not null check (total >= 0),
    purpose    text    not null default 'purchase' check (purpose in ('purchase', 'gift', 'redeemed', 'grant', 'renewal')),
    granted_by uuid    references accounts (id),
    note       text    not null default '',
    number     text    not null default '',
    placed_at  bigint  not null,
    expires_at bigint  not null,
    paid_at    bigint,
    constraint orders_paid_check check ((state in ('paid', 'partially_refunded', 'refunded')) = (paid_at is not null))
);
create index orders_account on orders (account_id, placed_at);
create index orders_state on orders (state, expires_at);
create index orders_number on orders (number);

-- A line is written once: the price is frozen with it.
create table order_lines (
    id         uuid    not null primary key,
    order_id   uuid    not null references orders (id),
    position   bigint  not null,
    thing_kind text    not null check (thing_kind in ('course', 'competition', 'plan')),
    thing_id   uuid    not null,
    title_en   text    not null,
    title_zh   text    not null,
    list_price bigint  not null,
    price      bigint  not null check (price >= 0),
    bundle_id  uuid,
    period_from  bigint,
    period_until bigint,
    constraint order_lines_reduced_check check (price <= list_price),
    constraint order_lines_dates_check check ((period_from is null) = (period_until is null)),
    constraint order_lines_order_id_key unique (order_id, position)
);
create index order_lines_thing on order_lines (thing_kind, thing_id);

-- What is not demanded of the list price of a line: list price = price + reductions.
create table order_reductions (
    id       uuid    not null primary key,
    order_id uuid    not null references orders (id),
    line_id  uuid    not null references order_lines (id),
    position bigint  not null,
    kind     text    not null check (kind in ('bundle', 'credit', 'plan', 'coupon', 'points', 'grant', 'gift')),
    source   text    not null,
    amount   bigint  not null check (amount > 0),
    constraint order_reductions_order_id_key unique (order_id, position)
);
create index order_reductions_line on order_reductions (line_id);
create index order_reductions_source on order_reductions (source);

create table order_history (
    id       uuid    not null primary key,
    order_id uuid    not null references orders (id),
    at       bigint  not null,
    event    text    not null,
    actor_id uuid    references accounts (id),
    cause    text    not null
);
create index order_history_order on order_history (order_id, at);

create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only', tg_table_name using errcode = 'check_violation';
end;
$$;

create trigger order_lines_append_only before update or delete on order_lines for each row execute function refuse_change();
create trigger order_lines_no_truncate before truncate on order_lines for each statement execute function refuse_change();
create trigger order_history_append_only before update or delete on order_history for each row execute function refuse_change();
create trigger order_history_no_truncate before truncate on order_history for each statement execute function refuse_change();
create trigger order_reductions_append_only before update or delete on order_reductions for each row execute function refuse_change();
create trigger order_reductions_no_truncate before truncate on order_reductions for each statement execute function refuse_change();
