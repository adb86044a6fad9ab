//! Stories of coupons: their rules, and what people try with codes.

use domain::offers::input::CouponForm;
use domain::orders::Thing;
use domain::time::Span;
use futures_util::future::join_all;
use server::features::offers::store;
use server::sql;

use crate::both;
use crate::support::offers::*;
use crate::support::shop::{self, COURSE, ENTRY};
use crate::support::stage::posts;

both! {
    async fn coupons_keep_their_rules(app: TestApp) {
        shop::open(&app);
        let staff = app.admin("ada").await;
        let bob = app.learner("bob").await.actor().await;
        makes_coupon(&app, &staff, CouponForm { until: "2026-09-01".into(), ..coupon("short", "10", "percent") }, true).await;
        makes_coupon(&app, &staff, coupon("alone", "10", "percent"), false).await;
        makes_coupon(&app, &staff, CouponForm { account_limit: "1".into(), ..coupon("once", "1", "CNY") }, true).await;
        makes_coupon(&app, &staff, coupon("dollars", "1", "USD"), true).await;
        makes_coupon(&app, &staff, coupon("huge", "9999", "CNY"), true).await;
        let author = staff.actor().await;
        course(&app, &author, "bound", 100).await;
        app.services.offers.make_coupon(&author, &coupon("bound", "50", "percent"), true, "bound").await.unwrap();
        for (codes, why) in [
            (vec!["nothing"], "coupon_unknown"),
            (vec!["alone", "once"], "coupon_alone"),
            (vec!["dollars"], "coupon_not_for_this"),
            (vec!["bound"], "coupon_not_for_this"),
            (vec!["%"], "coupon_unknown"),
        ] {
            let refused = with(&app, &bob, COURSE, &codes, 0).await.unwrap_err();
            assert!(refused.contains(why), "{codes:?}: {refused}");
        }
        let first = with(&app, &bob, COURSE, &["once", "once"], 0).await.unwrap();
        assert_eq!(order(&app, first).await.total.minor, 3_800, "the same coupon counts once");
        let refused = with(&app, &bob, ENTRY, &["once"], 0).await.unwrap_err();
        assert!(refused.contains("coupon_used_by_you"), "{refused}");
        app.wait(Span::minutes(16));
        app.runs_jobs().await;
        let free = with(&app, &bob, ENTRY, &["once", "huge"], 0).await.unwrap();
        let free = order(&app, free).await;
        assert!(free.total.is_zero() && free.state.entitles(), "what costs nothing is theirs at once");
        app.wait(Span::minutes(24 * 60));
        let refused = with(&app, &bob, COURSE, &["short"], 0).await.unwrap_err();
        assert!(refused.contains("coupon_expired"), "{refused}");
    }

    async fn a_coupon_for_a_competition_is_for_nothing_else(app: TestApp) {
        shop::open(&app);
        let staff = app.admin("ada").await.actor().await;
        let mut eve = app.expert("eve").await;
        crate::support::stage::competition(&mut eve, "tumour", &[("fee", "100")]).await;
        let entry = Thing::Competition(crate::support::stage::page(&eve, "tumour").await.id);
        let offers = &app.services.offers;
        let half = coupon("enter", "50", "percent");
        let unknown = offers.make_coupon(&staff, &half, true, "competition:nothing").await.unwrap_err().to_string();
        assert!(unknown.contains("no_such_course"), "{unknown}");
        offers.make_coupon(&staff, &half, true, "competition:tumour").await.unwrap();
        let bob = app.learner("bob").await.actor().await;
        let refused = with(&app, &bob, COURSE, &["enter"], 0).await.unwrap_err();
        assert!(refused.contains("coupon_not_for_this"), "{refused}");
        let entered = with(&app, &bob, entry, &["enter"], 0).await.unwrap();
        assert_eq!(order(&app, entered).await.total.minor, 5_000);
    }

    // A field that names nothing must not mean everything, and none of what it names is left out.
    async fn what_a_coupon_is_bound_to_is_read_to_the_end_or_refused(app: TestApp) {
        let mut ada = app.admin("ada").await;
        let author = ada.actor().await;
        for number in 0..51 {
            course(&app, &author, &format!("course-{number}"), 100).await;
        }
        let names = |count: usize| (0..count).map(|number| format!("course-{number}")).collect::<Vec<_>>().join("\n");
        let fields = |bound: &str| {
            let fixed = [("code", "BOUND"), ("value", "10"), ("unit", "percent"), ("from", ""), ("until", "")];
            let rest = [("limit", ""), ("account_limit", ""), ("note", ""), ("bound", bound)];
            fixed.iter().chain(&rest).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect::<Vec<_>>()
        };
        for nothing in [",", " , ,\n,"] {
            posts(&mut ada, "/api/offers/new_coupon", &fields(nothing)).await.invalid("bound", "coupon_bound_to_nothing");
        }
        posts(&mut ada, "/api/offers/new_coupon", &fields(&names(51))).await.invalid("bound", "coupon_bound_to_many");
        let owned = fields(",");
        let sent: Vec<(&str, &str)> = owned.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let back = ada.submits("/en/admin/coupons", "/api/offers/new_coupon", &sent).await.status(303);
        ada.gets(back.location()).await.shows("This names nothing").shows("value=\"BOUND\"");
        assert!(store::coupons::list(&app.services.kit.db, None, 100).await.unwrap().is_empty());
        posts(&mut ada, "/api/offers/new_coupon", &fields(&names(50))).await.ok();
        let made = store::coupons::list(&app.services.kit.db, None, 100).await.unwrap().remove(0);
        assert_eq!(made.coupon.things.len(), 50, "the last one as well");
    }

    async fn row_24_codes_cannot_be_guessed(app: TestApp) {
        let mut bob = app.learner("bob").await;
        let long = "x".repeat(10_000);
        for code in [long.as_str(), "%", "*", "' or 1=1"] {
            bob.posts("/api/offers/use_coupon", &[("code", code)]).await.invalid("code", "coupon_unknown");
            bob.posts("/api/offers/redeem", &[("code", code)]).await.invalid("code", "gift_unknown");
        }
        bob.posts("/api/offers/redeem", &[("code", "A")]).await.invalid("code", "gift_unknown");
        bob.posts("/api/offers/redeem", &[("code", "B")]).await.invalid("code", "gift_unknown");
        bob.posts("/api/offers/redeem", &[("code", "C")]).await.status(429);
        bob.posts("/api/offers/use_coupon", &[("code", "spring")]).await.status(429);
        app.wait(Span::minutes(11));
        bob.posts("/api/offers/redeem", &[("code", "C")]).await.invalid("code", "gift_unknown");
        // The form of a gift takes a coupon as well: it counts like the others.
        shop::open(&app);
        let mut eve = app.learner("eve").await;
        let thing = COURSE.to_string();
        for number in 0..10 {
            let code = format!("guess{number}");
            let fields = [("thing", thing.as_str()), ("coupon", &code), ("message", "")];
            eve.posts("/api/offers/give", &fields).await.invalid("coupon", "coupon_unknown");
        }
        let fields = [("thing", thing.as_str()), ("coupon", "guess"), ("message", "")];
        eve.posts("/api/offers/give", &fields).await.status(429);
        eve.posts("/api/offers/use_coupon", &[("code", "spring")]).await.status(429);
    }

    async fn a_limited_coupon_is_not_used_more_often_and_the_unlocked_twin_is(app: TestApp) {
        shop::open(&app);
        let staff = app.admin("ada").await;
        makes_coupon(&app, &staff, CouponForm { limit: "3".into(), ..coupon("three", "10", "percent") }, true).await;
        let mut buyers = Vec::new();
        for number in 0..10 {
            buyers.push(app.learner(&format!("buyer{number}")).await.actor().await);
        }
        let placed = join_all(buyers.iter().map(|buyer| with(&app, buyer, COURSE, &["three"], 0))).await;
        assert_eq!(placed.iter().filter(|one| one.is_ok()).count(), 3);
        assert_eq!(uses(&app, "THREE").await, 3);
        // The twin looks first and counts later, without the guard in the statement that counts.
        makes_coupon(&app, &staff, CouponForm { limit: "3".into(), ..coupon("twin", "10", "percent") }, true).await;
        let db = &app.services.kit.db;
        let barrier = tokio::sync::Barrier::new(buyers.len());
        let twins = buyers.iter().map(|_| async {
            let before = uses(&app, "TWIN").await;
            barrier.wait().await;
            let mut tx = db.begin().await.unwrap();
            let counted = sql!("update coupons set uses = $1 where code = 'TWIN' and uses_limit >= $1", before + 1);
            let used = tx.run(counted).await.unwrap();
            tx.commit().await.unwrap();
            used
        });
        let used: u64 = join_all(twins).await.into_iter().sum();
        let counted = uses(&app, "TWIN").await;
        assert!(used > 3 && counted <= 3, "a coupon for three is used {used} times, and {counted} are counted");
    }
}
