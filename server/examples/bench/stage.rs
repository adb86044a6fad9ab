//! The real server with a running competition, in this process, so that a commit can be timed.
//!
//! It prints `ready` once it serves; then each line of its input is a command:
//! `score` records one judged submission and prints the instant of its commit in microseconds;
//! `judge N` hands N submissions in and prints one JSON object once all are judged; `money N` reserves N seats,
//! knocks with N notices and prints one JSON object.

use domain::actor::Actor;
use domain::competitions::input::RawCompetition;
use domain::competitions::{CompetitionId, RegistrationId};
use domain::locale::Locale;
use domain::orders::Thing;
use domain::standings::ScoreEvent;
use serde_json::json;
use server::clock::{SystemClock, SystemEntropy};
use server::config::Config;
use server::features::competitions::Purpose;
use server::features::judging::Incoming;
use server::http::serve;
use server::{Services, boot, sql};
use std::sync::Arc;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// The address of the competition.
pub const SLUG: &str = "bench";
const ENTRANTS: usize = 40;
const ROWS: usize = 500;

struct Stage {
    services: Arc<Services>,
    organiser: Actor,
    competition: CompetitionId,
    entrants: Vec<(Actor, RegistrationId)>,
    said: u64,
}

/// Prepares, serves and obeys until the input ends.
pub async fn run() {
    let mut config = Config::read(|key| std::env::var(key).ok()).unwrap_or_else(|_| panic!("the settings"));
    config.cheap_passwords = true;
    let kit =
        boot::open(config, Arc::new(SystemClock), Arc::new(SystemEntropy::new())).await.expect("opening");
    let services = Services::new(kit);
    let mut stage = Stage::prepare(services.clone()).await;
    tokio::spawn(async move { serve::run(services, false).await.expect("serving") });
    tokio::time::sleep(Duration::from_millis(500)).await;
    println!("ready");
    let mut lines = crate::input();
    while let Some(line) = lines.recv().await {
        match line.trim().split_once(' ') {
            Some(("judge", count)) => stage.judge(count.parse().expect("a count")).await,
            Some(("money", count)) => stage.money(count.parse().expect("a count")).await,
            _ => stage.score().await,
        }
    }
    std::process::exit(0);
}

fn csv(column: &str, row: impl Fn(usize) -> usize) -> Vec<u8> {
    let mut text = format!("id,{column}\n");
    for id in 0..ROWS {
        text.push_str(&format!("{id},{}\n", row(id)));
    }
    text.into_bytes()
}

async fn account(services: &Services, username: &str) -> Actor {
    let input = app::features::accounts::Registration {
        username: username.to_owned(),
        email: format!("{username}@example.org"),
        password: "seven quiet herons wade".to_owned(),
        display_name: String::new(),
    };
    services.accounts.create(input, Locale::En).await.expect("an account");
    services.accounts.actor(username).await.expect("reading").expect("the account")
}

fn design() -> RawCompetition {
    let text = str::to_owned;
    RawCompetition {
        slug: text(SLUG),
        title_en: text("Bench"),
        title_zh: text("测速擂台"),
        rules_en: text("Predict `0` or `1`."),
        rules_zh: text("预测 `0` 或 `1`。"),
        kind: text("prediction"),
        offset: text("0"),
        registration_opens: text("2020-01-01T00:00"),
        registration_closes: text("2090-01-01T00:00"),
        starts: text("2020-01-02T00:00"),
        ends: text("2090-01-02T00:00"),
        currency: text("CNY"),
        counting: text("best"),
        ties: text("earlier"),
        metric: text("accuracy"),
        public_share: text("40"),
        ..RawCompetition::default()
    }
}

