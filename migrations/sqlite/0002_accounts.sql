create table accounts (
    id            blob   not null primary key,
    username      text   not null,
    username_key  text   not null,
    email         text   not null,
    email_key     text   not null,
    password_hash text   not null,
    display_name  text   not null,
    bio           text   not null default '',
    career_goal   text   not null default '',
    city          text   not null default '',
    skills        text  not null default '[]',
    interests     text  not null default '[]',
    locale        text   not null check (locale in ('en', 'zh')),
    theme         text   not null default 'system' check (theme in ('system', 'light', 'dark')),
    banned_at     integer,
    created_at    integer not null,
    constraint accounts_username_key_key unique (username_key),
    constraint accounts_email_key_key unique (email_key)
) strict;

create table account_roles (
    account_id blob   not null references accounts (id),
    role       text   not null check (role in ('admin', 'moderator', 'expert')),
    granted_by blob   references accounts (id),
    granted_at integer not null,
    primary key (account_id, role)
) strict;

create table role_changes (
    id         blob    not null primary key,
    account_id blob    not null references accounts (id),
    role       text    not null,
    granted    integer not null check (granted in (0, 1)),
    changed_by blob    references accounts (id),
    changed_at integer  not null
) strict;

create table sessions (
    id           blob   not null primary key,
    token_hash   blob  not null,
    account_id   blob   not null references accounts (id),
    agent        text   not null,
    address      text   not null,
    created_at   integer not null,
    last_seen_at integer not null,
    expires_at   integer not null,
    constraint sessions_token_hash_key unique (token_hash)
) strict;
create index sessions_account on sessions (account_id);

create table login_failures (
    id  blob   not null primary key,
    key text   not null,
    at  integer not null
) strict;
create index login_failures_key on login_failures (key, at);
