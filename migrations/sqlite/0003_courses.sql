create table courses (
    id           blob    not null primary key,
    slug         text    not null,
    author_id    blob    not null references accounts (id),
    state        text    not null check (state in ('draft', 'published', 'archived')),
    title_en     text    not null,
    title_zh     text    not null,
    summary_en   text    not null,
    summary_zh   text    not null,
    goals_en     text    not null,
    goals_zh     text    not null,
    category     text,
    level        text    not null check (level in ('beginner', 'intermediate', 'advanced')),
    tags         text    not null,
    proves       text    not null,
    price_minor  integer not null check (price_minor >= 0),
    currency     text    not null,
    in_en        integer not null check (in_en in (0, 1)),
    in_zh        integer not null check (in_zh in (0, 1)),
    learners     integer not null,
    created_at   integer not null,
    updated_at   integer not null,
    published_at integer,
    constraint courses_slug_key unique (slug)
) strict;
create index courses_author on courses (author_id, created_at);
create index courses_state on courses (state, published_at);

create table chapters (
    id        blob    not null primary key,
    course_id blob    not null references courses (id),
    position  integer not null,
    title_en  text    not null,
    title_zh  text    not null,
    removed_at integer
) strict;
create index chapters_course on chapters (course_id, position);

-- Chapters and lessons are never deleted: learning events and notes refer to lessons.
create table lessons (
    id         blob    not null primary key,
    course_id  blob    not null references courses (id),
    chapter_id blob    not null references chapters (id),
    position   integer not null,
    kind       text    not null check (kind in ('document', 'quiz')),
    title_en   text    not null,
    title_zh   text    not null,
    body_en    text    not null,
    body_zh    text    not null,
    preview    integer not null check (preview in (0, 1)),
    minutes    integer not null check (minutes > 0),
    pass_mark  integer not null check (pass_mark between 1 and 100),
    attempts   integer not null check (attempts >= 0),
    questions  text    not null,
    removed_at integer
) strict;
create index lessons_course on lessons (course_id, position);

create table enrolments (
    id          blob    not null primary key,
    course_id   blob    not null references courses (id),
    account_id  blob    not null references accounts (id),
    order_id    blob,
    enrolled_at integer not null,
    constraint enrolments_course_id_key unique (course_id, account_id)
) strict;
create index enrolments_account on enrolments (account_id, enrolled_at);

create table learning_events (
    id         blob    not null primary key,
    course_id  blob    not null references courses (id),
    account_id blob    not null references accounts (id),
    lesson_id  blob    references lessons (id),
    kind       text    not null check (kind in ('enrolled', 'read', 'passed', 'failed', 'completed')),
    happened_at integer not null
) strict;
create index learning_events_account on learning_events (account_id, course_id);
create trigger learning_events_no_update before update on learning_events
begin select raise(abort, 'learning_events is append-only'); end;
create trigger learning_events_no_delete before delete on learning_events
begin select raise(abort, 'learning_events is append-only'); end;

create table lesson_attempts (
    id          blob    not null primary key,
    lesson_id   blob    not null references lessons (id),
    account_id  blob    not null references accounts (id),
    number      integer not null,
    pass_mark   integer not null,
    questions   text    not null,
    answers     text,
    points      integer,
    out_of      integer,
    passed      integer check (passed in (0, 1)),
    started_at  integer not null,
    finished_at integer,
    constraint lesson_attempts_lesson_id_key unique (lesson_id, account_id, number)
) strict;

create table lesson_notes (
    id         blob    not null primary key,
    lesson_id  blob    not null references lessons (id),
    account_id blob    not null references accounts (id),
    body       text    not null,
    created_at integer not null,
    updated_at integer not null
) strict;
create index lesson_notes_lesson on lesson_notes (account_id, lesson_id, created_at);

create table course_pictures (
    id           blob    not null primary key,
    lesson_id    blob    not null references lessons (id),
    content_type text    not null,
    size         integer not null,
    created_at   integer not null
) strict;
create index course_pictures_lesson on course_pictures (lesson_id, created_at);

-- Words of published courses, made by domain::courses::search, so that both engines find the same.
create table course_tokens (
    token     text    not null,
    course_id blob    not null references courses (id),
    weight    integer not null,
    primary key (token, course_id)
) strict;
create index course_tokens_course on course_tokens (course_id);
