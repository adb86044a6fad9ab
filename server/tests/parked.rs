//! Stories of money that paid nothing: how a person sends it back, and what consoles do to it.

use domain::orders::OrderId;
use domain::payments::{AttemptState, Told};
use domain::refunds::{RefundKind, RefundState};
use domain::time::Span;
use server::features::payments::gateway::{RefundTold, ReversalKind};
use server::features::refunds::store;
use server::sql;

use crate::both;
use crate::support::bank::{self, GATEWAYS, agrees, alerts, count, sent_back};
use crate::support::moody::*;
use crate::support::shop::{self, COURSE};
use crate::support::{Person, TestApp};

/// Somebody who paid one order twice; the second payment goes back, if the bank lets it.
async fn paid_twice(app: &TestApp) -> Buyer {
    let person = app.learner("bob").await;
    let actor = person.actor().await;
    let order = app.services.orders.place(&actor, COURSE).await.unwrap();
    let mut attempts = Vec::new();
    for _ in 0..2 {
        let payment = app.services.payments.begin(&actor, order, "bank").await.unwrap();
        app.services.payments.learn(payment, &Told::Declined, "test").await.unwrap();
        attempts.push(payment);
    }
    for (payment, charge) in attempts.iter().zip(["ch_1", "ch_2"]) {
        let told = Told::Confirmed { charge: charge.to_owned(), amount: yuan(3_900) };
        app.services.payments.learn(*payment, &told, "test").await.unwrap();
    }
    app.runs_jobs().await;
    Buyer { person, actor, order, payment: attempts[1], lines: Vec::new() }
}

/// The form that sends the money of the only open alert back.
async fn sends_back(app: &TestApp, staff: &mut Person, reason: &str) -> String {
    assert_eq!(alerts(app, reason).await, 1, "{reason}");
    let page = staff.gets("/en/admin/payments").await.status(200).shows("Send the money back").text();
    let after = page.split("action=\"/api/refunds/send-back").nth(1).expect("a form");
    let value = after.split("name=\"alert\" value=\"").nth(1).expect("its alert");
    value.split('"').next().unwrap().to_owned()
}

async fn newest(app: &TestApp, order: OrderId) -> (RefundKind, RefundState, i64) {
    let all = store::of_order(&app.services.kit.db, order).await.unwrap();
    (all[0].kind, all[0].state, all[0].amount.minor)
}

