create table submissions (
    id              uuid    not null primary key,
    competition_id  uuid    not null references competitions (id),
    registration_id uuid    not null references registrations (id),
    account_id      uuid    not null references accounts (id),
    received_at     bigint  not null,
    file_name       text    not null,
    size            bigint  not null,
    verdict         text    not null check (verdict in ('queued', 'AC', 'JE')),
    public_score    bigint,
    private_score   bigint,
    judged_at       bigint,
    chosen          boolean not null default false,
    check ((verdict = 'AC') = (public_score is not null and private_score is not null))
);
create index submissions_registration on submissions (registration_id, received_at);
create index submissions_competition on submissions (competition_id, verdict);
create index submissions_queue on submissions (verdict, received_at);

create table submission_contents (
    submission_id uuid  not null primary key references submissions (id),
    content       bytea not null
);

create table judgements (
    id            uuid   not null primary key,
    submission_id uuid   not null references submissions (id),
    verdict       text   not null check (verdict in ('AC', 'JE')),
    public_score  bigint,
    private_score bigint,
    reason        text   not null,
    took          bigint not null,
    judged_at     bigint not null
);
create index judgements_submission on judgements (submission_id, judged_at);
create index judgements_latest on judgements (judged_at);

create table quiz_attempts (
    id              uuid   not null primary key,
    competition_id  uuid   not null references competitions (id),
    registration_id uuid   not null references registrations (id),
    started_at      bigint not null,
    deadline        bigint not null,
    submission_id   uuid   references submissions (id),
    constraint quiz_attempts_registration_id_key unique (registration_id)
);
