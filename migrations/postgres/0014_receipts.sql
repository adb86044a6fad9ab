-- Receipts of paid orders, numbered without gaps.

create table receipt_numbers (
    id   bigint not null primary key check (id = 1),
    last bigint not null check (last >= 0)
);
insert into receipt_numbers (id, last) values (1, 0);

-- Who sold and who bought is written down as it was on that day.
create table receipts (
    order_id  uuid   not null primary key references orders (id),
    number    bigint not null unique check (number > 0),
    seller    text   not null,
    buyer     text   not null,
    issued_at bigint not null
);

create trigger receipts_append_only before update or delete on receipts for each row execute function refuse_change();
create trigger receipts_no_truncate before truncate on receipts for each statement execute function refuse_change();
create trigger receipt_numbers_no_delete before delete on receipt_numbers for each row execute function refuse_change();
