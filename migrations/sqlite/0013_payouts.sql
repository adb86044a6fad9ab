-- How what a product brings is shared. The id of only zeros stands for every product of a kind; without a
-- row the settings decide.
create table revenue_rules (
    thing_kind   text    not null,
    thing_id     blob    not null,
    position     integer not null,
    party        text    not null check (party in ('platform', 'author', 'organiser', 'sponsor', 'prize_pool')),
    account_id   blob    references accounts (id),
    basis_points integer not null check (basis_points between 0 and 10000),
    changed_at   integer not null,
    changed_by   blob    references accounts (id),
    primary key (thing_kind, thing_id, position)
) strict;

-- The shares of a line as they were when the line was ordered.
create table order_line_shares (
    line_id      blob    not null references order_lines (id),
    position     integer not null,
    party        text    not null check (party in ('platform', 'author', 'organiser', 'sponsor', 'prize_pool')),
    account_id   blob    references accounts (id),
    basis_points integer not null check (basis_points between 0 and 10000),
    primary key (line_id, position)
) strict;

-- Which share of the escrow a rank wins; what is left goes to the organiser.
create table competition_prizes (
    competition_id blob    not null references competitions (id),
    place          integer not null check (place between 1 and 100),
    basis_points   integer not null check (basis_points between 1 and 10000),
    primary key (competition_id, place)
) strict;

-- A competition whose escrow was given out: at most once in each currency.
create table prize_settlements (
    competition_id blob    not null references competitions (id),
    currency       text    not null check (currency in ('CNY', 'USD')),
    amount         integer not null check (amount > 0),
    group_id       blob    not null,
    settled_at     integer not null,
    cause          text    not null,
    primary key (competition_id, currency)
) strict;

create table payouts (
    id           blob    not null primary key,
    account_id   blob    not null references accounts (id),
    currency     text    not null check (currency in ('CNY', 'USD')),
    amount       integer not null check (amount > 0),
    holder       text    not null,
    bank         text    not null,
    state        text    not null check (state in
        ('requested', 'approved', 'exported', 'paid', 'failed', 'rejected', 'cancelled')),
    requested_at integer not null,
    changed_at   integer not null
) strict;
create index payouts_account on payouts (account_id, requested_at);
create index payouts_state on payouts (state, requested_at);

create table payout_approvals (
    payout_id   blob    not null references payouts (id),
    staff_id    blob    not null references accounts (id),
    approved_at integer not null,
    primary key (payout_id, staff_id)
) strict;

create table payout_history (
    id        blob    not null primary key,
    payout_id blob    not null references payouts (id),
    at        integer not null,
    event     text    not null,
    actor_id  blob    references accounts (id),
    cause     text    not null
) strict;
create index payout_history_payout on payout_history (payout_id, at);

alter table transfers add column payout_id blob references payouts (id);
create index transfers_payout on transfers (payout_id);

create trigger order_line_shares_no_update before update on order_line_shares begin select raise(abort, 'order_line_shares is append-only'); end;
create trigger order_line_shares_no_delete before delete on order_line_shares begin select raise(abort, 'order_line_shares is append-only'); end;
create trigger prize_settlements_no_update before update on prize_settlements begin select raise(abort, 'prize_settlements is append-only'); end;
create trigger prize_settlements_no_delete before delete on prize_settlements begin select raise(abort, 'prize_settlements is append-only'); end;
create trigger payout_approvals_no_update before update on payout_approvals begin select raise(abort, 'payout_approvals is append-only'); end;
create trigger payout_approvals_no_delete before delete on payout_approvals begin select raise(abort, 'payout_approvals is append-only'); end;
create trigger payout_history_no_update before update on payout_history begin select raise(abort, 'payout_history is append-only'); end;
create trigger payout_history_no_delete before delete on payout_history begin select raise(abort, 'payout_history is append-only'); end;
create trigger payouts_no_delete before delete on payouts begin select raise(abort, 'payouts is append-only: none is ever deleted'); end;
