//! What is refused: strangers, other people, forged and overlong input, plans by another door.

use domain::orders::Thing;

use super::{order_of, plans, subscriber, subscribes};
use crate::both;

both! {
    async fn a_plan_is_sold_by_no_other_door(app: TestApp) {
        let plans = plans(&app).await;
        let mut bob = app.learner("bob").await;
        let thing = Thing::Plan(plans.premium).to_string();
        bob.posts("/api/orders/place", &[("thing", &thing)]).await.denied("plans_are_subscribed");
        // Not even by somebody who holds an open invoice of it.
        let order = order_of(&subscribes(&mut bob, plans.premium, false).await);
        let actor = bob.actor().await;
        app.services.orders.cancel(&actor, order).await.unwrap();
        bob.posts("/api/orders/place", &[("thing", &thing)]).await.denied("plans_are_subscribed");
    }

    async fn somebody_elses_subscription_is_not_there(app: TestApp) {
        let plans = plans(&app).await;
        let mut bob = app.learner("bob").await;
        let order = order_of(&subscribes(&mut bob, plans.basic, false).await).to_string();
        let mut eve = app.learner("eve").await;
        eve.gets("/en/subscription").await.status(200).shows("No subscription").hides("Basic");
        eve.gets(&format!("/en/orders/{order}")).await.status(404).hides("¥30");
        eve.posts("/api/orders/cancel", &[("order", &order)]).await.status(404);
        for (path, fields) in [
            ("/api/subscriptions/cancel", vec![]),
            ("/api/subscriptions/resume", vec![]),
            ("/api/subscriptions/pay", vec![]),
        ] {
            eve.posts(path, &fields).await.denied("not_subscribed");
        }
        let plan = plans.premium.to_string();
        eve.posts("/api/subscriptions/change", &[("plan", &plan)]).await.denied("not_subscribed");
        let mut stranger = app.stranger();
        stranger.gets("/en/subscription").await.status(302);
        stranger.gets("/en/messages").await.status(302);
        for path in ["subscribe", "change", "cancel", "resume", "pay"] {
            stranger.posts(&format!("/api/subscriptions/{path}"), &[("plan", &plan)]).await.status(401);
        }
    }

    async fn the_desk_of_plans_belongs_to_administrators(app: TestApp) {
        let plans = plans(&app).await;
        let plan = plans.basic.to_string();
        let mut eve = app.expert("eve").await;
        eve.gets("/en/admin/plans").await.status(404);
        eve.gets(&format!("/en/admin/plans/{plan}")).await.status(404);
        eve.posts("/api/subscriptions/offer_plan", &[("plan", &plan), ("active", "false")]).await.status(404);
        eve.posts("/api/subscriptions/add_plan", &[("tier", "basic")]).await.status(404);
        eve.posts("/api/subscriptions/change_plan", &[("plan", &plan), ("tier", "basic")]).await.status(404);
        let mut staff = app.stranger();
        let fields = [("name", "ada"), ("password", "a long enough sentence")];
        staff.posts("/api/accounts/log_in", &fields).await.ok();
        staff.gets("/en/admin/plans").await.status(200).shows("Basic").shows("Offered").shows("Subscribers: 0");
        staff.gets(&format!("/zh/admin/plans/{plan}")).await.status(200).shows("宽限天数");
        // A second offer of the same kind is refused; a withdrawn plan cannot be subscribed to.
        let twin = [
            ("tier", "basic"), ("interval", "month"), ("title_en", "Twin"), ("title_zh", "另一个"), ("price_cny", "1"),
            ("retry_days", "1"),
        ];
        let reply = staff.submits("/en/admin/plans/new", "/api/subscriptions/add_plan", &twin).await.status(303);
        let other = reply.location().rsplit('/').next().unwrap().to_owned();
        staff.posts("/api/subscriptions/offer_plan", &[("plan", &other), ("active", "true")])
            .await
            .denied("plan_offered_already");
        let mut bob = app.learner("bob").await;
        bob.posts("/api/subscriptions/subscribe", &[("plan", &other), ("currency", "CNY")]).await.status(404);
        // Tier and period stay; a price changes for what is billed later.
        let moved = [("plan", plan.as_str()), ("tier", "premium"), ("interval", "month"), ("title_en", "B"), ("title_zh", "基"), ("price_cny", "31"), ("retry_days", "1")];
        staff.posts("/api/subscriptions/change_plan", &moved).await.invalid("tier", "plan_stays");
        let dearer = [("plan", plan.as_str()), ("tier", "basic"), ("interval", "month"), ("title_en", "B"), ("title_zh", "基"), ("price_cny", "31"), ("retry_days", "1")];
        staff.posts("/api/subscriptions/change_plan", &dearer).await.ok();
        bob.gets("/en/pricing?currency=CNY").await.shows("¥31");
    }

    async fn forged_and_overlong_input_is_refused(app: TestApp) {
        let plans = plans(&app).await;
        let long = "x".repeat(10_240);
        let plan = plans.basic.to_string();
        let mut bob = app.learner("bob").await;
        for bad in [long.as_str(), "", "0", "00000000-0000-0000-0000-000000000000", "' or 1=1 --"] {
            bob.posts("/api/subscriptions/subscribe", &[("plan", bad), ("currency", "CNY")]).await.status(404);
            bob.posts("/api/subscriptions/subscribe", &[("plan", &plan), ("currency", bad)])
                .await
                .invalid("currency", "plan_not_in_currency");
            bob.gets(&format!("/en/pricing?interval={}&currency={}", &bad.len(), &bad.len())).await.status(200);
        }
        // The premium plan has no price in dollars.
        let premium = plans.premium.to_string();
        bob.posts("/api/subscriptions/subscribe", &[("plan", &premium), ("currency", "USD")])
            .await
            .invalid("currency", "plan_not_in_currency");
        let mut sue = subscriber(&app, "sue", plans.basic).await;
        for bad in [long.as_str(), "", "x"] {
            sue.posts("/api/subscriptions/change", &[("plan", bad)]).await.status(404);
        }
        let mut staff = app.admin("ruth").await;
        let bad = [
            ("tier", long.as_str()), ("interval", "never"), ("title_en", &long), ("title_zh", ""), ("price_cny", "-1"),
            ("trial_days", "1000"), ("grace_days", "x"), ("retry_days", "9,1"), ("opens", "course:everything"),
        ];
        let reply = staff.posts("/api/subscriptions/add_plan", &bad).await;
        for (field, code) in [
            ("tier", "choose_one"), ("interval", "choose_one"), ("price_cny", "price_range"),
            ("trial_days", "days_range"), ("retry_days", "retry_days"), ("opens", "plan_opens"),
        ] {
            let text = reply.text();
            assert!(text.contains(field) && text.contains(code), "{field} {code}: {text}");
        }
        assert_eq!(reply.status.as_u16(), 422);
    }
}
