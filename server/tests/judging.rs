//! Stories of judging: files, limits, deadlines, quizzes, and a process that dies.

mod finals;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::{Body, Bytes};
use axum::http::{Request, header};
use domain::judging::{Score, Verdict};
use domain::time::Span;
use server::features::competitions::store as competitions;
use server::features::competitions::store::registrations;
use server::features::judging::store;
use server::sql;

use crate::both;
use crate::support::stage::{self, predictions, submissions, submits};
use crate::support::{Engine, Person, TestApp};

async fn stage_with(app: &TestApp, change: &[(&str, &str)]) -> (Person, Person) {
    let mut ada = app.expert("ada").await;
    stage::competition(&mut ada, "tumour", change).await;
    let bob = stage::entrant(app, "bob", "tumour").await;
    (ada, bob)
}

/// Whether a row is scored in public.
async fn is_public(app: &TestApp, row: usize) -> bool {
    let found = competitions::by_slug(&app.services.kit.db, "tumour").await.unwrap().unwrap();
    let ids: Vec<String> = (0..stage::ROWS).map(|row| format!("r{row}")).collect();
    let parts = found.split().parts(ids.iter().map(String::as_str));
    parts[0].contains(format!("r{row}").as_str())
}

both! {
    async fn a_file_is_judged_and_its_score_is_shown(app: TestApp) {
        let (_, mut bob) = stage_with(&app, &[]).await;
        bob.gets("/en/competitions/tumour/submissions").await.status(200).shows("3 submissions left today");
        let csv = predictions(|_| false);
        let part: [(&str, Option<&str>, &[u8]); 1] = [("file", Some("mine.csv"), csv.as_bytes())];
        let page = "/en/competitions/tumour/submissions";
        let reply = bob.uploads(page, "/api/competitions/tumour/submit", &part).await.status(303);
        assert_eq!(reply.location(), page);
        bob.gets(page).await.shows("Waiting for the judge").shows("Place 1 in the queue").shows("2 submissions left");
        app.runs_jobs().await;
        bob.gets(page).await.shows("AC, judged").shows("1.0000").hides("Waiting for the judge");
        let mine = submissions(&bob, "tumour").await;
        assert_eq!(mine.rows[0].public_score, Some(Score(1_000_000)));
        assert_eq!(mine.rows[0].private_score, None, "the hidden rows stay hidden");
        assert!(mine.rows[0].counts);
        // The judge again changes nothing.
        let id = mine.rows[0].id;
        app.services.judging.judge(id).await.unwrap();
        app.services.judging.judge(id).await.unwrap();
        app.stranger().gets("/en/competitions/tumour/board").await.status(200).shows("1.0000");
    }

    async fn a_wrong_file_is_refused_with_its_line(app: TestApp) {
        let (_, mut bob) = stage_with(&app, &[("daily_limit", "100")]).await;
        let good = predictions(|_| false);
        let utf16: Vec<u8> = good.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let without = |id: &str| good.lines().filter(|line| !line.starts_with(id)).map(|line| format!("{line}\n")).collect::<String>();
        let cases: Vec<(Vec<u8>, &str)> = vec![
            (without("r7,").into(), "csv_missing_ids"),
            (format!("{good}r99,1\n").into(), "csv_unknown_id"),
            (format!("{good}r3,1\n").into(), "csv_duplicate_id"),
            (good.replace("id,prediction", "id,guess").into(), "csv_header"),
            (good.replace("r3,1", "r3").into(), "csv_columns"),
            (good.replace("r3,1", "r3,").into(), "csv_value_missing"),
            (good.replace("r3,1", "\"r3,1").into(), "csv_quote"),
            (good.replace("r3,1", "r3,\0").into(), "csv_nul"),
            (utf16, "csv_utf16"),
            (b"id,prediction\nr1,\xFF\n".to_vec(), "csv_not_utf8"),
            (Vec::new(), "csv_empty"),
            (b"id,prediction\n".to_vec(), "csv_no_rows"),
        ];
        let path = "/api/competitions/tumour/submit";
        for (bytes, code) in cases {
            stage::uploads(&mut bob, path, "file", &bytes).await.invalid("file", code);
        }
        assert!(submissions(&bob, "tumour").await.rows.is_empty(), "nothing half done");
        // The page names the line, and the try was not used up.
        let bad = good.replace("r3,1", "r3");
        let part: [(&str, Option<&str>, &[u8]); 1] = [("file", Some("bad.csv"), bad.as_bytes())];
        let page = "/zh/competitions/tumour/submissions";
        bob.uploads(page, path, &part).await.status(303);
        bob.gets(page).await.status(200).shows("第 5 行有 1 格，应为 2 格").shows("今天还可提交 100 次");
        // What spreadsheets write is fine: a mark, CRLF, quotation marks.
        let friendly = format!("\u{FEFF}{}", good.replace("r3,1", "\"r3\",\"1.0\"").replace('\n', "\r\n"));
        submits(&mut bob, "tumour", &friendly).await.status(303);
        app.runs_jobs().await;
        assert_eq!(submissions(&bob, "tumour").await.rows[0].public_score, Some(Score(1_000_000)));
    }

    async fn numbers_must_be_numbers(app: TestApp) {
        let (_, mut bob) = stage_with(&app, &[("metric", "rmse")]).await;
        let good = predictions(|_| false);
        for (value, code) in [
            ("NaN", "csv_nan"),
            ("1e999", "csv_number_range"),
            ("-inf", "csv_number_range"),
            ("one", "csv_not_a_number"),
        ] {
            submits(&mut bob, "tumour", &good.replace("r3,1", &format!("r3,{value}"))).await.invalid("file", code);
        }
    }

    async fn a_huge_file_is_refused_unread(app: TestApp) {
        let (_, mut bob) = stage_with(&app, &[]).await;
        let read = Arc::new(AtomicUsize::new(0));
        let body = |read: &Arc<AtomicUsize>| {
            let read = Arc::clone(read);
            let head = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x.csv\"\r\n\r\n";
            let chunks = std::iter::once(Bytes::from_static(head.as_bytes()))
                .chain(std::iter::repeat_n(Bytes::from(vec![b'1'; 1 << 20]), 100))
                .inspect(move |chunk| {
                    read.fetch_add(chunk.len(), Ordering::Relaxed);
                });
            Body::from_stream(futures_util::stream::iter(chunks.map(Ok::<_, std::io::Error>)))
        };
        let request = |length: bool| {
            let request = Request::post("/api/competitions/tumour/submit")
                .header(header::CONTENT_TYPE, "multipart/form-data; boundary=b")
                .header(header::ACCEPT, "application/json");
            if length { request.header(header::CONTENT_LENGTH, 100 << 20) } else { request }
        };
        bob.sends(request(true).body(body(&read)).unwrap()).await.invalid("file", "csv_too_large");
        assert_eq!(read.load(Ordering::Relaxed), 0, "what says that it is too large is not read");
        bob.sends(request(false).body(body(&read)).unwrap()).await.invalid("file", "csv_too_large");
        assert!(read.load(Ordering::Relaxed) <= 12 << 20, "read no further than it may be long");
    }

    async fn the_last_instant_still_counts(app: TestApp) {
        let (_, mut bob) = stage_with(&app, &[]).await;
        app.wait(Span::hours(24));
        submits(&mut bob, "tumour", &predictions(|_| false)).await.status(303);
        app.wait(Span::from_micros(1_000));
        submits(&mut bob, "tumour", &predictions(|_| false)).await.denied("competition_over");
        app.runs_jobs().await;
        assert_eq!(submissions(&bob, "tumour").await.rows.len(), 1);
    }

    async fn two_at_once_do_not_exceed_the_daily_limit(app: TestApp) {
        let (_, bob) = stage_with(&app, &[("daily_limit", "1")]).await;
        let csv = predictions(|_| false);
        let mut tabs = [bob.clone(), bob.clone(), bob.clone(), bob.clone()];
        let tries = tabs.iter_mut().map(|tab| submits(tab, "tumour", &csv));
        let replies = futures_util::future::join_all(tries).await;
        assert_eq!(replies.iter().filter(|reply| reply.status.is_redirection()).count(), 1);
        for reply in replies.into_iter().filter(|reply| reply.status.is_client_error()) {
            reply.denied("daily_limit_reached");
        }
        assert_eq!(submissions(&bob, "tumour").await.left_today, Some(0));
        // The next day begins at midnight in the zone of the competition: 16 hours after the start.
        app.wait(Span::hours(16));
        submits(&mut tabs[0], "tumour", &csv).await.status(303);
    }

    async fn a_fault_of_ours_gives_the_try_back(app: TestApp) {
        let (_, mut bob) = stage_with(&app, &[("daily_limit", "1")]).await;
        submits(&mut bob, "tumour", &predictions(|_| false)).await.status(303);
        let id = submissions(&bob, "tumour").await.rows[0].id;
        let mut tx = app.services.kit.db.begin().await.unwrap();
        tx.run(sql!("delete from submission_contents where submission_id = $1", id)).await.unwrap();
        tx.commit().await.unwrap();
        app.runs_jobs().await;
        let mine = submissions(&bob, "tumour").await;
        assert_eq!((mine.rows[0].verdict, mine.left_today), (Verdict::JudgingError, Some(1)));
        bob.gets("/en/competitions/tumour/submissions").await.status(200).shows("JE, our fault");
        submits(&mut bob, "tumour", &predictions(|_| false)).await.status(303);
    }

    async fn a_submission_outlives_the_process(app: TestApp) {
        let (_, mut bob) = stage_with(&app, &[]).await;
        submits(&mut bob, "tumour", &predictions(|_| false)).await.status(303);
        // A worker takes the job and dies with the process.
        let (worker, now) = (uuid::Uuid::from_u128(7), app.services.kit.now());
        let mut tx = app.services.kit.db.begin().await.unwrap();
        tx.exactly(1, sql!(
            "update jobs set state = 'running', locked_by = $1, locked_until = $2 where kind = 'judging.judge'",
            worker,
            now.plus(Span::seconds(60))
        )).await.unwrap();
        tx.commit().await.unwrap();
        let next = app.restarted().await;
        next.runs_jobs().await;
        bob.app = next.clone();
        assert_eq!(submissions(&bob, "tumour").await.rows[0].verdict, Verdict::Queued, "the lease still runs");
        next.wait(Span::seconds(61));
        next.runs_jobs().await;
        assert_eq!(submissions(&bob, "tumour").await.rows[0].verdict, Verdict::Accepted);
        next.services.kit.db.close().await;
    }

    async fn the_hidden_rows_decide_the_final_table(app: TestApp) {
        let (mut ada, mut bob) = stage_with(&app, &[]).await;
        let mut cyd = stage::entrant(&app, "cyd", "tumour").await;
        let mut public = Vec::new();
        for row in 0..stage::ROWS {
            public.push(is_public(&app, row).await);
        }
        assert_eq!(public.iter().filter(|public| **public).count(), 10);
        // Bob knows the public rows, Cyd the hidden ones.
        submits(&mut bob, "tumour", &predictions(|row| !public[row])).await.status(303);
        submits(&mut cyd, "tumour", &predictions(|row| public[row])).await.status(303);
        app.runs_jobs().await;
        assert_eq!(submissions(&bob, "tumour").await.rows[0].public_score, Some(Score(1_000_000)));
        assert_eq!(submissions(&cyd, "tumour").await.rows[0].public_score, Some(Score(0)));
        ada.posts("/api/competitions/end_now", &[("competition", "tumour")]).await.ok();
        app.wait(Span::seconds(1));
        ada.posts("/api/competitions/finalise", &[("competition", "tumour")]).await.ok();
        app.runs_jobs().await;
        assert_eq!(submissions(&cyd, "tumour").await.rows[0].private_score, Some(Score(1_000_000)));
        cyd.gets("/en/people/cyd").await.shows("Rank 1 of 2, Accuracy 1.0000");
        bob.gets("/en/people/bob").await.shows("Rank 2 of 2, Accuracy 0.0000");
    }

    async fn the_chosen_submission_counts(app: TestApp) {
        let (_, mut bob) = stage_with(&app, &[("counting", "chosen"), ("public_share", "100")]).await;
        let mut cyd = stage::entrant(&app, "cyd", "tumour").await;
        submits(&mut bob, "tumour", &predictions(|row| row < 10)).await.status(303);
        app.wait(Span::minutes(1));
        submits(&mut bob, "tumour", &predictions(|_| false)).await.status(303);
        app.runs_jobs().await;
        let mine = submissions(&bob, "tumour").await;
        assert!(mine.rows[0].counts, "the best one counts until one is chosen");
        let worse = mine.rows[1].id.to_string();
        cyd.posts("/api/judging/choose", &[("slug", "tumour"), ("submission", &worse)]).await.status(404);
        bob.posts("/api/judging/choose", &[("slug", "tumour"), ("submission", &worse)]).await.ok();
        assert!(submissions(&bob, "tumour").await.rows[1].counts);
        app.stranger().gets("/en/competitions/tumour/board").await.status(200).shows("0.5000");
    }

    async fn a_quiz_is_answered_once_and_in_time(app: TestApp) {
        let mut ada = app.expert("ada").await;
        stage::quiz(&mut ada, "sums", &[]).await;
        let mut bob = stage::entrant(&app, "bob", "sums").await;
        let page = "/en/competitions/sums/quiz";
        bob.gets(page).await.status(200).shows("2 questions, 20 minutes").hides("Two and two?");
        bob.posts("/api/judging/answer_quiz", &[("slug", "sums")]).await.denied("quiz_not_started");
        bob.submits(page, "/api/judging/start_quiz", &[("slug", "sums")]).await.status(303);
        bob.gets(page).await.shows("Two and two?").shows("Pi to two places?").hides("3.14").hides("\"right\"");
        let actor = bob.actor().await;
        let asked = app.services.judging.quiz(&actor, "sums").await.unwrap().attempt.unwrap().asked;
        let fields = [
            ("slug".to_owned(), "sums".to_owned()),
            (format!("answers[q{}][]", asked[0].id), "1".to_owned()),
            (format!("answers[q{}][]", asked[1].id), "3.1416".to_owned()),
        ];
        // Beginning again does not begin the clock again; the last instant still counts.
        app.wait(Span::minutes(19));
        bob.posts("/api/judging/start_quiz", &[("slug", "sums")]).await.ok();
        app.wait(Span::minutes(1));
        stage::posts(&mut bob, "/api/judging/answer_quiz", &fields).await.ok();
        stage::posts(&mut bob, "/api/judging/answer_quiz", &fields).await.denied("quiz_answered");
        app.runs_jobs().await;
        bob.gets(page).await.status(200).shows("Your answers are in.").shows("5 pt");
        app.stranger().gets("/en/competitions/sums/board").await.status(200).shows("bob");
    }

    async fn answers_after_the_time_are_refused(app: TestApp) {
        let mut ada = app.expert("ada").await;
        stage::quiz(&mut ada, "sums", &[]).await;
        let mut bob = stage::entrant(&app, "bob", "sums").await;
        bob.posts("/api/judging/start_quiz", &[("slug", "sums")]).await.ok();
        app.wait(Span::from_micros(20 * 60_000_000 + 1_000));
        bob.posts("/api/judging/answer_quiz", &[("slug", "sums")]).await.denied("quiz_time_over");
        bob.gets("/en/competitions/sums/quiz").await.status(200).shows("The time for your answers is over.");
        // An attempt never goes on after the end of the competition.
        let mut cyd = stage::entrant(&app, "cyd", "sums").await;
        app.wait(Span::minutes(23 * 60 + 35));
        cyd.posts("/api/judging/start_quiz", &[("slug", "sums")]).await.ok();
        app.wait(Span::minutes(6));
        cyd.posts("/api/judging/answer_quiz", &[("slug", "sums")]).await.denied("competition_over");
    }
}

