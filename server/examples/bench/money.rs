//! Money: seats reserved and notices acknowledged a second, beside what the engine itself commits.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::actor::Actor;
use domain::orders::Thing;
use domain::payments::{PaymentId, Told};
use serde_json::{Value, json};
use server::Services;
use server::features::payments::sandbox::Sandbox;
use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Database, Encode, Executor, IntoArguments, Pool, Type};
use tokio::net::TcpStream;

use crate::load;

/// How many do something at once.
const AT_ONCE: usize = 40;

/// Prints the three rates of this engine.
pub async fn measure(services: &Arc<Services>, buyers: Vec<Actor>, seat: Thing) {
    let count = buyers.len();
    let raw = commits(services, count).await;
    let reserved = reservations(services, buyers, seat).await;
    let acknowledged = notices(services, count).await;
    println!("{}", json!({ "commits": raw, "reservations": reserved, "notices": acknowledged }));
}

/// Runs so many tasks to their ends; each gives how long each of its turns took.
async fn timed<F>(tasks: Vec<F>) -> Value
where
    F: Future<Output = Vec<Duration>> + Send + 'static,
{
    let begun = Instant::now();
    let tasks: Vec<_> = tasks.into_iter().map(tokio::spawn).collect();
    let mut took = Vec::new();
    for task in tasks {
        took.extend(task.await.expect("a task"));
    }
    let whole = begun.elapsed().as_secs_f64();
    took.sort_unstable();
    let at = |share: usize| took[(took.len() - 1) * share / 100].as_secs_f64() * 1e3;
    #[expect(clippy::cast_precision_loss, reason = "a count of thousands")]
    let rate = took.len() as f64 / whole;
    json!({ "per_second": rate, "p50_ms": at(50), "p99_ms": at(99) })
}

/// One row and one commit each, by a bare connection that knows nothing of Leitai: what the engine does on this disk.
async fn commits(services: &Arc<Services>, count: usize) -> Value {
    let config = &services.kit.config;
    if config.database_url.starts_with("postgres") {
        let pool = PgPoolOptions::new().max_connections(u32::try_from(AT_ONCE).expect("a number"));
        let pool = pool.connect(&config.database_url).await.expect("connecting");
        rows(pool, count).await
    } else {
        // The engine writes one thing at a time; as durable as our own file is.
        let file =
            SqliteConnectOptions::new().filename(config.data.join("bare.sqlite")).create_if_missing(true);
        let file = file.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full);
        let pool = SqlitePoolOptions::new().max_connections(1).connect_with(file).await.expect("connecting");
        rows(pool, count).await
    }
}

/// So many rows, each committed by itself.
async fn rows<D>(pool: Pool<D>, count: usize) -> Value
where
    D: Database,
    for<'c> &'c Pool<D>: Executor<'c, Database = D>,
    for<'q> i64: Encode<'q, D> + Type<D>,
    D::Arguments: IntoArguments<D>,
{
    pool.execute("create table bench_commits (n bigint not null)").await.expect("a table");
    let one = |place: usize| {
        let pool = pool.clone();
        async move {
            let mut took = Vec::new();
            for turn in (place..count).step_by(AT_ONCE) {
                let begun = Instant::now();
                let turn = i64::try_from(turn).expect("a number");
                let insert = sqlx::query("insert into bench_commits (n) values ($1)").bind(turn);
                insert.execute(&pool).await.expect("a row");
                took.push(begun.elapsed());
            }
            took
        }
    };
    timed((0..AT_ONCE).map(one).collect()).await
}

/// Everybody reserves a seat of the same thing.
async fn reservations(services: &Arc<Services>, buyers: Vec<Actor>, seat: Thing) -> Value {
    let share = buyers.len().div_ceil(AT_ONCE);
    let one = |buyers: &[Actor]| {
        let (services, buyers) = (services.clone(), buyers.to_vec());
        async move {
            let mut took = Vec::new();
            for buyer in &buyers {
                let begun = Instant::now();
                services.orders.place(buyer, seat).await.expect("a seat");
                took.push(begun.elapsed());
            }
            took
        }
    };
    timed(buyers.chunks(share).map(one).collect()).await
}

/// Signed notices over HTTP, each another event: verified, stored and acknowledged.
async fn notices(services: &Arc<Services>, count: usize) -> Value {
    let host = services.kit.config.address.to_string();
    let sandbox = Sandbox::new(services.kit.key("sandbox notices"));
    let now = services.kit.now();
    let text = |turn: usize| {
        let body = sandbox.body(&format!("bench-{turn}"), PaymentId(services.kit.id()), &Told::Declined, now);
        let mut head = format!(
            "POST /pay/sandbox/notify HTTP/1.1\r\nHost: {host}\r\nContent-Length: {}\r\n",
            body.len()
        );
        for (name, value) in &sandbox.headers(now, &body) {
            head.push_str(&format!("{name}: {}\r\n", value.to_str().expect("a header in ASCII")));
        }
        let mut bytes = format!("{head}\r\n").into_bytes();
        bytes.extend(body);
        bytes
    };
    let texts: Vec<Vec<u8>> = (0..count).map(text).collect();
    let one = |texts: &[Vec<u8>]| {
        let (texts, host) = (texts.to_vec(), host.clone());
        async move {
            let mut stream = TcpStream::connect(&host).await.expect("connecting");
            stream.set_nodelay(true).ok();
            let mut buffer = Vec::new();
            let mut took = Vec::new();
            for text in &texts {
                let begun = Instant::now();
                let (status, _) = load::request(&mut stream, text, &mut buffer).await;
                assert_eq!(status, 200, "the acknowledgement");
                took.push(begun.elapsed());
            }
            took
        }
    };
    timed(texts.chunks(count.div_ceil(AT_ONCE)).map(one).collect()).await
}
