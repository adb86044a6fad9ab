//! Renewals that are charged to a card which its owner let us keep.

use domain::payments::{AttemptState, PaymentId};
use domain::subscriptions::SubscriptionState;
use domain::time::Span;
use fakepay::Trouble;
use server::features::payments::store as payments;
use server::sql;

use super::{bill, comes, october, offered, open_until, order_of, returns, sub, subscribes};
use crate::both;
use crate::support::TestApp;
use crate::support::bank::{self, Bank, Buyer, PATIENCE, agrees, count, sent_back, told};
use crate::support::shop::COURSE;

/// Somebody who subscribed by card.
async fn by_card(app: TestApp) -> (Bank, Buyer) {
    let bank = bank::open(app).await;
    let plans = offered(&bank.app).await;
    let mut person = bank.app.learner("bob").await;
    let order = order_of(&subscribes(&mut person, plans.basic, false).await);
    person.gets(&format!("/en/orders/{order}")).await.status(200).shows("Stripe keeps the card");
    let mut bob = Buyer { person, order, payment: PaymentId(order.0), number: String::new() };
    bob.begins(&bank, "stripe").await;
    bank.fake.pay(&bob.number);
    bank.settles().await;
    bob.person.gets("/en/subscription").await.status(200).shows("Visa ···· 4242").shows("Remove this card");
    (bank, bob)
}

/// The charge is made, and its answer comes too late each time it is asked for.
fn answers_get_lost(bank: &Bank) {
    let slow = u64::try_from(PATIENCE.as_millis()).unwrap() * 2;
    bank.fake.plan(Trouble::Slow(slow), 3, "POST /v1/payment_intents");
}

/// What Stripe took in all.
fn taken(bank: &Bank) -> i64 {
    bank.fake.truth()[&("stripe".to_owned(), "CNY".to_owned())].captured
}

#[derive(sqlx::FromRow)]
struct Id {
    id: uuid::Uuid,
}

/// How many attempts charged a kept card, by state.
async fn charges(bank: &Bank, state: AttemptState) -> i64 {
    let what =
        sql!("select count(*) as n from payments where card_id is not null and state = $1", state.as_str());
    count(&bank.app, what).await
}

