//! Every rule of the audit that is a statement, made to speak: each is broken in a world that is otherwise sound.
//!
//! What guards the rows (append-only triggers, keys and checks of the database) is taken away first, in a
//! transaction that is never committed. On Postgres that needs a superuser, as the test command's own has.

use std::collections::BTreeSet;

use server::audit::{Check, Rows, checks};
use server::db::{Db, Sql, Tx};
use server::services::Services;

/// A rule, and what breaks it in the demonstration world.
type Plant = (&'static str, &'static [&'static str]);

/// Every charge went back as one of no order, three times over.
const UNMATCHED: &str = "insert into unmatched_refunds
     (id, gateway, reference, charge, currency, amount, state, requested_at, changed_at)
     select notice_id, gateway, charge, charge, currency, amount * 3, 'succeeded', 0, 0 from charges";

const PLANTS: &[Plant] = &[
    // Transfers and cached sums.
    ("the ledger balances", &["update ledger_accounts set debits = debits + 1 where name = 'gateway:sandbox:clearing'"]),
    ("balances equal a recount", &["update ledger_accounts set debits = debits + 1, credits = credits + 1 where name = 'platform:fee'"]),
    ("reserved money equals a recount", &["update ledger_accounts set debits_pending = debits_pending + 1 where name = 'gateway:sandbox:clearing'"]),
    ("a transfer has two accounts", &["update transfers set debit = 'nowhere' where code = 'sale'"]),
    (
        "a transfer moves something",
        &["update transfers set credit = debit where id = (select id from transfers where code = 'sale' order by id limit 1)"],
    ),
    (
        "linked transfers belong together",
        &["update transfers set created_at = created_at + 1 where id = (select t.id from transfers t
             where exists (select 1 from transfers o where o.group_id = t.group_id and o.id <> t.id) order by t.id limit 1)"],
    ),
    (
        "what settles a reservation fits it",
        &["update transfers set kind = 'void', pending_id = (select id from transfers where kind = 'pending' order by id limit 1)
           where id = (select id from transfers where code = 'sale' order by id limit 1)"],
    ),
    (
        "a reservation is settled once",
        &[
            "drop index transfers_pending_once",
            "update transfers set kind = 'void', pending_id = (select id from transfers where kind = 'pending' order by id limit 1)
             where id in (select id from transfers where code = 'sale' order by id limit 2)",
        ],
    ),
    ("a refused id stays refused", &["insert into failed_transfers (id, fault, failed_at) select id, 'x', 0 from transfers"]),
    (
        "every transfer has its cause",
        &["update transfers set group_id = id where id = (select id from transfers
             where code = 'sale' and id <> group_id order by id limit 1)"],
    ),
    ("credit that was spent paid something", &["update transfers set code = 'wallet_paid', payment_id = null where code = 'sale'"]),
    // Orders, lines, seats and rights.
    ("an order is the sum of its lines", &["update orders set total = total + 1"]),
    ("a price is the list price less reductions", &["update order_lines set list_price = list_price + 1"]),
    ("rights follow from paid orders", &["update orders set paid_at = null where state = 'paid'"]),
    ("what was given free has somebody who gave it", &["delete from order_history where event = 'given'"]),
    ("a paid order has its history", &["delete from order_history where event in ('paid', 'paid_late')"]),
    ("a paid order has one charge of its amount", &["update charges set amount = amount + 1"]),
    ("a paid line was sold at its price", &["update transfers set amount = amount + 1 where code = 'sale'"]),
    ("an unpaid order has no sale", &["update orders set state = 'expired', paid_at = null"]),
    ("the shares of a line are a whole", &["update order_line_shares set basis_points = basis_points - 1 where basis_points > 0"]),
    ("an ended order has its history", &["update orders set state = 'cancelled', paid_at = null where state = 'paid'"]),
    ("an entry with a fee was ordered", &["update competitions set fee_minor = 5", "update registrations set order_id = null"]),
    (
        "a seat is given back with its line",
        &["insert into refund_lines (refund_id, line_id, amount, whole)
           select r.id, l.id, 0, 1 = 1 from refunds r, order_lines l
           where r.state = 'succeeded' and l.thing_kind = 'competition' on conflict do nothing"],
    ),
    ("no seat is sold twice", &["update competitions set capacity = 1"]),
    (
        "a held seat has its order",
        &["update orders set state = 'expired', paid_at = null", "update registrations set state = 'awaiting_payment'"],
    ),
    ("a seat is given back with its money", &["update orders set state = 'refunded' where state = 'paid'"]),
    // Coupons, bundles, gifts and points.
    ("the uses of a coupon are counted", &["update coupons set uses = uses + 1"]),
    ("a coupon is used as often as it may", &["update coupons set uses_limit = 1", USES]),
    ("an account uses a coupon as often as it may", &["update coupons set account_limit = 1", USES]),
    ("an ended order holds no coupon", &["update orders set state = 'cancelled', paid_at = null", USES]),
    (
        "a coupon that lowered a price was counted",
        // Another coupon was counted in its place.
        &[
            "insert into order_reductions (id, order_id, line_id, position, kind, source, amount)
             select id, order_id, id, 1000, 'coupon', 'coupon:' || (select {text of id} from coupons order by id limit 1), 1
             from order_lines where position = 0",
            "insert into coupon_uses (coupon_id, order_id, account_id, held, used_at)
             select (select id from coupons order by id desc limit 1), id, account_id, 1 = 1, 0 from orders
             where 1 = 1 on conflict do nothing",
        ],
    ),
    ("points are the sum of their entries", &["update point_accounts set balance = balance + 1"]),
    (
        "an ended order keeps no points",
        &["update orders set state = 'cancelled', paid_at = null", "update point_entries set kind = 'spent' where order_id is not null"],
    ),
    ("a gift was paid for", &["update orders set purpose = 'purchase' where purpose = 'gift'"]),
    ("a gift that was taken has its order", &["update orders set purpose = 'redeemed' where purpose = 'grant'"]),
    (
        "of a line no more counts elsewhere than was paid",
        &["insert into order_reductions (id, order_id, line_id, position, kind, source, amount)
           select id, order_id, (select id from order_lines order by id limit 1), 1000 + position, 'credit',
                  'line:' || {text of id}, price + 1 from order_lines where price > 0"],
    ),
    (
        "what went back without money had cost none",
        &["insert into returns_without_money (line_id, policy, reason, actor_id, cause, returned_at)
           select l.id, '', '', o.account_id, '', 0 from order_lines l join orders o on o.id = l.order_id"],
    ),
    ("what the platform gave has a giver and a reason", &["update orders set note = '' where purpose = 'grant'"]),
    // Attempts, charges, notices and what gateways hold.
    ("a charge is booked in full", &["update charges set amount = amount + 1"]),
    ("suspense has an alert or goes back", &["update charges set outcome = 'suspense'"]),
    ("no capture is lost", &["update orders set state = 'expired', paid_at = null"]),
    (
        "an order is paid by one charge",
        &[
            "drop index charges_order_once",
            "insert into charges (gateway, charge, payment_id, order_id, notice_id, currency, amount, outcome, group_id, booked_at)
             select gateway, charge || ' again', payment_id, order_id, notice_id, currency, amount, outcome, group_id, booked_at from charges",
        ],
    ),
    (
        "a gateway holds what it took less what went back",
        &["update ledger_accounts set debits = debits + 1 where name = 'gateway:sandbox:clearing'"],
    ),
    (
        "an order has one open payment",
        &["update payments set state = 'pending', order_id = (select id from orders order by id limit 1)"],
    ),
    ("play money stays in a demonstration", &["update installation set demonstration = 1 = 0"]),
    (
        "what a gateway kept or sent is booked as it was listed",
        &["insert into gateway_entries (gateway, kind, reference, currency, amount, listed_at, group_id, booked_at)
           select gateway, 'fee', charge, currency, 1, 0, group_id, 0 from charges"],
    ),
    ("a confirmed attempt has its charge", &["delete from charges"]),
    ("an attempt demands what its order costs", &["update payments set amount = amount + 1"]),
    ("never close enough", &["update payments set state = 'pending' where state = 'confirmed'"]),
    ("a stored notice has a state", &["delete from notice_states"]),
    // Refunds.
    ("never more goes back than was taken", &["update refunds set amount = amount * 3"]),
    ("a line gives no more than its price", &["update refund_lines set amount = amount * 3"]),
    ("what went back in full has ended", &["update refund_lines set whole = (1 = 0)"]),
    ("a refund belongs to a charge", &["update refunds set charge = 'none'"]),
    ("a refund is the sum of its lines", &["update refunds set amount = amount + 1"]),
    (
        "a refund gives back lines of its own order",
        &["update refunds set order_id = (select id from orders where id not in (select order_id from refunds) order by id limit 1)"],
    ),
    ("a refund holds its money until it is settled", &["update refunds set state = 'sent'"]),
    ("a refund has its history", &["delete from refund_history"]),
    ("a payment has its history", &["delete from payment_history"]),
    ("a paid entry has its place", &["update registrations set state = 'withdrawn'"]),
    ("an order is refunded by its refunds", &["update orders set state = 'paid' where state = 'refunded'"]),
    ("a refunded order has its refunds", &["update refunds set state = 'failed'"]),
    ("a dispute holds its money as its state says", &["update refunds set kind = 'dispute'"]),
    ("money of no order gives back what it was", &[UNMATCHED]),
    ("what goes back of money of no order is booked as it stands", &[UNMATCHED]),
    ("what goes back of money of no order has its history", &[UNMATCHED]),
    // Payouts and prizes.
    ("a payout reserves its amount", &["update payouts set amount = amount + 1"]),
    ("a payout is settled as its state says", &["update payouts set state = 'paid'"]),
    ("two different people approved a payout", &["update payouts set state = 'approved'"]),
    ("a payout has its history", &["delete from payout_history"]),
    (
        "a prize pool is given out in full",
        &["insert into prize_rounds (competition_id, currency, round, amount, group_id, settled_at, cause)
           select id, 'CNY', 9, 5, id, 0, '' from competitions where 1 = 1 on conflict do nothing"],
    ),
    (
        "the prizes of a competition are at most a whole",
        &[
            "insert into competition_prizes (competition_id, place, basis_points) select id, 98, 9000 from competitions",
            "insert into competition_prizes (competition_id, place, basis_points) select id, 99, 9000 from competitions",
        ],
    ),
    // Receipts.
    ("every order that was paid with money has its receipt", &["delete from receipts"]),
    ("no receipt without a payment", &["update orders set total = 0 where id in (select order_id from receipts)"]),
    ("receipts are numbered without gaps", &["update receipt_numbers set last = last + 1"]),
    // Subscriptions.
    ("a running period is paid", &["update subscriptions set period_until = period_until + 1"]),
    ("an invoice is the line of its order", &["update order_lines set period_until = period_until + 1 where thing_kind = 'plan'"]),
    (
        "what was unused counts once",
        &["update subscription_invoices set credit_line_id = (select id from order_lines order by id limit 1)"],
    ),
    (
        "a trial is had once",
        &["update subscription_invoices set kind = 'trial',
             account_id = (select account_id from subscription_invoices order by id limit 1)"],
    ),
];

/// An id as the text of a source, on SQLite.
const HEX: &str =
    "lower(substr(hex(id), 1, 8) || '-' || substr(hex(id), 9, 4) || '-' || substr(hex(id), 13, 4)
    || '-' || substr(hex(id), 17, 4) || '-' || substr(hex(id), 21))";

/// Every order uses every coupon.
const USES: &str = "insert into coupon_uses (coupon_id, order_id, account_id, held, used_at)
    select c.id, o.id, o.account_id, 1 = 1, 0 from coupons c, orders o";

/// Breaks every rule, one after the other; each must be silent before and name rows after.
pub async fn each_speaks(services: &Services) {
    let db = &services.kit.db;
    let known: BTreeSet<&str> = checks().map(|check| check.rule).collect();
    let planted: BTreeSet<&str> = PLANTS.iter().map(|(rule, _)| *rule).collect();
    assert_eq!(known, planted, "every rule has what breaks it, and only once");
    for check in checks() {
        let (_, breaks) = PLANTS.iter().find(|(rule, _)| *rule == check.rule).unwrap();
        let mut tx = db.begin().await.unwrap();
        assert_eq!(named(&mut tx, check).await, 0, "{}", check.rule);
        unguard(db, &mut tx).await;
        for statement in *breaks {
            let name = if db.is_postgres() { "cast(id as text)" } else { HEX };
            run(&mut tx, statement.replace("{text of id}", name).leak()).await;
        }
        let rows = named(&mut tx, check).await;
        if !db.is_postgres() {
            // The one setting that would outlive the transaction.
            run(&mut tx, "pragma ignore_check_constraints = off").await;
        }
        drop(tx);
        assert!(rows > 0, "{} says nothing after {breaks:?}", check.rule);
    }
}

pub async fn run(tx: &mut Tx, statement: &'static str) {
    tx.run(Sql::new(statement, Vec::new())).await.unwrap_or_else(|error| panic!("{statement}: {error}"));
}

/// Takes away what keeps such rows from being written.
pub async fn unguard(db: &Db, tx: &mut Tx) {
    if db.is_postgres() {
        // No trigger runs, those of foreign keys neither.
        run(tx, "set local session_replication_role = replica").await;
        run(tx, "alter table orders drop constraint orders_paid_check").await;
        run(tx, "alter table transfers drop constraint transfers_legs_check").await;
        return;
    }
    #[derive(sqlx::FromRow)]
    struct Trigger {
        name: String,
    }
    let triggers: Vec<Trigger> =
        tx.all(Sql::new("select name from sqlite_master where type = 'trigger'", Vec::new())).await.unwrap();
    for trigger in triggers {
        run(tx, format!("drop trigger {}", trigger.name).leak()).await;
    }
    run(tx, "pragma defer_foreign_keys = on").await;
    run(tx, "pragma ignore_check_constraints = on").await;
}

/// How many rows a rule names.
async fn named(tx: &mut Tx, check: &Check) -> usize {
    #[derive(sqlx::FromRow)]
    struct Id {
        #[expect(dead_code, reason = "only counted")]
        id: uuid::Uuid,
    }
    #[derive(sqlx::FromRow)]
    struct Words {
        #[expect(dead_code, reason = "only counted")]
        key: String,
    }
    match check.rows {
        Rows::Ids(statement) => tx.all::<Id>(statement()).await.unwrap().len(),
        Rows::Words(statement) => tx.all::<Words>(statement()).await.unwrap().len(),
    }
}
