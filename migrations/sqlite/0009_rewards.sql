create table certificates (
    code         text   not null primary key,
    account_id   blob   not null references accounts (id),
    kind         text   not null check (kind in ('course', 'competition')),
    thing_id     blob   not null,
    holder       text   not null,
    title_en     text   not null,
    title_zh     text   not null,
    detail_en    text   not null,
    detail_zh    text   not null,
    awarded_at   integer not null,
    created_at   integer not null,
    revoked_at   integer,
    constraint certificates_account_id_key unique (account_id, kind, thing_id)
) strict;
create index certificates_account on certificates (account_id, awarded_at);
