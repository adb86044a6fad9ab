//! Stories of competitions: designing, publishing, entering, ending.

use domain::competitions::rules::Phase;
use domain::competitions::{CompetitionId, RegistrationState};
use domain::time::Span;
use server::features::competitions::store::{self, registrations};

use crate::both;
use crate::support::stage::{self, form, posts, uploads};
use crate::support::{Engine, Person, TestApp};

/// Pays an order on the sandbox's page.
async fn pays(person: &mut Person, order_page: &str) {
    let order = order_page.rsplit('/').next().unwrap().to_owned();
    let fields = [("order", order.as_str()), ("gateway", "sandbox")];
    let pay =
        person.submits(order_page, "/api/payments/begin", &fields).await.status(303).location().to_owned();
    let payment = pay.rsplit('/').next().unwrap().to_owned();
    person
        .submits(&pay, "/api/payments/choose", &[("payment", &payment), ("choice", "paid")])
        .await
        .status(303);
    person.app.runs_jobs().await;
}

async fn id_of(app: &TestApp, slug: &str) -> CompetitionId {
    store::by_slug(&app.services.kit.db, slug).await.unwrap().unwrap().id
}

/// Ten kilobytes in one word.
const HUGE: &str = match std::str::from_utf8(&[b'x'; 10_240]) {
    Ok(text) => text,
    Err(_) => panic!("x is text"),
};