both! {
    async fn money_of_another_amount_is_sent_back_by_a_person_once(app: TestApp) {
        let bank = bank::open(app).await;
        for (gateway, amount) in GATEWAYS.iter().zip([3_899, 3_901, 1]) {
            let buyer = bank::Buyer::of(&bank, gateway, COURSE, gateway).await;
            bank.fake.pay_other(&buyer.number, amount);
            bank.settles().await;
            let mut staff = bank.app.admin(&format!("staff-{gateway}")).await;
            let alert = sends_back(&bank.app, &mut staff, "other_amount").await;
            let fields = [("alert", alert.as_str())];
            let mut eve = bank.app.learner(&format!("eve-{gateway}")).await;
            eve.posts("/api/refunds/send-back", &fields).await.status(404);
            staff.submits("/en/admin/payments", "/api/refunds/send-back", &fields).await.status(303);
            staff.posts("/api/refunds/send-back", &fields).await.status(404);
            bank.settles_all().await;
            assert_eq!(newest(&bank.app, buyer.order).await, (RefundKind::Parked, RefundState::Succeeded, amount));
            assert_eq!(alerts(&bank.app, "other_amount").await, 0);
            staff.gets("/en/admin/payments").await.status(200).hides("Send the money back");
        }
        assert_eq!(holds(&bank.app, "suspense:unmatched").await, 0);
        agrees(&bank).await;
    }

    async fn a_sending_back_that_was_refused_is_sent_again_by_a_person(app: TestApp) {
        shop::open(&app);
        let bank = Moody::open(&app);
        bank.is(Mood::Refuses);
        let bob = paid_twice(&app).await;
        assert_eq!((bank.given(), alerts(&app, "refund_failed").await), (0, 1));
        assert_eq!(holds(&app, "suspense:unmatched").await, 3_900, "it waits");
        let waits = &app.services.kit.db;
        assert!(server::features::payments::store::under_review(waits, bob.order).await.unwrap(), "the money is with us");
        balanced(&app).await;
        bank.is(Mood::Works);
        let mut staff = app.admin("rhea").await;
        staff.gets("/zh/admin/payments").await.status(200).shows("退款被支付平台拒绝").shows("退还这笔款项");
        let alert = sends_back(&app, &mut staff, "refund_failed").await;
        let fields = [("alert", alert.as_str())];
        staff.submits("/en/admin/payments", "/api/refunds/send-back", &fields).await.status(303);
        app.runs_jobs().await;
        assert_eq!((bank.given(), sent_back(&app).await), (3_900, 1));
        assert_eq!(holds(&app, "suspense:unmatched").await, 0);
        assert!(owns(&app, &bob.actor, COURSE).await, "the payment that counted stays");
        balanced(&app).await;
    }

    async fn a_bank_that_disputes_what_was_parked_has_it_until_it_loses(app: TestApp) {
        shop::open(&app);
        let bank = Moody::open(&app);
        bank.is(Mood::Refuses);
        let bob = paid_twice(&app).await;
        let mut staff = app.admin("rhea").await;
        let alert = sends_back(&app, &mut staff, "refund_failed").await;
        let close = [("alert", alert.as_str()), ("note", "the bank has it")];
        staff.posts("/api/payments/close_alert", &close).await.denied("money_is_here");
        for _ in 0..2 {
            assert!(tells(&app, &bob, "dp_1", ReversalKind::Disputed, 3_900).await);
            assert_eq!(holds(&app, "suspense:unmatched").await, 0);
        }
        assert!(owns(&app, &bob.actor, COURSE).await, "the payment that counted stays");
        balanced(&app).await;
        staff.posts("/api/refunds/send-back", &[("alert", &alert)]).await.denied("refund_returned");
        staff.gets("/en/admin/payments").await.hides("Send the money back");
        staff.posts("/api/payments/close_alert", &close).await.ok();
        for _ in 0..2 {
            assert!(tells(&app, &bob, "dp_1", ReversalKind::DisputeWon, 3_900).await);
            assert_eq!(holds(&app, "suspense:unmatched").await, 3_900, "it lies there again, and a person is told");
        }
        assert_eq!(alerts(&app, "refund_failed").await, 1);
        balanced(&app).await;
        bank.is(Mood::Works);
        let again = sends_back(&app, &mut staff, "refund_failed").await;
        staff.posts("/api/refunds/send-back", &[("alert", &again)]).await.ok();
        app.runs_jobs().await;
        assert_eq!((bank.given(), holds(&app, "suspense:unmatched").await), (3_900, 0));
        balanced(&app).await;
    }

    async fn who_paid_another_amount_may_pay_in_another_way(app: TestApp) {
        let bank = bank::open(app).await;
        let mut buyer = bank::Buyer::of(&bank, "bob", COURSE, "stripe").await;
        bank.fake.pay_other(&buyer.number, 3_899);
        bank.settles().await;
        assert_eq!(buyer.state(&bank.app).await, AttemptState::Superseded);
        buyer.sees("The money is safe").await;
        buyer.begins(&bank, "alipay").await;
        bank.fake.pay(&buyer.number);
        bank.settles().await;
        assert!(buyer.owns(&bank.app, COURSE).await);
        assert_eq!(holds(&bank.app, "suspense:unmatched").await, 3_899, "a person decides about the first");
        agrees(&bank).await;
    }

    async fn what_a_console_left_of_parked_money_is_sent_back(app: TestApp) {
        let bank = bank::open(app).await;
        let buyer = bank::Buyer::of(&bank, "bob", COURSE, "stripe").await;
        bank.fake.pay_other(&buyer.number, 3_899);
        bank.settles().await;
        bank.fake.refund_from_console(&buyer.number, 1_000);
        bank.settles().await;
        let mut staff = bank.app.admin("rhea").await;
        let alert = sends_back(&bank.app, &mut staff, "other_amount").await;
        staff.gets("/en/admin/payments").await.shows("Send ¥28.99 back to @bob?");
        staff.posts("/api/refunds/send-back", &[("alert", &alert)]).await.ok();
        bank.settles_all().await;
        assert_eq!(newest(&bank.app, buyer.order).await, (RefundKind::Parked, RefundState::Succeeded, 2_899));
        agrees(&bank).await;
    }

    async fn a_console_gives_back_what_was_parked(app: TestApp) {
        shop::open(&app);
        let bank = Moody::open(&app);
        bank.is(Mood::Refuses);
        let bob = paid_twice(&app).await;
        let done = || ReversalKind::Refund { ours: None, told: RefundTold::Succeeded };
        assert!(!tells(&app, &bob, "re_0", done(), 3_901).await, "more than there is, is a person's matter");
        for _ in 0..2 {
            assert!(tells(&app, &bob, "re_1", done(), 1_900).await);
        }
        assert_eq!(holds(&app, "suspense:unmatched").await, 2_000);
        assert!(tells(&app, &bob, "re_2", done(), 2_000).await);
        assert_eq!(holds(&app, "suspense:unmatched").await, 0);
        assert!(owns(&app, &bob.actor, COURSE).await);
        assert_eq!(holds(&app, "gateway:bank:clearing").await, -3_900, "the payment that counted stays");
        balanced(&app).await;
    }

    async fn a_refund_that_is_stuck_waits_for_a_person_and_gives_nothing_up(app: TestApp) {
        shop::open(&app);
        let bank = Moody::open(&app);
        let bob = bought(&app, "bob", &[COURSE]).await;
        bank.is(Mood::Stuck);
        request(&app, &bob, &bob.lines).await.unwrap();
        app.runs_jobs().await;
        app.wait(Span::minutes(1));
        app.runs_jobs().await;
        assert_eq!(state(&app, bob.order).await.0, RefundState::Sent, "stuck is not failed");
        assert_eq!(alerts(&app, "refund_stuck").await, 1, "told once");
        assert!(!owns(&app, &bob.actor, COURSE).await);
        let mut staff = app.admin("rhea").await;
        staff.gets("/en/admin/payments").await.status(200).shows("A refund needs a person at its gateway");
        // In the console somebody sent it in another way.
        bank.is(Mood::Works);
        app.wait(Span::minutes(5));
        app.runs_jobs().await;
        assert_eq!(state(&app, bob.order).await.0, RefundState::Succeeded);
        assert_eq!(bank.calls().len(), 1, "it was never asked for twice");
        let booked = count(&app, sql!("select count(*) as n from refunds where state = 'succeeded'")).await;
        assert_eq!(booked, 1);
        balanced(&app).await;
    }
}
