create table payments (
    id            uuid    not null primary key,
    order_id      uuid    not null references orders (id),
    gateway       text    not null,
    currency      text    not null check (currency in ('CNY', 'USD')),
    amount        bigint  not null check (amount > 0),
    state         text    not null check (state in ('created', 'pending', 'unknown', 'superseded', 'failed', 'confirmed')),
    title         text    not null,
    locale        text    not null check (locale in ('en', 'zh')),
    expires_at    bigint  not null,
    -- The gateway's own name of the attempt, and where the buyer pays; known once the gateway has made it.
    reference     text,
    checkout_kind text    check (checkout_kind in ('page', 'redirect', 'qr')),
    checkout      text,
    created_at    bigint  not null,
    changed_at    bigint  not null
);
create index payments_order on payments (order_id, created_at);
create index payments_state on payments (state, changed_at);

-- What a gateway sent, byte for byte, once.
create table notices (
    id          uuid    not null primary key,
    gateway     text    not null,
    event_id    text    not null,
    body        bytea   not null,
    received_at bigint  not null,
    constraint notices_gateway_key unique (gateway, event_id)
);

-- What became of a notice.
create table notice_states (
    notice_id  uuid    not null primary key references notices (id),
    state      text    not null check (state in ('received', 'applied', 'ignored', 'parked', 'quarantined', 'unreadable')),
    reason     text,
    payment_id uuid    references payments (id),
    changed_at bigint  not null
);
create index notice_states_state on notice_states (state, changed_at);

-- Money that a gateway says it took: booked once, for an order or in suspense.
create table charges (
    gateway    text    not null,
    charge     text    not null,
    payment_id uuid    references payments (id),
    order_id   uuid    references orders (id),
    notice_id  uuid    not null references notices (id),
    currency   text    not null check (currency in ('CNY', 'USD')),
    amount     bigint  not null check (amount > 0),
    outcome    text    not null check (outcome in ('order', 'suspense')),
    group_id   uuid    not null,
    booked_at  bigint  not null,
    primary key (gateway, charge),
    constraint charges_pays_check check (outcome = 'suspense' or (order_id is not null and payment_id is not null))
);
create index charges_booked on charges (gateway, booked_at);
create index charges_group on charges (group_id);
create index charges_payment on charges (payment_id);
create unique index charges_order_once on charges (order_id) where outcome = 'order';

-- The sums of the transfers of an account, kept in the transaction that books them. What is pending counts
-- against the limit of an account at once.
create table ledger_accounts (
    name            text    not null,
    currency        text    not null check (currency in ('CNY', 'USD')),
    liability       boolean not null,
    debits          bigint  not null check (debits >= 0),
    credits         bigint  not null check (credits >= 0),
    debits_pending  bigint  not null default 0 check (debits_pending >= 0),
    credits_pending bigint  not null default 0 check (credits_pending >= 0),
    primary key (name, currency),
    constraint ledger_accounts_overdraft_check check (not liability or debits + debits_pending <= credits)
);

create table transfers (
    id         uuid    not null primary key,
    group_id   uuid    not null,
    debit      text    not null,
    credit     text    not null,
    currency   text    not null,
    amount     bigint  not null check (amount > 0),
    code       text    not null,
    order_id   uuid    references orders (id),
    line_id    uuid    references order_lines (id),
    payment_id uuid    references payments (id),
    kind       text    not null default 'single' check (kind in ('single', 'pending', 'post', 'void')),
    pending_id uuid    references transfers (id),
    matures_at bigint,
    created_at bigint  not null,
    constraint transfers_resolves_check check ((kind in ('post', 'void')) = (pending_id is not null)),
    constraint transfers_legs_check check (debit <> credit),
    foreign key (debit, currency) references ledger_accounts (name, currency),
    foreign key (credit, currency) references ledger_accounts (name, currency)
);
create index transfers_order on transfers (order_id);
create index transfers_group on transfers (group_id);
create index transfers_line on transfers (line_id);
create index transfers_debit on transfers (debit, currency, created_at);
create index transfers_credit on transfers (credit, currency, created_at);
create index transfers_time on transfers (created_at, id);
-- A pending transfer is posted or voided at most once.
create unique index transfers_pending_once on transfers (pending_id) where pending_id is not null;

-- Ids of transfers that were refused because of a balance: they fail for ever, so that a late repetition
-- surprises nobody.
create table failed_transfers (
    id        uuid    not null primary key,
    fault     text    not null,
    failed_at bigint  not null
);

-- Something about money that a person must look at; the key keeps one thing from being told twice.
create table money_alerts (
    id         uuid    not null primary key,
    key        text    not null,
    reason     text    not null,
    detail     text    not null,
    notice_id  uuid    references notices (id),
    payment_id uuid    references payments (id),
    order_id   uuid    references orders (id),
    currency   text    not null check (currency in ('CNY', 'USD')),
    amount     bigint  not null,
    opened_at  bigint  not null,
    closed_at  bigint ,
    closed_by  uuid    references accounts (id),
    note       text    not null default '',
    constraint money_alerts_key_key unique (key)
);
create index money_alerts_order on money_alerts (order_id);

create trigger notices_append_only before update or delete on notices for each row execute function refuse_change();
create trigger notices_no_truncate before truncate on notices for each statement execute function refuse_change();
create trigger charges_append_only before update or delete on charges for each row execute function refuse_change();
create trigger charges_no_truncate before truncate on charges for each statement execute function refuse_change();
create trigger transfers_append_only before update or delete on transfers for each row execute function refuse_change();
create trigger transfers_no_truncate before truncate on transfers for each statement execute function refuse_change();
create trigger failed_transfers_append_only before update or delete on failed_transfers for each row execute function refuse_change();
create trigger failed_transfers_no_truncate before truncate on failed_transfers for each statement execute function refuse_change();
