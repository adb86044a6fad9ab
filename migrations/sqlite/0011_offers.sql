-- Prices made smaller, and things given away.
create table coupons (
    id            blob not null primary key,
    code          text not null,
    basis_points  integer check (basis_points between 1 and 10000),
    amount        integer check (amount > 0),
    currency      text check (currency in ('CNY', 'USD')),
    starts_at     integer not null,
    ends_at       integer,
    uses_limit    integer check (uses_limit > 0),
    account_limit integer check (account_limit > 0),
    stacks        integer not null check (stacks in (0, 1)),
    active        integer not null check (active in (0, 1)),
    uses          integer not null default 0 check (uses >= 0),
    note          text not null,
    created_by    blob not null references accounts (id),
    created_at    integer not null,
    constraint coupons_code_key unique (code),
    constraint coupons_cut_check check ((basis_points is null) = (amount is not null)
        and (amount is null) = (currency is null)),
    constraint coupons_used_check check (uses_limit is null or uses <= uses_limit)
) strict;

-- For what a coupon counts; without a row, for everything.
create table coupon_things (
    coupon_id  blob not null references coupons (id),
    thing_kind text not null check (thing_kind in ('course', 'competition', 'plan', 'bundle')),
    thing_id   blob not null,
    primary key (coupon_id, thing_kind, thing_id)
) strict;

-- A use of a coupon by an order, and whether it was given back.
create table coupon_uses (
    coupon_id  blob not null references coupons (id),
    order_id   blob not null references orders (id),
    account_id blob not null references accounts (id),
    held       integer not null check (held in (0, 1)),
    used_at    integer not null,
    primary key (coupon_id, order_id)
) strict;
create index coupon_uses_order on coupon_uses (order_id);
create index coupon_uses_account on coupon_uses (account_id, coupon_id);

-- A code that was tried and is none: too many are refused for a while.
create table code_tries (
    id         blob not null primary key,
    account_id blob not null references accounts (id),
    at         integer not null
) strict;
create index code_tries_account on code_tries (account_id, at);

create table bundles (
    id         blob not null primary key,
    author_id  blob not null references accounts (id),
    state      text not null check (state in ('draft', 'published', 'closed')),
    title_en   text not null,
    title_zh   text not null,
    about_en   text not null,
    about_zh   text not null,
    currency   text not null check (currency in ('CNY', 'USD')),
    price      integer not null check (price > 0),
    created_at integer not null,
    changed_at integer not null
) strict;
create index bundles_state on bundles (state, created_at);

create table bundle_courses (
    bundle_id blob not null references bundles (id),
    course_id blob not null references courses (id),
    position  integer not null,
    primary key (bundle_id, course_id)
) strict;

-- A paid gift: its code is derived from its id by the secret of the installation, and looked up by its hash.
create table gifts (
    id           blob not null primary key,
    order_id     blob not null references orders (id),
    code_hash    blob not null,
    state        text not null check (state in ('waiting', 'redeemed', 'void')),
    made_at      integer not null,
    redeemed_at  integer,
    redeemed_by  blob references accounts (id),
    redeemed_order blob references orders (id),
    constraint gifts_order_id_key unique (order_id),
    constraint gifts_code_hash_key unique (code_hash),
    constraint gifts_taken_check check (state <> 'redeemed' or redeemed_by is not null)
) strict;

-- The points of an account: the sum of its entries, kept in the transaction that writes them.
create table point_accounts (
    account_id blob not null primary key references accounts (id),
    balance    integer not null check (balance >= 0),
    owed       integer not null check (owed >= 0)
) strict;

create table point_entries (
    id         blob not null primary key,
    account_id blob not null references accounts (id),
    amount     integer not null check (amount <> 0),
    kind       text not null check (kind in ('paid', 'completed', 'given', 'spent', 'returned', 'reversed')),
    source     text not null,
    order_id   blob references orders (id),
    at         integer not null
) strict;
create index point_entries_account on point_entries (account_id, at);
create index point_entries_source on point_entries (source);
create unique index point_entries_once on point_entries (account_id, kind, source) where kind in ('paid', 'completed');

-- What is earned for what, and how many points are one whole unit of money.
create table point_rates (
    code   text not null primary key check (code in ('per_unit', 'completed', 'worth')),
    points integer not null check (points >= 0)
) strict;
insert into point_rates (code, points) values ('per_unit', 1), ('completed', 50), ('worth', 100);

create table carts (
    account_id blob not null primary key references accounts (id),
    points     integer not null check (points >= 0),
    changed_at integer not null
) strict;
create table cart_items (
    account_id blob not null references carts (account_id),
    thing_kind text not null check (thing_kind in ('course', 'competition', 'bundle')),
    thing_id   blob not null,
    added_at   integer not null,
    primary key (account_id, thing_kind, thing_id)
) strict;
create table cart_coupons (
    account_id blob not null references carts (account_id),
    coupon_id  blob not null references coupons (id),
    added_at   integer not null,
    primary key (account_id, coupon_id)
) strict;

create trigger point_entries_no_update before update on point_entries begin select raise(abort, 'point_entries is append-only'); end;
create trigger point_entries_no_delete before delete on point_entries begin select raise(abort, 'point_entries is append-only'); end;
