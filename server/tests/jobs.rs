//! Stories of jobs that fail, wait and are done once.

use domain::time::Span;
use server::db::{Count, Sql};
use server::features::accounts::jobs::ForgetExpired;
use server::sql;
use uuid::Uuid;

use crate::both;
use crate::support::TestApp;

#[derive(Debug, PartialEq, Eq, sqlx::FromRow)]
struct Tried {
    state: String,
    attempts: i64,
}

async fn adds_a_job(app: &TestApp) {
    let mut tx = app.services.kit.db.begin().await.unwrap();
    tx.enqueue_once(&ForgetExpired {}, "today").await.unwrap();
    tx.commit().await.unwrap();
}

async fn tried(app: &TestApp) -> (String, i64) {
    let sql =
        sql!("select state, attempts from jobs where kind = 'accounts.forget_expired' and key = 'today'");
    let tried: Tried = app.services.kit.db.one(sql).await.unwrap();
    (tried.state, tried.attempts)
}

/// Takes a table away that the job needs, or brings it back.
async fn renames(app: &TestApp, statement: &'static str) {
    let mut tx = app.services.kit.db.begin().await.unwrap();
    tx.run(Sql::new(statement, Vec::new())).await.unwrap();
    tx.commit().await.unwrap();
}

both! {
    async fn the_database_is_tended_each_day(app: TestApp) {
        assert_eq!(app.services.kit.db.tend().await.unwrap(), None, "nothing is damaged");
        server::http::serve::schedule(&app.services).await.unwrap();
        let next = async || {
            let waits = sql!("select count(*) as n from jobs where kind = 'db.tend' and state = 'ready'");
            app.services.kit.db.one::<Count>(waits).await.unwrap().n
        };
        assert_eq!(next().await, 1);
        app.runs_jobs().await;
        assert_eq!(next().await, 1, "tomorrow again");
    }

    async fn a_job_is_recorded_once_by_its_key_and_only_with_its_change(app: TestApp) {
        let count = async || {
            let count: Count = app.services.kit.db.one(sql!("select count(*) as n from jobs where kind = 'accounts.forget_expired'")).await.unwrap();
            count.n
        };
        let mut tx = app.services.kit.db.begin().await.unwrap();
        tx.enqueue_once(&ForgetExpired {}, "today").await.unwrap();
        drop(tx);
        assert_eq!(count().await, 0, "what was not committed leaves no job");
        adds_a_job(&app).await;
        adds_a_job(&app).await;
        assert_eq!((count().await, app.runs_jobs().await), (1, 1));
        adds_a_job(&app).await;
        assert_eq!(app.runs_jobs().await, 0, "what was done is not done again");
    }

    async fn a_job_that_fails_is_tried_again_after_pauses_that_double(app: TestApp) {
        adds_a_job(&app).await;
        renames(&app, "alter table form_drafts rename to away").await;
        for (attempt, pause) in [(1, 2), (2, 4), (3, 8)] {
            assert_eq!(app.runs_jobs().await, 1);
            assert_eq!(tried(&app).await, ("ready".to_owned(), attempt));
            app.wait(Span::from_micros(pause * 1_000_000 - 1));
            assert_eq!(app.runs_jobs().await, 0, "not before its pause is over");
            app.wait(Span::from_micros(1));
        }
        renames(&app, "alter table away rename to form_drafts").await;
        assert_eq!(app.runs_jobs().await, 1);
        assert_eq!(tried(&app).await, ("done".to_owned(), 4));
    }

    async fn a_job_that_fails_too_often_waits_for_a_person(app: TestApp) {
        adds_a_job(&app).await;
        renames(&app, "alter table form_drafts rename to away").await;
        for _ in 0..8 {
            assert_eq!(app.runs_jobs().await, 1);
            app.wait(Span::minutes(10));
        }
        assert_eq!(tried(&app).await, ("dead".to_owned(), 8));
        assert_eq!(app.runs_jobs().await, 0);
        renames(&app, "alter table away rename to form_drafts").await;
        app.admin("grace").await.gets("/en/admin/jobs").await.status(200).shows("accounts.forget_expired");
    }

    async fn a_job_that_cannot_be_done_waits_for_an_administrator(app: TestApp) {
        let id: Uuid = app.services.kit.id();
        let mut tx = app.services.kit.db.begin().await.unwrap();
        tx.run(sql!(
            "insert into jobs (id, kind, key, payload, state, attempts, run_at, created_at)
             values ($1, 'nobody.knows', 'x', $2, 'ready', 0, 0, 0)",
            id,
            serde_json::json!({})
        ))
        .await
        .unwrap();
        tx.commit().await.unwrap();
        app.runs_jobs().await;
        let (mut grace, mut bob) = (app.admin("grace").await, app.learner("bob").await);
        bob.gets("/en/admin/jobs").await.status(404);
        grace.gets("/en/admin/jobs").await.status(200).shows("nobody.knows").shows("Tried: 1");
        let job = id.to_string();
        bob.posts("/api/jobs/revive", &[("job", &job)]).await.status(404);
        grace.submits("/en/admin/jobs", "/api/jobs/revive", &[("job", &job)]).await.status(303);
        grace.gets("/zh/admin/jobs").await.status(200).shows("没有失败的任务");
        grace.posts("/api/jobs/revive", &[("job", &job)]).await.denied("job_not_dead");
        app.runs_jobs().await;
        grace.gets("/en/admin/jobs").await.shows("nobody.knows");
    }
}
