//! The rules of the house that are tests.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use server::db::{Registered, Sql};

use crate::both;
use crate::support::Engine;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn files(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, ending, found);
        } else if path.to_string_lossy().ends_with(ending) {
            found.push(path);
        }
    }
}

/// Whoever asks what one account bought must begin at its own orders, not at everybody's: SQLite, which knows
/// nothing of how many rows there are, can only be led there by the indexes.
#[test]
fn what_an_account_bought_is_read_from_its_own_orders_on() {
    #[derive(sqlx::FromRow)]
    struct Step {
        detail: String,
    }
    crate::support::run(Engine::Sqlite, |app| async move {
        let (mut bad, mut count) = (Vec::new(), 0);
        for statement in inventory::iter::<Registered> {
            if !statement.text.contains("order_lines l") || !statement.text.contains("o.account_id = $1") {
                continue;
            }
            count += 1;
            let text = Box::leak(format!("explain query plan {}", statement.text).into_boxed_str());
            let steps: Vec<Step> = app.services.kit.db.all(Sql::new(text, Vec::new())).await.unwrap();
            let first = steps.first().map(|step| step.detail.as_str()).unwrap_or_default();
            if !first.starts_with("SEARCH o USING INDEX orders_account (account_id=?") {
                bad.push(format!("{}:{} {first}", statement.file, statement.line));
            }
        }
        assert!(count >= 5, "only {count} statements ask what an account bought");
        assert!(bad.is_empty(), "{}", bad.join("\n"));
    });
}

both! {
    async fn every_statement_prepares(app: TestApp) {
        let mut bad = Vec::new();
        let mut count = 0;
        for statement in inventory::iter::<Registered> {
            count += 1;
            if let Err(error) = app.services.kit.db.prepare(statement.text).await {
                bad.push(format!("{}:{} {error}", statement.file, statement.line));
            }
        }
        assert!(count >= 50, "only {count} statements are registered");
        assert!(bad.is_empty(), "{}", bad.join("\n"));
    }

    // Finding the routes keeps every resource of the process from loading: it may happen but once.
    async fn a_page_answers_while_other_routers_are_built(app: TestApp) {
        let (services, building) = (app.services.clone(), Arc::new(AtomicBool::new(true)));
        let builder = {
            let building = building.clone();
            std::thread::spawn(move || {
                while building.load(Ordering::Relaxed) {
                    drop(server::http::router(&services));
                }
            })
        };
        let mut stalled = None;
        for number in 0..10 {
            let (mut stranger, page) = (app.stranger(), format!("/en/certificates?code=none{number}"));
            let reply = tokio::time::timeout(Duration::from_secs(20), stranger.gets(&page)).await;
            match reply {
                Ok(reply) => drop(reply.status(200).shows("There is no certificate with this code")),
                Err(_) => stalled = Some(number),
            }
            if stalled.is_some() {
                break;
            }
        }
        building.store(false, Ordering::Relaxed);
        builder.join().unwrap();
        assert_eq!(stalled, None, "a page never came");
    }
}

#[test]
fn migration_folders_agree() {
    let names = |engine: &str| -> BTreeSet<String> {
        let folder = root().join("migrations").join(engine);
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    };
    assert_eq!(names("sqlite"), names("postgres"));
}

/// A migration that some installation has applied must stay as it is, or that installation starts no more:
/// what is wrong is mended by the next number. A new file adds its line to `applied.txt` (`sha256sum`).
#[test]
fn applied_migrations_are_never_edited() {
    let folder = root().join("migrations");
    let listed = fs::read_to_string(folder.join("applied.txt")).unwrap();
    let listed: BTreeMap<&str, &str> =
        listed.lines().filter_map(|line| line.split_once("  ")).map(|(sum, path)| (path, sum)).collect();
    for engine in ["postgres", "sqlite"] {
        for entry in fs::read_dir(folder.join(engine)).unwrap() {
            let path = format!("{engine}/{}", entry.unwrap().file_name().into_string().unwrap());
            let text = fs::read(folder.join(&path)).unwrap();
            let digest = ring::digest::digest(&ring::digest::SHA256, &text);
            let sum: String = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(listed.get(path.as_str()), Some(&sum.as_str()), "{path}");
        }
    }
}

