//! Changing, cancelling, resuming, and money that goes back.

use domain::subscriptions::{PlanId, SubscriptionState};
use domain::time::Span;
use server::features::orders::store as orders;
use server::sql;

use super::{access, bill, comes, october, open_until, order_of, pays, plans, sound, sub, subscriber};
use crate::both;
use crate::support::shop::{COURSE, ENTRY};
use crate::support::{Person, START};

async fn changes(person: &mut Person, plan: PlanId) -> String {
    let plan = plan.to_string();
    let fields = [("plan", plan.as_str())];
    let reply = person.submits("/en/subscription", "/api/subscriptions/change", &fields).await.status(303);
    reply.location().to_owned()
}

both! {
    async fn up_begins_at_once_and_counts_what_is_unused_cent_by_cent(app: TestApp) {
        let plans = plans(&app).await;
        let mut bob = subscriber(&app, "bob", plans.basic).await;
        // Ten of thirty days are used: twenty days of a yuan each count.
        app.wait(Span::days(10));
        let day = START.plus(Span::days(10));
        bob.gets("/en/subscription").await.status(200).shows("¥20 of your period").shows("¥70 is to be paid");
        let order = order_of(&changes(&mut bob, plans.premium).await);
        let db = &app.services.kit.db;
        let placed = orders::order(db, order).await.unwrap().unwrap();
        assert_eq!(placed.total.minor, 7_000);
        let reductions = orders::reductions(db, order).await.unwrap();
        assert_eq!(reductions.iter().map(|one| one.amount.minor).collect::<Vec<_>>(), [2_000]);
        assert_eq!(sub(&app, &bob).await.plan, plans.basic, "nothing changes before it is paid");
        assert!(!access(&app, &bob, ENTRY).await.is_allowed());
        pays(&app, &bob, order).await;
        let changed = sub(&app, &bob).await;
        let end = day.plus(Span::days(30));
        assert_eq!((changed.plan, changed.period, changed.anchor), (plans.premium, (day, end), day));
        assert_eq!(open_until(&app, &bob, ENTRY).await, end.plus(Span::days(3)));
        // Again up after fifteen days: half of what the new period is worth, 45.00 of 90.00.
        app.wait(Span::days(15));
        let order = order_of(&changes(&mut bob, plans.yearly).await);
        let placed = orders::order(db, order).await.unwrap().unwrap();
        assert_eq!(placed.total.minor, 90_000 - 4_500);
        pays(&app, &bob, order).await;
        let changed = sub(&app, &bob).await;
        assert_eq!(changed.plan, plans.yearly);
        // The lines that were carried on open nothing beside the last one: asking for its refund in full
        // leaves the rest of the period before, not more.
        assert_eq!(open_until(&app, &bob, ENTRY).await, changed.period.1.plus(Span::days(3)));
        sound(&app).await;
    }

    async fn seconds_count(app: TestApp) {
        let plans = plans(&app).await;
        let mut bob = subscriber(&app, "bob", plans.basic).await;
        // 2,592,000 seconds for 3,000 fen: 864 seconds a fen, so 432 of them round up, 433 do not.
        app.wait(Span::seconds(432));
        let order = order_of(&changes(&mut bob, plans.premium).await);
        let db = &app.services.kit.db;
        assert_eq!(orders::order(db, order).await.unwrap().unwrap().total.minor, 9_000 - 3_000);
        app.wait(Span::seconds(1));
        let order = order_of(&changes(&mut bob, plans.premium).await);
        assert_eq!(orders::order(db, order).await.unwrap().unwrap().total.minor, 9_000 - 2_999);
        sound(&app).await;
    }

    async fn down_waits_for_the_end_of_the_period(app: TestApp) {
        let plans = plans(&app).await;
        let mut bob = subscriber(&app, "bob", plans.premium).await;
        assert_eq!(changes(&mut bob, plans.basic).await, "/en/subscription");
        bob.gets("/en/subscription").await.status(200).shows("Stay with Premium").shows("¥30");
        assert!(access(&app, &bob, ENTRY).await.is_allowed(), "what is paid stays open");
        comes(&app, october().minus(Span::hours(3))).await;
        let order = bill(&app, &bob).await;
        assert_eq!(orders::order(&app.services.kit.db, order).await.unwrap().unwrap().total.minor, 3_000);
        // Back again: the bill for less is replaced by one for the same as before.
        assert_eq!(changes(&mut bob, plans.premium).await, "/en/subscription");
        let dearer = bill(&app, &bob).await;
        assert_ne!(dearer, order);
        assert_eq!(orders::order(&app.services.kit.db, dearer).await.unwrap().unwrap().total.minor, 9_000);
        changes(&mut bob, plans.basic).await;
        pays(&app, &bob, bill(&app, &bob).await).await;
        assert_eq!(sub(&app, &bob).await.plan, plans.basic);
        comes(&app, october().plus(Span::days(3)).plus(Span::from_micros(1))).await;
        assert!(access(&app, &bob, COURSE).await.is_allowed());
        assert!(!access(&app, &bob, ENTRY).await.is_allowed(), "the grace of the dearer plan is over");
        bob.posts("/api/subscriptions/change", &[("plan", &plans.basic.to_string())]).await.denied("same_plan");
        sound(&app).await;
    }

    async fn somebody_cancels_at_the_end_of_the_period_and_resumes(app: TestApp) {
        let plans = plans(&app).await;
        let mut bob = subscriber(&app, "bob", plans.basic).await;
        comes(&app, october().minus(Span::hours(5))).await;
        let billed = bill(&app, &bob).await;
        bob.submits("/en/subscription", "/api/subscriptions/cancel", &[]).await.status(303);
        bob.gets("/en/subscription").await.status(200).shows("Ends with the period").shows("Resume");
        bob.gets(&format!("/en/orders/{billed}")).await.status(200).shows("Cancelled");
        bob.posts("/api/subscriptions/cancel", &[]).await.denied("subscription_canceled");
        bob.posts("/api/subscriptions/pay", &[]).await.denied("subscription_canceled");
        assert!(access(&app, &bob, COURSE).await.is_allowed(), "what is paid stays open");
        bob.submits("/en/subscription", "/api/subscriptions/resume", &[]).await.status(303);
        bob.posts("/api/subscriptions/resume", &[]).await.denied("subscription_goes_on");
        app.runs_jobs().await;
        assert_eq!(sub(&app, &bob).await.state, SubscriptionState::Active);
        assert_ne!(bill(&app, &bob).await, billed, "it is billed anew");
        bob.submits("/en/subscription", "/api/subscriptions/cancel", &[]).await.status(303);
        comes(&app, october()).await;
        assert_eq!(sub(&app, &bob).await.state, SubscriptionState::Expired);
        bob.posts("/api/subscriptions/resume", &[]).await.denied("not_subscribed");
        assert_eq!(open_until(&app, &bob, COURSE).await, october().plus(Span::days(3)));
        comes(&app, october().plus(Span::days(4))).await;
        assert!(!access(&app, &bob, COURSE).await.is_allowed());
        bob.gets("/en/messages").await.shows("will not be renewed").shows("has ended");
        sound(&app).await;
    }

    async fn a_status_alone_extends_nothing(app: TestApp) {
        let plans = plans(&app).await;
        let bob = subscriber(&app, "bob", plans.basic).await;
        let until = open_until(&app, &bob, COURSE).await;
        let far = october().plus(Span::days(3_650));
        // As if a message had said: active, paid for ten years.
        let mut tx = app.services.kit.db.begin().await.unwrap();
        tx.run(sql!("update subscriptions set state = 'active', period_until = $1", far)).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(open_until(&app, &bob, COURSE).await, until);
        comes(&app, until.plus(Span::from_micros(1))).await;
        assert!(!access(&app, &bob, COURSE).await.is_allowed());
        let report = server::audit::audit(&app.services.kit.db).await.unwrap();
        assert_eq!(report.findings.len(), 1, "and the audit names the row: {:?}", report.findings);
    }
}
