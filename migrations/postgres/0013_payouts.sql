-- How what a product brings is shared. The id of only zeros stands for every product of a kind; without a
-- row the settings decide.
create table revenue_rules (
    thing_kind   text    not null,
    thing_id     uuid    not null,
    position     bigint  not null,
    party        text    not null check (party in ('platform', 'author', 'organiser', 'sponsor', 'prize_pool')),
    account_id   uuid    references accounts (id),
    basis_points bigint  not null check (basis_points between 0 and 10000),
    changed_at   bigint  not null,
    changed_by   uuid    references accounts (id),
    primary key (thing_kind, thing_id, position)
);

-- The shares of a line as they were when the line was ordered.
create table order_line_shares (
    line_id      uuid    not null references order_lines (id),
    position     bigint  not null,
    party        text    not null check (party in ('platform', 'author', 'organiser', 'sponsor', 'prize_pool')),
    account_id   uuid    references accounts (id),
    basis_points bigint  not null check (basis_points between 0 and 10000),
    primary key (line_id, position)
);

-- Which share of the escrow a rank wins; what is left goes to the organiser.
create table competition_prizes (
    competition_id uuid    not null references competitions (id),
    place          bigint  not null check (place between 1 and 100),
    basis_points   bigint  not null check (basis_points between 1 and 10000),
    primary key (competition_id, place)
);

-- A competition whose escrow was given out: at most once in each currency.
create table prize_settlements (
    competition_id uuid    not null references competitions (id),
    currency       text    not null check (currency in ('CNY', 'USD')),
    amount         bigint  not null check (amount > 0),
    group_id       uuid    not null,
    settled_at     bigint  not null,
    cause          text    not null,
    primary key (competition_id, currency)
);

create table payouts (
    id           uuid    not null primary key,
    account_id   uuid    not null references accounts (id),
    currency     text    not null check (currency in ('CNY', 'USD')),
    amount       bigint  not null check (amount > 0),
    holder       text    not null,
    bank         text    not null,
    state        text    not null check (state in
        ('requested', 'approved', 'exported', 'paid', 'failed', 'rejected', 'cancelled')),
    requested_at bigint  not null,
    changed_at   bigint  not null
);
create index payouts_account on payouts (account_id, requested_at);
create index payouts_state on payouts (state, requested_at);

create table payout_approvals (
    payout_id   uuid    not null references payouts (id),
    staff_id    uuid    not null references accounts (id),
    approved_at bigint  not null,
    primary key (payout_id, staff_id)
);

create table payout_history (
    id        uuid    not null primary key,
    payout_id uuid    not null references payouts (id),
    at        bigint  not null,
    event     text    not null,
    actor_id  uuid    references accounts (id),
    cause     text    not null
);
create index payout_history_payout on payout_history (payout_id, at);

alter table transfers add column payout_id uuid references payouts (id);
create index transfers_payout on transfers (payout_id);

create trigger order_line_shares_append_only before update or delete on order_line_shares for each row execute function refuse_change();
create trigger order_line_shares_no_truncate before truncate on order_line_shares for each statement execute function refuse_change();
create trigger prize_settlements_append_only before update or delete on prize_settlements for each row execute function refuse_change();
create trigger prize_settlements_no_truncate before truncate on prize_settlements for each statement execute function refuse_change();
create trigger payout_approvals_append_only before update or delete on payout_approvals for each row execute function refuse_change();
create trigger payout_approvals_no_truncate before truncate on payout_approvals for each statement execute function refuse_change();
create trigger payout_history_append_only before update or delete on payout_history for each row execute function refuse_change();
create trigger payout_history_no_truncate before truncate on payout_history for each statement execute function refuse_change();
create trigger payouts_no_delete before delete on payouts for each row execute function refuse_change();
