//! Stories of what cost no money, or less of it: points, credit and seats come back where it is given back.

use std::collections::BTreeMap;

use domain::actor::Actor;
use domain::orders::{How, OrderId, OrderLineId, OrderState, Thing, Wanted};
use domain::refunds::Destination;
use domain::time::Span;
use futures_util::future::join_all;
use server::features::orders::store as orders;

use crate::both;
use crate::support::TestApp;
use crate::support::moody::{Moody, balanced, owns, pays};
use crate::support::offers::*;
use crate::support::shop::{self, COURSE, ENTRY, LAST};

async fn lines(app: &TestApp, id: OrderId) -> Vec<OrderLineId> {
    orders::lines(&app.services.kit.db, id).await.unwrap().into_iter().map(|line| line.id).collect()
}

/// Gives lines back through the service of refunds; why not, where it was refused.
async fn gives(app: &TestApp, actor: &Actor, id: OrderId, lines: &[OrderLineId]) -> Result<bool, String> {
    let refunds = &app.services.refunds;
    let given = refunds.request(actor, id, lines, Destination::Gateway).await;
    given.map(|refund| refund.is_some()).map_err(|error| error.to_string())
}

/// Staff gives a line back that cost no money.
async fn ends(app: &TestApp, staff: &Actor, id: OrderId, line: OrderLineId) -> Result<bool, String> {
    let amounts = BTreeMap::from([(line.to_string(), "0".to_owned())]);
    let refunds = &app.services.refunds;
    let given = refunds.grant(staff, id, &amounts, Destination::Gateway, "a mistake").await;
    given.map(|refund| refund.is_some()).map_err(|error| error.to_string())
}

async fn placed(app: &TestApp, actor: &Actor, things: &[Thing], how: How) -> OrderId {
    let wanted = things.iter().map(|thing| Wanted::one(*thing)).collect();
    app.services.orders.place_many(actor, wanted, how).await.unwrap()
}

