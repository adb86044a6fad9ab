//! A running competition with four entrants, and what can be asked of its board.

use std::collections::BTreeSet;

use domain::competitions::{CompetitionId, RegistrationId};
use domain::locale::Bilingual;
use domain::standings::{Audience, Event, Fact, Reducer, Rules, ScoreEvent};
use domain::time::Span;
use serde::Deserialize;
use server::db::Tx;
use server::features::standings::Ranked;
use server::sql;
use uuid::Uuid;

use super::stream::Stream;
use crate::support::{Person, TestApp};

/// The address of the competition.
pub const SLUG: &str = "wine";

/// A running competition with four entrants.
#[derive(Clone)]
pub struct Ground {
    pub app: TestApp,
    pub competition: CompetitionId,
    pub entrants: Vec<RegistrationId>,
    pub organiser: Person,
}

/// The numbers of an event.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Numbers {
    pub sequence: i64,
    pub public_sequence: Option<i64>,
}

#[derive(Deserialize)]
struct LogPage {
    rules: Rules,
    events: Vec<Event>,
    next: Option<i64>,
}

impl Ground {
    /// Prepares the competition: a metric, begun, frozen in four hours.
    pub async fn new(app: &TestApp) -> Self {
        let organiser = app.expert("olive").await;
        let kit = &app.services.kit;
        let now = kit.now();
        let id: Uuid = kit.id();
        let account = organiser.actor().await.account;
        let mut tx = kit.db.begin().await.unwrap();
        tx.run(sql!(
            "insert into competitions (id, slug, organiser_id, kind, state, title_en, title_zh, summary_en,
                summary_zh, rules_en, rules_zh, utc_offset, registration_opens, registration_closes, starts,
                freezes, ends, fee_minor, currency, counting, ties, metric, split_seed, created_at, updated_at)
             values ($1, $2, $3, 'prediction', 'published', 'Wine', '酒', '', '', '', '', 0, $4, $5, $4, $6, $7,
                0, 'CNY', 'best', 'earlier', 'f1_macro', 1, $4, $4)",
            id,
            SLUG,
            account,
            now.minus(Span::hours(1)),
            now.plus(Span::hours(1)),
            now.plus(Span::hours(4)),
            now.plus(Span::hours(8))
        ))
        .await
        .unwrap();
        tx.commit().await.unwrap();
        let mut entrants = Vec::new();
        for number in 0..4 {
            let person = app.learner(&format!("entrant{number}")).await;
            let account = person.actor().await.account;
            let registration: Uuid = kit.id();
            let mut tx = kit.db.begin().await.unwrap();
            tx.run(sql!(
                "insert into registrations (id, competition_id, account_id, state, created_at, updated_at)
                 values ($1, $2, $3, 'approved', $4, $4)",
                registration,
                id,
                account,
                now
            ))
            .await
            .unwrap();
            tx.commit().await.unwrap();
            entrants.push(RegistrationId(registration));
        }
        let ground = Self { app: app.clone(), competition: CompetitionId(id), entrants, organiser };
        for (number, entrant) in ground.entrants.iter().enumerate() {
            let mut tx = kit.db.begin().await.unwrap();
            let name = format!("Entrant {number}");
            app.services.standings.join(&mut tx, ground.competition, *entrant, &name).await.unwrap();
            tx.commit().await.unwrap();
        }
        ground
    }
    /// Records a fact.
    pub async fn says(&self, fact: Fact) {
        let mut tx = self.app.services.kit.db.begin().await.unwrap();
        self.app.services.standings.record(&mut tx, self.competition, fact).await.unwrap();
        tx.commit().await.unwrap();
    }
    /// A submission is judged.
    pub async fn scores(&self, who: usize, public_score: i64, private_score: i64) {
        self.says(self.score(who, public_score, private_score).into()).await;
    }
    fn score(&self, who: usize, public_score: i64, private_score: i64) -> ScoreEvent {
        let kit = &self.app.services.kit;
        let submission: Uuid = kit.id();
        let entrant = self.entrants[who];
        ScoreEvent { at: kit.now(), entrant, submission, problem: 0, public_score, private_score }
    }
    /// The organiser tells everyone something.
    pub async fn announces(&self, text: &str) {
        let at = self.app.services.kit.now();
        self.says(Fact::Announced { text: Bilingual::new(text, ""), at }).await;
    }
    /// The numbers of all events.
    pub async fn numbers(&self) -> Vec<Numbers> {
        let sql = sql!(
            "select sequence, public_sequence from score_events where competition_id = $1 order by sequence",
            self.competition.0
        );
        self.app.services.kit.db.all(sql).await.unwrap()
    }
    /// The table as a change sees it.
    pub async fn table(&self, audience: Audience) -> Vec<Ranked> {
        let mut tx = self.app.services.kit.db.begin().await.unwrap();
        self.app.services.standings.table(&mut tx, self.competition, audience).await.unwrap()
    }
    /// The present snapshot once the board has read everything.
    pub async fn caught_up(&self) -> String {
        // Rendering the page reads what is new.
        self.app.stranger().gets(&format!("/en/competitions/{SLUG}/board?find=x{}", rand(self))).await.ok();
        self.snapshot().await
    }
    /// The present snapshot.
    pub async fn snapshot(&self) -> String {
        let path = format!("/live/competitions/{SLUG}/standings.json");
        for _ in 0..100 {
            let reply = self.app.stranger().gets(&path).await.status(200);
            let last = self.numbers().await.iter().filter_map(|row| row.public_sequence).max().unwrap_or(0);
            if reply.headers["etag"].to_str().unwrap() == format!("\"s{last}\"") {
                return reply.text();
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("the board never caught up");
    }
    /// The snapshot that the published log gives.
    pub async fn recomputed_from_the_published_log(&self) -> String {
        let reply =
            self.app.stranger().gets(&format!("/live/competitions/{SLUG}/log.json")).await.status(200);
        let page: LogPage = reply.json();
        assert_eq!(page.next, None);
        let reducer = Reducer::replay(page.rules, Audience::Public, page.events);
        serde_json::to_string(&reducer.board().snapshot()).unwrap()
    }
    /// Everything that a stranger can load: bodies and headers that could tell something.
    pub async fn public_face(&self) -> Vec<String> {
        let mut face = vec![self.snapshot().await];
        for path in [
            format!("/en/competitions/{SLUG}/board"),
            format!("/zh/competitions/{SLUG}/board?page=2"),
            format!("/live/competitions/{SLUG}/standings.json"),
            format!("/live/competitions/{SLUG}/log.json"),
            format!("/api/standings/board?competition={SLUG}&page=1&find="),
            format!("/api/standings/top?competition={SLUG}"),
        ] {
            let reply = self.app.stranger().gets(&path).await.ok();
            let tag = reply.headers.get("etag").map(|tag| tag.to_str().unwrap().to_owned());
            face.push(format!("{path} {tag:?} {}", without_nonces(&reply.text())));
        }
        face
    }
    /// A viewer connects.
    pub async fn connects(&self, after: Option<i64>) -> Stream {
        Stream::open(&self.app, SLUG, after).await
    }

    /// Many transactions at once, and a reader that follows the numbers: how many events it missed.
    pub async fn race(&self) -> usize {
        let before = self.numbers().await.last().map_or(0, |row| row.sequence);
        let writers: Vec<_> = (0..24)
            .map(|step| {
                let ground = self.clone();
                tokio::spawn(async move { ground.scores(step % 4, 100_000, 100_000).await })
            })
            .collect();
        let mut seen = BTreeSet::new();
        while writers.iter().any(|writer| !writer.is_finished()) {
            self.follows(&mut seen, before).await;
        }
        self.missed(seen, before).await
    }
    /// The twin: two transactions that take the next number without the lock, and the later one is done first.
    pub async fn overtakes(&self) -> usize {
        let before = self.numbers().await.last().map_or(0, |row| row.sequence);
        let db = &self.app.services.kit.db;
        let (mut first, mut second) = (db.begin().await.unwrap(), db.begin().await.unwrap());
        self.records_without_the_lock(&mut first, before + 1).await;
        self.records_without_the_lock(&mut second, before + 2).await;
        let mut seen = BTreeSet::new();
        second.commit().await.unwrap();
        self.follows(&mut seen, before).await;
        first.commit().await.unwrap();
        self.missed(seen, before).await
    }
    /// Reads what is new after the last number seen.
    async fn follows(&self, seen: &mut BTreeSet<i64>, before: i64) {
        let last = seen.last().copied().unwrap_or(before);
        let fresh = self.numbers().await;
        seen.extend(fresh.iter().map(|row| row.sequence).filter(|sequence| *sequence > last));
    }
    async fn missed(&self, mut seen: BTreeSet<i64>, before: i64) -> usize {
        self.follows(&mut seen, before).await;
        let all = self.numbers().await;
        all.iter().filter(|row| row.sequence > before && !seen.contains(&row.sequence)).count()
    }
    async fn records_without_the_lock(&self, tx: &mut Tx, sequence: i64) {
        let fact = Fact::from(self.score(0, 1, 1));
        tx.run(sql!(
            "insert into score_events (competition_id, sequence, public_sequence, body, recorded_at)
             values ($1, $2, $2, $3, $4)",
            self.competition.0,
            sequence,
            serde_json::to_value(fact).unwrap(),
            self.app.services.kit.now()
        ))
        .await
        .unwrap();
    }
}

/// A text that no cached page was made for.
fn rand(ground: &Ground) -> String {
    let id: Uuid = ground.app.services.kit.id();
    id.simple().to_string()
}

/// Each response has a nonce of its own; nothing else may differ.
fn without_nonces(text: &str) -> String {
    let mut pieces = text.split("nonce=\"");
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |text, piece| text + piece.split_once('"').map_or("", |(_, rest)| rest))
}
