//! Stories of plans whose money goes back.

use std::collections::BTreeMap;

use domain::orders::{OrderId, OrderLineId};
use domain::payments::{AttemptState, Told};
use domain::refunds::Destination;
use domain::subscriptions::SubscriptionState;
use domain::time::Span;
use server::db::Count;
use server::features::orders::store as orders;
use server::features::payments::gateway::{RefundTold, ReversalKind};
use server::features::payments::store::attempt;
use server::sql;

use super::{
    access, bill, comes, october, open_until, order_of, pays, plans, returns, sound, sub, subscribes,
};
use crate::both;
use crate::support::moody::{Buyer, Mood, Moody, request, tells, yuan};
use crate::support::shop::COURSE;
use crate::support::{START, TestApp};
use domain::subscriptions::PlanId;

/// Somebody whose plan was paid at the bank with moods.
async fn subscriber(app: &TestApp, name: &str, plan: PlanId) -> Buyer {
    let mut person = app.learner(name).await;
    let order = order_of(&subscribes(&mut person, plan, false).await);
    let actor = person.actor().await;
    let payment = app.services.payments.begin(&actor, order, "bank").await.unwrap();
    let amount = attempt(&app.services.kit.db, payment).await.unwrap().unwrap().amount;
    let told = Told::Confirmed { charge: format!("ch_{name}"), amount };
    app.services.payments.learn(payment, &told, "test").await.unwrap();
    Buyer { person, actor, order, payment, lines: lines(app, order).await }
}

async fn lines(app: &TestApp, order: OrderId) -> Vec<OrderLineId> {
    orders::lines(&app.services.kit.db, order).await.unwrap().iter().map(|line| line.id).collect()
}

/// A person of the platform gives an amount of the only line of an order back.
async fn grants(app: &TestApp, order: OrderId, amount: &str) {
    let name = format!("staff{}", &order.to_string()[28..]);
    let staff = app.admin(&name).await.actor().await;
    let amounts = BTreeMap::from([(lines(app, order).await[0].to_string(), amount.to_owned())]);
    app.services.refunds.grant(&staff, order, &amounts, Destination::Gateway, "goodwill").await.unwrap();
}

async fn count(app: &TestApp, what: server::db::Sql) -> i64 {
    app.services.kit.db.one::<Count>(what).await.unwrap().n
}

