//! Stories of points: earned, spent, returned, and never overdrawn.

use domain::orders::{How, Wanted};
use domain::time::Span;
use futures_util::future::join_all;

use crate::both;
use crate::support::moody::{Moody, balanced, gives_back, pays, request, steward};
use crate::support::offers::*;
use crate::support::shop::{self, COURSE, ENTRY, LAST, RUSH};

both! {
    async fn points_are_earned_spent_returned_and_never_overdrawn(app: TestApp) {
        Moody::open(&app);
        shop::open(&app);
        let bob = app.learner("bob").await.actor().await;
        let first = with(&app, &bob, COURSE, &[], 0).await.unwrap();
        pays(&app, first).await;
        assert_eq!(balance(&app, bob.account).await, 39);
        gives_points(&app, bob.account, 461).await;
        let spent = with(&app, &bob, ENTRY, &[], 400).await.unwrap();
        assert_eq!(order(&app, spent).await.total.minor, 9_600);
        assert_eq!(balance(&app, bob.account).await, 100);
        app.wait(Span::minutes(16));
        app.runs_jobs().await;
        assert_eq!(balance(&app, bob.account).await, 500, "an expired order gives points back");
        let both = [with(&app, &bob, ENTRY, &[], 400), with(&app, &bob, RUSH, &[], 400)];
        let _ = join_all(both).await;
        assert!(balance(&app, bob.account).await >= 0);
        let refused = with(&app, &bob, LAST, &[], 5_000).await.unwrap_err();
        assert!(refused.contains("points_short"), "{refused}");
        assert_eq!(balance(&app, bob.account).await, 0, "400 for one, and the 100 that the other one costs");
        // What the course had earned is spent: it is owed, and kept of what is earned next.
        gives_back(&app, first).await;
        assert_eq!(balance(&app, bob.account).await, 0);
        gives_points(&app, bob.account, 100).await;
        assert_eq!(balance(&app, bob.account).await, 61, "39 were owed");
        let again = with(&app, &bob, COURSE, &[], 61).await.unwrap();
        assert_eq!((order(&app, again).await.total.minor, balance(&app, bob.account).await), (3_839, 0));
        pays(&app, again).await;
        assert_eq!(balance(&app, bob.account).await, 38, "earned by what was paid in money");
        gives_back(&app, again).await;
        assert_eq!(balance(&app, bob.account).await, 61, "what was spent comes again, what was earned goes");
        let mut page = app.learner("eve").await;
        page.gets("/en/points").await.status(200).shows("Your points");
        for bad in ["-1", "x", "1.5", "99999999999999999999"] {
            page.posts("/api/offers/use_points", &[("points", bad)]).await.invalid("points", "points_number");
        }
        page.posts("/api/offers/use_points", &[("points", "1")]).await.invalid("points", "points_short");
    }

    async fn points_in_parallel_are_spent_once(app: TestApp) {
        shop::open(&app);
        let bob = app.learner("bob").await.actor().await;
        gives_points(&app, bob.account, 100).await;
        let tries = [COURSE, ENTRY, RUSH].map(|thing| with(&app, &bob, thing, &[], 100));
        let placed = join_all(tries).await;
        assert_eq!(placed.iter().filter(|one| one.is_ok()).count(), 1, "{placed:?}");
        assert_eq!(balance(&app, bob.account).await, 0);
    }

    async fn a_dollar_is_not_a_yuan(app: TestApp) {
        shop::open(&app);
        Moody::open(&app);
        let bob = app.learner("bob").await.actor().await;
        gives_points(&app, bob.account, 1_000).await;
        let id = with(&app, &bob, LAST, &[], 1_000).await.unwrap();
        assert_eq!(order(&app, id).await.total.minor, 358, "700 points are a dollar, and a cent needs seven");
        assert_eq!(balance(&app, bob.account).await, 1_000 - 994, "no point more than the amount needs");
        pays(&app, id).await;
        assert_eq!(balance(&app, bob.account).await, 6 + 25, "and seven are earned with each");
    }

    async fn staff_changes_the_rules_and_gives_points_on_its_desk(app: TestApp) {
        shop::open(&app);
        let mut ada = app.admin("ada").await;
        let mut bob = app.learner("bob").await;
        let actor = bob.actor().await;
        let desk = "/en/admin/points";
        let (rule, give) = ("/api/offers/set_point_rule", "/api/offers/give_points");
        for page in [desk, "/zh/admin/points"] {
            bob.gets(page).await.status(404);
        }
        bob.posts(rule, &[("rule", "worth:CNY"), ("points", "1")]).await.status(404);
        bob.posts(give, &[("username", "bob"), ("given", "1000"), ("reason", "I am nice")]).await.status(404);
        app.stranger().posts(give, &[("username", "bob"), ("given", "1"), ("reason", "why not")]).await.status(401);
        app.stranger().posts(rule, &[("rule", "completed"), ("points", "1")]).await.status(401);
        ada.gets(desk).await.status(200).shows("Points that are worth 1.00 USD").shows(">700<").hides("Changed by");
        ada.gets("/zh/admin/points").await.status(200).shows("抵 1.00 CNY 所需积分").shows("还没有赠送过积分。");
        for (name, points) in [("worth:CNY", "0"), ("worth:CNY", "-1"), ("worth:USD", "x"), ("per_unit:CNY", "1000001"), ("completed", "")] {
            ada.posts(rule, &[("rule", name), ("points", points)]).await.invalid("points", "number_between");
        }
        ada.posts(rule, &[("rule", "worth:EUR"), ("points", "1")]).await.invalid("rule", "unknown_choice");
        let fields = [("rule", "worth:CNY"), ("points", "0")];
        let back = ada.submits(desk, rule, &fields).await.status(303);
        ada.gets(back.location()).await.shows("A whole number from 1 to").shows("value=\"0\"");
        ada.submits(desk, rule, &[("rule", "worth:CNY"), ("points", "50")]).await.status(303);
        ada.gets(desk).await.shows("Changed by ada").shows(">50<");
        for (fields, field, code) in [
            ([("username", "nobody"), ("given", "5"), ("reason", "a prize")], "username", "grant_no_such_person"),
            ([("username", "bob"), ("given", "0"), ("reason", "a prize")], "given", "number_between"),
            ([("username", "bob"), ("given", "5"), ("reason", "ab")], "reason", "too_short"),
        ] {
            ada.posts(give, &fields).await.invalid(field, code);
        }
        let fields = [("username", "Bob"), ("given", "500"), ("reason", "Won the weekly theme")];
        ada.submits(desk, give, &fields).await.status(303);
        // A button that is pressed two times gives once.
        let form = ada.gets(desk).await.status(200).text();
        let once = form.split("name=\"once\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let twice = [("username", "Bob"), ("given", "7"), ("reason", "Pressed two times"), ("once", once.as_str())];
        for _ in 0..2 {
            ada.posts(give, &twice).await.ok();
        }
        assert_eq!(balance(&app, actor.account).await, 507);
        ada.gets(desk).await.shows("+500").shows("By ada to bob").shows("Won the weekly theme");
        bob.gets("/en/points").await.shows("Won the weekly theme").shows("CNY: 1 for each 1.00 paid; 50 are worth 1.00");
        bob.gets("/zh/points").await.shows("平台赠送").shows("USD：每支付 1.00 得 7 积分");
        let id = with(&app, &actor, COURSE, &[], 500).await.unwrap();
        assert_eq!(order(&app, id).await.total.minor, 2_900, "by the new rule 500 points are ten yuan");
        balanced(&app).await;
    }

    // A rule that changes between buying and giving back changes nothing of what was spent.
    async fn as_many_points_return_as_were_spent(app: TestApp) {
        shop::open(&app);
        Moody::open(&app);
        let staff = steward(&app).await;
        let bob = app.learner("bob").await.actor().await;
        gives_points(&app, bob.account, 1_390).await;
        let wanted = [COURSE, ENTRY].map(Wanted::one).to_vec();
        let how = How { points: 1_390, ..How::default() };
        let id = app.services.orders.place_many(&bob, wanted, how).await.unwrap();
        let buyer = pays(&app, id).await;
        assert_eq!(order(&app, id).await.total.minor, 12_510);
        app.services.offers.set_point_rule(&staff, "worth:CNY", "7").await.unwrap();
        app.services.offers.set_point_rule(&staff, "per_unit:CNY", "1000").await.unwrap();
        let earned = balance(&app, bob.account).await;
        request(&app, &buyer, &buyer.lines[..1]).await.unwrap();
        app.runs_jobs().await;
        assert_eq!(balance(&app, bob.account).await, earned - 35 + 390, "39 of 139, in whole points");
        request(&app, &buyer, &buyer.lines[1..]).await.unwrap();
        app.runs_jobs().await;
        assert_eq!(balance(&app, bob.account).await, 1_390);
        balanced(&app).await;
    }
}
