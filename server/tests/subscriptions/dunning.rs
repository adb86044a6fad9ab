//! Renewals that nobody pays: tried again, grace, recovery, end.

use domain::orders::OrderState;
use domain::payments::{AttemptState, PaymentId};
use domain::refunds::Destination;
use domain::subscriptions::{SubscriptionState, Turn};
use domain::time::Span;
use server::db::Count;
use server::features::orders::store as orders;
use server::sql;

use super::{
    access, bill, comes, october, offered, open_until, order_of, pays, plans, returns, sound, sub,
    subscriber, subscribes,
};
use crate::both;
use crate::support::TestApp;
use crate::support::bank::{self, Buyer, agrees};
use crate::support::shop::{COURSE, ENTRY};

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
        returns(&mut bob).await;
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

    async fn renewals_are_paid_from_credit_while_it_is_enough(app: TestApp) {
        let plans = plans(&app).await;
        let mut bob = app.learner("bob").await;
        let actor = bob.actor().await;
        let entry = app.services.orders.place(&actor, ENTRY).await.unwrap();
        pays(&app, &bob, entry).await;
        let lines: Vec<_> = orders::lines(&app.services.kit.db, entry).await.unwrap().iter().map(|line| line.id).collect();
        app.services.refunds.request(&actor, entry, &lines, Destination::Wallet).await.unwrap();
        app.runs_jobs().await;
        bob.gets("/en/pricing").await.shows("Pay renewals from my balance");
        let plan = plans.basic.to_string();
        let fields = [("plan", plan.as_str()), ("currency", "CNY"), ("trial", "false"), ("wallet", "true")];
        let order = bob.submits("/en/pricing", "/api/subscriptions/subscribe", &fields).await.status(303);
        pays(&app, &bob, order_of(order.location())).await;
        for left in [7_000, 4_000, 1_000] {
            let end = sub(&app, &bob).await.period.1;
            comes(&app, end.minus(Span::hours(24))).await;
            let renewed = sub(&app, &bob).await;
            assert_eq!(renewed.state, SubscriptionState::Active);
            assert!(renewed.period.1 > end, "paid before anybody had to do anything");
            assert_eq!(app.services.wallet.balances(actor.account).await.unwrap()[0].minor, left);
        }
        let end = sub(&app, &bob).await.period.1;
        comes(&app, end).await;
        assert_eq!(sub(&app, &bob).await.state, SubscriptionState::PastDue, "¥10 are not enough");
        let tries = sql!("select count(*) as n from payments where gateway = 'wallet' and state <> 'confirmed'");
        assert_eq!(count(&app, tries).await, 0, "what is not enough is not tried");
        returns(&mut bob).await;
        bob.gets("/en/messages").await.shows("is not paid yet");
        sound(&app).await;
    }

    async fn somebody_fails_to_renew_at_a_gateway_and_recovers(app: TestApp) {
        let bank = bank::open(app).await;
        let plans = offered(&bank.app).await;
        let mut person = bank.app.learner("bob").await;
        let order = order_of(&subscribes(&mut person, plans.basic, false).await);
        let mut bob = Buyer { person, order, payment: PaymentId(order.0), number: String::new() };
        bob.begins(&bank, "wechatpay").await;
        bank.fake.pay(&bob.number);
        assert!(!bob.owns(&bank.app, COURSE).await, "the gateway has the money, and we have not heard of it");
        bank.settles().await;
        let grace = october().plus(Span::days(3));
        assert_eq!(open_until(&bank.app, &bob.person, COURSE).await, grace);
        // The bank of the subscriber says no, days after it was asked.
        comes(&bank.app, october()).await;
        bob.order = bill(&bank.app, &bob.person).await;
        bob.begins(&bank, "stripe").await;
        bank.fake.pay_slowly(&bob.number);
        bank.fake.decline(&bob.number);
        bank.settles().await;
        assert_eq!(bob.state(&bank.app).await, AttemptState::Failed);
        assert_eq!(sub(&bank.app, &bob.person).await.state, SubscriptionState::PastDue);
        assert_eq!(open_until(&bank.app, &bob.person, COURSE).await, grace, "a try extends nothing");
        comes(&bank.app, grace.plus(Span::seconds(1))).await;
        assert!(!bob.owns(&bank.app, COURSE).await);
        returns(&mut bob.person).await;
        bob.person.gets("/en/messages").await.status(200).shows("is still not paid");
        // The same order is paid in another way; the period counts from the day that was due.
        assert_eq!(bill(&bank.app, &bob.person).await, bob.order);
        bob.begins(&bank, "wechatpay").await;
        bank.fake.pay(&bob.number);
        bank.settles().await;
        let november = october().plus(Span::days(31));
        let paid = sub(&bank.app, &bob.person).await;
        assert_eq!((paid.state, paid.period), (SubscriptionState::Active, (october(), november)));
        assert_eq!(open_until(&bank.app, &bob.person, COURSE).await, november.plus(Span::days(3)));
        bob.person.gets("/en/subscription").await.status(200).shows("Active").hides("Pay the next period");
        agrees(&bank).await;
    }

    async fn what_was_shown_too_long_ago_is_shown_anew(app: TestApp) {
        let bank = bank::open(app).await;
        let plans = offered(&bank.app).await;
        for (gateway, lasts) in [("wechatpay", Span::minutes(110)), ("stripe", Span::hours(23))] {
            let person = subscriber(&bank.app, gateway, plans.basic).await;
            comes(&bank.app, sub(&bank.app, &person).await.period.1).await;
            let order = bill(&bank.app, &person).await;
            let mut buyer = Buyer { person, order, payment: PaymentId(order.0), number: String::new() };
            buyer.begins(&bank, gateway).await;
            let first = buyer.number.clone();
            bank.app.wait(lasts);
            buyer.begins(&bank, gateway).await;
            assert_eq!(buyer.number, first, "{gateway}: one can still pay by it");
            bank.app.wait(Span::seconds(1));
            let page = format!("/en/pay/{}", buyer.payment);
            returns(&mut buyer.person).await;
            buyer.person.gets(&page).await.status(200).hides("class=\"qr\"").shows("has run out");
            buyer.begins(&bank, gateway).await;
            assert_ne!(buyer.number, first, "{gateway}: nobody can pay by that any more");
            assert_eq!(buyer.state(&bank.app).await, AttemptState::Pending);
            bank.fake.pay(&buyer.number);
            bank.settles().await;
            assert_eq!(buyer.state(&bank.app).await, AttemptState::Confirmed);
        }
        agrees(&bank).await;
    }

    async fn nobody_pays_and_it_ends(app: TestApp) {
        let plans = plans(&app).await;
        let mut bob = subscriber(&app, "bob", plans.basic).await;
        comes(&app, october()).await;
        let order = bill(&app, &bob).await;
        // The last retry is on the fifth day; a day later it is over.
        let last = october().plus(Span::days(6));
        comes(&app, last).await;
        assert_eq!(sub(&app, &bob).await.state, SubscriptionState::PastDue);
        comes(&app, last.plus(Span::from_micros(1))).await;
        app.runs_jobs().await;
        let ended = sub(&app, &bob).await;
        assert_eq!(ended.state, SubscriptionState::Expired);
        let order = orders::order(&app.services.kit.db, order).await.unwrap().unwrap();
        assert!(matches!(order.state, OrderState::Expired | OrderState::Cancelled), "{:?}", order.state);
        returns(&mut bob).await;
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

    async fn turns_may_come_in_any_order(app: TestApp) {
        let plans = plans(&app).await;
        for (name, order) in [("bob", [3, 2, 1, 0]), ("eve", [1, 3, 0, 2]), ("sue", [2, 0, 3, 1])] {
            let person = subscriber(&app, name, plans.basic).await;
            let known = sub(&app, &person).await;
            app.wait(known.period.1.plus(Span::days(9)).since(app.services.kit.now()));
            let turns = [Turn::Bill, Turn::Due, Turn::Retry(1), Turn::GiveUp];
            for index in order {
                app.services.subscriptions.turn(known.id, known.period.1, turns[index]).await.unwrap();
            }
            assert_eq!(sub(&app, &person).await.state, SubscriptionState::Expired, "{name}");
        }
        app.runs_jobs().await;
        sound(&app).await;
    }

    async fn the_days_of_grace_are_paid_by_whoever_comes_back_in_them(app: TestApp) {
        let plans = plans(&app).await;
        let mut bob = subscriber(&app, "bob", plans.basic).await;
        comes(&app, october().plus(Span::days(2))).await;
        returns(&mut bob).await;
        bob.submits("/en/subscription", "/api/subscriptions/cancel", &[]).await.status(303);
        assert!(access(&app, &bob, COURSE).await.is_allowed(), "the grace is for everybody");
        let again = order_of(&subscribes(&mut bob, plans.basic, false).await);
        pays(&app, &bob, again).await;
        let november = october().plus(Span::days(31));
        assert_eq!(sub(&app, &bob).await.period, (october(), november), "no day is free");
        // So it is with another plan, which begins where the first one ended.
        comes(&app, november.plus(Span::days(1))).await;
        returns(&mut bob).await;
        let change = [("plan", plans.premium.to_string())];
        let change = change.each_ref().map(|(name, value)| (*name, value.as_str()));
        let dearer = bob.submits("/en/subscription", "/api/subscriptions/change", &change).await.status(303);
        pays(&app, &bob, order_of(dearer.location())).await;
        let december = november.plus(Span::days(30));
        assert_eq!(sub(&app, &bob).await.period, (november, december));
        // Who comes back after the grace begins with the day.
        bob.posts("/api/subscriptions/cancel", &[]).await.ok();
        comes(&app, december.plus(Span::days(4))).await;
        returns(&mut bob).await;
        let late = order_of(&subscribes(&mut bob, plans.basic, false).await);
        pays(&app, &bob, late).await;
        assert_eq!(sub(&app, &bob).await.period.0, december.plus(Span::days(4)));
        sound(&app).await;
    }

    async fn what_its_owner_ended_does_not_begin_again_by_money_on_its_way(app: TestApp) {
        let bank = bank::open(app).await;
        let plans = offered(&bank.app).await;
        let mut person = bank.app.learner("bob").await;
        let order = order_of(&subscribes(&mut person, plans.basic, false).await);
        let mut bob = Buyer { person, order, payment: PaymentId(order.0), number: String::new() };
        bob.begins(&bank, "wechatpay").await;
        bank.fake.pay(&bob.number);
        bank.settles().await;
        comes(&bank.app, october().plus(Span::hours(1))).await;
        bob.order = bill(&bank.app, &bob.person).await;
        bob.begins(&bank, "wechatpay").await;
        bank.fake.pay(&bob.number);
        // The money has left them, nobody here has heard of it, and they end it.
        returns(&mut bob.person).await;
        bob.person.posts("/api/subscriptions/cancel", &[]).await.ok();
        bank.settles_all().await;
        assert_eq!(sub(&bank.app, &bob.person).await.state, SubscriptionState::Expired);
        let back = sql!("select count(*) as n from refunds where kind = 'parked' and state = 'succeeded'");
        assert_eq!(count(&bank.app, back).await, 1, "it goes back");
        agrees(&bank).await;
    }

    async fn somebody_ends_what_is_due(app: TestApp) {
        let plans = plans(&app).await;
        let mut bob = subscriber(&app, "bob", plans.basic).await;
        comes(&app, october().plus(Span::hours(1))).await;
        returns(&mut bob).await;
        bob.gets("/en/subscription").await.shows("End the subscription");
        bob.submits("/en/subscription", "/api/subscriptions/cancel", &[]).await.status(303);
        assert_eq!(sub(&app, &bob).await.state, SubscriptionState::Expired);
        assert_eq!(open_until(&app, &bob, COURSE).await, october().plus(Span::days(3)));
        comes(&app, october().plus(Span::days(6))).await;
        assert_eq!(sub(&app, &bob).await.state, SubscriptionState::Expired);
        sound(&app).await;
    }
}