both! {
    async fn a_renewal_is_charged_to_the_kept_card_once(app: TestApp) {
        let (bank, bob) = by_card(app).await;
        let mut end = october();
        for renewals in 1..=3 {
            comes(&bank.app, end.minus(Span::seconds(1))).await;
            assert_eq!(charges(&bank, AttemptState::Confirmed).await, renewals - 1, "one can still cancel");
            comes(&bank.app, end).await;
            let renewed = sub(&bank.app, &bob.person).await;
            assert_eq!(renewed.state, SubscriptionState::Active);
            assert!(renewed.period.1 > end, "paid before anybody had to do anything");
            assert_eq!(charges(&bank, AttemptState::Confirmed).await, renewals);
            // Its notice comes as well, and changes nothing.
            bank.settles_all().await;
            end = renewed.period.1;
        }
        assert_eq!(charges(&bank, AttemptState::Confirmed).await, 3);
        assert_eq!(taken(&bank), 4 * 3_000);
        assert_eq!(told(&bank.app, "past_due").await, 0, "nobody is told of a debt that is paid at once");
        agrees(&bank).await;
    }

    async fn a_card_that_is_refused_is_tried_again_and_its_owner_told(app: TestApp) {
        let (bank, mut bob) = by_card(app).await;
        bank.fake.card_declines(&bob.number, true);
        comes(&bank.app, october()).await;
        bank.settles().await;
        assert_eq!(charges(&bank, AttemptState::Failed).await, 1);
        assert_eq!(sub(&bank.app, &bob.person).await.state, SubscriptionState::PastDue);
        let grace = october().plus(Span::days(3));
        assert_eq!(open_until(&bank.app, &bob.person, COURSE).await, grace, "a refusal extends nothing");
        returns(&mut bob.person).await;
        bob.person.gets("/en/messages").await.status(200).shows("is not paid yet");
        // The bank says yes again: the next reminder day tries, and the period counts from the day it was due.
        bank.fake.card_declines(&bob.number, false);
        comes(&bank.app, october().plus(Span::days(1))).await;
        let paid = sub(&bank.app, &bob.person).await;
        assert_eq!((paid.state, paid.period.0), (SubscriptionState::Active, october()));
        assert_eq!(charges(&bank, AttemptState::Confirmed).await, 1);
        agrees(&bank).await;
    }

    async fn the_last_retry_counts_although_it_comes_a_little_late(app: TestApp) {
        let (bank, bob) = by_card(app).await;
        bank.fake.card_declines(&bob.number, true);
        // No worker looks at the very instant.
        for (days, tried) in [(0, 1), (1, 2), (3, 3)] {
            comes(&bank.app, october().plus(Span::days(days)).plus(Span::seconds(1))).await;
            assert_eq!(charges(&bank, AttemptState::Failed).await, tried, "day {days}");
        }
        bank.fake.card_declines(&bob.number, false);
        comes(&bank.app, october().plus(Span::days(5)).plus(Span::seconds(1))).await;
        let paid = sub(&bank.app, &bob.person).await;
        assert_eq!((paid.state, paid.period.0), (SubscriptionState::Active, october()));
        assert_eq!((charges(&bank, AttemptState::Confirmed).await, taken(&bank)), (1, 2 * 3_000));
        agrees(&bank).await;
    }

    async fn an_answer_that_got_lost_charges_nobody_twice(app: TestApp) {
        let (bank, bob) = by_card(app).await;
        answers_get_lost(&bank);
        comes(&bank.app, october()).await;
        assert_eq!(charges(&bank, AttemptState::Unknown).await, 1, "nobody knows, and nobody says it failed");
        bank.fake.outbox();
        assert_eq!(sub(&bank.app, &bob.person).await.period.1, october());
        // The next question finds the money, and no further turn charges again.
        comes(&bank.app, october().plus(Span::hours(1))).await;
        assert_eq!(charges(&bank, AttemptState::Confirmed).await, 1);
        comes(&bank.app, october().plus(Span::days(2))).await;
        assert_eq!(taken(&bank), 2 * 3_000);
        assert!(sub(&bank.app, &bob.person).await.period.1 > october());
        agrees(&bank).await;
    }

    async fn a_turn_that_comes_while_nobody_knows_charges_nothing(app: TestApp) {
        let (bank, bob) = by_card(app).await;
        answers_get_lost(&bank);
        comes(&bank.app, october()).await;
        bank.fake.outbox();
        // Stripe forgets its keys, and cannot be asked for days.
        bank.fake.shared().world().answered.clear();
        bank.fake.plan(Trouble::Down, 1_000, "GET /v1/payment_intents");
        for days in [1, 3] {
            comes(&bank.app, october().plus(Span::days(days))).await;
        }
        assert_eq!((taken(&bank), charges(&bank, AttemptState::Unknown).await), (2 * 3_000, 1));
        bank.fake.shared().world().plans.clear();
        let mut staff = bank.app.admin("rhea").await;
        let payment: Vec<Id> = bank
            .app
            .services
            .kit
            .db
            .all(sql!("select id from payments where card_id is not null"))
            .await
            .unwrap();
        let payment = payment[0].id.to_string();
        staff.posts("/api/payments/ask_now", &[("payment", &payment)]).await.ok();
        assert_eq!(sub(&bank.app, &bob.person).await.state, SubscriptionState::Active);
        assert_eq!(taken(&bank), 2 * 3_000);
        agrees(&bank).await;
    }

    async fn a_charge_that_never_arrived_is_given_up_and_tried_on_the_next_turn(app: TestApp) {
        let (bank, bob) = by_card(app).await;
        bank.fake.plan(Trouble::Down, 3, "POST /v1/payment_intents");
        comes(&bank.app, october()).await;
        assert_eq!(charges(&bank, AttemptState::Unknown).await, 1);
        comes(&bank.app, october().plus(Span::hours(1))).await;
        assert_eq!(charges(&bank, AttemptState::Unknown).await, 0, "Stripe has never heard of it");
        comes(&bank.app, october().plus(Span::days(1))).await;
        assert_eq!(charges(&bank, AttemptState::Confirmed).await, 1);
        assert_eq!(sub(&bank.app, &bob.person).await.state, SubscriptionState::Active);
        agrees(&bank).await;
    }

    async fn what_was_paid_by_hand_is_found_before_the_card_is_charged(app: TestApp) {
        let (bank, mut bob) = by_card(app).await;
        bank.fake.card_declines(&bob.number, true);
        let by_card = bob.number.clone();
        let reminder = october().plus(Span::days(1));
        comes(&bank.app, october()).await;
        comes(&bank.app, reminder.minus(Span::seconds(30))).await;
        bank.fake.outbox();
        bob.order = bill(&bank.app, &bob.person).await;
        bob.begins(&bank, "wechatpay").await;
        bank.fake.pay(&bob.number);
        // Its notice is lost, nobody has asked about it yet, and the bank of the card would pay again.
        bank.fake.outbox();
        bank.fake.card_declines(&by_card, false);
        comes(&bank.app, reminder).await;
        assert_eq!(charges(&bank, AttemptState::Confirmed).await, 0, "the open payment was closed first");
        assert_eq!(sub(&bank.app, &bob.person).await.state, SubscriptionState::Active);
        assert_eq!(taken(&bank), 3_000);
        agrees(&bank).await;
    }

    async fn what_the_card_paid_is_found_before_anybody_pays_by_hand(app: TestApp) {
        let (bank, mut bob) = by_card(app).await;
        answers_get_lost(&bank);
        comes(&bank.app, october()).await;
        bank.fake.outbox();
        returns(&mut bob.person).await;
        let order = bill(&bank.app, &bob.person).await.to_string();
        let fields = [("order", order.as_str()), ("gateway", "wechatpay")];
        bob.person.posts("/api/payments/begin", &fields).await.denied("order_already_paid");
        assert_eq!(charges(&bank, AttemptState::Confirmed).await, 1);
        assert_eq!(sub(&bank.app, &bob.person).await.state, SubscriptionState::Active);
        agrees(&bank).await;
    }

    async fn a_charge_that_is_found_after_its_owner_ended_the_plan_goes_back(app: TestApp) {
        let (bank, mut bob) = by_card(app).await;
        answers_get_lost(&bank);
        comes(&bank.app, october()).await;
        bank.fake.outbox();
        returns(&mut bob.person).await;
        bob.person.submits("/en/subscription", "/api/subscriptions/cancel", &[]).await.status(303);
        bank.app.runs_jobs().await;
        comes(&bank.app, october().plus(Span::hours(1))).await;
        bank.fake.outbox();
        assert_eq!(sub(&bank.app, &bob.person).await.state, SubscriptionState::Expired, "nothing is revived");
        assert_eq!((sent_back(&bank.app).await, told(&bank.app, "too_late").await), (1, 1));
        bob.person.gets("/en/subscription").await.status(200).hides("···· 4242");
        assert!(bank.fake.card_is_forgotten(&bob.number), "what is over needs no card");
        comes(&bank.app, october().plus(Span::days(40))).await;
        assert_eq!(taken(&bank), 2 * 3_000);
        agrees(&bank).await;
    }

    async fn a_card_is_removed_by_its_owner_alone_and_charged_no_more(app: TestApp) {
        let (bank, mut bob) = by_card(app).await;
        let mut eve = bank.app.learner("eve").await;
        eve.gets("/en/subscription").await.status(200).hides("···· 4242");
        eve.posts("/api/payments/forget_card", &[]).await.status(404);
        bob.person.submits("/en/subscription", "/api/payments/forget_card", &[]).await.status(303);
        bank.app.runs_jobs().await;
        bob.person.gets("/en/subscription").await.status(200).hides("···· 4242");
        bob.person.posts("/api/payments/forget_card", &[]).await.status(404);
        assert!(bank.fake.card_is_forgotten(&bob.number));
        // The job that wrote it down is done again: removed stays removed.
        let mut tx = bank.app.services.kit.db.begin().await.unwrap();
        let again = sql!("update jobs set state = 'ready' where kind = 'payments.keep_card'");
        assert_eq!(tx.run(again).await.unwrap(), 1);
        tx.commit().await.unwrap();
        bank.app.runs_jobs().await;
        bob.person.gets("/en/subscription").await.status(200).hides("···· 4242");
        comes(&bank.app, october()).await;
        assert_eq!(sub(&bank.app, &bob.person).await.state, SubscriptionState::PastDue);
        let tried = count(&bank.app, sql!("select count(*) as n from payments where card_id is not null")).await;
        assert_eq!(tried, 0);
        agrees(&bank).await;
    }

    async fn a_card_is_forgotten_there_though_its_gateway_is_down_for_hours(app: TestApp) {
        let (bank, mut bob) = by_card(app).await;
        bank.fake.plan(Trouble::Down, 1_000, "");
        bob.person.submits("/en/subscription", "/api/payments/forget_card", &[]).await.status(303);
        for _ in 0..12 {
            bank.app.runs_jobs().await;
            bank.app.wait(Span::minutes(15));
        }
        assert!(!bank.fake.card_is_forgotten(&bob.number));
        bank.fake.shared().world().plans.clear();
        for _ in 0..4 {
            bank.app.wait(Span::hours(7));
            bank.app.runs_jobs().await;
        }
        assert!(bank.fake.card_is_forgotten(&bob.number));
        agrees(&bank).await;
    }

    async fn what_is_not_renewed_keeps_no_card(app: TestApp) {
        let bank = bank::open(app).await;
        let bob = Buyer::of(&bank, "bob", COURSE, "stripe").await;
        bank.fake.pay(&bob.number);
        bank.settles_all().await;
        let account = bob.person.actor().await.account;
        let card = payments::kept_card(&bank.app.services.kit.db, account).await.unwrap();
        assert!(card.is_none());
        agrees(&bank).await;
    }
}
