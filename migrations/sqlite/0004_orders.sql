create table orders (
    id         blob    not null primary key,
    account_id blob    not null references accounts (id),
    state      text    not null check (state in
        ('reserved', 'awaiting_payment', 'paid', 'partially_refunded', 'refunded', 'expired', 'cancelled')),
    currency   text    not null check (currency in ('CNY', 'USD')),
    total      integer not null check (total >= 0),
    purpose    text    not null default 'purchase' check (purpose in ('purchase', 'gift', 'redeemed', 'grant', 'renewal')),
    granted_by blob    references accounts (id),
    note       text    not null default '',
    number     text    not null default '',
    placed_at  integer not null,
    expires_at integer not null,
    paid_at    integer,
    constraint orders_paid_check check ((state in ('paid', 'partially_refunded', 'refunded')) = (paid_at is not null))
) strict;
create index orders_account on orders (account_id, placed_at);
create index orders_state on orders (state, expires_at);
create index orders_number on orders (number);

-- A line is written once: the price is frozen with it.
create table order_lines (
    id         blob    not null primary key,
    order_id   blob    not null references orders (id),
    position   integer not null,
    thing_kind text    not null check (thing_kind in ('course', 'competition', 'plan')),
    thing_id   blob    not null,
    title_en   text    not null,
    title_zh   text    not null,
    list_price integer not null,
    price      integer not null check (price >= 0),
    bundle_id  blob,
    period_from  integer,
    period_until integer,
    constraint order_lines_reduced_check check (price <= list_price),
    constraint order_lines_dates_check check ((period_from is null) = (period_until is null)),
    constraint order_lines_order_id_key unique (order_id, position)
) strict;
create index order_lines_thing on order_lines (thing_kind, thing_id);

-- What is not demanded of the list price of a line: list price = price + reductions.
create table order_reductions (
    id       blob    not null primary key,
    order_id blob    not null references orders (id),
    line_id  blob    not null references order_lines (id),
    position integer not null,
    kind     text    not null check (kind in ('bundle', 'credit', 'plan', 'coupon', 'points', 'grant', 'gift')),
    source   text    not null,
    amount   integer not null check (amount > 0),
    constraint order_reductions_order_id_key unique (order_id, position)
) strict;
create index order_reductions_line on order_reductions (line_id);
create index order_reductions_source on order_reductions (source);

create table order_history (
    id       blob    not null primary key,
    order_id blob    not null references orders (id),
    at       integer not null,
    event    text    not null,
    actor_id blob    references accounts (id),
    cause    text    not null
) strict;
create index order_history_order on order_history (order_id, at);

create trigger order_lines_no_update before update on order_lines begin select raise(abort, 'order_lines is append-only'); end;
create trigger order_lines_no_delete before delete on order_lines begin select raise(abort, 'order_lines is append-only'); end;
create trigger order_history_no_update before update on order_history begin select raise(abort, 'order_history is append-only'); end;
create trigger order_history_no_delete before delete on order_history begin select raise(abort, 'order_history is append-only'); end;
create trigger order_reductions_no_update before update on order_reductions begin select raise(abort, 'order_reductions is append-only'); end;
create trigger order_reductions_no_delete before delete on order_reductions begin select raise(abort, 'order_reductions is append-only'); end;
