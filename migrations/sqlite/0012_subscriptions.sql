create table plans (
    id         blob    not null primary key,
    tier       text    not null check (tier in ('free', 'basic', 'premium')),
    every      text    not null check (every in ('month', 'quarter', 'year')),
    title_en   text    not null,
    title_zh   text    not null,
    summary_en text    not null,
    summary_zh text    not null,
    price_cny  integer check (price_cny >= 0),
    price_usd  integer check (price_usd >= 0),
    trial_days integer not null check (trial_days >= 0),
    grace_days integer not null check (grace_days >= 0),
    retry_days text    not null,
    active     integer not null check (active in (0, 1)),
    created_at integer not null,
    created_by blob    references accounts (id),
    changed_at integer not null
) strict;
-- One plan of a tier and an interval is offered at a time.
create unique index plans_offered on plans (tier, every) where active = 1;

-- What a plan opens: `courses`, `category`, `course`, `competitions`, `competition`, and to which of them.
create table plan_things (
    plan_id   blob not null references plans (id),
    kind      text not null check (kind in ('courses', 'category', 'course', 'competitions', 'competition')),
    reference text not null,
    primary key (plan_id, kind, reference)
) strict;

-- A subscription says what happens next; what is open follows from the paid lines of its invoices.
create table subscriptions (
    id           blob    not null primary key,
    account_id   blob    not null references accounts (id),
    plan_id      blob    not null references plans (id),
    next_plan_id blob    references plans (id),
    currency     text    not null check (currency in ('CNY', 'USD')),
    state        text    not null check (state in ('trialing', 'active', 'past_due', 'canceled', 'expired')),
    wallet       integer not null check (wallet in (0, 1)),
    anchor_at    integer not null,
    period_from  integer not null,
    period_until integer not null,
    started_at   integer not null,
    ended_at     integer,
    changed_at   integer not null,
    constraint subscriptions_ended_check check ((state = 'expired') = (ended_at is not null))
) strict;
create index subscriptions_account on subscriptions (account_id, started_at);
create unique index subscriptions_live on subscriptions (account_id) where state <> 'expired';

-- An invoice is an order of one plan line. The subscription of a first invoice begins when it is paid.
create table subscription_invoices (
    id              blob    not null primary key,
    subscription_id blob    not null,
    account_id      blob    not null references accounts (id),
    order_id        blob    not null references orders (id),
    line_id         blob    not null references order_lines (id),
    plan_id         blob    not null references plans (id),
    kind            text    not null check (kind in ('trial', 'start', 'renewal', 'change')),
    period_from     integer not null,
    period_until    integer not null,
    credit_line_id  blob    references order_lines (id),
    wallet          integer not null check (wallet in (0, 1)),
    created_at      integer not null,
    constraint subscription_invoices_order_id_key unique (order_id)
) strict;
create index subscription_invoices_subscription on subscription_invoices (subscription_id, created_at);
create index subscription_invoices_account on subscription_invoices (account_id, created_at);
create index subscription_invoices_credit on subscription_invoices (credit_line_id);

-- What an order of a plan is to be, written and read within the transaction that places it.
create table subscription_quotes (
    account_id      blob    not null primary key references accounts (id),
    subscription_id blob    not null,
    plan_id         blob    not null references plans (id),
    kind            text    not null,
    price           integer not null check (price >= 0),
    currency        text    not null,
    credit          integer not null check (credit >= 0),
    credit_line_id  blob    references order_lines (id),
    wallet          integer not null check (wallet in (0, 1))
) strict;

-- One trial for each account, ever.
create table subscription_trials (
    account_id      blob    not null primary key references accounts (id),
    subscription_id blob    not null,
    began_at        integer not null
) strict;

create table subscription_history (
    id              blob    not null primary key,
    subscription_id blob    not null,
    at              integer not null,
    event           text    not null,
    actor_id        blob    references accounts (id),
    cause           text    not null
) strict;
create index subscription_history_subscription on subscription_history (subscription_id, at);

-- What the platform writes to people; a mail, where mails are sent, has the same words.
create table messages (
    id         blob    not null primary key,
    account_id blob    not null references accounts (id),
    key        text    not null,
    kind       text    not null,
    params     text    not null,
    link       text    not null,
    created_at integer not null,
    read_at    integer,
    mailed_at  integer,
    constraint messages_key_key unique (account_id, key)
) strict;
create index messages_account on messages (account_id, created_at);

create trigger subscription_invoices_no_update before update on subscription_invoices begin select raise(abort, 'subscription_invoices is append-only'); end;
create trigger subscription_invoices_no_delete before delete on subscription_invoices begin select raise(abort, 'subscription_invoices is append-only'); end;
create trigger subscription_trials_no_update before update on subscription_trials begin select raise(abort, 'subscription_trials is append-only'); end;
create trigger subscription_trials_no_delete before delete on subscription_trials begin select raise(abort, 'subscription_trials is append-only'); end;
create trigger subscription_history_no_update before update on subscription_history begin select raise(abort, 'subscription_history is append-only'); end;
create trigger subscription_history_no_delete before delete on subscription_history begin select raise(abort, 'subscription_history is append-only'); end;
