-- The last numbers of a competition's two sequences. The row is locked by every transaction that
-- adds an event, so that numbers follow the order of commits.
create table standings_heads (
    competition_id  blob not null primary key references competitions (id),
    sequence        integer not null,
    public_sequence integer not null,
    entrants        integer not null,
    stage           text not null check (stage in ('waiting', 'open', 'frozen', 'thawed', 'final'))
) strict;

create table standings_entrants (
    competition_id blob not null references competitions (id),
    entrant_id     blob not null references registrations (id),
    number         integer not null,
    hidden         integer not null default 0 check (hidden in (0, 1)),
    primary key (competition_id, entrant_id),
    constraint standings_entrants_number_key unique (competition_id, number)
) strict;

-- Append-only: what happened, in the jury's order. An event without a public number was not told to
-- the public when it happened.
create table score_events (
    competition_id  blob not null references competitions (id),
    sequence        integer not null,
    public_sequence integer,
    body            text not null,
    recorded_at     integer not null,
    primary key (competition_id, sequence),
    constraint score_events_public_sequence_key unique (competition_id, public_sequence)
) strict;
