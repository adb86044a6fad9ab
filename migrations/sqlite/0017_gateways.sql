-- Until when the list of each gateway was compared with what was booked, and when that was.
create table gateway_comparisons (
    gateway        text    not null primary key,
    compared_until integer not null,
    compared_at    integer not null
) strict;

-- What goes back of money that belongs to no order: its gateway's console is the only way it can.
create table unmatched_refunds (
    id           blob    not null primary key,
    gateway      text    not null,
    reference    text    not null,
    charge       text    not null,
    currency     text    not null check (currency in ('CNY', 'USD')),
    amount       integer not null check (amount > 0),
    state        text    not null check (state in ('requested', 'succeeded', 'failed')),
    requested_at integer not null,
    changed_at   integer not null,
    constraint unmatched_refunds_gateway_key unique (gateway, reference),
    foreign key (gateway, charge) references charges (gateway, charge)
) strict;
create index unmatched_refunds_charge on unmatched_refunds (gateway, charge);

-- How it came to its state, by which notice, and what was booked.
create table unmatched_refund_steps (
    id        blob    not null primary key,
    refund_id blob    not null references unmatched_refunds (id),
    state     text    not null,
    notice_id blob    not null references notices (id),
    group_id  blob    not null,
    at        integer not null
) strict;
create index unmatched_refund_steps_refund on unmatched_refund_steps (refund_id, at);
create index unmatched_refund_steps_group on unmatched_refund_steps (group_id);

-- Keys of idempotence that are used up: a gateway saved a failure of its own under each. How many, by what they
-- were for.
create table spent_keys (
    gateway text    not null,
    purpose text    not null,
    spent   integer not null check (spent > 0),
    primary key (gateway, purpose)
) strict;

-- What a gateway's own list says that it kept for its work, or sent to our bank: booked once, by its name of it.
-- Less than nothing where it came back.
create table gateway_entries (
    gateway   text    not null,
    kind      text    not null check (kind in ('fee', 'payout')),
    reference text    not null,
    currency  text    not null check (currency in ('CNY', 'USD')),
    amount    integer not null check (amount <> 0),
    listed_at integer not null,
    group_id  blob    not null,
    booked_at integer not null,
    primary key (gateway, kind, reference)
) strict;
create index gateway_entries_group on gateway_entries (group_id);

create trigger unmatched_refunds_no_delete before delete on unmatched_refunds begin select raise(abort, 'unmatched_refunds is append-only: none is ever deleted'); end;
create trigger unmatched_refund_steps_no_update before update on unmatched_refund_steps begin select raise(abort, 'unmatched_refund_steps is append-only'); end;
create trigger unmatched_refund_steps_no_delete before delete on unmatched_refund_steps begin select raise(abort, 'unmatched_refund_steps is append-only'); end;
create trigger gateway_entries_no_update before update on gateway_entries begin select raise(abort, 'gateway_entries is append-only'); end;
create trigger gateway_entries_no_delete before delete on gateway_entries begin select raise(abort, 'gateway_entries is append-only'); end;

-- A row that is written once is not replaced either.
create trigger unmatched_refunds_no_replace before insert on unmatched_refunds
when exists (select 1 from unmatched_refunds where id = new.id)
  or exists (select 1 from unmatched_refunds where gateway = new.gateway and reference = new.reference)
  or exists (select 1 from unmatched_refunds where rowid = new.rowid)
begin select raise(abort, 'unmatched_refunds is append-only'); end;
create trigger unmatched_refund_steps_no_replace before insert on unmatched_refund_steps
when exists (select 1 from unmatched_refund_steps where id = new.id)
  or exists (select 1 from unmatched_refund_steps where rowid = new.rowid)
begin select raise(abort, 'unmatched_refund_steps is append-only'); end;
create trigger gateway_entries_no_replace before insert on gateway_entries
when exists (select 1 from gateway_entries where gateway = new.gateway and kind = new.kind and reference = new.reference)
  or exists (select 1 from gateway_entries where rowid = new.rowid)
begin select raise(abort, 'gateway_entries is append-only'); end;
