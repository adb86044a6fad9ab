create table competitions (
    id                  uuid   not null primary key,
    slug                text   not null,
    organiser_id        uuid   not null references accounts (id),
    kind                text   not null check (kind in ('quiz', 'prediction')),
    state               text   not null check (state in ('draft', 'published', 'finalised', 'cancelled')),
    title_en            text   not null,
    title_zh            text   not null,
    summary_en          text   not null,
    summary_zh          text   not null,
    rules_en            text   not null,
    rules_zh            text   not null,
    utc_offset          bigint not null,
    registration_opens  bigint not null,
    registration_closes bigint not null,
    starts              bigint not null,
    freezes             bigint,
    ends                bigint not null,
    fee_minor           bigint not null check (fee_minor >= 0),
    currency            text   not null,
    capacity            bigint check (capacity > 0),
    counting            text   not null check (counting in ('best', 'chosen')),
    ties                text   not null check (ties in ('earlier', 'shared')),
    metric              text,
    public_share        bigint check (public_share between 10 and 100),
    daily_limit         bigint check (daily_limit > 0),
    time_limit          bigint check (time_limit > 0),
    split_seed          bigint not null,
    created_at          bigint not null,
    updated_at          bigint not null,
    published_at        bigint,
    finalised_at        bigint,
    constraint competitions_slug_key unique (slug)
);
create index competitions_state on competitions (state, ends);
create index competitions_organiser on competitions (organiser_id, created_at);

create table competition_files (
    id             uuid   not null primary key,
    competition_id uuid   not null references competitions (id),
    purpose        text   not null check (purpose in ('truth', 'data')),
    name           text   not null,
    size           bigint not null,
    line_count     bigint not null,
    created_at     bigint not null,
    constraint competition_files_competition_id_key unique (competition_id, purpose, name)
);

create table competition_questions (
    id             uuid   not null primary key,
    competition_id uuid   not null references competitions (id),
    position       bigint not null,
    body           jsonb  not null,
    created_at     bigint not null
);
create index competition_questions_competition on competition_questions (competition_id, position);

create table registrations (
    id             uuid   not null primary key,
    competition_id uuid   not null references competitions (id),
    account_id     uuid   not null references accounts (id),
    state          text   not null check (state in ('draft', 'awaiting_payment', 'under_review', 'approved',
                                                    'rejected', 'waitlisted', 'withdrawn')),
    order_id       uuid,
    created_at     bigint not null,
    updated_at     bigint not null,
    approved_at    bigint,
    constraint registrations_competition_id_key unique (competition_id, account_id)
);
create index registrations_account on registrations (account_id, created_at);
create index registrations_state on registrations (competition_id, state);
