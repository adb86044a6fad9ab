//! Stories of points: earned, spent, returned, and never overdrawn.

use domain::time::Span;
use futures_util::future::join_all;

use crate::both;
use crate::support::moody::{Moody, gives_back, pays};
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
        app.services.offers.give_points(bob.account, 461, "test").await.unwrap();
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
        app.services.offers.give_points(bob.account, 100, "test").await.unwrap();
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
        app.services.offers.give_points(bob.account, 100, "test").await.unwrap();
        let tries = [COURSE, ENTRY, RUSH].map(|thing| with(&app, &bob, thing, &[], 100));
        let placed = join_all(tries).await;
        assert_eq!(placed.iter().filter(|one| one.is_ok()).count(), 1, "{placed:?}");
        assert_eq!(balance(&app, bob.account).await, 0);
    }
}
