create table payments (
    id            blob    not null primary key,
    order_id      blob    not null references orders (id),
    gateway       text    not null,
    currency      text    not null check (currency in ('CNY', 'USD')),
    amount        integer not null check (amount > 0),
    state         text    not null check (state in ('created', 'pending', 'unknown', 'superseded', 'failed', 'confirmed')),
    title         text    not null,
    locale        text    not null check (locale in ('en', 'zh')),
    expires_at    integer not null,
    -- The gateway's own name of the attempt, and where the buyer pays; known once the gateway has made it.
    reference     text,
    checkout_kind text    check (checkout_kind in ('page', 'redirect', 'qr')),
    checkout      text,
    created_at    integer not null,
    changed_at    integer not null
) strict;
create index payments_order on payments (order_id, created_at);
create index payments_state on payments (state, changed_at);

-- What a gateway sent, byte for byte, once.
create table notices (
    id          blob    not null primary key,
    gateway     text    not null,
    event_id    text    not null,
    body        blob    not null,
    received_at integer not null,
    constraint notices_gateway_key unique (gateway, event_id)
) strict;

-- What became of a notice.
create table notice_states (
    notice_id  blob    not null primary key references notices (id),
    state      text    not null check (state in ('received', 'applied', 'ignored', 'parked', 'quarantined', 'unreadable')),
    reason     text,
    payment_id blob    references payments (id),
    changed_at integer not null
) strict;
create index notice_states_state on notice_states (state, changed_at);

-- Money that a gateway says it took: booked once, for an order or in suspense.
create table charges (
    gateway    text    not null,
    charge     text    not null,
    payment_id blob    references payments (id),
    order_id   blob    references orders (id),
    notice_id  blob    not null references notices (id),
    currency   text    not null check (currency in ('CNY', 'USD')),
    amount     integer not null check (amount > 0),
    outcome    text    not null check (outcome in ('order', 'suspense')),
    group_id   blob    not null,
    booked_at  integer not null,
    primary key (gateway, charge),
    constraint charges_pays_check check (outcome = 'suspense' or (order_id is not null and payment_id is not null))
) strict;
create index charges_booked on charges (gateway, booked_at);
create index charges_group on charges (group_id);
create index charges_payment on charges (payment_id);
create unique index charges_order_once on charges (order_id) where outcome = 'order';

-- The sums of the transfers of an account, kept in the transaction that books them. What is pending counts
-- against the limit of an account at once.
create table ledger_accounts (
    name            text    not null,
    currency        text    not null check (currency in ('CNY', 'USD')),
    liability       integer not null check (liability in (0, 1)),
    debits          integer not null check (debits >= 0),
    credits         integer not null check (credits >= 0),
    debits_pending  integer not null default 0 check (debits_pending >= 0),
    credits_pending integer not null default 0 check (credits_pending >= 0),
    primary key (name, currency),
    constraint ledger_accounts_overdraft_check check (liability = 0 or debits + debits_pending <= credits)
) strict;

create table transfers (
    id         blob    not null primary key,
    group_id   blob    not null,
    debit      text    not null,
    credit     text    not null,
    currency   text    not null,
    amount     integer not null check (amount > 0),
    code       text    not null,
    order_id   blob    references orders (id),
    line_id    blob    references order_lines (id),
    payment_id blob    references payments (id),
    kind       text    not null default 'single' check (kind in ('single', 'pending', 'post', 'void')),
    pending_id blob    references transfers (id),
    matures_at integer,
    created_at integer not null,
    constraint transfers_resolves_check check ((kind in ('post', 'void')) = (pending_id is not null)),
    constraint transfers_legs_check check (debit <> credit),
    foreign key (debit, currency) references ledger_accounts (name, currency),
    foreign key (credit, currency) references ledger_accounts (name, currency)
) strict;
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
    id        blob    not null primary key,
    fault     text    not null,
    failed_at integer not null
) strict;

-- Something about money that a person must look at; the key keeps one thing from being told twice.
create table money_alerts (
    id         blob    not null primary key,
    key        text    not null,
    reason     text    not null,
    detail     text    not null,
    notice_id  blob    references notices (id),
    payment_id blob    references payments (id),
    order_id   blob    references orders (id),
    currency   text    not null check (currency in ('CNY', 'USD')),
    amount     integer not null,
    opened_at  integer not null,
    closed_at  integer,
    closed_by  blob    references accounts (id),
    note       text    not null default '',
    constraint money_alerts_key_key unique (key)
) strict;
create index money_alerts_order on money_alerts (order_id);

create trigger notices_no_update before update on notices begin select raise(abort, 'notices is append-only'); end;
create trigger notices_no_delete before delete on notices begin select raise(abort, 'notices is append-only'); end;
create trigger charges_no_update before update on charges begin select raise(abort, 'charges is append-only'); end;
create trigger charges_no_delete before delete on charges begin select raise(abort, 'charges is append-only'); end;
create trigger transfers_no_update before update on transfers begin select raise(abort, 'transfers is append-only'); end;
create trigger transfers_no_delete before delete on transfers begin select raise(abort, 'transfers is append-only'); end;
create trigger failed_transfers_no_update before update on failed_transfers begin select raise(abort, 'failed_transfers is append-only'); end;
create trigger failed_transfers_no_delete before delete on failed_transfers begin select raise(abort, 'failed_transfers is append-only'); end;
