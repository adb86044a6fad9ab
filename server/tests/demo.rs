//! The demonstration world: complete, the same for a seed, sound, and alive.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use app::cx::Origin;
use app::features::accounts::Accounts;
use app::features::standings::{BoardPage, Standings};
use domain::competitions::rules::Phase;
use domain::time::Timestamp;
use server::Services;
use server::clock::{HandClock, SeededEntropy};
use server::config::Config;
use server::demo::{self, Made, PASSWORD};
use server::sql;
use uuid::Uuid;

use crate::support;

const START: Timestamp = Timestamp::from_seconds(1_795_248_000);

#[derive(sqlx::FromRow)]
struct Id {
    id: Uuid,
}
#[derive(sqlx::FromRow)]
struct Count {
    count: i64,
}

fn settings(folder: &Path) -> Config {
    Config::for_tests(folder.to_owned(), format!("sqlite:{}", folder.join("leitai.sqlite").display()))
}

/// Makes the world of a seed in a folder of its own and opens it at its start.
async fn world(name: &str, seed: u64) -> (Made, Arc<Services>) {
    let folder = std::env::temp_dir().join(format!("leitai-demo-{}-{name}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    opened(settings(&folder), seed).await
}

async fn opened(config: Config, seed: u64) -> (Made, Arc<Services>) {
    let made = demo::make(config.clone(), seed, START).await.unwrap();
    let clock = Arc::new(HandClock::at(START));
    let kit = server::boot::open(config, clock, Arc::new(SeededEntropy::new(1))).await.unwrap();
    (made, Services::new(kit))
}

async fn remove(services: &Services) {
    services.kit.db.close().await;
    let _ = std::fs::remove_dir_all(&services.kit.config.data);
}

async fn board(services: &Services, slug: &str) -> BoardPage {
    services.standings.board(None, slug, 1, "").await.unwrap()
}

async fn submissions(services: &Services) -> i64 {
    let row: Count = services.kit.db.one(sql!("select count(*) as count from submissions")).await.unwrap();
    row.count
}

/// The ids of everything that matters, and the bytes of every board.
async fn fingerprint(services: &Services) -> BTreeMap<&'static str, String> {
    let statements = [
        ("accounts", sql!("select id from accounts order by id")),
        ("courses", sql!("select id from courses order by id")),
        ("lessons", sql!("select id from lessons order by id")),
        ("orders", sql!("select id from orders order by id")),
        ("refunds", sql!("select id from refunds order by id")),
        ("payouts", sql!("select id from payouts order by id")),
        ("registrations", sql!("select id from registrations order by id")),
        ("submissions", sql!("select id from submissions order by id")),
    ];
    let mut print = BTreeMap::new();
    for (name, statement) in statements {
        let rows: Vec<Id> = services.kit.db.all(statement).await.unwrap();
        assert!(!rows.is_empty(), "{name}");
        print.insert(name, rows.iter().map(|row| row.id.to_string()).collect::<Vec<_>>().join(" "));
    }
    for slug in ["wine-cultivar-cup", "tumour-or-not", "diabetes-progression", "numbers-sprint"] {
        print.insert(slug, serde_json::to_string(&board(services, slug).await).unwrap());
    }
    print
}

/// What every demonstration world must be, on either engine.
async fn is_sound(services: &Services, made: &Made) {
    assert_eq!((made.accounts, made.courses, made.competitions), (66, 7, 4));
    assert_eq!(submissions(services).await, i64::try_from(made.submissions).unwrap());
    let report = server::audit::audit(&services.kit.db).await.unwrap();
    assert!(report.findings.is_empty() && report.orders > 100 && report.transfers > 50);
    money_moved_on(services).await;
    let dead: Count =
        services.kit.db.one(sql!("select count(*) as count from jobs where state = 'dead'")).await.unwrap();
    assert_eq!(dead.count, 0);
    let phases = [
        ("wine-cultivar-cup", Phase::Finalised, 40),
        ("tumour-or-not", Phase::Frozen, 40),
        ("diabetes-progression", Phase::Running, 40),
        ("numbers-sprint", Phase::Running, 10),
    ];
    for (slug, phase, least) in phases {
        let board = board(services, slug).await;
        assert_eq!(board.phase, phase, "{slug}");
        assert!(board.scored >= least, "{slug}: {}", board.scored);
        let scores: std::collections::BTreeSet<String> =
            board.rows.iter().map(|row| format!("{row:?}")).collect();
        assert!(scores.len() > 5, "{slug}");
    }
    the_race_is_won_by_knowledge(services).await;
}

/// Refunds to both places, a gift that waits, and payouts of which one has been approved once.
async fn money_moved_on(services: &Services) {
    let count = async |sql| services.kit.db.one::<Count>(sql).await.unwrap().count;
    for destination in ["wallet", "gateway"] {
        let refunds = sql!(
            "select count(*) as count from refunds where state = 'succeeded' and destination = $1",
            destination
        );
        assert_eq!(count(refunds).await, 1, "{destination}");
    }
    assert_eq!(count(sql!("select count(*) as count from gifts where state = 'waiting'")).await, 1);
    assert_eq!(count(sql!("select count(*) as count from payouts where state = 'requested'")).await, 2);
    assert_eq!(count(sql!("select count(*) as count from payout_approvals")).await, 1);
}

/// The quiz race: answers reach the marking as a form sends them, so that knowing something earns points.
async fn the_race_is_won_by_knowledge(services: &Services) {
    const OUT_OF: i64 = 16_000_000;
    let board = board(services, "numbers-sprint").await;
    let totals: Vec<i64> = board.rows.iter().filter(|row| row.rank.is_some()).map(|row| row.total).collect();
    assert!(totals.iter().filter(|total| **total > 0).count() >= 10, "{totals:?}");
    assert!(totals.iter().all(|total| (0..=OUT_OF).contains(total)) && totals.is_sorted_by(|a, b| a >= b));
    assert!(totals[0] > OUT_OF / 2, "the best of them knows more than half: {totals:?}");
    assert!(totals.last() < totals.first(), "{totals:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_seed_makes_the_same_world_in_time() {
    let begun = Instant::now();
    let (made, first) = world("first", 5).await;
    let took = begun.elapsed();
    println!("the demonstration world took {took:?}");
    assert!(cfg!(debug_assertions) || took < Duration::from_secs(20), "{took:?}");
    is_sound(&first, &made).await;
    let again = demo::make(settings(&first.kit.config.data), 5, START).await.unwrap_err().to_string();
    assert!(again.contains("is in use"), "{again}");

    let (_, second) = world("second", 5).await;
    let (one, two) = (fingerprint(&first).await, fingerprint(&second).await);
    for (name, value) in &one {
        assert_eq!(Some(value), two.get(name), "{name}");
    }
    its_password_opens_nothing_elsewhere(&second).await;
    its_bots_submit_until_they_are_stopped(&second).await;
    remove(&first).await;
    remove(&second).await;
}

async fn its_password_opens_nothing_elsewhere(services: &Services) {
    let logs_in = async |address: &str| {
        let origin = Origin { address: address.to_owned(), ..Origin::default() };
        services.accounts.log_in("steward", PASSWORD, &origin).await.is_ok()
    };
    assert!(logs_in("127.0.0.1").await && logs_in("0:0:0:0::/64").await);
    assert!(!logs_in("192.0.2.7").await && !logs_in("unknown").await);
}

async fn its_bots_submit_until_they_are_stopped(services: &Arc<Services>) {
    let before = submissions(services).await;
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let bots = tokio::spawn(demo::run_bots(Arc::clone(services), stopped));
    let begun = Instant::now();
    while submissions(services).await == before {
        assert!(begun.elapsed() < Duration::from_secs(60), "no bot submitted");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    stop.send(true).unwrap();
    tokio::time::timeout(Duration::from_secs(10), bots).await.unwrap().unwrap();
    assert!(server::jobs::run_due(services).await.unwrap() > 0, "what a bot submits is judged");
}

/// Not only is it the same again: it is the same on the other engine, to the last id and the last byte of a board.
#[test]
fn the_world_on_postgres_is_the_one_on_sqlite() {
    support::run(support::Engine::Postgres, async |app| {
        let (made, there) = opened((*app.services.kit.config).clone(), 6).await;
        is_sound(&there, &made).await;
        let (also_made, here) = world("here", 6).await;
        assert_eq!(made, also_made);
        crate::audit_rules::each_speaks(&there).await;
        crate::audit_rules::each_speaks(&here).await;
        crate::append_only::each_refuses(&there).await;
        crate::append_only::each_refuses(&here).await;
        let (one, two) = (fingerprint(&there).await, fingerprint(&here).await);
        for (name, value) in &one {
            assert_eq!(Some(value), two.get(name), "{name}");
        }
        remove(&here).await;
        there.kit.db.close().await;
    });
}