#[test]
fn every_fault_code_has_its_sentence() {
    let mut sources = Vec::new();
    for folder in ["domain/src", "server/src", "app/src"] {
        files(&root().join(folder), ".rs", &mut sources);
    }
    let mut missing = BTreeMap::new();
    for path in sources {
        let text = fs::read_to_string(&path).unwrap();
        for code in codes(text.split("#[cfg(test)]").next().unwrap()) {
            if app::i18n::t::fault(domain::locale::Locale::En, &code).is_none() {
                missing.insert(code, path.clone());
            }
        }
    }
    assert!(missing.is_empty(), "codes without a sentence: {missing:#?}");
}

/// The literal codes of `Invalid::field(_, "code")`, `Denied::new("code")` and their kin.
fn codes(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let literal = |text: &str| text.trim_start().strip_prefix('"')?.split('"').next().map(str::to_owned);
    for (call, skip) in [
        ("Invalid::field(", 1),
        ("Invalid::with(", 1),
        ("invalid.add(", 1),
        ("Denied::new(", 0),
        ("Denied::with(", 0),
        ("Error::denied(", 0),
    ] {
        for rest in text.split(call).skip(1) {
            let argument = if skip == 1 { rest.split_once(',').map(|(_, rest)| rest) } else { Some(rest) };
            found.extend(argument.and_then(literal));
        }
    }
    found
}

#[test]
fn the_example_names_every_setting() {
    let example = fs::read_to_string(root().join(".env.example")).unwrap();
    let named: Vec<(&str, &str)> = example
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('='))
        .collect();
    let known: Vec<(&str, &str)> =
        server::config::KEYS.iter().map(|(key, default, _)| (*key, *default)).collect();
    assert_eq!(named, known);
}

#[test]
fn every_server_function_is_listed() {
    let listed: BTreeSet<String> = fs::read_to_string(root().join("server/tests/endpoints.txt"))
        .unwrap()
        .lines()
        .map(str::to_owned)
        .collect();
    let found: BTreeSet<String> = leptos::server_fn::axum::server_fn_paths()
        .map(|(path, method)| {
            let who = if server::http::PUBLIC.contains(&path) { "anyone" } else { "account" };
            format!("{method} {path} {who}")
        })
        .collect();
    let text: Vec<_> = found.iter().cloned().collect();
    assert_eq!(listed, found, "endpoints.txt should read:\n{}", text.join("\n"));
}

/// A column as an engine describes it.
#[derive(sqlx::FromRow)]
struct Column {
    name: String,
    required: i64,
}

/// Every column of a migrated database: `table.column required`.
fn columns(engine: Engine) -> BTreeSet<String> {
    let found = Arc::new(std::sync::Mutex::new(BTreeSet::new()));
    let kept = found.clone();
    crate::support::run(engine, move |app| async move {
        let text = match engine {
            Engine::Sqlite => {
                "select m.name || '.' || c.name as name, c.\"notnull\" as required
                 from sqlite_master m join pragma_table_info(m.name) c
                 where m.type in ('table', 'view') and m.name not like 'sqlite_%' and m.name not like '\\_sqlx%' escape '\\'"
            }
            Engine::Postgres => {
                "select cast(table_name || '.' || column_name as text) as name,
                        cast(case is_nullable when 'NO' then 1 else 0 end as bigint) as required
                 from information_schema.columns
                 where table_schema = 'public' and table_name not like '\\_sqlx%'"
            }
        };
        let rows: Vec<Column> = app.services.kit.db.all(Sql::new(text, Vec::new())).await.unwrap();
        let rows = rows.into_iter().map(|row| format!("{} {}", row.name, row.required));
        kept.lock().unwrap().extend(rows);
    });
    let columns = found.lock().unwrap().clone();
    assert!(columns.len() > 100, "only {} columns", columns.len());
    columns
}

#[test]
fn both_engines_have_the_same_columns() {
    let (sqlite, postgres) = (columns(Engine::Sqlite), columns(Engine::Postgres));
    let differ: Vec<_> = sqlite.symmetric_difference(&postgres).collect();
    assert!(differ.is_empty(), "only on one engine, or nullable on one alone: {differ:#?}");
}