impl Stage {
    async fn prepare(services: Arc<Services>) -> Self {
        #[derive(sqlx::FromRow)]
        struct Row {
            id: Uuid,
            competition_id: Uuid,
        }
        account(&services, "organiser").await;
        let expert = domain::actor::Role::Expert;
        services.accounts.change_role(None, "organiser", expert, true).await.expect("a role");
        let organiser = services.accounts.actor("organiser").await.expect("reading").expect("the organiser");
        let desk = &services.competitions;
        desk.create(&organiser, &design()).await.expect("a competition");
        let truth = csv("target", |id| id % 2);
        desk.upload(&organiser, SLUG, Purpose::Truth, "truth.csv", truth.clone()).await.expect("the truth");
        desk.upload(&organiser, SLUG, Purpose::Data, "test.csv", truth).await.expect("the data");
        desk.publish(&organiser, SLUG).await.expect("publishing");
        let mut entrants = Vec::new();
        let mut competition = Uuid::nil();
        for number in 0..ENTRANTS {
            let actor = account(&services, &format!("entrant-{number}")).await;
            desk.register(&actor, SLUG).await.expect("registering");
            let of =
                sql!("select id, competition_id from registrations where account_id = $1", actor.account);
            let row: Row = services.kit.db.one(of).await.expect("the registration");
            competition = row.competition_id;
            entrants.push((actor, RegistrationId(row.id)));
        }
        Self { services, organiser, competition: CompetitionId(competition), entrants, said: 0 }
    }

    /// Somebody's submission is judged; nothing else happens.
    async fn score(&mut self) {
        self.said += 1;
        let kit = &self.services.kit;
        let who = usize::try_from(self.said * 7).unwrap_or(0) % self.entrants.len();
        let value = 500_000 + i64::try_from(self.said).unwrap_or(0);
        let event = ScoreEvent {
            at: kit.now(),
            entrant: self.entrants[who].1,
            submission: kit.id(),
            problem: 0,
            public_score: value,
            private_score: value,
        };
        let mut tx = kit.db.begin().await.expect("a transaction");
        self.services.standings.record(&mut tx, self.competition, event).await.expect("recording");
        tx.commit().await.expect("committing");
        println!("{}", crate::viewers::now_micros());
    }

    /// A competition for a fee, and as many people who want its seats.
    async fn money(&self, count: usize) {
        #[derive(sqlx::FromRow)]
        struct Row {
            id: Uuid,
        }
        let services = &self.services;
        let slug = "bench-seats".to_owned();
        let design =
            RawCompetition { slug: slug.clone(), fee: "10".into(), capacity: "100000".into(), ..design() };
        services.competitions.create(&self.organiser, &design).await.expect("a competition");
        let truth = csv("target", |id| id % 2);
        for (purpose, name) in [(Purpose::Truth, "truth.csv"), (Purpose::Data, "test.csv")] {
            services
                .competitions
                .upload(&self.organiser, &slug, purpose, name, truth.clone())
                .await
                .expect("a file");
        }
        services.competitions.publish(&self.organiser, &slug).await.expect("publishing");
        let row: Row =
            services.kit.db.one(sql!("select id from competitions where slug = $1", slug)).await.expect("it");
        let mut buyers = Vec::new();
        for number in 0..count {
            buyers.push(account(services, &format!("buyer-{number}")).await);
        }
        crate::money::measure(services, buyers, Thing::Competition(CompetitionId(row.id))).await;
    }

    /// Everybody hands files in at once; how fast are they taken, and how fast judged?
    async fn judge(&self, count: usize) {
        #[derive(sqlx::FromRow)]
        struct Row {
            waiting: i64,
        }
        let begun = Instant::now();
        let mut tasks = Vec::new();
        for (place, (actor, _)) in self.entrants.iter().enumerate() {
            let (services, actor) = (self.services.clone(), actor.clone());
            let own = count / self.entrants.len() + usize::from(place < count % self.entrants.len());
            tasks.push(tokio::spawn(async move {
                for turn in 0..own {
                    let bytes = csv("prediction", |id| usize::from((id + turn) % (3 + place % 5) == 0));
                    let received_at = services.kit.now();
                    let incoming = Incoming { file_name: "bench.csv".to_owned(), bytes, received_at };
                    services.judging.submit(&actor, SLUG, incoming).await.expect("submitting");
                }
            }));
        }
        for task in tasks {
            task.await.expect("an entrant");
        }
        let accepted = begun.elapsed().as_secs_f64();
        loop {
            let left = sql!("select count(*) as waiting from submissions where verdict = 'queued'");
            let row: Row = self.services.kit.db.one(left).await.expect("counting");
            if row.waiting == 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let judged = begun.elapsed().as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "a count of hundreds")]
        let count = count as f64;
        println!(
            "{}",
            json!({ "accepted_per_second": count / accepted, "judged_per_second": count / judged })
        );
    }
}
