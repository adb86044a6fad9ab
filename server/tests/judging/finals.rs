//! Stories of what is told and what is not: behind the freeze, off the board, under a new name.

use domain::judging::Verdict;
use domain::standings::Fact;
use domain::time::Span;
use server::db::Count;
use server::features::competitions::store as competitions;
use server::features::competitions::store::registrations;
use server::sql;

use super::stage_with;
use crate::both;
use crate::support::TestApp;
use crate::support::stage::{self, predictions, submissions, submits};

/// What a stranger can load that shows the competition: each address with its answer.
async fn public_face(app: &TestApp) -> Vec<(String, String)> {
    let mut face = Vec::new();
    for path in [
        "/en",
        "/zh/competitions",
        "/en/competitions/tumour",
        "/en/competitions/tumour/board",
        "/zh/competitions/tumour/board?page=2",
        "/en/people/bob",
        "/live/competitions/tumour/standings.json",
        "/live/competitions/tumour/log.json",
        "/api/competitions/list",
        "/api/competitions/show?slug=tumour&locale=en",
        "/api/home/figures",
        "/api/standings/board?competition=tumour&page=1&find=",
        "/api/standings/top?competition=tumour",
        "/api/rewards/shelf?username=bob",
    ] {
        let reply = app.stranger().gets(path).await;
        let mut pieces = reply.text().split("nonce=\"").map(str::to_owned).collect::<Vec<_>>();
        for piece in pieces.iter_mut().skip(1) {
            *piece = piece.split_once('"').map_or(String::new(), |(_, rest)| rest.to_owned());
        }
        face.push((
            path.to_owned(),
            format!("{} {:?} {}", reply.status, reply.headers.get("etag"), pieces.concat()),
        ));
    }
    face
}

both! {
    async fn nothing_public_tells_what_happens_behind_the_freeze(app: TestApp) {
        let (mut ada, mut bob) = stage_with(&app, &[("freezes", "2026-09-01T12:00")]).await;
        let mut cyd = stage::entrant(&app, "cyd", "tumour").await;
        let mut eve = app.learner("eve").await;
        submits(&mut bob, "tumour", &predictions(|row| row < 10)).await.status(303);
        app.runs_jobs().await;
        app.wait(Span::hours(4));
        app.runs_jobs().await;
        let before = public_face(&app).await;
        // A better file, a newcomer, another name: all of it judged and recorded, nothing of it told.
        submits(&mut bob, "tumour", &predictions(|_| false)).await.status(303);
        submits(&mut cyd, "tumour", &predictions(|row| row < 3)).await.status(303);
        eve.posts("/api/competitions/register", &[("slug", "tumour")]).await.ok();
        submits(&mut eve, "tumour", &predictions(|row| row == 0)).await.status(303);
        let fields = [("display_name", "Cydney"), ("skills", ""), ("interests", ""), ("locale", "en")];
        let fields: Vec<_> = fields.into_iter().chain([("city", ""), ("bio", ""), ("career_goal", "")]).collect();
        cyd.posts("/api/accounts/update_profile", &fields).await.ok();
        app.runs_jobs().await;
        assert_eq!(submissions(&bob, "tumour").await.rows[0].verdict, Verdict::Accepted);
        // Longer than any page is kept.
        app.wait(Span::minutes(5));
        let fresh = app.restarted().await;
        for now in [public_face(&app).await, public_face(&fresh).await] {
            for (before, now) in before.iter().zip(&now) {
                assert_eq!(before, now);
            }
        }
        fresh.services.kit.db.close().await;
        ada.posts("/api/competitions/end_now", &[("competition", "tumour")]).await.ok();
        app.wait(Span::seconds(1));
        ada.posts("/api/competitions/finalise", &[("competition", "tumour")]).await.ok();
        app.runs_jobs().await;
        app.wait(Span::minutes(1));
        let after = public_face(&app).await;
        for ((page, frozen), (_, open)) in before.iter().zip(&after).filter(|((page, _), _)| page.contains("board")) {
            assert_ne!(frozen, open, "{page} is opened by the final table");
        }
        app.stranger().gets("/en/competitions/tumour/board").await.shows("Cydney").shows("eve");
    }

    async fn whoever_is_off_the_board_gets_no_certificate(app: TestApp) {
        let (mut ada, mut bob) = stage_with(&app, &[]).await;
        let mut cyd = stage::entrant(&app, "cyd", "tumour").await;
        submits(&mut bob, "tumour", &predictions(|_| false)).await.status(303);
        submits(&mut cyd, "tumour", &predictions(|row| row == 1)).await.status(303);
        app.runs_jobs().await;
        let db = &app.services.kit.db;
        let found = competitions::by_slug(db, "tumour").await.unwrap().unwrap().id;
        let account = bob.actor().await.account;
        let entrant = registrations::registration(db, found, account).await.unwrap().unwrap().id;
        let mut tx = db.begin().await.unwrap();
        app.services.standings.record(&mut tx, found, Fact::Hidden { entrant }).await.unwrap();
        tx.commit().await.unwrap();
        ada.posts("/api/competitions/end_now", &[("competition", "tumour")]).await.ok();
        app.wait(Span::seconds(1));
        ada.posts("/api/competitions/finalise", &[("competition", "tumour")]).await.ok();
        app.runs_jobs().await;
        app.stranger().gets("/en/people/bob").await.status(200).hides("Rank ");
        app.stranger().gets("/en/people/cyd").await.status(200).shows("Rank 1 of 1, Accuracy");
        let certificates: Count = db.one(sql!("select count(*) as n from certificates")).await.unwrap();
        assert_eq!(certificates.n, 1);
    }

    async fn a_new_name_is_shown_on_every_board(app: TestApp) {
        let (mut ada, mut bob) = stage_with(&app, &[]).await;
        stage::competition(&mut ada, "second", &[]).await;
        bob.posts("/api/competitions/register", &[("slug", "second")]).await.ok();
        stage::entrant(&app, "cyd", "tumour").await;
        submits(&mut bob, "tumour", &predictions(|_| false)).await.status(303);
        app.runs_jobs().await;
        let mut viewer = app.stranger();
        viewer.gets("/en/competitions/tumour/board").await.status(200).shows("<b>bob<");
        let names = [("display_name", "Robert"), ("city", ""), ("bio", ""), ("skills", ""), ("interests", "")];
        let names: Vec<_> = names.into_iter().chain([("career_goal", ""), ("locale", "en")]).collect();
        for _ in 0..2 {
            bob.posts("/api/accounts/update_profile", &names).await.ok();
        }
        for slug in ["tumour", "second"] {
            let page = viewer.gets(&format!("/en/competitions/{slug}/board")).await.status(200);
            page.shows("<b>Robert<").hides("<b>bob<");
        }
        let sql = sql!("select count(*) as n from score_events where cast(body as text) like '%renamed%'");
        let renamed: Count = app.services.kit.db.one(sql).await.unwrap();
        assert_eq!(renamed.n, 2, "once on each board, and not again for the same name");
    }
}
