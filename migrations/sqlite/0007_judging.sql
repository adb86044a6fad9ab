create table submissions (
    id              blob    not null primary key,
    competition_id  blob    not null references competitions (id),
    registration_id blob    not null references registrations (id),
    account_id      blob    not null references accounts (id),
    received_at     integer  not null,
    file_name       text    not null,
    size            integer  not null,
    verdict         text    not null check (verdict in ('queued', 'AC', 'JE')),
    public_score    integer,
    private_score   integer,
    judged_at       integer,
    chosen          integer not null default 0 check (chosen in (0, 1)),
    check ((verdict = 'AC') = (public_score is not null and private_score is not null))
) strict;
create index submissions_registration on submissions (registration_id, received_at);
create index submissions_competition on submissions (competition_id, verdict);
create index submissions_queue on submissions (verdict, received_at);

create table submission_contents (
    submission_id blob  not null primary key references submissions (id),
    content       blob not null
) strict;

create table judgements (
    id            blob   not null primary key,
    submission_id blob   not null references submissions (id),
    verdict       text   not null check (verdict in ('AC', 'JE')),
    public_score  integer,
    private_score integer,
    reason        text   not null,
    took          integer not null,
    judged_at     integer not null
) strict;
create index judgements_submission on judgements (submission_id, judged_at);
create index judgements_latest on judgements (judged_at);

create table quiz_attempts (
    id              blob   not null primary key,
    competition_id  blob   not null references competitions (id),
    registration_id blob   not null references registrations (id),
    started_at      integer not null,
    deadline        integer not null,
    submission_id   blob   references submissions (id),
    constraint quiz_attempts_registration_id_key unique (registration_id)
) strict;
