//! Stories of jobs that fail.

use server::sql;
use uuid::Uuid;

use crate::both;

both! {
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
