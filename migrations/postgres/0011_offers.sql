-- Prices made smaller, and things given away.
create table coupons (
    id            uuid not null primary key,
    code          text not null,
    basis_points  bigint check (basis_points between 1 and 10000),
    amount        bigint check (amount > 0),
    currency      text check (currency in ('CNY', 'USD')),
    starts_at     bigint not null,
    ends_at       bigint,
    uses_limit    bigint check (uses_limit > 0),
    account_limit bigint check (account_limit > 0),
    stacks        boolean not null,
    active        boolean not null,
    uses          bigint not null default 0 check (uses >= 0),
    note          text not null,
    created_by    uuid not null references accounts (id),
    created_at    bigint not null,
    constraint coupons_code_key unique (code),
    constraint coupons_cut_check check ((basis_points is null) = (amount is not null)
        and (amount is null) = (currency is null)),
    constraint coupons_used_check check (uses_limit is null or uses <= uses_limit)
);

-- For what a coupon counts; without a row, for everything.
create table coupon_things (
    coupon_id  uuid not null references coupons (id),
    thing_kind text not null check (thing_kind in ('course', 'competition', 'plan', 'bundle')),
    thing_id   uuid not null,
    primary key (coupon_id, thing_kind, thing_id)
);

-- A use of a coupon by an order, and whether it was given back.
create table coupon_uses (
    coupon_id  uuid not null references coupons (id),
    order_id   uuid not null references orders (id),
    account_id uuid not null references accounts (id),
    held       boolean not null,
    used_at    bigint not null,
    primary key (coupon_id, order_id)
);
create index coupon_uses_order on coupon_uses (order_id);
create index coupon_uses_account on coupon_uses (account_id, coupon_id);

-- A code that was tried and is none: too many are refused for a while.
create table code_tries (
    id         uuid not null primary key,
    account_id uuid not null references accounts (id),
    at         bigint not null
);
create index code_tries_account on code_tries (account_id, at);

create table bundles (
    id         uuid not null primary key,
    author_id  uuid not null references accounts (id),
    state      text not null check (state in ('draft', 'published', 'closed')),
    title_en   text not null,
    title_zh   text not null,
    about_en   text not null,
    about_zh   text not null,
    currency   text not null check (currency in ('CNY', 'USD')),
    price      bigint not null check (price > 0),
    created_at bigint not null,
    changed_at bigint not null
);
create index bundles_state on bundles (state, created_at);

create table bundle_courses (
    bundle_id uuid not null references bundles (id),
    course_id uuid not null references courses (id),
    position  bigint not null,
    primary key (bundle_id, course_id)
);

-- A paid gift: its code is derived from its id by the secret of the installation, and looked up by its hash.
create table gifts (
    id           uuid not null primary key,
    order_id     uuid not null references orders (id),
    code_hash    bytea not null,
    state        text not null check (state in ('waiting', 'redeemed', 'void')),
    made_at      bigint not null,
    redeemed_at  bigint,
    redeemed_by  uuid references accounts (id),
    redeemed_order uuid references orders (id),
    constraint gifts_order_id_key unique (order_id),
    constraint gifts_code_hash_key unique (code_hash),
    constraint gifts_taken_check check (state <> 'redeemed' or redeemed_by is not null)
);

-- The points of an account: the sum of its entries, kept in the transaction that writes them.
create table point_accounts (
    account_id uuid not null primary key references accounts (id),
    balance    bigint not null check (balance >= 0),
    owed       bigint not null check (owed >= 0)
);

create table point_entries (
    id         uuid not null primary key,
    account_id uuid not null references accounts (id),
    amount     bigint not null check (amount <> 0),
    kind       text not null check (kind in ('paid', 'completed', 'given', 'spent', 'returned', 'reversed')),
    source     text not null,
    order_id   uuid references orders (id),
    at         bigint not null
);
create index point_entries_account on point_entries (account_id, at);
create index point_entries_source on point_entries (source);
create unique index point_entries_once on point_entries (account_id, kind, source) where kind in ('paid', 'completed');

-- What is earned for what, and how many points are one whole unit of money.
create table point_rates (
    code   text not null primary key check (code in ('per_unit', 'completed', 'worth')),
    points bigint not null check (points >= 0)
);
insert into point_rates (code, points) values ('per_unit', 1), ('completed', 50), ('worth', 100);

create table carts (
    account_id uuid not null primary key references accounts (id),
    points     bigint not null check (points >= 0),
    changed_at bigint not null
);
create table cart_items (
    account_id uuid not null references carts (account_id),
    thing_kind text not null check (thing_kind in ('course', 'competition', 'bundle')),
    thing_id   uuid not null,
    added_at   bigint not null,
    primary key (account_id, thing_kind, thing_id)
);
create table cart_coupons (
    account_id uuid not null references carts (account_id),
    coupon_id  uuid not null references coupons (id),
    added_at   bigint not null,
    primary key (account_id, coupon_id)
);

create trigger point_entries_append_only before update or delete on point_entries for each row execute function refuse_change();
create trigger point_entries_no_truncate before truncate on point_entries for each statement execute function refuse_change();
