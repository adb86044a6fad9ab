//! A fresh Postgres database for each test, copied from a migrated template.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use server::bus::Bus;
use server::clock::{Entropy, SystemClock, SystemEntropy};
use server::db::{Around, Db};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use tokio::sync::OnceCell;

static TEMPLATE: OnceCell<String> = OnceCell::const_new();
static NEXT: AtomicU32 = AtomicU32::new(0);
static RUN: OnceLock<String> = OnceLock::new();

/// A name for this run: the number of a process may come back while databases of its last owner remain.
fn run() -> &'static str {
    RUN.get_or_init(|| {
        let mut random = [0; 6];
        SystemEntropy::new().fill(&mut random);
        random.iter().map(|byte| format!("{byte:02x}")).collect()
    })
}

/// The address of a server for tests; without one the test fails and says how to get it.
#[allow(clippy::disallowed_methods)]
fn server() -> String {
    std::env::var("TEST_POSTGRES_URL").unwrap_or_else(|_| {
        panic!(
            "no Postgres for tests: run `cargo xtask test --only server`, which starts its own, \
             or set TEST_POSTGRES_URL=postgres://... to a server on which databases may be created"
        )
    })
}

fn with_database(url: &str, name: &str) -> String {
    let (address, query) = url.split_once('?').map_or((url, String::new()), |(a, q)| (a, format!("?{q}")));
    let scheme = address.find("://").map_or(0, |at| at + 3);
    let end = address[scheme..].find('/').map_or(address.len(), |at| scheme + at);
    format!("{}/{name}{query}", &address[..end])
}

async fn command(url: &str, text: String) {
    let mut connection = PgConnection::connect(url).await.expect("the test server answers");
    connection.execute(AssertSqlSafe(text)).await.expect("databases may be created");
    connection.close().await.expect("the connection closes");
}

/// The address of a fresh, migrated database.
pub async fn fresh() -> String {
    let url = server();
    let process = run();
    let template = TEMPLATE
        .get_or_init(|| async {
            let name = format!("template_{process}");
            command(&url, format!("create database {name}")).await;
            let around = Around {
                bus: Bus::new(uuid::Uuid::nil()),
                clock: Arc::new(SystemClock),
                entropy: Arc::new(SystemEntropy::new()),
            };
            let db =
                Db::connect(&with_database(&url, &name), 2, true, around).await.expect("the schema migrates");
            db.close().await;
            name
        })
        .await;
    let name = format!("test_{process}_{}", NEXT.fetch_add(1, Ordering::Relaxed));
    command(&url, format!("create database {name} template {template}")).await;
    with_database(&url, &name)
}

/// Removes a test's database.
pub async fn drop_database(url: &str) {
    let name = url.rsplit('/').find(|part| part.starts_with("test_")).unwrap_or_default();
    let name = name.split('?').next().unwrap_or_default();
    command(&server(), format!("drop database if exists {name} with (force)")).await;
}
