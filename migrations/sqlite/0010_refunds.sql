-- What is promised about giving money back. Every condition that is set must hold; `self_service` says
-- whether the buyer may ask without a person of the platform.
create table refund_policies (
    code             text    not null primary key,
    name_en          text    not null,
    name_zh          text    not null,
    self_service     integer not null check (self_service in (0, 1)),
    hours            integer check (hours > 0),
    consumed_percent integer check (consumed_percent between 1 and 100),
    until_start      integer not null check (until_start in (0, 1)),
    changed_at       integer not null,
    changed_by       blob references accounts (id),
    constraint refund_policies_ends_check check (self_service = 0 or hours is not null or until_start = 1)
) strict;

-- Which policy a product has. The id of only zeros stands for every product of a kind without its own.
create table refund_policy_bindings (
    thing_kind text not null,
    thing_id   blob not null,
    policy     text not null references refund_policies (code),
    primary key (thing_kind, thing_id)
) strict;

-- The policy of a line as it was when the line was ordered.
create table order_line_terms (
    line_id          blob not null primary key references order_lines (id),
    policy           text    not null,
    self_service     integer not null check (self_service in (0, 1)),
    hours            integer,
    consumed_percent integer,
    until_start      integer not null check (until_start in (0, 1)),
    starts_at        integer
) strict;

create table refunds (
    id           blob    not null primary key,
    order_id     blob    not null references orders (id),
    payment_id   blob    not null references payments (id),
    gateway      text    not null,
    charge       text    not null,
    currency     text    not null check (currency in ('CNY', 'USD')),
    amount       integer not null check (amount > 0),
    kind         text    not null check (kind in ('lines', 'parked', 'dispute')),
    destination  text    not null check (destination in ('gateway', 'wallet')),
    state        text    not null check (state in ('requested', 'sent', 'succeeded', 'failed', 'unknown')),
    reason       text    not null,
    policy       text    not null,
    outside      text,
    requested_by blob    references accounts (id),
    requested_at integer not null,
    changed_at   integer not null
) strict;
create index refunds_order on refunds (order_id, requested_at);
create index refunds_payment on refunds (payment_id);
create index refunds_charge on refunds (gateway, charge);
create index refunds_state on refunds (state, changed_at);
-- What a gateway reports from its own console is known by the gateway's name for it.
create unique index refunds_outside_once on refunds (gateway, outside) where outside is not null;

-- What a refund gives back, by line. `whole` ends the right that the line gave.
create table refund_lines (
    refund_id blob not null references refunds (id),
    line_id   blob not null references order_lines (id),
    amount    integer not null check (amount >= 0),
    whole     integer not null check (whole in (0, 1)),
    primary key (refund_id, line_id)
) strict;
create index refund_lines_line on refund_lines (line_id);

create table refund_history (
    id        blob    not null primary key,
    refund_id blob    not null references refunds (id),
    at        integer not null,
    event     text    not null,
    actor_id  blob    references accounts (id),
    cause     text    not null
) strict;
create index refund_history_refund on refund_history (refund_id, at);

alter table transfers add column refund_id blob references refunds (id);
create index transfers_refund on transfers (refund_id);

insert into refund_policies
    (code, name_en, name_zh, self_service, hours, consumed_percent, until_start, changed_at)
values
    ('week', 'Seven days, less than a fifth consumed', '七天内且学习不足五分之一', 1, 168, 20, 0, 0),
    ('until_start', 'Until it starts', '开始之前', 1, null, null, 1, 0),
    ('staff', 'By decision of the platform', '由平台决定', 0, null, null, 0, 0);
insert into refund_policy_bindings (thing_kind, thing_id, policy) values
    ('course', x'00000000000000000000000000000000', 'week'),
    ('competition', x'00000000000000000000000000000000', 'until_start'),
    ('plan', x'00000000000000000000000000000000', 'staff');

create trigger order_line_terms_no_update before update on order_line_terms begin select raise(abort, 'order_line_terms is append-only'); end;
create trigger order_line_terms_no_delete before delete on order_line_terms begin select raise(abort, 'order_line_terms is append-only'); end;
create trigger refund_lines_no_update before update on refund_lines begin select raise(abort, 'refund_lines is append-only'); end;
create trigger refund_lines_no_delete before delete on refund_lines begin select raise(abort, 'refund_lines is append-only'); end;
create trigger refund_history_no_update before update on refund_history begin select raise(abort, 'refund_history is append-only'); end;
create trigger refund_history_no_delete before delete on refund_history begin select raise(abort, 'refund_history is append-only'); end;
create trigger refunds_no_delete before delete on refunds begin select raise(abort, 'refunds is append-only: none is ever deleted'); end;
