-- Every state of a payment, when it came and through what: see I19.
create table payment_history (
    id         uuid   not null primary key,
    payment_id uuid   not null references payments (id),
    at         bigint not null,
    state      text   not null check (state in ('created', 'pending', 'confirmed', 'failed', 'superseded', 'unknown')),
    cause      text   not null
);
create index payment_history_payment on payment_history (payment_id, at);
insert into payment_history (id, payment_id, at, state, cause)
select id, id, changed_at, state, 'before_history' from payments;
create trigger payment_history_append_only before update or delete on payment_history for each row execute function refuse_change();
create trigger payment_history_no_truncate before truncate on payment_history for each statement execute function refuse_change();

-- What differs anew from what a closed alert told of has an alert of its own, after the first one.
alter table money_alerts add column again_of uuid references money_alerts (id);
create index money_alerts_again on money_alerts (again_of) where again_of is not null;

-- What people changed about money without moving any, for good: coupons, plans, shares, prizes, promises; and what they
-- asked of gateways. Moves have histories of their own.
create table finance_log (
    id       uuid   not null primary key,
    at       bigint not null,
    actor_id uuid   not null references accounts (id),
    event    text   not null,
    about    text   not null,
    detail   text   not null
);
create trigger finance_log_append_only before update or delete on finance_log for each row execute function refuse_change();
create trigger finance_log_no_truncate before truncate on finance_log for each statement execute function refuse_change();

-- Whatever asks for the refunds of an order asks for their state as well: an index of both is chosen before one of the
-- state alone, which holds every refund there is.
drop index refunds_order;
create index refunds_order on refunds (order_id, state, requested_at);
-- What the audit reads of the few payments from credit.
create index transfers_wallet on transfers (payment_id) where code = 'wallet_paid';
