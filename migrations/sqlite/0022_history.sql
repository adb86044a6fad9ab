-- Every state of a payment, when it came and through what: see I19.
create table payment_history (
    id         blob    not null primary key,
    payment_id blob    not null references payments (id),
    at         integer not null,
    state      text    not null check (state in ('created', 'pending', 'confirmed', 'failed', 'superseded', 'unknown')),
    cause      text    not null
) strict;
create index payment_history_payment on payment_history (payment_id, at);
insert into payment_history (id, payment_id, at, state, cause)
select id, id, changed_at, state, 'before_history' from payments;
create trigger payment_history_no_update before update on payment_history begin select raise(abort, 'payment_history is append-only'); end;
create trigger payment_history_no_delete before delete on payment_history begin select raise(abort, 'payment_history is append-only'); end;
create trigger payment_history_no_replace before insert on payment_history
when exists (select 1 from payment_history where id = new.id)
  or exists (select 1 from payment_history where rowid = new.rowid)
begin select raise(abort, 'payment_history is append-only'); end;

-- What differs anew from what a closed alert told of has an alert of its own, after the first one.
alter table money_alerts add column again_of blob references money_alerts (id);
create index money_alerts_again on money_alerts (again_of) where again_of is not null;

-- What people changed about money without moving any, for good: coupons, plans, shares, prizes, promises; and what they
-- asked of gateways. Moves have histories of their own.
create table finance_log (
    id       blob    not null primary key,
    at       integer not null,
    actor_id blob    not null references accounts (id),
    event    text    not null,
    about    text    not null,
    detail   text    not null
) strict;
create trigger finance_log_no_update before update on finance_log begin select raise(abort, 'finance_log is append-only'); end;
create trigger finance_log_no_delete before delete on finance_log begin select raise(abort, 'finance_log is append-only'); end;
create trigger finance_log_no_replace before insert on finance_log
when exists (select 1 from finance_log where id = new.id)
  or exists (select 1 from finance_log where rowid = new.rowid)
begin select raise(abort, 'finance_log is append-only'); end;

-- Whatever asks for the refunds of an order asks for their state as well: an index of both is chosen before one of the
-- state alone, which holds every refund there is.
drop index refunds_order;
create index refunds_order on refunds (order_id, state, requested_at);
-- What the audit reads of the few payments from credit.
create index transfers_wallet on transfers (payment_id) where code = 'wallet_paid';
