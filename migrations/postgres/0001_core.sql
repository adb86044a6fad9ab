create table installation (
    id            bigint  not null primary key check (id = 1),
    demonstration boolean not null,
    setup_token   bytea,
    created_at    bigint  not null
);

create table jobs (
    id           uuid   not null primary key,
    kind         text   not null,
    key          text   not null,
    payload      jsonb  not null,
    state        text   not null check (state in ('ready', 'running', 'done', 'dead')),
    attempts     bigint not null,
    run_at       bigint not null,
    locked_by    uuid,
    locked_until bigint,
    last_error   text,
    created_at   bigint not null,
    constraint jobs_kind_key unique (kind, key)
);
create index jobs_due on jobs (state, run_at);

create table form_drafts (
    id         uuid   not null primary key,
    body       jsonb  not null,
    expires_at bigint not null
);
create index form_drafts_expiry on form_drafts (expires_at);