both! {
    async fn a_period_that_was_given_back_opens_nothing(app: TestApp) {
        let plans = plans(&app).await;
        Moody::open(&app);
        let bob = subscriber(&app, "bob", plans.basic).await;
        let now = app.services.kit.now();
        grants(&app, bob.order, "30").await;
        assert!(!access(&app, &bob.person, COURSE).await.is_allowed(), "at once, without grace");
        app.runs_jobs().await;
        let ended = sub(&app, &bob.person).await;
        assert_eq!((ended.state, ended.ended_at), (SubscriptionState::Expired, Some(now)));
        comes(&app, october().plus(Span::days(9))).await;
        assert_eq!(sub(&app, &bob.person).await, ended, "and nothing is billed");
        sound(&app).await;
    }

    async fn what_is_being_given_back_is_not_renewed(app: TestApp) {
        let plans = plans(&app).await;
        let bank = Moody::open(&app);
        let mut bob = subscriber(&app, "bob", plans.basic).await;
        let mut eve = subscriber(&app, "eve", plans.basic).await;
        bank.is(Mood::Deaf);
        for buyer in [&bob, &eve] {
            grants(&app, buyer.order, "30").await;
            app.wait(Span::minutes(1));
        }
        app.runs_jobs().await;
        bob.person.gets("/en/subscription").await.status(200).hides("Open until");
        // Nobody knows for a month what became of it: nobody is billed, told of a debt, or charged.
        comes(&app, october().plus(Span::hours(1))).await;
        assert_eq!(sub(&app, &bob.person).await.state, SubscriptionState::Active);
        assert_eq!(count(&app, sql!("select count(*) as n from subscription_invoices where kind = 'renewal'")).await, 0);
        let debts = sql!("select count(*) as n from messages where kind in ('bill_soon', 'past_due', 'still_unpaid')");
        assert_eq!(count(&app, debts).await, 0);
        // The bank has given it back after all: the subscription is over.
        bank.is(Mood::Works);
        comes(&app, october().plus(Span::days(2))).await;
        for buyer in [&bob, &eve] {
            assert_eq!(sub(&app, &buyer.person).await.state, SubscriptionState::Expired);
        }
        returns(&mut eve.person).await;
        eve.person.gets("/en/subscription").await.status(200).shows("Ended");
        sound(&app).await;
    }

    async fn a_refund_that_is_refused_lets_the_subscription_go_on(app: TestApp) {
        let plans = plans(&app).await;
        let bank = Moody::open(&app);
        let bob = subscriber(&app, "bob", plans.basic).await;
        bank.is(Mood::Deaf);
        comes(&app, october().minus(Span::hours(25))).await;
        grants(&app, bob.order, "30").await;
        comes(&app, october().minus(Span::hours(20))).await;
        bank.is(Mood::Refuses);
        comes(&app, october().plus(Span::hours(1))).await;
        app.runs_jobs().await;
        comes(&app, october().plus(Span::hours(13))).await;
        let sub = sub(&app, &bob.person).await;
        assert_eq!(sub.state, SubscriptionState::PastDue, "the money stayed, and the next period is due");
        assert_eq!(open_until(&app, &bob.person, COURSE).await, october().plus(Span::days(3)));
        let order = bill(&app, &bob.person).await;
        pays(&app, &bob.person, order).await;
        sound(&app).await;
    }

    async fn what_counts_in_an_order_that_waits_ends_nothing(app: TestApp) {
        let plans = plans(&app).await;
        Moody::open(&app);
        let mut staff = app.admin("rhea").await;
        let month = [("code", "month"), ("name_en", "A month"), ("name_zh", "一个月"), ("self_service", "true"), ("hours", "720"), ("consumed_percent", "")];
        staff.posts("/api/refunds/new-policy", &month).await.ok();
        staff.posts("/api/refunds/bind", &[("kind", "plan"), ("policy", "month")]).await.ok();
        let mut bob = subscriber(&app, "bob", plans.basic).await;
        // Ten days later two thirds of the month count in an order that waits for its money.
        app.wait(Span::days(10));
        let change = [("plan", plans.premium.to_string())];
        let change = change.each_ref().map(|(name, value)| (*name, value.as_str()));
        let waiting = bob.person.submits("/en/subscription", "/api/subscriptions/change", &change).await.status(303);
        let waiting = order_of(waiting.location());
        let refused = request(&app, &bob, &bob.lines).await.unwrap_err();
        assert!(refused.to_string().contains("refund_waiting"), "{refused}");
        // What is left of it now is not all of it: the right stays.
        grants(&app, bob.order, "10").await;
        app.runs_jobs().await;
        assert!(access(&app, &bob.person, COURSE).await.is_allowed());
        assert_eq!(sub(&app, &bob.person).await.state, SubscriptionState::Active);
        pays(&app, &bob.person, waiting).await;
        assert_eq!(sub(&app, &bob.person).await.plan, plans.premium);
        sound(&app).await;
    }

    async fn money_that_was_carried_on_and_is_taken_back_is_told(app: TestApp) {
        let plans = plans(&app).await;
        Moody::open(&app);
        let mut bob = subscriber(&app, "bob", plans.premium).await;
        let change = [("plan", plans.yearly.to_string())];
        let change = change.each_ref().map(|(name, value)| (*name, value.as_str()));
        let year = bob.person.submits("/en/subscription", "/api/subscriptions/change", &change).await.status(303);
        let year = order_of(year.location());
        assert_eq!(orders::order(&app.services.kit.db, year).await.unwrap().unwrap().total, yuan(81_000));
        pays(&app, &bob.person, year).await;
        // Its first payment, which counted for the year, goes back in the console of the bank.
        let console = ReversalKind::Refund { ours: None, told: RefundTold::Succeeded };
        assert!(tells(&app, &bob, "re_1", console, 9_000).await);
        let told = sql!("select count(*) as n from money_alerts where reason = 'credit_uncovered'");
        assert_eq!(count(&app, told).await, 1);
        assert_eq!(open_until(&app, &bob.person, COURSE).await, START.plus(Span::days(365 + 3)));
        let mut staff = app.admin("rhea").await;
        staff.gets("/en/admin/payments").await.status(200).shows("counted towards another order");
        sound(&app).await;
    }

    async fn money_that_a_bank_holds_counts_for_no_other_plan(app: TestApp) {
        let plans = plans(&app).await;
        Moody::open(&app);
        let mut bob = subscriber(&app, "bob", plans.basic).await;
        bob.person.gets("/en/subscription").await.shows("¥30 of your period");
        assert!(tells(&app, &bob, "dp_1", ReversalKind::Disputed, 3_000).await);
        bob.person.gets("/en/subscription").await.status(200).hides("¥30 of your period");
        // A card is not charged for going on while its bank looks at the last payment.
        comes(&app, october().plus(Span::days(1))).await;
        assert_eq!(sub(&app, &bob.person).await.state, SubscriptionState::Active);
        let attempts = sql!("select count(*) as n from payments where state <> $1", AttemptState::Confirmed.as_str());
        assert_eq!(count(&app, attempts).await, 0);
        assert!(tells(&app, &bob, "dp_1", ReversalKind::DisputeLost, 3_000).await);
        assert_eq!(sub(&app, &bob.person).await.state, SubscriptionState::Expired);
        sound(&app).await;
    }
}
