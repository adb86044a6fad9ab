create table courses (
    id           uuid    not null primary key,
    slug         text    not null,
    author_id    uuid    not null references accounts (id),
    state        text    not null check (state in ('draft', 'published', 'archived')),
    title_en     text    not null,
    title_zh     text    not null,
    summary_en   text    not null,
    summary_zh   text    not null,
    goals_en     text    not null,
    goals_zh     text    not null,
    category     text,
    level        text    not null check (level in ('beginner', 'intermediate', 'advanced')),
    tags         jsonb   not null,
    proves       jsonb   not null,
    price_minor  bigint not null check (price_minor >= 0),
    currency     text    not null,
    in_en        boolean not null,
    in_zh        boolean not null,
    learners     bigint not null,
    created_at   bigint not null,
    updated_at   bigint not null,
    published_at bigint,
    constraint courses_slug_key unique (slug)
);
create index courses_author on courses (author_id, created_at);
create index courses_state on courses (state, published_at);

create table chapters (
    id        uuid    not null primary key,
    course_id uuid    not null references courses (id),
    position  bigint not null,
    title_en  text    not null,
    title_zh  text    not null,
    removed_at bigint
);
create index chapters_course on chapters (course_id, position);

-- Chapters and lessons are never deleted: learning events and notes refer to lessons.
create table lessons (
    id         uuid    not null primary key,
    course_id  uuid    not null references courses (id),
    chapter_id uuid    not null references chapters (id),
    position   bigint not null,
    kind       text    not null check (kind in ('document', 'quiz')),
    title_en   text    not null,
    title_zh   text    not null,
    body_en    text    not null,
    body_zh    text    not null,
    preview    boolean not null,
    minutes    bigint not null check (minutes > 0),
    pass_mark  bigint not null check (pass_mark between 1 and 100),
    attempts   bigint not null check (attempts >= 0),
    questions  jsonb   not null,
    removed_at bigint
);
create index lessons_course on lessons (course_id, position);

create table enrolments (
    id          uuid    not null primary key,
    course_id   uuid    not null references courses (id),
    account_id  uuid    not null references accounts (id),
    order_id    uuid,
    enrolled_at bigint not null,
    constraint enrolments_course_id_key unique (course_id, account_id)
);
create index enrolments_account on enrolments (account_id, enrolled_at);

create table learning_events (
    id         uuid    not null primary key,
    course_id  uuid    not null references courses (id),
    account_id uuid    not null references accounts (id),
    lesson_id  uuid    references lessons (id),
    kind       text    not null check (kind in ('enrolled', 'read', 'passed', 'failed', 'completed')),
    happened_at bigint not null
);
create index learning_events_account on learning_events (account_id, course_id);
create function learning_events_append_only() returns trigger language plpgsql as
$$ begin raise exception 'learning_events is append-only'; end $$;
create trigger learning_events_no_change before update or delete on learning_events
for each row execute function learning_events_append_only();

create table lesson_attempts (
    id          uuid    not null primary key,
    lesson_id   uuid    not null references lessons (id),
    account_id  uuid    not null references accounts (id),
    number      bigint not null,
    pass_mark   bigint not null,
    questions   jsonb   not null,
    answers     jsonb,
    points      bigint,
    out_of      bigint,
    passed      boolean,
    started_at  bigint not null,
    finished_at bigint,
    constraint lesson_attempts_lesson_id_key unique (lesson_id, account_id, number)
);

create table lesson_notes (
    id         uuid    not null primary key,
    lesson_id  uuid    not null references lessons (id),
    account_id uuid    not null references accounts (id),
    body       text    not null,
    created_at bigint not null,
    updated_at bigint not null
);
create index lesson_notes_lesson on lesson_notes (account_id, lesson_id, created_at);

create table course_pictures (
    id           uuid    not null primary key,
    lesson_id    uuid    not null references lessons (id),
    content_type text    not null,
    size         bigint not null,
    created_at   bigint not null
);
create index course_pictures_lesson on course_pictures (lesson_id, created_at);

-- Words of published courses, made by domain::courses::search, so that both engines find the same.
create table course_tokens (
    token     text    collate "C" not null,
    course_id uuid    not null references courses (id),
    weight    bigint not null,
    primary key (token, course_id)
);
create index course_tokens_course on course_tokens (course_id);
