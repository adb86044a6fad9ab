create table plans (
    id         uuid    not null primary key,
    tier       text    not null check (tier in ('free', 'basic', 'premium')),
    every      text    not null check (every in ('month', 'quarter', 'year')),
    title_en   text    not null,
    title_zh   text    not null,
    summary_en text    not null,
    summary_zh text    not null,
    price_cny  bigint  check (price_cny >= 0),
    price_usd  bigint  check (price_usd >= 0),
    trial_days bigint  not null check (trial_days >= 0),
    grace_days bigint  not null check (grace_days >= 0),
    retry_days text    not null,
    active     boolean not null,
    created_at bigint  not null,
    created_by uuid    references accounts (id),
    changed_at bigint  not null
);
-- One plan of a tier and an interval is offered at a time.
create unique index plans_offered on plans (tier, every) where active;

-- What a plan opens: `courses`, `category`, `course`, `competitions`, `competition`, and to which of them.
create table plan_things (
    plan_id   uuid not null references plans (id),
    kind      text not null check (kind in ('courses', 'category', 'course', 'competitions', 'competition')),
    reference text not null,
    primary key (plan_id, kind, reference)
);

-- A subscription says what happens next; what is open follows from the paid lines of its invoices.
create table subscriptions (
    id           uuid    not null primary key,
    account_id   uuid    not null references accounts (id),
    plan_id      uuid    not null references plans (id),
    next_plan_id uuid    references plans (id),
    currency     text    not null check (currency in ('CNY', 'USD')),
    state        text    not null check (state in ('trialing', 'active', 'past_due', 'canceled', 'expired')),
    wallet       boolean not null,
    anchor_at    bigint  not null,
    period_from  bigint  not null,
    period_until bigint  not null,
    started_at   bigint  not null,
    ended_at     bigint ,
    changed_at   bigint  not null,
    constraint subscriptions_ended_check check ((state = 'expired') = (ended_at is not null))
);
create index subscriptions_account on subscriptions (account_id, started_at);
create unique index subscriptions_live on subscriptions (account_id) where state <> 'expired';

-- An invoice is an order of one plan line. The subscription of a first invoice begins when it is paid.
create table subscription_invoices (
    id              uuid    not null primary key,
    subscription_id uuid    not null,
    account_id      uuid    not null references accounts (id),
    order_id        uuid    not null references orders (id),
    line_id         uuid    not null references order_lines (id),
    plan_id         uuid    not null references plans (id),
    kind            text    not null check (kind in ('trial', 'start', 'renewal', 'change')),
    period_from     bigint  not null,
    period_until    bigint  not null,
    credit_line_id  uuid    references order_lines (id),
    wallet          boolean not null,
    created_at      bigint  not null,
    constraint subscription_invoices_order_id_key unique (order_id)
);
create index subscription_invoices_subscription on subscription_invoices (subscription_id, created_at);
create index subscription_invoices_account on subscription_invoices (account_id, created_at);
create index subscription_invoices_credit on subscription_invoices (credit_line_id);

-- What an order of a plan is to be, written and read within the transaction that places it.
create table subscription_quotes (
    account_id      uuid    not null primary key references accounts (id),
    subscription_id uuid    not null,
    plan_id         uuid    not null references plans (id),
    kind            text    not null,
    price           bigint  not null check (price >= 0),
    currency        text    not null,
    credit          bigint  not null check (credit >= 0),
    credit_line_id  uuid    references order_lines (id),
    wallet          boolean not null
);

-- One trial for each account, ever.
create table subscription_trials (
    account_id      uuid    not null primary key references accounts (id),
    subscription_id uuid    not null,
    began_at        bigint  not null
);

create table subscription_history (
    id              uuid    not null primary key,
    subscription_id uuid    not null,
    at              bigint  not null,
    event           text    not null,
    actor_id        uuid    references accounts (id),
    cause           text    not null
);
create index subscription_history_subscription on subscription_history (subscription_id, at);

-- What the platform writes to people; a mail, where mails are sent, has the same words.
create table messages (
    id         uuid    not null primary key,
    account_id uuid    not null references accounts (id),
    key        text    not null,
    kind       text    not null,
    params     jsonb   not null,
    link       text    not null,
    created_at bigint  not null,
    read_at    bigint ,
    mailed_at  bigint ,
    constraint messages_key_key unique (account_id, key)
);
create index messages_account on messages (account_id, created_at);

create trigger subscription_invoices_append_only before update or delete on subscription_invoices for each row execute function refuse_change();
create trigger subscription_invoices_no_truncate before truncate on subscription_invoices for each statement execute function refuse_change();
create trigger subscription_trials_append_only before update or delete on subscription_trials for each row execute function refuse_change();
create trigger subscription_trials_no_truncate before truncate on subscription_trials for each statement execute function refuse_change();
create trigger subscription_history_append_only before update or delete on subscription_history for each row execute function refuse_change();
create trigger subscription_history_no_truncate before truncate on subscription_history for each statement execute function refuse_change();
