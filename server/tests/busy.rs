//! Stories of waiting: whoever waits too long for what somebody else holds is told to try again.

use std::time::{Duration, Instant};

use app::error::Fault;
use domain::actor::Actor;
use server::db::{Lock, Tx};
use sqlx::{Connection, Executor, SqliteConnection};

use crate::both;
use crate::support::shop::{self, COURSE};
use crate::support::{Engine, TestApp};

/// What keeps an account from being changed: a lock on Postgres, the write of another process on SQLite.
enum Held {
    Lock(Tx),
    Write(SqliteConnection),
}

async fn hold(app: &TestApp, actor: &Actor) -> Held {
    if app.engine == Engine::Postgres {
        let mut tx = app.services.kit.db.begin().await.unwrap();
        tx.lock(Lock::Account(actor.account)).await.unwrap();
        return Held::Lock(tx);
    }
    let mut other = SqliteConnection::connect(&app.services.kit.config.database_url).await.unwrap();
    other.execute("begin immediate").await.unwrap();
    Held::Write(other)
}

async fn let_go(held: Held) {
    match held {
        Held::Lock(tx) => drop(tx),
        Held::Write(mut other) => {
            other.execute("rollback").await.unwrap();
            other.close().await.unwrap();
        }
    }
}

both! {
    async fn who_waits_too_long_for_another_is_told_to_try_again(app: TestApp) {
        shop::open(&app);
        let mut bob = app.learner("bob").await;
        bob.posts("/api/offers/put", &[("thing", &COURSE.to_string())]).await.ok();
        let held = hold(&app, &bob.actor().await).await;
        let begun = Instant::now();
        let reply = bob.posts("/api/offers/use_points", &[("points", "0")]).await.status(503);
        assert_eq!(reply.headers["retry-after"], "3");
        assert_eq!(reply.json::<Fault>(), Fault::Busy { retry_after: 3 });
        let waited = begun.elapsed();
        assert!(waited >= Duration::from_secs(2) && waited < Duration::from_secs(20), "{waited:?}");
        // Without scripts the page says so, or, where not even the form can be kept, the answer itself.
        let reply = bob.submits("/zh/cart", "/api/offers/use_points", &[("points", "0")]).await;
        if app.engine == Engine::Postgres {
            bob.gets(reply.status(303).location()).await.shows("此刻操作的人太多");
        } else {
            let reply = reply.status(503).shows("此刻操作的人太多");
            assert_eq!(reply.headers["retry-after"], "3");
        }
        bob.gets("/en/cart").await.status(200);
        let_go(held).await;
        bob.posts("/api/offers/use_points", &[("points", "0")]).await.ok();
    }
}
