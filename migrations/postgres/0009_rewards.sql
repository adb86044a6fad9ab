create table certificates (
    code         text   not null primary key,
    account_id   uuid   not null references accounts (id),
    kind         text   not null check (kind in ('course', 'competition')),
    thing_id     uuid   not null,
    holder       text   not null,
    title_en     text   not null,
    title_zh     text   not null,
    detail_en    text   not null,
    detail_zh    text   not null,
    awarded_at   bigint not null,
    created_at   bigint not null,
    revoked_at   bigint,
    constraint certificates_account_id_key unique (account_id, kind, thing_id)
);
create index certificates_account on certificates (account_id, awarded_at);
