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

const PLANTS: &[Plant] = &[
    // Transfers and cached sums.
    ("the ledger balances", &["update ledger_accounts set debits = debits + 1 where name = 'gateway:sandbox:clearing'"]),
    ("balances equal a recount", &["update ledger_accounts set debits = debits + 1, credits = credits + 1 where name = 'platform:fee'"]),
    ("reserved money equals a recount", &["update ledger_accounts set debits_pending = debits_pending + 1 where name = 'gateway:sandbox:clearing'"]),
    ("a transfer has two accounts", &["update transfers set debit = 'nowhere' where code = 'sale'"]),
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
    ("no seat is sold twice", &["update competitions set capacity = 1"]),
    (
        "a held seat has its order",
        &["update orders set state = 'expired', paid_at = null", "update registrations set state = 'awaiting_payment'"],
    ),
    ("a seat is given back with its money", &["update orders set state = 'refunded' where state = 'paid'"]),
    // Coupons, bundles, gifts and points.
    ("the uses of a coupon are counted", &["update coupons set uses = uses + 1"]),
    ("a coupon is used as often as it may", &["update coupons set uses_limit = 1", USES]),
    ("an ended order holds no coupon", &["update orders set state = 'cancelled', paid_at = null", USES]),
    ("a coupon that lowered a price was counted", &["update order_reductions set kind = 'coupon'"]),
    ("points are the sum of their entries", &["update point_accounts set balance = balance + 1"]),
    (
        "an ended order keeps no points",
        &["update orders set state = 'cancelled', paid_at = null", "update point_entries set kind = 'spent' where order_id is not null"],
    ),
    ("a gift was paid for", &["update orders set purpose = 'purchase' where purpose = 'gift'"]),
    ("a gift that was taken has its order", &["update orders set purpose = 'redeemed' where purpose = 'grant'"]),
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
    ("a confirmed attempt has its charge", &["delete from charges"]),
    ("an attempt demands what its order costs", &["update payments set amount = amount + 1"]),
    ("never close enough", &["update payments set state = 'pending' where state = 'confirmed'"]),
    ("a stored notice has a state", &["delete from notice_states"]),
    // Refunds.
    ("never more goes back than was taken", &["update refunds set amount = amount * 3"]),
    ("a line gives no more than its price", &["update refund_lines set amount = amount * 3"]),
    ("a refund belongs to a charge", &["update refunds set charge = 'none'"]),
    ("a refund is the sum of its lines", &["update refunds set amount = amount + 1"]),
    (
        "a refund gives back lines of its own order",
        &["update refunds set order_id = (select id from orders where id not in (select order_id from refunds) order by id limit 1)"],
    ),
    ("a refund holds its money until it is settled", &["update refunds set state = 'sent'"]),
    ("a refund has its history", &["delete from refund_history"]),
    ("an order is refunded by its refunds", &["update orders set state = 'paid' where state = 'refunded'"]),
    ("a refunded order has its refunds", &["update refunds set state = 'failed'"]),
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
            run(&mut tx, statement).await;
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

async fn run(tx: &mut Tx, statement: &'static str) {
    tx.run(Sql::new(statement, Vec::new())).await.unwrap_or_else(|error| panic!("{statement}: {error}"));
}

/// Takes away, until the transaction ends, what keeps such rows from being written.
async fn unguard(db: &Db, tx: &mut Tx) {
    if db.is_postgres() {
        // No trigger runs, those of foreign keys neither.
        run(tx, "set local session_replication_role = replica").await;
        run(tx, "alter table orders drop constraint orders_paid_check").await;
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
