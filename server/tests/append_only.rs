//! What is written once stays written: every table that says so refuses whatever would change or remove a row.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use server::db::{Count, Db, Sql, Tx};
use server::services::Services;

use crate::audit_rules::{run, unguard};
use crate::both;

/// Every table whose rows are never edited nor removed.
const FROZEN: &[&str] = &[
    "charges",
    "competition_cancellations",
    "failed_transfers",
    "finance_log",
    "gateway_entries",
    "learning_events",
    "lesson_openings",
    "notices",
    "order_history",
    "order_line_shares",
    "order_line_terms",
    "order_lines",
    "order_reductions",
    "payment_history",
    "payout_approvals",
    "payout_history",
    "plan_entries",
    "point_entries",
    "point_grants",
    "prize_rounds",
    "receipts",
    "refund_history",
    "refund_lines",
    "returns_without_money",
    "score_events",
    "subscription_history",
    "subscription_invoices",
    "subscription_trials",
    "transfers",
    "unmatched_refund_steps",
];

/// Those whose rows move on from state to state, and are never removed.
const KEPT: &[&str] = &["payouts", "receipt_numbers", "refunds", "unmatched_refunds"];

/// A row for each table that has none in the demonstration world.
const FILLS: &[(&str, &str)] = &[
    (
        "finance_log",
        "insert into finance_log (id, at, actor_id, event, about, detail) select id, 0, id, 'coupon_allowed', '', '' from accounts",
    ),
    (
        "failed_transfers",
        "insert into failed_transfers (id, fault, failed_at) select id, 'x', 0 from accounts",
    ),
    (
        "gateway_entries",
        "insert into gateway_entries (gateway, kind, reference, currency, amount, listed_at, group_id, booked_at)
         select gateway, 'fee', charge, currency, 1, 0, group_id, 0 from charges",
    ),
    (
        "unmatched_refunds",
        "insert into unmatched_refunds (id, gateway, reference, charge, currency, amount, state, requested_at, changed_at)
         select notice_id, gateway, charge, charge, currency, 1, 'succeeded', 0, 0 from charges",
    ),
    (
        "unmatched_refund_steps",
        "insert into unmatched_refund_steps (id, refund_id, state, notice_id, group_id, at)
         select id, id, state, id, id, 0 from unmatched_refunds",
    ),
    (
        "point_grants",
        "insert into point_grants (entry_id, granted_by, reason) select id, account_id, '' from point_entries",
    ),
    (
        "competition_cancellations",
        "insert into competition_cancellations (competition_id, reason, cancelled_at, cancelled_by)
         select id, '', 0, organiser_id from competitions",
    ),
    (
        "lesson_openings",
        "insert into lesson_openings (account_id, lesson_id, opened_at)
         select (select id from accounts order by id limit 1), id, 0 from lessons",
    ),
    ("plan_entries", "insert into plan_entries (line_id, plan_line_id) select id, id from order_lines"),
    (
        "prize_rounds",
        "insert into prize_rounds (competition_id, currency, round, amount, group_id, settled_at, cause)
         select id, 'CNY', 1, 5, id, 0, '' from competitions",
    ),
    (
        "returns_without_money",
        "insert into returns_without_money (line_id, policy, reason, actor_id, cause, returned_at)
         select l.id, '', '', o.account_id, '', 0 from order_lines l join orders o on o.id = l.order_id",
    ),
    (
        "subscription_trials",
        "insert into subscription_trials (account_id, subscription_id, began_at) select id, id, 0 from accounts",
    ),
];

/// A table whose row needs a row of another one.
const NEEDS: &[(&str, &str)] = &[("unmatched_refund_steps", "unmatched_refunds")];

/// What a row needs so that it stands in some partial index.
const ALSO: &[(&str, &str)] = &[
    ("refunds", "update refunds set outside = 'x' where id = (select id from refunds order by id limit 1)"),
    (
        "transfers",
        "insert into transfers (id, group_id, debit, credit, currency, amount, code, kind, pending_id, created_at)
         select (select id from accounts order by id limit 1), group_id, debit, credit, currency, amount, code, 'void',
                id, created_at from (select * from transfers where kind = 'pending' order by id limit 1) t",
    ),
];

#[derive(sqlx::FromRow)]
struct Name {
    name: String,
}

async fn names(tx: &mut Tx, text: String) -> Vec<String> {
    let rows: Vec<Name> = tx.all(Sql::new(text.leak(), Vec::new())).await.unwrap();
    rows.into_iter().map(|row| row.name).collect()
}

