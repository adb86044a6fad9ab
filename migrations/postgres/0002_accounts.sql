create table accounts (
    id            uuid   not null primary key,
    username      text   not null,
    username_key  text   not null,
    email         text   not null,
    email_key     text   not null,
    password_hash text   not null,
    display_name  text   not null,
    bio           text   not null default '',
    career_goal   text   not null default '',
    city          text   not null default '',
    skills        jsonb  not null default '[]',
    interests     jsonb  not null default '[]',
    locale        text   not null check (locale in ('en', 'zh')),
    theme         text   not null default 'system' check (theme in ('system', 'light', 'dark')),
    banned_at     bigint,
    created_at    bigint not null,
    constraint accounts_username_key_key unique (username_key),
    constraint accounts_email_key_key unique (email_key)
);

create table account_roles (
    account_id uuid   not null references accounts (id),
    role       text   not null check (role in ('admin', 'moderator', 'expert')),
    granted_by uuid   references accounts (id),
    granted_at bigint not null,
    primary key (account_id, role)
);

create table role_changes (
    id         uuid    not null primary key,
    account_id uuid    not null references accounts (id),
    role       text    not null,
    granted    boolean not null,
    changed_by uuid    references accounts (id),
    changed_at bigint  not null
);

create table sessions (
    id           uuid   not null primary key,
    token_hash   bytea  not null,
    account_id   uuid   not null references accounts (id),
    agent        text   not null,
    address      text   not null,
    created_at   bigint not null,
    last_seen_at bigint not null,
    expires_at   bigint not null,
    constraint sessions_token_hash_key unique (token_hash)
);
create index sessions_account on sessions (account_id);

create table login_failures (
    id  uuid   not null primary key,
    key text   not null,
    at  bigint not null
);
create index login_failures_key on login_failures (key, at);
