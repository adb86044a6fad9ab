//! Stories of gateways that fail, save their failures, fall silent or talk too slowly.

use std::time::{Duration, Instant};

use domain::payments::AttemptState;
use domain::refunds::RefundState;
use domain::time::Span;
use fakepay::{Stage, Trouble};
use server::features::payments::store;
use server::sql;

use crate::both;
use crate::support::bank::{self, Bank, Buyer, PATIENCE, agrees, attempt, count, order, refund_state};
use crate::support::shop::COURSE;

/// How long a person may wait for one page, in these tests, with some time for ourselves.
const PAGE: Duration = Duration::from_millis(2_667 + 1_500);

/// How many keys were used up.
async fn spent(bank: &Bank) -> i64 {
    count(&bank.app, sql!("select cast(coalesce(sum(spent), 0) as bigint) as n from spent_keys")).await
}

/// Somebody who has paid, and gives it back.
async fn gives_back(bank: &Bank, name: &str) -> (Buyer, domain::payments::RefundId) {
    let bob = Buyer::of(bank, name, COURSE, "stripe").await;
    bank.fake.pay(&bob.number);
    bank.settles().await;
    let refund = bob.gives_back(&bank.app).await;
    (bob, refund)
}

both! {
    async fn a_failure_that_stripe_saves_under_a_key_blocks_nobody(app: TestApp) {
        let bank = bank::open(app).await;
        for (place, trouble) in [Trouble::Spoils, Trouble::FailsAndSpoils].into_iter().enumerate() {
            bank.fake.plan(trouble, 1, "POST /v1/checkout/sessions");
            let bob = Buyer::of(&bank, &format!("bob{place}"), COURSE, "stripe").await;
            assert_eq!(bob.state(&bank.app).await, AttemptState::Pending, "{trouble:?}");
            bank.fake.pay(&bob.number);
            bank.settles().await;
            assert!(bob.owns(&bank.app, COURSE).await, "{trouble:?}");
        }
        assert_eq!(spent(&bank).await, 2);
        let truth = bank.fake.truth()[&("stripe".to_owned(), "CNY".to_owned())];
        assert_eq!(truth.captured, 2 * 3_900, "nobody paid twice");
        let made = bank.fake.shared().world().trades.values().filter(|trade| trade.stage == Stage::Open).count();
        assert_eq!(made, 1, "of the session that was made and failed nobody has the address");
        agrees(&bank).await;
    }

    async fn failures_that_go_on_are_left_to_the_job(app: TestApp) {
        let bank = bank::open(app).await;
        let person = bank.app.learner("bob").await;
        let (actor, order) = (person.actor().await, order(&bank.app, &person, COURSE).await);
        bank.fake.plan(Trouble::Spoils, 3, "POST /v1/checkout/sessions");
        let silent = bank.app.services.payments.begin(&actor, order, "stripe").await;
        assert!(format!("{silent:?}").contains("gateway_silent"), "{silent:?}");
        let known = store::attempts(&bank.app.services.kit.db, order).await.unwrap();
        assert_eq!(known[0].state, AttemptState::Unknown);
        bank.app.wait(Span::seconds(61));
        bank.app.runs_jobs().await;
        assert_eq!(attempt(&bank.app, known[0].id).await.state, AttemptState::Pending);
        let again = bank.app.services.payments.begin(&actor, order, "stripe").await.unwrap();
        assert_eq!(again, known[0].id);
        bank.fake.pay(&known[0].number());
        bank.settles().await;
        assert_eq!(attempt(&bank.app, again).await.state, AttemptState::Confirmed);
        agrees(&bank).await;
    }

    async fn a_failure_to_close_a_session_that_is_saved_keeps_nobody_from_paying_elsewhere(app: TestApp) {
        let bank = bank::open(app).await;
        for (place, trouble) in [Trouble::Spoils, Trouble::FailsAndSpoils].into_iter().enumerate() {
            let mut bob = Buyer::of(&bank, &format!("bob{place}"), COURSE, "stripe").await;
            let first = bob.number.clone();
            bank.fake.plan(trouble, 1, "/expire");
            bob.begins(&bank, "wechatpay").await;
            assert_eq!(bank.fake.trade(&first).unwrap().stage, Stage::Closed, "{trouble:?}");
            bank.fake.pay(&bob.number);
            bank.settles().await;
            assert!(bob.owns(&bank.app, COURSE).await);
        }
        agrees(&bank).await;
    }

    async fn row_12_a_refund_that_stripe_failed_to_make_is_made_once(app: TestApp) {
        let bank = bank::open(app).await;
        for (place, trouble) in [Trouble::Spoils, Trouble::FailsAndSpoils, Trouble::Cut].into_iter().enumerate() {
            let (bob, refund) = gives_back(&bank, &format!("bob{place}")).await;
            bank.fake.plan(trouble, 1, "POST /v1/refunds");
            bank.app.runs_jobs().await;
            bank.app.wait(Span::minutes(2));
            bank.app.runs_jobs().await;
            bank.settles().await;
            assert_eq!(refund_state(&bank.app, refund).await, RefundState::Succeeded, "{trouble:?}");
            assert_eq!(bank.fake.shared().world().refunded(&bob.number), 3_900, "{trouble:?}");
            assert_eq!(spent(&bank).await, (place as i64 + 1).min(2), "only an answer uses a key up: {trouble:?}");
        }
        assert_eq!(bank.fake.shared().world().refunds.len(), 3);
        agrees(&bank).await;
    }

    async fn a_key_of_a_refund_does_not_change_by_the_clock(app: TestApp) {
        let bank = bank::open(app).await;
        let (_bob, refund) = gives_back(&bank, "bob").await;
        // The refund is made, nobody hears of it, and for a day nobody can look for it.
        bank.fake.plan(Trouble::Cut, 3, "POST /v1/refunds");
        bank.app.runs_jobs().await;
        bank.fake.outbox();
        bank.fake.plan(Trouble::Down, 1_000, "GET /v1/refunds");
        for _ in 0..5 {
            bank.app.wait(Span::hours(7));
            bank.app.runs_jobs().await;
            assert!(!refund_state(&bank.app, refund).await.is_settled(), "unknown is not failed, and not succeeded");
        }
        let keys: Vec<_> = bank.fake.shared().world().answered.keys().filter(|key| key.starts_with("refund-")).cloned().collect();
        assert_eq!(keys.len(), 1, "{keys:?}");
        bank.fake.shared().world().plans.clear();
        bank.app.wait(Span::days(1));
        bank.app.runs_jobs().await;
        bank.settles().await;
        assert_eq!(refund_state(&bank.app, refund).await, RefundState::Succeeded);
        assert_eq!(bank.fake.shared().world().refunds.len(), 1);
        agrees(&bank).await;
    }

    async fn a_page_waits_for_all_gateways_together_and_for_no_longer(app: TestApp) {
        let bank = bank::open(app).await;
        let mut bob = Buyer::of(&bank, "bob", COURSE, "wechatpay").await;
        let slow = u64::try_from(PATIENCE.as_millis()).unwrap() * 3 / 4;
        bank.fake.plan(Trouble::Slow(slow), 1_000, "");
        let text = bob.order.to_string();
        let start = Instant::now();
        let fields = [("order", text.as_str()), ("gateway", "stripe")];
        bob.person.posts("/api/payments/begin", &fields).await.denied("payment_still_open");
        assert!(start.elapsed() < PAGE, "{:?}", start.elapsed());
        bank.fake.shared().world().plans.clear();
        bank.app.runs_jobs().await;
        bob.begins(&bank, "stripe").await;
        bank.fake.pay(&bob.number);
        bank.settles().await;
        bob.sees("Paid. It is yours.").await;
        agrees(&bank).await;
    }

    async fn an_answer_that_drips_is_no_answer(app: TestApp) {
        let bank = bank::open(app).await;
        for gateway in ["stripe", "wechatpay"] {
            let mut person = bank.app.learner(gateway).await;
            let order = order(&bank.app, &person, COURSE).await;
            bank.fake.plan(Trouble::Drips(100), 1_000, "POST /v");
            let text = order.to_string();
            let start = Instant::now();
            let fields = [("order", text.as_str()), ("gateway", gateway)];
            person.posts("/api/payments/begin", &fields).await.denied("gateway_silent");
            assert!(start.elapsed() < PAGE, "{gateway}: {:?}", start.elapsed());
            bank.fake.shared().world().plans.clear();
            let known = store::attempts(&bank.app.services.kit.db, order).await.unwrap();
            assert_eq!(known[0].state, AttemptState::Unknown, "{gateway}");
            bank.app.wait(Span::seconds(61));
            bank.app.runs_jobs().await;
            assert_eq!(attempt(&bank.app, known[0].id).await.state, AttemptState::Pending, "{gateway}: its job found it");
            let open = bank.fake.shared().world().trades.values().filter(|trade| trade.number == known[0].number()).count();
            assert_eq!(open, 1, "{gateway}: made once");
        }
    }
}
