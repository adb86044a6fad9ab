-- What is promised about giving money back. Every condition that is set must hold; `self_service` says
-- whether the buyer may ask without a person of the platform.
create table refund_policies (
    code             text    not null primary key,
    name_en          text    not null,
    name_zh          text    not null,
    self_service     boolean not null,
    hours            bigint check (hours > 0),
    consumed_percent bigint check (consumed_percent between 1 and 100),
    until_start      boolean not null,
    changed_at       bigint not null,
    changed_by       uuid references accounts (id),
    constraint refund_policies_ends_check check (not self_service or hours is not null or until_start)
);

-- Which policy a product has. The id of only zeros stands for every product of a kind without its own.
create table refund_policy_bindings (
    thing_kind text not null,
    thing_id   uuid not null,
    policy     text not null references refund_policies (code),
    primary key (thing_kind, thing_id)
);

-- The policy of a line as it was when the line was ordered.
create table order_line_terms (
    line_id          uuid not null primary key references order_lines (id),
    policy           text    not null,
    self_service     boolean not null,
    hours            bigint,
    consumed_percent bigint,
    until_start      boolean not null,
    starts_at        bigint
);

create table refunds (
    id           uuid    not null primary key,
    order_id     uuid    not null references orders (id),
    payment_id   uuid    not null references payments (id),
    gateway      text    not null,
    charge       text    not null,
    currency     text    not null check (currency in ('CNY', 'USD')),
    amount       bigint not null check (amount > 0),
    kind         text    not null check (kind in ('lines', 'parked', 'dispute')),
    destination  text    not null check (destination in ('gateway', 'wallet')),
    state        text    not null check (state in ('requested', 'sent', 'succeeded', 'failed', 'unknown')),
    reason       text    not null,
    policy       text    not null,
    outside      text,
    requested_by uuid    references accounts (id),
    requested_at bigint not null,
    changed_at   bigint not null
);
create index refunds_order on refunds (order_id, requested_at);
create index refunds_payment on refunds (payment_id);
create index refunds_charge on refunds (gateway, charge);
create index refunds_state on refunds (state, changed_at);
-- What a gateway reports from its own console is known by the gateway's name for it.
create unique index refunds_outside_once on refunds (gateway, outside) where outside is not null;

-- What a refund gives back, by line. `whole` ends the right that the line gave.
create table refund_lines (
    refund_id uuid not null references refunds (id),
    line_id   uuid not null references order_lines (id),
    amount    bigint not null check (amount >= 0),
    whole     boolean not null,
    primary key (refund_id, line_id)
);
create index refund_lines_line on refund_lines (line_id);

create table refund_history (
    id        uuid    not null primary key,
    refund_id uuid    not null references refunds (id),
    at        bigint not null,
    event     text    not null,
    actor_id  uuid    references accounts (id),
    cause     text    not null
);
create index refund_history_refund on refund_history (refund_id, at);

alter table transfers add column refund_id uuid references refunds (id);
create index transfers_refund on transfers (refund_id);

insert into refund_policies
    (code, name_en, name_zh, self_service, hours, consumed_percent, until_start, changed_at)
values
    ('week', 'Seven days, less than a fifth consumed', '七天内且学习不足五分之一', true, 168, 20, false, 0),
    ('until_start', 'Until it starts', '开始之前', true, null, null, true, 0),
    ('staff', 'By decision of the platform', '由平台决定', false, null, null, false, 0);
insert into refund_policy_bindings (thing_kind, thing_id, policy) values
    ('course', '00000000-0000-0000-0000-000000000000', 'week'),
    ('competition', '00000000-0000-0000-0000-000000000000', 'until_start'),
    ('plan', '00000000-0000-0000-0000-000000000000', 'staff');

create trigger order_line_terms_append_only before update or delete on order_line_terms for each row execute function refuse_change();
create trigger order_line_terms_no_truncate before truncate on order_line_terms for each statement execute function refuse_change();
create trigger refund_lines_append_only before update or delete on refund_lines for each row execute function refuse_change();
create trigger refund_lines_no_truncate before truncate on refund_lines for each statement execute function refuse_change();
create trigger refund_history_append_only before update or delete on refund_history for each row execute function refuse_change();
create trigger refund_history_no_truncate before truncate on refund_history for each statement execute function refuse_change();
create trigger refunds_no_delete before delete on refunds for each row execute function refuse_change();