both! {
    async fn an_organiser_publishes_through_plain_pages(app: TestApp) {
        let mut ada = app.expert("ada").await;
        ada.gets("/en/organise/new").await.status(200).shows("Time zone of the times below");
        let fields = form("tumour", &[]);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let reply = ada.submits("/en/organise/new", "/api/competitions/create", &fields).await.status(303);
        assert_eq!(reply.location(), "/en/organise/tumour");
        ada.gets("/en/organise/tumour").await.status(200).shows("Upload a truth file").shows("at least one data file");
        let refused = ada.posts("/api/competitions/publish", &[("competition", "tumour")]).await;
        refused.invalid("publish", "publish_needs_truth").invalid("publish", "publish_needs_data");
        app.stranger().gets("/en/competitions/tumour").await.status(404);
        app.stranger().gets("/en/competitions").await.status(200).hides("Tumour or not");
        let page = "/en/organise/tumour";
        let truth = stage::truth();
        let part: [(&str, Option<&str>, &[u8]); 1] = [("truth", Some("truth.csv"), truth.as_bytes())];
        let reply = ada.uploads(page, "/api/competitions/tumour/truth", &part).await.status(303);
        assert_eq!(reply.location(), "/en/organise/tumour#files");
        let part: [(&str, Option<&str>, &[u8]); 1] = [("data", Some("train.csv"), b"id,x\n1,2\n")];
        ada.uploads(page, "/api/competitions/tumour/data", &part).await.status(303);
        ada.gets(page).await.status(200).shows("20 rows to predict").shows("train.csv").shows("Everything is there.");
        let reply = ada.submits(page, "/api/competitions/publish", &[("competition", "tumour")]).await.status(303);
        assert_eq!(reply.location(), "/en/competitions/tumour");
        let mut stranger = app.stranger();
        let shown = stranger.gets("/en/competitions/tumour").await.status(200);
        shown.shows("<strong>honest</strong>").shows("Log in to enter").shows("Running").hides("/files/");
        stranger.gets("/zh/competitions/tumour").await.status(200).shows("肿瘤与否");
        stranger.gets("/zh/competitions").await.status(200).shows("肿瘤与否");
        let mut fields = form("tumour", &[("title_en", "Something else")]);
        fields.push(("competition".to_owned(), "tumour".to_owned()));
        posts(&mut ada, "/api/competitions/update", &fields).await.denied("competition_published");
    }

    async fn a_draft_is_nobody_elses(app: TestApp) {
        let mut ada = app.expert("ada").await;
        stage::draft(&mut ada, "secret", &[]).await;
        let mut eve = app.expert("eve").await;
        eve.gets("/en/organise/secret").await.status(404);
        eve.gets("/en/competitions/secret").await.status(404);
        for (path, fields) in [
            ("publish", vec![("competition", "secret")]),
            ("finalise", vec![("competition", "secret")]),
            ("end_now", vec![("competition", "secret")]),
            ("register", vec![("slug", "secret")]),
            ("remove_file", vec![("competition", "secret"), ("file", "x")]),
        ] {
            eve.posts(&format!("/api/competitions/{path}"), &fields).await.status(404);
        }
        uploads(&mut eve, "/api/competitions/secret/truth", "truth", stage::truth().as_bytes()).await.status(404);
        app.admin("olga").await.gets("/en/organise/secret").await.status(200);
        let mut bob = app.learner("bob").await;
        posts(&mut bob, "/api/competitions/create", &form("mine", &[])).await.denied("experts_only");
        posts(&mut eve, "/api/competitions/create", &form("secret", &[])).await
            .invalid("slug", "competition_slug_taken");
    }

    async fn a_form_is_refused_field_by_field(app: TestApp) {
        let mut ada = app.expert("ada").await;
        let refused = |change: &'static [(&'static str, &'static str)]| form("x", change);
        for (change, field, code) in [
            (&[("ends", "2026-08-01T08:00")] as &[_], "ends", "timetable_ends_before_start"),
            (&[("freezes", "2026-09-03T08:00")], "freezes", "timetable_freeze_outside"),
            (&[("starts", "tomorrow")], "starts", "date_time"),
            (&[("fee", "1.999")], "fee", "amount"),
            (&[("capacity", "-1")], "capacity", "number_between"),
            (&[("title_en", ""), ("title_zh", "")], "title_en", "required"),
            (&[("title_en", HUGE)], "title_en", "too_long"),
            (&[("summary_en", HUGE)], "summary_en", "too_long"),
            (&[("slug", HUGE)], "slug", "too_long"),
            (&[("title_zh", "肿瘤\u{202E}")], "title_zh", "control_character"),
        ] {
            posts(&mut ada, "/api/competitions/create", &refused(change)).await.invalid(field, code);
        }
        let fields = form("kept", &[("fee", "free of charge")]);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let back = ada.submits("/en/organise/new", "/api/competitions/create", &fields).await.status(303);
        assert_eq!(back.location(), "/en/organise/new");
        ada.gets("/en/organise/new").await.shows("free of charge").shows("An amount such as 39");
    }

    async fn a_truth_that_does_not_match_is_refused(app: TestApp) {
        let mut ada = app.expert("ada").await;
        posts(&mut ada, "/api/competitions/create", &form("auc", &[("metric", "auc")])).await.ok();
        for (bytes, code) in [
            (b"id,target\n1,0\n2,7\n".as_slice(), "csv_not_binary"),
            (b"id,target\n1,0\n2,0\n3,0\n4,0\n", "truth_unscorable"),
            (b"id,prediction\n1,0\n", "csv_header"),
            (b"id,target\n1,0\n1,1\n", "csv_duplicate_id"),
            (b"\xFF\xFEi\0d\0", "csv_utf16"),
            (b"", "csv_empty"),
        ] {
            uploads(&mut ada, "/api/competitions/auc/truth", "truth", bytes).await.invalid("truth", code);
        }
        // A file that suits one metric keeps a draft with another one from being published.
        uploads(&mut ada, "/api/competitions/auc/truth", "truth", stage::truth().as_bytes()).await.status(303);
        uploads(&mut ada, "/api/competitions/auc/data", "data", b"id\n1\n").await.status(303);
        let mut fields = form("auc", &[("metric", "r2"), ("public_share", "10")]);
        fields.push(("competition".to_owned(), "auc".to_owned()));
        posts(&mut ada, "/api/competitions/update", &fields).await.ok();
        let constant = b"id,target\n1,5\n2,5\n3,5\n";
        uploads(&mut ada, "/api/competitions/auc/truth", "truth", constant).await.invalid("truth", "truth_unscorable");
        let mut fields = form("auc", &[("metric", "rmse")]);
        fields.push(("competition".to_owned(), "auc".to_owned()));
        posts(&mut ada, "/api/competitions/update", &fields).await.ok();
        let numbers = b"id,target\n1,5\n2,6.5\n3,8\n4,1\n5,2\n6,3\n7,4\n8,9\n9,7\n10,11\n11,12\n12,13\n";
        uploads(&mut ada, "/api/competitions/auc/truth", "truth", numbers).await.status(303);
        let mut fields = form("auc", &[("metric", "auc")]);
        fields.push(("competition".to_owned(), "auc".to_owned()));
        posts(&mut ada, "/api/competitions/update", &fields).await.ok();
        let publish = [("competition", "auc")];
        ada.posts("/api/competitions/publish", &publish).await.invalid("publish", "publish_needs_truth");
        uploads(&mut ada, "/api/competitions/auc/truth", "truth", stage::truth().as_bytes()).await.status(303);
        ada.posts("/api/competitions/publish", &publish).await.ok();
    }

    async fn free_entry_is_approved_at_once_and_opens_the_data(app: TestApp) {
        let mut ada = app.expert("ada").await;
        stage::competition(&mut ada, "tumour", &[]).await;
        let mut bob = app.learner("bob").await;
        let file = stage::page(&bob, "tumour").await.files[0].id;
        let path = format!("/api/competitions/tumour/files/{file}");
        bob.posts(&path, &[]).await.status(405);
        let request = || axum::http::Request::get(&path).body(axum::body::Body::empty()).unwrap();
        bob.sends(request()).await.denied("not_registered");
        app.stranger().sends(request()).await.status(401);
        let reply = bob.submits("/en/competitions/tumour", "/api/competitions/register", &[("slug", "tumour")]).await;
        assert_eq!(reply.status(303).location(), "/en/competitions/tumour");
        bob.gets("/en/competitions/tumour").await.status(200).shows("You are in.").shows("Load file.csv");
        let reply = bob.sends(request()).await.status(200);
        assert_eq!(reply.text(), "id,x\nr1,0.5\n");
        assert!(reply.headers["content-disposition"].to_str().unwrap().starts_with("attachment"));
        let truth = store::files::files(&app.services.kit.db, id_of(&app, "tumour").await, "truth").await.unwrap();
        let hidden = format!("/api/competitions/tumour/files/{}", truth[0].id);
        let request = axum::http::Request::get(&hidden).body(axum::body::Body::empty()).unwrap();
        bob.sends(request).await.status(404);
        bob.posts("/api/competitions/register", &[("slug", "tumour")]).await.denied("already_registered");
        ada.posts("/api/competitions/register", &[("slug", "tumour")]).await.denied("organiser_may_not_enter");
    }

    async fn registration_closes_after_its_last_instant(app: TestApp) {
        let mut ada = app.expert("ada").await;
        stage::competition(&mut ada, "tumour", &[]).await;
        app.wait(Span::hours(23));
        stage::entrant(&app, "bob", "tumour").await;
        app.wait(Span::from_micros(1_000));
        let mut cyd = app.learner("cyd").await;
        cyd.posts("/api/competitions/register", &[("slug", "tumour")]).await.denied("registration_closed");
    }

    async fn a_fee_is_paid_before_one_is_in(app: TestApp) {
        let mut ada = app.expert("ada").await;
        stage::competition(&mut ada, "tumour", &[("fee", "39.90"), ("capacity", "1")]).await;
        let mut bob = app.learner("bob").await;
        let reply = bob.submits("/en/competitions/tumour", "/api/competitions/register", &[("slug", "tumour")]).await;
        let order = reply.status(303).location().to_owned();
        assert!(order.starts_with("/en/orders/"), "{order}");
        assert_eq!(stage::page(&bob, "tumour").await.registration, Some(RegistrationState::AwaitingPayment));
        stage::submits(&mut bob, "tumour", &stage::predictions(|_| false)).await.denied("not_registered");
        let mut cyd = app.learner("cyd").await;
        cyd.posts("/api/competitions/register", &[("slug", "tumour")]).await.denied("competition_full");
        // The seat comes back when the order expires.
        app.wait(Span::minutes(16));
        app.runs_jobs().await;
        assert_eq!(stage::page(&bob, "tumour").await.registration, None);
        let reply = cyd.submits("/en/competitions/tumour", "/api/competitions/register", &[("slug", "tumour")]).await;
        let order = reply.status(303).location().to_owned();
        pays(&mut cyd, &order).await;
        let page = stage::page(&cyd, "tumour").await;
        assert_eq!((page.registration, page.row.entrants), (Some(RegistrationState::Approved), 1));
        bob.posts("/api/competitions/register", &[("slug", "tumour")]).await.denied("competition_full");
    }

    async fn seats_are_never_oversold(app: TestApp) {
        let mut ada = app.expert("ada").await;
        stage::competition(&mut ada, "tumour", &[("capacity", "3")]).await;
        let mut people = Vec::new();
        for number in 0..8 {
            people.push(app.learner(&format!("person{number}")).await);
        }
        let tries = people.iter_mut().map(|person| person.posts("/api/competitions/register", &[("slug", "tumour")]));
        let replies = futures_util::future::join_all(tries).await;
        let taken = replies.iter().filter(|reply| reply.status.is_success() || reply.status.is_redirection()).count();
        assert_eq!(taken, 3);
        for reply in replies.into_iter().filter(|reply| reply.status.is_client_error()) {
            reply.denied("competition_full");
        }
        assert_eq!(stage::page(&ada, "tumour").await.row.entrants, 3);
    }

    async fn a_freeze_hides_who_comes_after_it(app: TestApp) {
        let mut ada = app.expert("ada").await;
        stage::competition(&mut ada, "tumour", &[("freezes", "2026-09-01T12:00")]).await;
        let bob = stage::entrant(&app, "bob", "tumour").await;
        app.wait(Span::hours(4));
        app.runs_jobs().await;
        let before = stage::page(&bob, "tumour").await.row;
        stage::entrant(&app, "cyd", "tumour").await;
        assert_eq!(stage::page(&bob, "tumour").await.row, before, "nothing public changes after the freeze");
        assert_eq!((before.phase, before.entrants), (Phase::Frozen, 1));
    }

    async fn the_end_belongs_to_the_organiser(app: TestApp) {
        let mut ada = app.expert("ada").await;
        stage::competition(&mut ada, "tumour", &[]).await;
        let mut bob = stage::entrant(&app, "bob", "tumour").await;
        ada.posts("/api/competitions/finalise", &[("competition", "tumour")]).await.denied("competition_not_over");
        stage::submits(&mut bob, "tumour", &stage::predictions(|row| row == 1)).await.status(303);
        ada.posts("/api/competitions/end_now", &[("competition", "tumour")]).await.ok();
        app.wait(Span::from_micros(1));
        stage::submits(&mut bob, "tumour", &stage::predictions(|_| false)).await.denied("competition_over");
        ada.posts("/api/competitions/finalise", &[("competition", "tumour")]).await.denied("submissions_unjudged");
        app.runs_jobs().await;
        ada.posts("/api/competitions/finalise", &[("competition", "tumour")]).await.ok();
        ada.posts("/api/competitions/finalise", &[("competition", "tumour")]).await.denied("competition_finalised");
        app.runs_jobs().await;
        assert_eq!(stage::page(&bob, "tumour").await.row.phase, Phase::Finalised);
        bob.gets("/en/people/bob").await.status(200).shows("Rank 1 of 1, Accuracy");
        bob.gets("/zh/people/bob").await.status(200).shows("第 1 名（共 1 名），准确率");
    }
}

/// Two registrations that do not wait for each other sell one seat twice: the lock is what prevents it.
#[test]
fn seats_are_oversold_without_the_lock() {
    crate::support::run(Engine::Postgres, |app| async move {
        let mut ada = app.expert("ada").await;
        stage::competition(&mut ada, "tumour", &[("capacity", "1")]).await;
        let id = id_of(&app, "tumour").await;
        let (bob, cyd) = (app.learner("bob").await.actor().await, app.learner("cyd").await.actor().await);
        let kit = &app.services.kit;
        let (mut first, mut second) = (kit.db.begin().await.unwrap(), kit.db.begin().await.unwrap());
        assert_eq!(registrations::seats_in(&mut first, id).await.unwrap(), 0);
        assert_eq!(registrations::seats_in(&mut second, id).await.unwrap(), 0);
        registrations::hold_seat(&mut first, kit.id(), id, bob.account, kit.now()).await.unwrap();
        registrations::hold_seat(&mut second, kit.id(), id, cyd.account, kit.now()).await.unwrap();
        first.commit().await.unwrap();
        second.commit().await.unwrap();
        assert_eq!(registrations::seats(&kit.db, id).await.unwrap(), 2, "the twin must oversell");
    });
}
