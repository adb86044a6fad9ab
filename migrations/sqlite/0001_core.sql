create table installation (
    id            integer  not null primary key check (id = 1),
    demonstration integer not null check (demonstration in (0, 1)),
    setup_token   blob,
    created_at    integer  not null
) strict;

create table jobs (
    id           blob   not null primary key,
    kind         text   not null,
    key          text   not null,
    payload      text  not null,
    state        text   not null check (state in ('ready', 'running', 'done', 'dead')),
    attempts     integer not null,
    run_at       integer not null,
    locked_by    blob,
    locked_until integer,
    last_error   text,
    created_at   integer not null,
    constraint jobs_kind_key unique (kind, key)
) strict;
create index jobs_due on jobs (state, run_at);

create table form_drafts (
    id         blob   not null primary key,
    body       text  not null,
    expires_at integer not null
) strict;
create index form_drafts_expiry on form_drafts (expires_at);