/// Two submissions that do not wait for each other exceed the limit: the lock is what prevents it.
#[test]
fn the_daily_limit_is_exceeded_without_the_lock() {
    crate::support::run(Engine::Postgres, |app| async move {
        let (_, bob) = stage_with(&app, &[("daily_limit", "1")]).await;
        let (actor, kit) = (bob.actor().await, &app.services.kit);
        let found = competitions::by_slug(&kit.db, "tumour").await.unwrap().unwrap();
        let entry = registrations::registration(&kit.db, found.id, actor.account).await.unwrap().unwrap();
        let (from, before) = found.design.offset.day(kit.now());
        let (mut first, mut second) = (kit.db.begin().await.unwrap(), kit.db.begin().await.unwrap());
        for tx in [&mut first, &mut second] {
            assert_eq!(store::count_between(tx, entry.id, from, before).await.unwrap(), 0);
        }
        for tx in [&mut first, &mut second] {
            let new = store::Submission {
                id: kit.id(),
                competition: found.id,
                registration: entry.id,
                account: actor.account,
                received_at: kit.now(),
                file_name: "x.csv".to_owned(),
                size: 1,
                verdict: Verdict::Queued,
                scores: None,
                chosen: false,
            };
            store::add(tx, &new, vec![1]).await.unwrap();
        }
        first.commit().await.unwrap();
        second.commit().await.unwrap();
        let made = store::seen_between(&kit.db, entry.id, from, before).await.unwrap();
        assert_eq!(made, 2, "the twin must exceed the limit");
    });
}
