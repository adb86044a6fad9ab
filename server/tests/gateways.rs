//! Stories of gateways: buying at each of them, and every fault of the wire.

use std::sync::Arc;

use domain::payments::AttemptState;
use domain::refunds::RefundState;
use domain::time::Span;
use fakepay::{Part, Stage, Trouble};
use server::features::payments::store;
use server::sql;

use crate::both;
use crate::support::bank::{
    self, Bank, Buyer, GATEWAYS, PATIENCE, agrees, alerts, attempt, count, order, sent_back, told as messages,
};
use crate::support::post::{Outbox, with_post};
use crate::support::shop::{self, COURSE, ENTRY, LAST};

/// Waits until something is so.
async fn until(is_so: impl Fn() -> bool) {
    for _ in 0..600 {
        if is_so() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("it did not come to that");
}

/// The events of Stripe that wait to be told.
fn told(bank: &Bank) -> Vec<String> {
    let world = bank.fake.shared().world();
    let event =
        |notice: &fakepay::Notice| -> serde_json::Value { serde_json::from_slice(&notice.body).unwrap() };
    world.outbox.iter().map(|notice| event(notice)["type"].as_str().unwrap().to_owned()).collect()
}

both! {
    async fn buying_at_each_gateway(app: TestApp) {
        let bank = bank::open(app).await;
        for (gateway, word) in GATEWAYS.iter().zip(["", "success", ""]) {
            let mut bob = Buyer::of(&bank, gateway, COURSE, gateway).await;
            assert_eq!(bob.state(&bank.app).await, AttemptState::Pending);
            assert!(!bob.owns(&bank.app, COURSE).await);
            bank.fake.pay(&bob.number);
            assert_eq!(bank.fake.flush().await, [(200, word.to_owned())], "{gateway}");
            assert!(!bob.owns(&bank.app, COURSE).await, "an acknowledgement is not a payment");
            bank.app.runs_jobs().await;
            bob.sees("Paid. It is yours.").await;
            assert!(bob.owns(&bank.app, COURSE).await);
        }
        agrees(&bank).await;
    }

    async fn dollars_are_paid_at_stripe_alone(app: TestApp) {
        let bank = bank::open(app).await;
        let mut bob = Buyer::of(&bank, "bob", LAST, "stripe").await;
        let begin = |gateway: &'static str| [("order", bob.order.to_string()), ("gateway", gateway.to_owned())];
        for gateway in ["alipay", "wechatpay", "nowhere"] {
            let fields = begin(gateway);
            let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            bob.person.posts("/api/payments/begin", &fields).await.invalid("gateway", "unknown_gateway");
        }
        bank.fake.pay(&bob.number);
        bank.settles().await;
        bob.sees("Paid. It is yours.").await;
        agrees(&bank).await;
    }

    async fn row_3_copies_and_any_order_of_notices_are_one_payment(app: TestApp) {
        let bank = bank::open(app).await;
        for gateway in GATEWAYS {
            let mut bob = Buyer::of(&bank, gateway, COURSE, gateway).await;
            if gateway == "stripe" {
                bank.fake.pay_slowly(&bob.number);
            }
            bank.fake.pay(&bob.number);
            let mut notices = bank.fake.outbox();
            notices.extend(notices.clone());
            notices.reverse();
            for notice in &notices {
                assert_eq!(bank.fake.send(notice).await.0, 200);
            }
            bank.app.runs_jobs().await;
            for notice in &notices {
                assert_eq!(bank.fake.send(notice).await.0, 200);
            }
            bank.app.runs_jobs().await;
            bob.sees("Paid. It is yours.").await;
        }
        assert_eq!(count(&bank.app, sql!("select count(*) as n from charges")).await, 3);
        agrees(&bank).await;
    }

    async fn row_5_a_completed_session_without_money_gives_nothing_yet(app: TestApp) {
        let bank = bank::open(app).await;
        let bob = Buyer::of(&bank, "bob", COURSE, "stripe").await;
        bank.fake.pay_slowly(&bob.number);
        assert_eq!(told(&bank), ["checkout.session.completed"]);
        bank.settles().await;
        assert!(!bob.owns(&bank.app, COURSE).await, "completed and unpaid");
        assert_eq!(bob.state(&bank.app).await, AttemptState::Pending);
        bank.fake.pay(&bob.number);
        assert_eq!(told(&bank), ["checkout.session.async_payment_succeeded"]);
        bank.settles().await;
        assert!(bob.owns(&bank.app, COURSE).await);
        let mut eve = Buyer::of(&bank, "eve", COURSE, "stripe").await;
        bank.fake.pay_slowly(&eve.number);
        bank.settles().await;
        bank.fake.decline(&eve.number);
        assert_eq!(told(&bank), ["checkout.session.async_payment_failed"]);
        bank.settles().await;
        eve.sees("The payment was declined").await;
        agrees(&bank).await;
    }

    async fn row_7_coming_back_changes_nothing(app: TestApp) {
        let bank = bank::open(app).await;
        for gateway in GATEWAYS {
            let mut bob = Buyer::of(&bank, gateway, COURSE, gateway).await;
            // Another user's session, which is paid, and what Alipay signs whether anything was paid or not.
            let other = Buyer::of(&bank, &format!("other-{gateway}"), COURSE, gateway).await;
            bank.fake.pay(&other.number);
            let paid = bank.fake.trade(&other.number).unwrap();
            let signed = bank.fake.signed_return(&bob.number).unwrap();
            let queries = [
                signed.split_once('?').unwrap().1.to_owned(),
                bank.fake.signed_return(&other.number).unwrap().split_once('?').unwrap().1.to_owned(),
                format!("session_id={}&redirect_status=succeeded&payment_intent={}", paid.id, paid.charge),
                format!("session_id=cs_test_0&out_trade_no={}&trade_status=TRADE_SUCCESS", other.number),
            ];
            let mut eve = bank.app.learner(&format!("eve-{gateway}")).await;
            for query in queries {
                let back = format!("/en/orders/{}?{query}", bob.order);
                bob.person.gets(&back).await.status(200).hides("Paid. It is yours.");
                eve.gets(&back).await.status(404);
                bob.person.gets(&format!("/en/orders/{}?{query}", other.order)).await.status(404);
            }
            bank.app.runs_jobs().await;
            assert_eq!(bob.state(&bank.app).await, AttemptState::Pending);
            assert!(!bob.owns(&bank.app, COURSE).await);
            assert_eq!(other.state(&bank.app).await, AttemptState::Pending, "nobody was told of it");
        }
        assert_eq!(count(&bank.app, sql!("select count(*) as n from transfers")).await, 0);
    }

    async fn rows_8_and_10_spoilt_notices_are_refused_and_the_good_one_is_not(app: TestApp) {
        let bank = bank::open(app).await;
        for gateway in GATEWAYS {
            let bob = Buyer::of(&bank, gateway, COURSE, gateway).await;
            bank.fake.pay(&bob.number);
            let notice = bank.fake.outbox().remove(0);
            let now = bank.app.services.kit.now().seconds();
            for part in Part::ALL {
                let Some(spoilt) = notice.clone().corrupt(part, now) else {
                    assert!(!part.is_of(notice.kind), "{gateway} {part:?}");
                    continue;
                };
                let (status, body) = bank.fake.send(&spoilt).await;
                assert_eq!(status, 400, "{gateway} {part:?}");
                match gateway {
                    "alipay" => assert_eq!(body, "failure"),
                    "wechatpay" => assert!(body.contains("FAIL"), "{body}"),
                    _ => {}
                }
            }
            assert!(!bob.owns(&bank.app, COURSE).await);
            assert_eq!(bank.fake.send(&notice).await.0, 200, "nobody is banned for a spoilt notice");
            bank.app.runs_jobs().await;
            assert!(bob.owns(&bank.app, COURSE).await);
        }
        assert_eq!(count(&bank.app, sql!("select count(*) as n from notices")).await, 3);
        agrees(&bank).await;
    }

    async fn row_12_an_answer_that_never_came_is_asked_for(app: TestApp) {
        let bank = bank::open(app).await;
        for gateway in ["stripe", "wechatpay"] {
            let person = bank.app.learner(gateway).await;
            let (actor, order) = (person.actor().await, order(&bank.app, &person, COURSE).await);
            let late = u64::try_from(PATIENCE.as_millis()).unwrap() * 3;
            bank.fake.plan(Trouble::Slow(late), 3, "POST /v");
            let silent = bank.app.services.payments.begin(&actor, order, gateway).await;
            assert!(format!("{silent:?}").contains("gateway_silent"), "{gateway}: {silent:?}");
            bank.fake.shared().world().plans.clear();
            let known = store::attempts(&bank.app.services.kit.db, order).await.unwrap();
            assert_eq!(known[0].state, AttemptState::Unknown);
            bank.app.wait(Span::seconds(61));
            bank.app.runs_jobs().await;
            let asked = attempt(&bank.app, known[0].id).await;
            assert_eq!(asked.state, AttemptState::Pending, "{gateway}: the gateway knows it");
            let again = bank.app.services.payments.begin(&actor, order, gateway).await.unwrap();
            assert_eq!(again, asked.id, "the same attempt goes on");
            assert_eq!(bank.fake.shared().world().trades.values().filter(|trade| trade.stage == Stage::Open).count(), 1);
            bank.fake.pay(&asked.number());
            bank.settles().await;
            assert_eq!(attempt(&bank.app, asked.id).await.state, AttemptState::Confirmed);
        }
        agrees(&bank).await;
    }

    async fn row_12_a_process_killed_right_after_the_gateway_charged(app: TestApp) {
        let bank = bank::open(app).await;
        let mut buyers = Vec::new();
        for gateway in GATEWAYS {
            let bob = Buyer::of(&bank, gateway, COURSE, gateway).await;
            bank.fake.pay(&bob.number);
            buyers.push(bob);
        }
        assert_eq!(bank.fake.outbox().len(), 3, "the notices are lost");
        let bank = bank.restarted().await;
        bank.app.wait(Span::seconds(61));
        bank.app.runs_jobs().await;
        for bob in &buyers {
            assert!(bob.owns(&bank.app, COURSE).await, "found by asking");
        }
        agrees(&bank).await;
    }

    async fn row_12_a_process_that_dies_between_the_work_of_a_gateway_and_our_commit(app: TestApp) {
        let mut bank = bank::open(app).await;
        for gateway in ["stripe", "wechatpay"] {
            let person = bank.app.learner(gateway).await;
            let (actor, order) = (person.actor().await, order(&bank.app, &person, COURSE).await);
            let services = bank.app.services.clone();
            bank.fake.plan(Trouble::Slow(60_000), 1, "POST /v");
            let begun = tokio::spawn(async move { services.payments.begin(&actor, order, gateway).await });
            let made = || bank.fake.shared().world().trades.values().any(|trade| trade.kind.as_str() == gateway && trade.stage == Stage::Open);
            until(made).await;
            begun.abort();
            assert!(begun.await.unwrap_err().is_cancelled(), "it was waiting for the answer");
            bank = bank.restarted().await;
            let known = store::attempts(&bank.app.services.kit.db, order).await.unwrap();
            assert_eq!((known.len(), known[0].state), (1, AttemptState::Created), "{gateway}");
            bank.app.wait(Span::seconds(61));
            bank.app.runs_jobs().await;
            assert_eq!(attempt(&bank.app, known[0].id).await.state, AttemptState::Pending, "{gateway}");
            let actor = person.actor().await;
            assert_eq!(bank.app.services.payments.begin(&actor, order, gateway).await.unwrap(), known[0].id);
            let number = known[0].number();
            let made = bank.fake.shared().world().trades.values().filter(|trade| trade.number == number).count();
            assert_eq!(made, 1, "{gateway}");
            bank.fake.pay(&number);
            bank.settles().await;
            assert_eq!(attempt(&bank.app, known[0].id).await.state, AttemptState::Confirmed);
        }
        agrees(&bank).await;
    }

    async fn row_12_a_process_that_dies_while_it_gives_money_back_gives_it_back_once(app: TestApp) {
        let mut bank = bank::open(app).await;
        for gateway in GATEWAYS {
            let bob = Buyer::of(&bank, gateway, COURSE, gateway).await;
            bank.fake.pay(&bob.number);
            bank.settles().await;
            let refund = bob.gives_back(&bank.app).await;
            let services = bank.app.services.clone();
            bank.fake.plan(Trouble::Slow(60_000), 1, if gateway == "alipay" { "alipay.trade.refund" } else { "/refunds" });
            if gateway == "stripe" {
                // The first request only looks for it.
                bank.fake.shared().world().plans[0].path = "POST /v1/refunds".to_owned();
            }
            let sent = tokio::spawn(async move { services.refunds.send(refund, 0).await });
            until(|| bank.fake.shared().world().refunded(&bob.number) == 3_900).await;
            sent.abort();
            assert!(sent.await.unwrap_err().is_cancelled(), "it was waiting for the answer");
            bank.fake.outbox();
            bank = bank.restarted().await;
            bank.app.runs_jobs().await;
            bank.app.wait(Span::minutes(2));
            bank.app.runs_jobs().await;
            assert_eq!(bank::refund_state(&bank.app, refund).await, RefundState::Succeeded, "{gateway}");
            assert_eq!(bank.fake.shared().world().refunds.iter().filter(|made| made.of == bob.number).count(), 1, "{gateway}");
            agrees(&bank).await;
        }
    }

    async fn row_12_bursts_of_failures_are_repeated_and_then_asked_about(app: TestApp) {
        let bank = bank::open(app).await;
        bank.fake.plan(Trouble::Down, 2, "/v1/checkout");
        let bob = Buyer::of(&bank, "bob", COURSE, "stripe").await;
        assert_eq!(bob.state(&bank.app).await, AttemptState::Pending, "two failures are repeated");
        bank.fake.pay(&bob.number);
        bank.fake.plan(Trouble::Down, 3, "/v1/checkout");
        bank.fake.flush().await;
        bank.app.runs_jobs().await;
        assert!(!bob.owns(&bank.app, COURSE).await, "a notice is not believed while nobody can be asked");
        bank.app.wait(Span::seconds(61));
        bank.app.runs_jobs().await;
        assert!(bob.owns(&bank.app, COURSE).await);
        agrees(&bank).await;
    }

    async fn a_wrong_amount_goes_to_suspense(app: TestApp) {
        let bank = bank::open(app).await;
        for (gateway, amount) in GATEWAYS.iter().zip([3_899, 3_901, 1]) {
            let mut bob = Buyer::of(&bank, gateway, COURSE, gateway).await;
            bank.fake.pay_other(&bob.number, amount);
            bank.settles().await;
            bob.sees("does not fit it").await;
            assert!(!bob.owns(&bank.app, COURSE).await);
        }
        assert_eq!(alerts(&bank.app, "other_amount").await, 3);
        agrees(&bank).await;
    }

    async fn row_15_late_money_with_and_without_a_free_seat(app: TestApp) {
        let post = Arc::new(Outbox::default());
        let bank = bank::open(with_post(&app, post.clone())).await;
        let late = Buyer::of(&bank, "late", ENTRY, "wechatpay").await;
        let later = Buyer::of(&bank, "later", ENTRY, "wechatpay").await;
        bank.fake.pay(&late.number);
        bank.fake.pay(&later.number);
        let notices = bank.fake.outbox();
        // Nobody could be asked while the time ran out.
        bank.fake.plan(Trouble::Down, 20, "");
        bank.app.wait(Span::minutes(16));
        bank.app.runs_jobs().await;
        bank.fake.shared().world().plans.clear();
        bank.fake.send(&notices[0].clone().signed_at(bank.app.services.kit.now().seconds())).await;
        bank.app.runs_jobs().await;
        assert!(late.owns(&bank.app, ENTRY).await, "the seat was still free");
        for name in ["cyd", "dan"] {
            let other = Buyer::of(&bank, name, ENTRY, "stripe").await;
            bank.fake.pay(&other.number);
            bank.settles().await;
        }
        bank.app.wait(Span::minutes(30));
        bank.app.runs_jobs().await;
        assert!(!later.owns(&bank.app, ENTRY).await);
        bank.settles().await;
        assert_eq!(alerts(&bank.app, "seat_gone").await, 0, "nobody has to do anything");
        assert_eq!(sent_back(&bank.app).await, 1);
        assert_eq!((messages(&bank.app, "paid_late").await, messages(&bank.app, "too_late").await), (1, 1));
        let mut later = later.person;
        later.gets("/en/messages").await.shows("came too late").shows("goes back the way it came");
        for (to, subject, text) in [
            ("late@example.org", "A thing to buy is yours after all", "¥100 came after the order had ended"),
            ("later@example.org", "Your payment for A thing to buy came too late", "¥100 goes back the way it came"),
        ] {
            assert!(post.subjects(to).contains(&subject.to_owned()), "{to}: {:?}", post.subjects(to));
            let texts = post.texts(to);
            assert!(texts.iter().any(|mail| mail.contains(text) && mail.contains("/en/orders/")), "{to}: {texts:?}");
        }
        agrees(&bank).await;
    }

    async fn row_16_a_second_gateway_closes_the_first(app: TestApp) {
        let bank = bank::open(app).await;
        let mut bob = Buyer::of(&bank, "bob", COURSE, "stripe").await;
        let mut before = (bob.payment, bob.number.clone());
        for gateway in ["wechatpay", "alipay", "stripe"] {
            bob.begins(&bank, gateway).await;
            assert_eq!(bank.fake.trade(&before.1).unwrap().stage, Stage::Closed, "before {gateway}");
            assert_eq!(attempt(&bank.app, before.0).await.state, AttemptState::Superseded);
            before = (bob.payment, bob.number.clone());
        }
        bank.fake.pay(&bob.number);
        bank.settles().await;
        bob.sees("Paid. It is yours.").await;
        agrees(&bank).await;
    }

    async fn row_16_what_was_paid_meanwhile_is_found_and_nothing_new_begins(app: TestApp) {
        let bank = bank::open(app).await;
        for (first, second) in [("stripe", "alipay"), ("wechatpay", "stripe"), ("alipay", "wechatpay")] {
            let mut bob = Buyer::of(&bank, first, COURSE, first).await;
            bank.fake.pay(&bob.number);
            let (order, gateway) = (bob.order.to_string(), second);
            let fields = [("order", order.as_str()), ("gateway", gateway)];
            bob.person.posts("/api/payments/begin", &fields).await.denied("order_already_paid");
            assert!(bob.owns(&bank.app, COURSE).await);
            bank.settles().await;
        }
        agrees(&bank).await;
    }

    async fn row_16_a_first_gateway_that_does_not_answer_lets_nobody_pay_twice(app: TestApp) {
        let bank = bank::open(app).await;
        let mut bob = Buyer::of(&bank, "bob", COURSE, "wechatpay").await;
        bank.fake.plan(Trouble::Down, 1, "");
        let order = bob.order.to_string();
        let fields = [("order", order.as_str()), ("gateway", "alipay")];
        bob.person.posts("/api/payments/begin", &fields).await.denied("payment_still_open");
        bob.begins(&bank, "alipay").await;
        bank.fake.pay(&bob.number);
        bank.settles().await;
        bob.sees("Paid. It is yours.").await;
        agrees(&bank).await;
    }

    async fn row_16_what_is_paid_on_an_old_page_all_the_same_goes_back(app: TestApp) {
        let bank = bank::open(app).await;
        let person = bank.app.learner("bob").await;
        let (actor, order) = (person.actor().await, order(&bank.app, &person, COURSE).await);
        let first = bank.app.services.payments.begin(&actor, order, "alipay").await.unwrap();
        let first = attempt(&bank.app, first).await;
        // Never opened, so there is no trade to close; the address stays good.
        let second = bank.app.services.payments.begin(&actor, order, "stripe").await.unwrap();
        let second = attempt(&bank.app, second).await;
        bank.opens(first.checkout.as_ref().unwrap().target()).await;
        bank.fake.pay(&first.number());
        bank.fake.pay(&second.number());
        bank.settles().await;
        assert_eq!(count(&bank.app, sql!("select count(*) as n from charges where outcome = 'order'")).await, 1);
        assert_eq!(alerts(&bank.app, "paid_twice").await, 0, "nobody has to do anything");
        assert_eq!((sent_back(&bank.app).await, messages(&bank.app, "paid_twice").await), (1, 1));
        agrees(&bank).await;
    }

    async fn an_order_that_ends_closes_its_payment(app: TestApp) {
        let bank = bank::open(app).await;
        let mut buyers = Vec::new();
        for gateway in GATEWAYS {
            buyers.push(Buyer::of(&bank, gateway, COURSE, gateway).await);
        }
        bank.app.wait(Span::minutes(16));
        bank.app.runs_jobs().await;
        bank.app.wait(Span::minutes(16));
        bank.app.runs_jobs().await;
        for bob in &buyers {
            assert_eq!(bob.state(&bank.app).await, AttemptState::Superseded, "{}", bob.person.username);
            assert_eq!(bank.fake.trade(&bob.number).unwrap().stage, Stage::Closed);
        }
        agrees(&bank).await;
    }

    async fn a_gateway_without_keys_is_not_offered(app: TestApp) {
        shop::open(&app);
        let person = app.learner("bob").await;
        let order = order(&app, &person, COURSE).await;
        for gateway in GATEWAYS {
            assert!(app.services.payments.gateway(gateway).is_none());
            assert!(app.services.payments.begin(&person.actor().await, order, gateway).await.is_err());
            let request = axum::http::Request::post(format!("/pay/{gateway}/notify"));
            app.stranger().sends(request.body(axum::body::Body::empty()).unwrap()).await.status(404);
        }
    }
}
