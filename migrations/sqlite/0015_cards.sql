-- Cards that buyers let us keep at a gateway, so that renewals can be charged to them.
-- The gateway knows the card; we know its name there and what its owner recognises it by.

create table kept_cards (
    id           blob    not null primary key,
    account_id   blob    not null references accounts (id),
    gateway      text    not null,
    customer     text    not null,
    method       text    not null,
    label        text    not null,
    kept_at      integer not null,
    forgotten_at integer
) strict;
-- An account has one card at a time.
create unique index kept_cards_one on kept_cards (account_id) where forgotten_at is null;

-- What was written down once, and perhaps forgotten, is not kept again.
create unique index kept_cards_method on kept_cards (gateway, method);

-- Whether the card of an attempt is to be kept, or which kept card it charges.
alter table payments add column keeps integer not null default 0 check (keeps in (0, 1));
alter table payments add column card_id blob references kept_cards (id);
