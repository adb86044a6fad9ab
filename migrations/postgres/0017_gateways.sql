-- Until when the list of each gateway was compared with what was booked, and when that was.
create table gateway_comparisons (
    gateway        text    not null primary key,
    compared_until bigint not null,
    compared_at    bigint not null
);