/// The tables of a database that have a trigger of such a kind.
async fn guarded(db: &Db, sqlite: &str, postgres: &str) -> BTreeSet<String> {
    let mut tx = db.begin().await.unwrap();
    let text = if db.is_postgres() {
        format!(
            "select cast(c.relname as text) as name from pg_trigger t join pg_class c on c.oid = t.tgrelid
             join pg_proc p on p.oid = t.tgfoid
             where not t.tgisinternal and p.proname in ('refuse_change', 'learning_events_append_only') and {postgres}"
        )
    } else {
        format!(
            "select tbl_name as name from sqlite_master where type = 'trigger' and sql like '%append-only%' and {sqlite}"
        )
    };
    names(&mut tx, text).await.into_iter().collect()
}

/// What the papers of the project and the tables themselves call append-only.
fn promised() -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut found = BTreeSet::new();
    for folder in ["migrations/sqlite", "migrations/postgres"] {
        for entry in fs::read_dir(root.join(folder)).unwrap() {
            let text = fs::read_to_string(entry.unwrap().path()).unwrap();
            // A comment that says so stands above its table.
            for rest in text.split("-- Append-only").skip(1) {
                let table = rest.split("create table ").nth(1).unwrap();
                found.insert(table.split([' ', '(']).next().unwrap().to_owned());
            }
        }
    }
    let paper = fs::read_to_string(root.join("docs/MONEY.md")).unwrap();
    let (_, list) = paper.split_once("Written once: ").expect("the paper names them");
    let (list, _) = list.split_once(".\n").unwrap();
    found.extend(list.split('`').skip(1).step_by(2).map(str::to_owned));
    found
}

both! {
    async fn every_such_table_is_known_and_guarded_in_every_way(app: TestApp) {
        let db = &app.services.kit.db;
        let frozen: BTreeSet<String> = FROZEN.iter().map(|table| (*table).to_owned()).collect();
        let all: BTreeSet<String> = FROZEN.iter().chain(KEPT).map(|table| (*table).to_owned()).collect();
        let of = |sqlite, postgres| guarded(db, sqlite, postgres);
        // Bits of `tgtype`: 8 delete, 16 update, 32 truncate.
        assert_eq!(of("sql like '%before delete%'", "(t.tgtype & 8) > 0").await, all, "a list names every table");
        assert_eq!(of("sql like '%before update%'", "(t.tgtype & 16) > 0").await, frozen);
        assert_eq!(of("sql like '%before insert%'", "(t.tgtype & 32) > 0").await, all, "replacing, emptying");
        let bare: Vec<String> = promised().difference(&all).cloned().collect();
        assert!(bare.is_empty(), "called append-only, and not guarded: {bare:?}");
        let silent: Vec<String> = all.difference(&promised()).cloned().collect();
        assert!(silent.is_empty(), "guarded, and not in the paper: {silent:?}");
        if !db.is_postgres() {
            let mut tx = db.begin().await.unwrap();
            let on: Name = tx.one(Sql::new("select cast(recursive_triggers as text) as name from pragma_recursive_triggers", Vec::new())).await.unwrap();
            assert_eq!(on.name, "1", "our own connections hear of what is replaced as well");
        }
    }
}

/// Tries to change, remove and replace a row of every such table, and to empty it.
pub async fn each_refuses(services: &Services) {
    let db = &services.kit.db;
    for table in FROZEN.iter().chain(KEPT) {
        let mut tries = vec![format!("delete from {table}")];
        if FROZEN.contains(table) {
            let column = columns(db, table).await.remove(0);
            tries.push(format!("update {table} set {column} = {column}"));
        }
        if db.is_postgres() {
            tries.push(format!("truncate {table} cascade"));
        } else {
            tries.extend(replacements(db, table).await);
        }
        for text in tries {
            let mut tx = db.begin().await.unwrap();
            filled(&mut tx, table).await;
            if !db.is_postgres() {
                // Whoever opens the file with another tool has not asked for the triggers of deletes.
                run(&mut tx, "pragma recursive_triggers = off").await;
            }
            let refused = tx.run(Sql::new(text.clone().leak(), Vec::new())).await;
            if !db.is_postgres() {
                run(&mut tx, "pragma recursive_triggers = on").await;
            }
            let refused = refused.expect_err(&text).to_string();
            assert!(refused.contains(&format!("{table} is append-only")), "{text}: {refused}");
        }
    }
    can_be_broken(db).await;
}

/// The tries are real: without the guards each of them succeeds.
async fn can_be_broken(db: &Db) {
    for table in FROZEN {
        let text = match db.is_postgres() {
            true => format!("delete from {table}"),
            false => replacements(db, table).await.remove(0),
        };
        let mut tx = db.begin().await.unwrap();
        filled(&mut tx, table).await;
        unguard(db, &mut tx).await;
        let done = tx.run(Sql::new(text.clone().leak(), Vec::new())).await;
        if !db.is_postgres() {
            run(&mut tx, "pragma ignore_check_constraints = off").await;
        }
        assert!(done.is_ok_and(|changed| changed > 0), "{text}");
    }
}

