-- What is written once is not replaced either: see 0018.
create trigger competition_cancellations_no_replace before insert on competition_cancellations
when exists (select 1 from competition_cancellations where competition_id = new.competition_id)
  or exists (select 1 from competition_cancellations where rowid = new.rowid)
begin select raise(abort, 'competition_cancellations is append-only'); end;
create trigger lesson_openings_no_replace before insert on lesson_openings
when exists (select 1 from lesson_openings where account_id = new.account_id and lesson_id = new.lesson_id)
  or exists (select 1 from lesson_openings where rowid = new.rowid)
begin select raise(abort, 'lesson_openings is append-only'); end;
create trigger plan_entries_no_replace before insert on plan_entries
when exists (select 1 from plan_entries where line_id = new.line_id)
  or exists (select 1 from plan_entries where rowid = new.rowid)
begin select raise(abort, 'plan_entries is append-only'); end;
create trigger prize_rounds_no_replace before insert on prize_rounds
when exists (select 1 from prize_rounds where competition_id = new.competition_id and currency = new.currency and round = new.round)
  or exists (select 1 from prize_rounds where group_id = new.group_id)
  or exists (select 1 from prize_rounds where rowid = new.rowid)
begin select raise(abort, 'prize_rounds is append-only'); end;
