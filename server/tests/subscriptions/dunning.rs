//! Renewals that nobody pays: tried again, grace, recovery, end.

use domain::orders::OrderState;
use domain::subscriptions::{SubscriptionState, Turn};
use domain::time::Span;
use server::db::Count;
use server::features::orders::store as orders;
use server::sql;

use super::{
    access, bill, comes, october, open_until, order_of, pays, plans, sound, sub, subscriber, subscribes,
};
use crate::both;
use crate::support::TestApp;
use crate::support::shop::COURSE;

async fn count(app: &TestApp, what: server::db::Sql) -> i64 {
    let count: Count = app.services.kit.db.one(what).await.unwrap();
    count.n
}

both! {
    async fn somebody_fails_to_renew_and_recovers(app: TestApp) {
        let plans = plans(&app).await;
        let mut bob = subscriber(&app, "bob", plans.basic).await;
        comes(&app, october()).await;
        assert_eq!(sub(&app, &bob).await.state, SubscriptionState::PastDue);
        bob.gets("/en/subscription").await.status(200).shows("Payment is due").shows("Pay the next period");
        bob.gets("/en/messages").await.shows("is not paid yet");
        let grace = october().plus(Span::days(3));
        assert_eq!(open_until(&app, &bob, COURSE).await, grace);
        comes(&app, grace).await;
        assert!(access(&app, &bob, COURSE).await.is_allowed(), "the last instant belongs to the subscriber");
        comes(&app, grace.plus(Span::from_micros(1))).await;
        assert!(!access(&app, &bob, COURSE).await.is_allowed());
        bob.gets("/en/messages").await.shows("is still not paid");
        // A declined payment changes nothing; the next one counts from the day that was due.
        let order = bill(&app, &bob).await;
        let actor = bob.actor().await;
        let declined = app.services.payments.begin(&actor, order, "sandbox").await.unwrap();
        let choice = server::features::payments::Choice::Declined;
        app.services.payments.choose(&actor, declined, choice).await.unwrap();
        assert_eq!(sub(&app, &bob).await.state, SubscriptionState::PastDue);
        pays(&app, &bob, order).await;
        let paid = sub(&app, &bob).await;
        let november = october().plus(Span::days(31));
        assert_eq!((paid.state, paid.period), (SubscriptionState::Active, (october(), november)));
        assert_eq!(open_until(&app, &bob, COURSE).await, november.plus(Span::days(3)));
        comes(&app, october().plus(Span::days(8))).await;
        assert_eq!(sub(&app, &bob).await.state, SubscriptionState::Active, "the turns of the old period are over");
        sound(&app).await;
    }

    async fn nobody_pays_and_it_ends(app: TestApp) {
        let plans = plans(&app).await;
        let mut bob = subscriber(&app, "bob", plans.basic).await;
        comes(&app, october()).await;
        let order = bill(&app, &bob).await;
        let last = october().plus(Span::days(5));
        comes(&app, last).await;
        assert_eq!(sub(&app, &bob).await.state, SubscriptionState::PastDue);
        comes(&app, last.plus(Span::from_micros(1))).await;
        app.runs_jobs().await;
        let ended = sub(&app, &bob).await;
        assert_eq!(ended.state, SubscriptionState::Expired);
        let order = orders::order(&app.services.kit.db, order).await.unwrap().unwrap();
        assert!(matches!(order.state, OrderState::Expired | OrderState::Cancelled), "{:?}", order.state);
        bob.gets("/en/messages").await.shows("has ended");
        bob.gets("/en/subscription").await.status(200).shows("Ended").shows("See the plans");
        // Whoever comes back begins anew.
        let again = order_of(&subscribes(&mut bob, plans.basic, false).await);
        pays(&app, &bob, again).await;
        let begun = sub(&app, &bob).await;
        assert!(begun.id != ended.id && begun.state == SubscriptionState::Active);
        sound(&app).await;
    }

    async fn turns_may_come_twice(app: TestApp) {
        let plans = plans(&app).await;
        let bob = subscriber(&app, "bob", plans.basic).await;
        let known = sub(&app, &bob).await;
        comes(&app, october().plus(Span::days(1))).await;
        let before = (
            count(&app, sql!("select count(*) as n from orders")).await,
            count(&app, sql!("select count(*) as n from messages")).await,
            count(&app, sql!("select count(*) as n from subscription_history")).await,
        );
        for _ in 0..2 {
            for turn in [Turn::Bill, Turn::Due, Turn::Retry(1)] {
                app.services.subscriptions.turn(known.id, known.period.1, turn).await.unwrap();
            }
        }
        let after = (
            count(&app, sql!("select count(*) as n from orders")).await,
            count(&app, sql!("select count(*) as n from messages")).await,
            count(&app, sql!("select count(*) as n from subscription_history")).await,
        );
        assert_eq!(before, after);
        // A turn of a period that is not the running one does nothing.
        app.services.subscriptions.turn(known.id, known.period.0, Turn::GiveUp).await.unwrap();
        assert_eq!(sub(&app, &bob).await.state, SubscriptionState::PastDue);
        sound(&app).await;
    }

    async fn somebody_ends_what_is_due(app: TestApp) {
        let plans = plans(&app).await;
        let mut bob = subscriber(&app, "bob", plans.basic).await;
        comes(&app, october().plus(Span::hours(1))).await;
        bob.gets("/en/subscription").await.shows("End the subscription");
        bob.submits("/en/subscription", "/api/subscriptions/cancel", &[]).await.status(303);
        assert_eq!(sub(&app, &bob).await.state, SubscriptionState::Expired);
        assert_eq!(open_until(&app, &bob, COURSE).await, october().plus(Span::days(3)));
        comes(&app, october().plus(Span::days(6))).await;
        assert_eq!(sub(&app, &bob).await.state, SubscriptionState::Expired);
        sound(&app).await;
    }
}