/// Makes sure that a table has a row.
async fn filled(tx: &mut Tx, table: &str) {
    let needed = NEEDS.iter().filter(|(name, _)| *name == table).map(|(_, needed)| *needed);
    for needed in needed.chain([table]) {
        fill(tx, needed).await;
    }
}

async fn fill(tx: &mut Tx, table: &str) {
    let count = format!("select count(*) as n from {table}");
    let count = || Sql::new(count.clone().leak(), Vec::new());
    if tx.one::<Count>(count()).await.unwrap().n == 0 {
        let fill = FILLS.iter().find(|(name, _)| *name == table).map(|(_, fill)| *fill);
        run(tx, fill.unwrap_or_else(|| panic!("{table} has no row"))).await;
    }
    for (_, also) in ALSO.iter().filter(|(name, _)| *name == table) {
        assert!(tx.run(Sql::new(also, Vec::new())).await.unwrap() > 0, "{also}");
    }
    assert!(tx.one::<Count>(count()).await.unwrap().n > 0, "{table}");
}

async fn columns(db: &Db, table: &str) -> Vec<String> {
    let mut tx = db.begin().await.unwrap();
    let text = match db.is_postgres() {
        true => format!(
            "select cast(column_name as text) as name from information_schema.columns
             where table_schema = 'public' and table_name = '{table}' order by ordinal_position"
        ),
        false => format!("select name from pragma_table_info('{table}') order by cid"),
    };
    names(&mut tx, text).await
}

/// One replacement for each key of a table, and one for the number of its row: all other keys are new.
async fn replacements(db: &Db, table: &str) -> Vec<String> {
    #[derive(sqlx::FromRow)]
    struct Index {
        name: String,
        partial: i64,
    }
    let columns = columns(db, table).await;
    let mut tx = db.begin().await.unwrap();
    let text = format!("select name, partial from pragma_index_list('{table}') where \"unique\" = 1");
    let indexes: Vec<Index> = tx.all(Sql::new(text.leak(), Vec::new())).await.unwrap();
    let mut keys = Vec::new();
    for index in indexes {
        let parts =
            names(&mut tx, format!("select name from pragma_index_info('{}') order by seqno", index.name))
                .await;
        let text = format!("select sql as name from sqlite_master where name = '{}'", index.name);
        let only = match index.partial {
            0 => "1 = 1".to_owned(),
            _ => names(&mut tx, text).await.remove(0).split_once(" where ").unwrap().1.to_owned(),
        };
        keys.push((parts, only));
    }
    let integer_key =
        format!("select name from pragma_table_info('{table}') where pk = 1 and lower(type) = 'integer'");
    let numbered = names(&mut tx, integer_key).await;
    if !numbered.is_empty() && !keys.iter().any(|(parts, _)| parts[0] == numbered[0]) {
        keys.push((numbered, "1 = 1".to_owned()));
    }
    drop(tx);
    let in_some_key: BTreeSet<&String> = keys.iter().flat_map(|(parts, _)| parts).collect();
    let row = |kept: &[String], only: &str, number: &str| {
        let value = |column: &String| {
            let fresh = in_some_key.contains(column) && !kept.contains(column);
            match column.as_str() {
                _ if !fresh => column.clone(),
                "position" | "number" | "round" | "sequence" | "public_sequence" => {
                    format!("{column} + 1000000")
                }
                "gateway" | "charge" | "event_id" | "outside" | "source" | "reference" => {
                    format!("{column} || ' again'")
                }
                "kind" | "currency" => column.clone(),
                "pending_id" => "null".to_owned(),
                _ => "randomblob(16)".to_owned(),
            }
        };
        let values: Vec<String> = columns.iter().map(value).collect();
        let present: Vec<String> = kept.iter().map(|column| format!("{column} is not null")).collect();
        let present = if present.is_empty() { "1 = 1".to_owned() } else { present.join(" and ") };
        let (head, first) = if number.is_empty() { ("", "") } else { ("rowid, ", number) };
        format!(
            "insert or replace into {table} ({head}{}) select {first}{} from {table} where {only} and {present} limit 1",
            columns.join(", "),
            values.join(", ")
        )
    };
    let mut all: Vec<String> = keys.iter().map(|(parts, only)| row(parts, only, "")).collect();
    if table != "receipt_numbers" {
        all.push(row(&[], "1 = 1", "rowid, "));
    }
    all
}
