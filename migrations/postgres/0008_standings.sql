-- The last numbers of a competition's two sequences. The row is locked by every transaction that
-- adds an event, so that numbers follow the order of commits.
create table standings_heads (
    competition_id  uuid not null primary key references competitions (id),
    sequence        bigint not null,
    public_sequence bigint not null,
    entrants        bigint not null,
    stage           text not null check (stage in ('waiting', 'open', 'frozen', 'thawed', 'final'))
);

create table standings_entrants (
    competition_id uuid not null references competitions (id),
    entrant_id     uuid not null references registrations (id),
    number         bigint not null,
    hidden         boolean not null default false,
    primary key (competition_id, entrant_id),
    constraint standings_entrants_number_key unique (competition_id, number)
);

-- Append-only: what happened, in the jury's order. An event without a public number was not told to
-- the public when it happened.
create table score_events (
    competition_id  uuid not null references competitions (id),
    sequence        bigint not null,
    public_sequence bigint,
    body            jsonb not null,
    recorded_at     bigint not null,
    primary key (competition_id, sequence),
    constraint score_events_public_sequence_key unique (competition_id, public_sequence)
);
