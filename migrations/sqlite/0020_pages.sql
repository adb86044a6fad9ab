-- Since when a gateway says that the buyer has done their part and the money is on its way: a slow method.
alter table payments add column working_since integer;
-- Why a payout was rejected, or came back: written by staff, read by its owner.
alter table payouts add column reason text;

-- What waits is read oldest first, what is done newest first, each a page at a time.
create index money_alerts_open on money_alerts (opened_at, id) where closed_at is null;
create index money_alerts_closed on money_alerts (closed_at, id) where closed_at is not null;
create index refunds_asked on refunds (state, requested_at, id);

-- An order is found by what its gateway calls its payment, or its money.
create index payments_reference on payments (reference) where reference is not null;
create index charges_charge on charges (charge);