both! {
    async fn what_points_paid_for_goes_back_as_points(app: TestApp) {
        shop::open(&app);
        let bank = Moody::open(&app);
        let mut bob = app.learner("bob").await;
        let actor = bob.actor().await;
        gives_points(&app, actor.account, 5_000).await;
        let id = with(&app, &actor, COURSE, &[], 5_000).await.unwrap();
        assert!(order(&app, id).await.total.is_zero() && owns(&app, &actor, COURSE).await);
        assert_eq!(balance(&app, actor.account).await, 1_100);
        bob.gets(&format!("/en/orders/{id}")).await.shows("Paid with points. It is yours.").hides("Nothing to pay").shows("Give it back");
        bob.gets(&format!("/zh/orders/{id}")).await.shows("已用积分支付，它属于你了。");
        let page = format!("/en/orders/{id}/refund");
        bob.gets(&page).await.status(200).shows("3900 points return.").hides("Back the way it came");
        let (text, line) = (id.to_string(), format!("lines[l{}]", lines(&app, id).await[0]));
        let fields = [("order", text.as_str()), (line.as_str(), "true")];
        bob.submits(&page, "/api/refunds/request", &fields).await.status(303);
        assert!(!owns(&app, &actor, COURSE).await, "what is given back cannot be used");
        assert_eq!(balance(&app, actor.account).await, 5_000, "every point is there again");
        assert_eq!(order(&app, id).await.state, OrderState::Refunded);
        bob.gets(&format!("/en/orders/{id}")).await.shows("your points have returned").hides("Give it back");
        bob.posts("/api/refunds/request", &fields).await.denied("refund_returned");
        assert_eq!((app.runs_jobs().await, bank.calls()), (0, Vec::new()), "no gateway hears of it");
        assert_eq!(balance(&app, actor.account).await, 5_000);
        balanced(&app).await;
    }

    async fn the_promise_ends_for_points_as_for_money(app: TestApp) {
        shop::open(&app);
        let actor = app.learner("bob").await.actor().await;
        gives_points(&app, actor.account, 13_900).await;
        let first = with(&app, &actor, COURSE, &[], 3_900).await.unwrap();
        app.wait(Span::hours(168));
        app.wait(Span::from_micros(1));
        let first_line = lines(&app, first).await;
        let late = gives(&app, &actor, first, &first_line).await.unwrap_err();
        assert!(late.contains("refund_too_late"), "{late}");
        // A person of the platform may still give it, whatever was promised.
        let staff = app.admin("ada").await.actor().await;
        assert!(ends(&app, &actor, first, first_line[0]).await.is_err(), "only staff");
        assert_eq!(ends(&app, &staff, first, first_line[0]).await, Ok(false));
        assert_eq!(balance(&app, actor.account).await, 13_900);
        let again = ends(&app, &staff, first, first_line[0]).await.unwrap_err();
        assert!(again.contains("choose_a_line"), "{again}");
        balanced(&app).await;
    }

    async fn many_hands_give_it_back_once(app: TestApp) {
        shop::open(&app);
        let actor = app.learner("bob").await.actor().await;
        gives_points(&app, actor.account, 3_900).await;
        let id = with(&app, &actor, COURSE, &[], 3_900).await.unwrap();
        let all = lines(&app, id).await;
        let tries = join_all((0..8).map(|_| gives(&app, &actor, id, &all))).await;
        assert_eq!(tries.iter().filter(|one| one.is_ok()).count(), 1, "{tries:?}");
        assert_eq!(balance(&app, actor.account).await, 3_900);
        balanced(&app).await;
    }

    // Points return whole with their line, in proportion to what they paid of each; a part of the money of a
    // line takes none of them with it.
    async fn points_return_with_the_line_that_they_paid_for(app: TestApp) {
        shop::open(&app);
        let bank = Moody::open(&app);
        let mut bob = app.learner("bob").await;
        let actor = bob.actor().await;
        gives_points(&app, actor.account, 1_000).await;
        let id = placed(&app, &actor, &[COURSE, ENTRY], How { points: 1_000, ..How::default() }).await;
        pays(&app, id).await;
        // One point was earned for each yuan that was paid, by line: 36 and 92.
        assert_eq!((order(&app, id).await.total.minor, balance(&app, actor.account).await), (12_900, 128));
        let all = lines(&app, id).await;
        bob.gets(&format!("/en/orders/{id}/refund")).await.shows("You get ¥36.19 back. 281 points return with it.");
        let staff = app.admin("ada").await.actor().await;
        let amounts = BTreeMap::from([(all[1].to_string(), "10".to_owned())]);
        app.services.refunds.grant(&staff, id, &amounts, Destination::Gateway, "goodwill").await.unwrap();
        app.runs_jobs().await;
        assert_eq!(balance(&app, actor.account).await, 128, "the line is still theirs, and so is what it cost");
        assert_eq!(gives(&app, &actor, id, &all[..1]).await, Ok(true));
        assert_eq!(balance(&app, actor.account).await, 128, "points follow the money, when it has arrived");
        app.runs_jobs().await;
        assert_eq!(balance(&app, actor.account).await, 128 - 36 + 281);
        assert!(!owns(&app, &actor, COURSE).await && owns(&app, &actor, ENTRY).await);
        app.services.refunds.request(&actor, id, &all[1..], Destination::Wallet).await.unwrap();
        assert_eq!(balance(&app, actor.account).await, 1_000, "and the rest with the rest");
        assert_eq!(bank.given(), 1_000 + 3_619);
        balanced(&app).await;
    }

    async fn what_was_free_may_be_given_up_beside_what_was_paid(app: TestApp) {
        shop::open(&app);
        Moody::open(&app);
        let staff = app.admin("ada").await.actor().await;
        let author = staff.clone();
        course(&app, &author, "gratis", 5_000).await;
        app.services.offers.make_coupon(&staff, &coupon("gratis", "100", "percent"), true, "gratis").await.unwrap();
        let free = Thing::Course(course_of(&app, "gratis").await);
        for (name, free_first) in [("bob", true), ("eve", false)] {
            let actor = app.learner(name).await.actor().await;
            let how = How { coupons: vec!["gratis".into()], ..How::default() };
            let id = placed(&app, &actor, &[free, ENTRY], how).await;
            pays(&app, id).await;
            let all = lines(&app, id).await;
            let (first, last) = if free_first { (&all[..1], &all[1..]) } else { (&all[1..], &all[..1]) };
            assert_eq!(gives(&app, &actor, id, first).await, Ok(!free_first));
            app.runs_jobs().await;
            if free_first {
                assert!(!owns(&app, &actor, free).await && owns(&app, &actor, ENTRY).await);
                assert_eq!(order(&app, id).await.state, OrderState::PartiallyRefunded);
                assert_eq!(gives(&app, &actor, id, last).await, Ok(true));
                app.runs_jobs().await;
            }
            assert_eq!(order(&app, id).await.state, OrderState::Refunded, "the rest goes with the money");
            assert!(!owns(&app, &actor, free).await && !owns(&app, &actor, ENTRY).await);
            let again = gives(&app, &actor, id, &all).await.unwrap_err();
            assert!(again.contains("refund_returned"), "{again}");
        }
        balanced(&app).await;
    }

    async fn giving_up_a_free_seat_makes_room(app: TestApp) {
        shop::open(&app);
        let staff = app.admin("ada").await.actor().await;
        app.services.offers.make_coupon(&staff, &coupon("free", "100", "percent"), true, "").await.unwrap();
        let bob = app.learner("bob").await.actor().await;
        let eve = app.learner("eve").await.actor().await;
        let id = with(&app, &bob, LAST, &["free"], 0).await.unwrap();
        assert!(with(&app, &eve, LAST, &["free"], 0).await.is_err(), "there is one seat");
        assert_eq!(gives(&app, &bob, id, &lines(&app, id).await).await, Ok(false));
        with(&app, &eve, LAST, &["free"], 0).await.expect("the seat is free again");
        balanced(&app).await;
    }

    async fn staff_ends_a_scholarship_and_a_taken_gift_is_its_givers(app: TestApp) {
        shop::open(&app);
        Moody::open(&app);
        let mut ada = app.admin("ada").await;
        let staff = ada.actor().await;
        course(&app, &staff, "granted", 9_000).await;
        let bob = app.learner("bob").await.actor().await;
        let id = app.services.offers.grant(&staff, "bob", "granted", "Scholarship").await.unwrap();
        let line = lines(&app, id).await[0];
        let page = format!("/en/admin/refunds/{id}");
        ada.gets(&format!("/en/admin/orders/{id}")).await.shows("Refunds of this order");
        ada.gets(&page).await.status(200).shows("It goes back; it cost no money").hides("Back the way it came");
        let (text, field) = (id.to_string(), format!("amounts[l{line}]"));
        let fields = [("order", text.as_str()), (field.as_str(), "0"), ("reason", "given to the wrong person")];
        ada.submits(&page, "/api/refunds/grant", &fields).await.status(303);
        assert!(!owns(&app, &bob, Thing::Course(course_of(&app, "granted").await)).await);
        ada.gets(&page).await.shows("Nothing of this order");
        // A gift that was taken cost its taker nothing, and somebody else something.
        let mut gil = app.learner("gil").await;
        let giver = gil.actor().await;
        let gift = app.services.offers.buy_gift(&giver, &COURSE.to_string(), Vec::new(), "").await.unwrap();
        pays(&app, gift).await;
        let taken = app.services.offers.redeem(&bob, &code_of(&mut gil).await).await.unwrap();
        let all = lines(&app, taken).await;
        let refused = gives(&app, &bob, taken, &all).await.unwrap_err();
        assert!(refused.contains("refund_given"), "{refused}");
        assert!(ends(&app, &staff, taken, all[0]).await.is_err(), "staff gives the money back to who paid it");
        balanced(&app).await;
    }

    async fn a_bundle_takes_its_free_parts_along(app: TestApp) {
        shop::open(&app);
        Moody::open(&app);
        let author = app.admin("ada").await.actor().await;
        let free = course(&app, &author, "first-course", 0).await;
        let dear = course(&app, &author, "second-course", 10_000).await;
        let both = bundle(&app, &author, "80", "first-course second-course").await;
        let bob = app.learner("bob").await.actor().await;
        let part = |course| Wanted { bundle: Some(both), ..Wanted::one(Thing::Course(course)) };
        let wanted = vec![part(free), part(dear), Wanted::one(ENTRY)];
        let id = app.services.orders.place_many(&bob, wanted, How::default()).await.unwrap();
        pays(&app, id).await;
        let all = lines(&app, id).await;
        let refused = gives(&app, &bob, id, &all[..1]).await.unwrap_err();
        assert!(refused.contains("refund_whole_bundle"), "{refused}");
        assert_eq!(gives(&app, &bob, id, &all[1..2]).await, Ok(true));
        for thing in [free, dear] {
            assert!(!owns(&app, &bob, Thing::Course(thing)).await, "a bundle goes back whole");
        }
        assert!(owns(&app, &bob, ENTRY).await, "and nothing beside it");
        app.runs_jobs().await;
        balanced(&app).await;
    }
}

async fn course_of(app: &TestApp, slug: &str) -> domain::courses::CourseId {
    let mut tx = app.services.kit.db.begin().await.unwrap();
    server::features::offers::store::bundles::course(&mut tx, slug).await.unwrap().unwrap().course
}
