-- Replacing is a matter of SQLite alone: see 0018. Postgres needs nothing here.
select 1;
