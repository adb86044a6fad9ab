-- Cards that buyers let us keep at a gateway, so that renewals can be charged to them.
-- The gateway knows the card; we know its name there and what its owner recognises it by.

create table kept_cards (
    id           uuid   not null primary key,
    account_id   uuid   not null references accounts (id),
    gateway      text   not null,
    customer     text   not null,
    method       text   not null,
    label        text   not null,
    kept_at      bigint not null,
    forgotten_at bigint
);
-- An account has one card at a time.
create unique index kept_cards_one on kept_cards (account_id) where forgotten_at is null;

-- What was written down once, and perhaps forgotten, is not kept again.
create unique index kept_cards_method on kept_cards (gateway, method);

-- Whether the card of an attempt is to be kept, or which kept card it charges.
alter table payments add column keeps boolean not null default false;
alter table payments add column card_id uuid references kept_cards (id);
