//! The application of a test: a hand clock, seeded randomness, no sockets.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::Router;
use domain::actor::Role;
use domain::time::{Span, Timestamp};
use server::Services;
use server::clock::{HandClock, SeededEntropy};
use server::config::Config;
use server::db::Sql;

use super::people::Person;
use super::{postgres, shop};

/// When every test begins: 2026-09-01T08:00:00Z.
pub const START: Timestamp = Timestamp::from_seconds(1_788_249_600);

static NEXT: AtomicU32 = AtomicU32::new(0);

/// A database engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// An application with its own data.
#[derive(Clone)]
pub struct TestApp {
    pub services: Arc<Services>,
    pub router: Router,
    pub clock: Arc<HandClock>,
    pub engine: Engine,
    pub folder: PathBuf,
}

/// Runs a story on an engine and removes its data afterwards.
pub fn run<F: Future<Output = ()>>(engine: Engine, story: impl FnOnce(TestApp) -> F) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let app = TestApp::new(engine).await;
        let (folder, url) = (app.folder.clone(), app.services.kit.config.database_url.clone());
        let db = app.services.kit.db.clone();
        story(app).await;
        // A connection on its way back must not keep the whole suite waiting.
        let _ = tokio::time::timeout(std::time::Duration::from_secs(10), db.close()).await;
        if engine == Engine::Postgres {
            postgres::drop_database(&url).await;
        }
        let _ = std::fs::remove_dir_all(folder);
    });
}

impl TestApp {
    /// An empty demonstration installation.
    pub async fn new(engine: Engine) -> Self {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("leitai-test-{}-{number}", std::process::id()));
        // What a test of an earlier process with this number left behind is none of ours.
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        let url = match engine {
            Engine::Sqlite => format!("sqlite:{}", folder.join("leitai.sqlite").display()),
            Engine::Postgres => postgres::fresh().await,
        };
        let app = Self::open(engine, folder, url, START).await;
        shop::promises(&app).await;
        app
    }

    async fn open(engine: Engine, folder: PathBuf, url: String, now: Timestamp) -> Self {
        let clock = Arc::new(HandClock::at(now));
        let seed = u64::from(NEXT.fetch_add(1, Ordering::Relaxed));
        let config = Config::for_tests(folder.clone(), url);
        let kit =
            server::boot::open(config, clock.clone(), Arc::new(SeededEntropy::new(seed))).await.unwrap();
        let services = Services::new(kit);
        let router = server::http::router(&services);
        Self { services, router, clock, engine, folder }
    }

    /// The same data opened by a new process: what was only in memory is gone.
    pub async fn restarted(&self) -> Self {
        let url = self.services.kit.config.database_url.clone();
        Self::open(self.engine, self.folder.clone(), url, self.services.kit.now()).await
    }

    /// Takes the locks of Postgres away: a function of ours, found first, that locks nothing.
    pub async fn unlocked(&self) -> Self {
        let mut tx = self.services.kit.db.begin().await.unwrap();
        let function = "create function public.pg_advisory_xact_lock(bigint) returns void language sql as $lock$ select $lock$";
        let found_first = "do $name$ begin
                execute format('alter database %I set search_path = public, pg_catalog', current_database());
             end $name$";
        // Not registered: only one engine can prepare them.
        for text in [function, found_first] {
            tx.run(Sql::new(text, Vec::new())).await.unwrap();
        }
        tx.commit().await.unwrap();
        self.services.kit.db.close().await;
        self.restarted().await
    }

    /// Moves time forward.
    pub fn wait(&self, span: Span) {
        self.clock.advance(span);
    }

    /// Does every job that is due; how many there were.
    pub async fn runs_jobs(&self) -> usize {
        server::jobs::run_due(&self.services).await.unwrap()
    }

    /// Somebody who is not logged in.
    pub fn stranger(&self) -> Person {
        Person::new(self.clone())
    }

    /// Somebody who has just registered.
    pub async fn learner(&self, username: &str) -> Person {
        let mut person = self.stranger();
        let email = format!("{username}@example.org");
        let fields = [("username", username), ("email", &email), ("password", "a long enough sentence")];
        person.posts("/api/accounts/register", &fields).await.ok();
        person.username = username.to_owned();
        person
    }

    /// Somebody with the role of an expert.
    pub async fn expert(&self, username: &str) -> Person {
        self.with_role(username, Role::Expert).await
    }

    /// Somebody with the role of an administrator.
    pub async fn admin(&self, username: &str) -> Person {
        self.with_role(username, Role::Admin).await
    }

    async fn with_role(&self, username: &str, role: Role) -> Person {
        let person = self.learner(username).await;
        self.services.accounts.change_role(None, username, role, true).await.unwrap();
        person
    }
}
