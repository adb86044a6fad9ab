create table competitions (
    id                  blob   not null primary key,
    slug                text   not null,
    organiser_id        blob   not null references accounts (id),
    kind                text   not null check (kind in ('quiz', 'prediction')),
    state               text   not null check (state in ('draft', 'published', 'finalised', 'cancelled')),
    title_en            text   not null,
    title_zh            text   not null,
    summary_en          text   not null,
    summary_zh          text   not null,
    rules_en            text   not null,
    rules_zh            text   not null,
    utc_offset          integer not null,
    registration_opens  integer not null,
    registration_closes integer not null,
    starts              integer not null,
    freezes             integer,
    ends                integer not null,
    fee_minor           integer not null check (fee_minor >= 0),
    currency            text   not null,
    capacity            integer check (capacity > 0),
    counting            text   not null check (counting in ('best', 'chosen')),
    ties                text   not null check (ties in ('earlier', 'shared')),
    metric              text,
    public_share        integer check (public_share between 10 and 100),
    daily_limit         integer check (daily_limit > 0),
    time_limit          integer check (time_limit > 0),
    split_seed          integer not null,
    created_at          integer not null,
    updated_at          integer not null,
    published_at        integer,
    finalised_at        integer,
    constraint competitions_slug_key unique (slug)
) strict;
create index competitions_state on competitions (state, ends);
create index competitions_organiser on competitions (organiser_id, created_at);

create table competition_files (
    id             blob   not null primary key,
    competition_id blob   not null references competitions (id),
    purpose        text   not null check (purpose in ('truth', 'data')),
    name           text   not null,
    size           integer not null,
    line_count     integer not null,
    created_at     integer not null,
    constraint competition_files_competition_id_key unique (competition_id, purpose, name)
) strict;

create table competition_questions (
    id             blob   not null primary key,
    competition_id blob   not null references competitions (id),
    position       integer not null,
    body           text  not null,
    created_at     integer not null
) strict;
create index competition_questions_competition on competition_questions (competition_id, position);

create table registrations (
    id             blob   not null primary key,
    competition_id blob   not null references competitions (id),
    account_id     blob   not null references accounts (id),
    state          text   not null check (state in ('draft', 'awaiting_payment', 'under_review', 'approved',
                                                    'rejected', 'waitlisted', 'withdrawn')),
    order_id       blob,
    created_at     integer not null,
    updated_at     integer not null,
    approved_at    integer,
    constraint registrations_competition_id_key unique (competition_id, account_id)
) strict;
create index registrations_account on registrations (account_id, created_at);
create index registrations_state on registrations (competition_id, state);
