//! Standings: the public sequence, the freeze, the stream, and boards that equal their log.

mod ground;
mod stream;

use domain::locale::Bilingual;
use domain::standings::{Audience, Fact, Snapshot, Stage};
use domain::time::Span;
use server::sql;

use crate::both;
use ground::{Ground, SLUG};

both! {
    async fn the_page_is_complete_without_scripts(app: TestApp) {
        let ground = Ground::new(&app).await;
        for (who, score) in [(0, 700_000), (1, 981_200), (2, 981_200)] {
            app.wait(Span::seconds(5));
            ground.scores(who, score, score).await;
        }
        let page = app.stranger().gets(&format!("/en/competitions/{SLUG}/board")).await.status(200);
        let text = page.text();
        let place = |what: &str| text.find(what).unwrap_or_else(|| panic!("{what} is missing"));
        assert!(place("Entrant 1") < place("Entrant 2") && place("Entrant 2") < place("Entrant 0"));
        let page = page.shows("0.9812").shows("0.7000").shows("Same score as Entrant 1, who reached it 5.000 s earlier.");
        page.shows("3 of 4 entrants have a result");
        let found = app.stranger().gets(&format!("/zh/competitions/{SLUG}/board?find=entrant%202")).await.status(200);
        found.shows("Entrant 2").hides("<b>Entrant 1<");
        app.stranger().gets("/en/competitions/no-such/board").await.status(404);
    }

    async fn numbers_follow_the_order_of_commits_and_skip_what_the_public_is_not_told(app: TestApp) {
        let ground = Ground::new(&app).await;
        ground.scores(0, 500_000, 500_000).await;
        ground.says(Fact::Hidden { entrant: ground.entrants[1] }).await;
        ground.scores(1, 900_000, 900_000).await;
        ground.says(Fact::Frozen).await;
        ground.scores(2, 800_000, 800_000).await;
        ground.says(Fact::Frozen).await;
        ground.announces("The board is frozen").await;
        let rows = ground.numbers().await;
        let sequence: Vec<i64> = rows.iter().map(|row| row.sequence).collect();
        assert_eq!(sequence, (1..=i64::try_from(rows.len()).unwrap()).collect::<Vec<_>>());
        // Four entrants, the start, a score, a hiding; then nothing of the hidden one, the freeze,
        // nothing that happens during it, and the announcement.
        let public: Vec<Option<i64>> = rows.iter().map(|row| row.public_sequence).collect();
        let told = [1, 2, 3, 4, 5, 6, 7].map(Some);
        assert_eq!(public, [told.as_slice(), &[None, Some(8), None, Some(9)]].concat());
    }

    async fn parallel_transactions_never_publish_a_number_before_an_earlier_one(app: TestApp) {
        let ground = Ground::new(&app).await;
        let missed = ground.race().await;
        assert_eq!(missed, 0, "a reader that follows the numbers missed events");
        // The twin takes the next number without the lock: the reader misses some, so the test can see it.
        if app.services.kit.db.is_postgres() {
            let missed = ground.overtakes().await;
            assert_eq!(missed, 1, "without the lock nothing was missed: the race proves nothing");
        }
    }

    async fn nothing_public_depends_on_what_happens_behind_the_freeze(app: TestApp) {
        let ground = Ground::new(&app).await;
        ground.scores(0, 500_000, 400_000).await;
        ground.scores(1, 600_000, 900_000).await;
        ground.says(Fact::Frozen).await;
        let stream = ground.connects(None).await;
        let before = ground.public_face().await;
        let mut stream = stream;
        let greeting = stream.until("snapshot").await;
        ground.scores(2, 990_000, 990_000).await;
        ground.scores(0, 999_000, 999_000).await;
        ground.says(Fact::Hidden { entrant: ground.entrants[1] }).await;
        ground.says(Fact::Renamed { entrant: ground.entrants[0], name: "Leak".into(), note: String::new() }).await;
        assert_eq!(before, ground.public_face().await);
        assert!(stream.quiet().await, "the stream said something");
        let again = ground.connects(None).await.until("snapshot").await;
        assert_eq!(greeting, again);
        // The same for a process that starts now.
        let fresh = Ground { app: app.restarted().await, ..ground.clone() };
        assert_eq!(before, fresh.public_face().await);
        // The jury sees all of it, and once the table is final everybody does, by the private split.
        let jury = ground.table(Audience::Jury { private: false }).await;
        assert_eq!(jury[0].total, 999_000);
        ground.says(Fact::Finalised).await;
        let open = ground.snapshot().await;
        let snapshot: Snapshot<'_> = serde_json::from_str(&open).unwrap();
        assert_eq!(snapshot.stage, Stage::Final);
        assert_eq!(snapshot.rows.iter().map(|row| row.1).collect::<Vec<_>>(), [999_000, 990_000]);
    }

    async fn the_board_in_memory_equals_the_one_made_from_the_stored_rows(app: TestApp) {
        let ground = Ground::new(&app).await;
        let mut dice: u64 = 9;
        for step in 0..60 {
            dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let who = usize::try_from((dice >> 40) % 4).unwrap();
            let score = i64::try_from((dice >> 20) % 7).unwrap() * 100_000;
            match step {
                20 => ground.says(Fact::Hidden { entrant: ground.entrants[who] }).await,
                30 => ground.says(Fact::Shown { entrant: ground.entrants[who] }).await,
                35 => ground.says(Fact::Frozen).await,
                45 => ground.says(Fact::Thawed).await,
                55 => ground.says(Fact::Finalised).await,
                _ => ground.scores(who, score, score + 50_000).await,
            }
            if step % 12 == 0 || step == 59 {
                let lived = ground.caught_up().await;
                let fresh = Ground { app: app.restarted().await, ..ground.clone() };
                assert_eq!(lived, fresh.caught_up().await, "after step {step}");
                assert_eq!(lived, ground.recomputed_from_the_published_log().await, "after step {step}");
            }
        }
    }

    async fn an_audit_finds_a_number_that_is_missing(app: TestApp) {
        let ground = Ground::new(&app).await;
        ground.scores(0, 500_000, 500_000).await;
        ground.scores(1, 600_000, 500_000).await;
        let db = &app.services.kit.db;
        assert_eq!(server::audit::audit(db).await.unwrap().findings, []);
        let mut tx = db.begin().await.unwrap();
        crate::audit_rules::unguard(db, &mut tx).await;
        tx.exactly(1, sql!("delete from score_events where competition_id = $1 and sequence = 6", ground.competition.0))
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let findings = server::audit::audit(db).await.unwrap().findings;
        assert!(findings.iter().any(|finding| finding.what == "event 7 follows event 5"), "{findings:?}");
    }

    async fn a_stage_is_reached_by_the_timetable_even_if_no_job_ran(app: TestApp) {
        let ground = Ground::new(&app).await;
        ground.scores(0, 500_000, 500_000).await;
        app.wait(Span::hours(5));
        ground.scores(1, 900_000, 900_000).await;
        let snapshot = ground.caught_up().await;
        let snapshot: Snapshot<'_> = serde_json::from_str(&snapshot).unwrap();
        assert_eq!((snapshot.stage, snapshot.rows.len()), (Stage::Frozen, 1));
    }

    async fn an_organiser_tells_everyone_and_nobody_else_can(app: TestApp) {
        let ground = Ground::new(&app).await;
        let mut stream = ground.connects(None).await;
        stream.until("snapshot").await;
        let fields = [("competition", SLUG), ("text_en", "Row 118 is fixed"), ("text_zh", "")];
        app.learner("mallory").await.posts("/api/standings/announce", &fields).await.status(404);
        let mut organiser = ground.organiser.clone();
        organiser.posts("/api/standings/announce", &fields).await.ok();
        assert!(stream.until("announcement").await.contains("Row 118 is fixed"));
        let empty = [("competition", SLUG), ("text_en", " "), ("text_zh", "")];
        organiser.posts("/api/standings/announce", &empty).await.invalid("text_en", "required");
        app.stranger().gets(&format!("/en/competitions/{SLUG}/board")).await.shows("Row 118 is fixed");
        let text = Bilingual::new("", "公告");
        ground.says(Fact::Announced { text, at: app.services.kit.now() }).await;
        assert!(stream.until("announcement").await.contains("公告"));
    }
}
