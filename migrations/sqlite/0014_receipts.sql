-- Receipts of paid orders, numbered without gaps.

create table receipt_numbers (
    id   integer not null primary key check (id = 1),
    last integer not null check (last >= 0)
) strict;
insert into receipt_numbers (id, last) values (1, 0);

-- Who sold and who bought is written down as it was on that day.
create table receipts (
    order_id  blob    not null primary key references orders (id),
    number    integer not null unique check (number > 0),
    seller    text    not null,
    buyer     text    not null,
    issued_at integer not null
) strict;

create trigger receipts_no_update before update on receipts begin select raise(abort, 'receipts is append-only'); end;
create trigger receipts_no_delete before delete on receipts begin select raise(abort, 'receipts is append-only'); end;
create trigger receipt_numbers_no_delete before delete on receipt_numbers begin select raise(abort, 'receipt_numbers is append-only'); end;
