-- What is asked most often, found without reading everything.
create index lessons_chapter on lessons (chapter_id, position);
create index gifts_redeemed_order on gifts (redeemed_order) where redeemed_order is not null;
create index payments_card on payments (card_id, created_at) where card_id is not null;

drop index orders_account;
create index orders_account on orders (account_id, state, expires_at);
-- None by thing: whoever asks what an account bought begins at its orders, not at everybody's lines.
drop index order_lines_thing;
