//! Stories of gateways: buying at each of them, every fault of the wire, and what is asked afterwards.

use domain::orders::{OrderId, Thing};
use domain::payments::{AttemptState, PaymentId};
use domain::time::Span;
use fakepay::{Part, Stage, Trouble};
use server::db::Count;
use server::features::payments::gateways::settings::Settings;
use server::features::payments::store;
use server::sql;

use crate::both;
use crate::support::bank::{self, Bank, PATIENCE};
use crate::support::shop::{self, COURSE, ENTRY, LAST};
use crate::support::{Person, TestApp};

const GATEWAYS: [&str; 3] = ["stripe", "alipay", "wechatpay"];

/// A buyer with an order, and the attempt that pays it at a gateway.
struct Buyer {
    person: Person,
    order: OrderId,
    payment: PaymentId,
    number: String,
}

async fn order(app: &TestApp, person: &Person, thing: Thing) -> OrderId {
    app.services.orders.place(&person.actor().await, thing).await.unwrap()
}

async fn attempt(app: &TestApp, payment: PaymentId) -> store::Attempt {
    store::attempt(&app.services.kit.db, payment).await.unwrap().unwrap()
}

impl Buyer {
    async fn of(bank: &Bank, name: &str, thing: Thing, gateway: &str) -> Self {
        let person = bank.app.learner(name).await;
        let order = order(&bank.app, &person, thing).await;
        let mut buyer = Self { person, order, payment: PaymentId(order.0), number: String::new() };
        buyer.begins(bank, gateway).await;
        buyer
    }
    /// Begins to pay, and opens the page of the gateway as a browser would.
    async fn begins(&mut self, bank: &Bank, gateway: &str) {
        let actor = self.person.actor().await;
        self.payment = bank.app.services.payments.begin(&actor, self.order, gateway).await.unwrap();
        let attempt = attempt(&bank.app, self.payment).await;
        self.number = attempt.number();
        if gateway == "alipay" {
            bank.opens(attempt.checkout.unwrap().target()).await;
        }
    }
    async fn sees(&mut self, text: &str) {
        self.person.gets(&format!("/en/orders/{}", self.order)).await.status(200).shows(text);
    }
    async fn owns(&self, app: &TestApp, thing: Thing) -> bool {
        let (actor, now) = (self.person.actor().await, app.services.kit.now());
        app.services.orders.access(Some(actor.account), &thing, now).await.unwrap().is_allowed()
    }
    async fn state(&self, app: &TestApp) -> AttemptState {
        attempt(app, self.payment).await.state
    }
}

async fn count(app: &TestApp, statement: server::db::Sql) -> i64 {
    app.services.kit.db.one::<Count>(statement).await.unwrap().n
}

/// The ledger is sound, and its clearing accounts equal the truth of the gateways.
async fn agrees(bank: &Bank) {
    let report = server::audit::audit(&bank.app.services.kit.db).await.unwrap();
    assert_eq!(report.findings, []);
    for ((gateway, currency), (captured, _)) in bank.fake.truth() {
        let name = format!("gateway:{gateway}:clearing");
        let held = count(
            &bank.app,
            sql!(
                "select coalesce(cast(sum(debits) as bigint), 0) as n from ledger_accounts
                 where name = $1 and currency = $2",
                &name,
                &currency
            ),
        )
        .await;
        assert_eq!(held, captured, "{name} {currency}");
    }
    assert_eq!(bank.fake.refused(), 0, "every request of ours is signed well");
}

async fn alerts(app: &TestApp, reason: &str) -> i64 {
    count(app, sql!("select count(*) as n from money_alerts where reason = $1 and closed_at is null", reason))
        .await
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
        bank.settles().await;
        assert!(!bob.owns(&bank.app, COURSE).await);
        assert_eq!(bob.state(&bank.app).await, AttemptState::Pending);
        bank.fake.pay(&bob.number);
        bank.settles().await;
        assert!(bob.owns(&bank.app, COURSE).await);
        let mut eve = Buyer::of(&bank, "eve", COURSE, "stripe").await;
        bank.fake.pay_slowly(&eve.number);
        bank.fake.decline(&eve.number);
        bank.settles().await;
        eve.sees("The payment was declined").await;
        agrees(&bank).await;
    }

    async fn row_7_coming_back_changes_nothing(app: TestApp) {
        let bank = bank::open(app).await;
        for gateway in GATEWAYS {
            let mut bob = Buyer::of(&bank, gateway, COURSE, gateway).await;
            let query = "session_id=cs_test_0&out_trade_no=x&trade_status=TRADE_SUCCESS&redirect_status=succeeded";
            let back = format!("/en/orders/{}?{query}", bob.order);
            bob.person.gets(&back).await.status(200).hides("Paid. It is yours.");
            let mut eve = bank.app.learner(&format!("eve-{gateway}")).await;
            eve.gets(&back).await.status(404);
            bank.app.runs_jobs().await;
            assert_eq!(bob.state(&bank.app).await, AttemptState::Pending);
            assert!(!bob.owns(&bank.app, COURSE).await);
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
            for part in [Part::Signature, Part::Body, Part::Time, Part::Serial, Part::Seal] {
                if gateway != "wechatpay" && matches!(part, Part::Serial | Part::Seal) {
                    continue;
                }
                let (status, body) = bank.fake.send(&notice.clone().corrupt(part, now)).await;
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
        let bank = bank::open(app).await;
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
        bank.fake.send(&notices[0].clone().corrupt(Part::Time, bank.app.services.kit.now().seconds() + 3_600)).await;
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
        assert_eq!(alerts(&bank.app, "seat_gone").await, 1);
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

    async fn row_16_paying_an_old_page_all_the_same_is_told_to_a_person(app: TestApp) {
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
        assert_eq!(alerts(&bank.app, "paid_twice").await, 1);
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

    async fn money_of_a_number_that_is_not_ours_is_kept(app: TestApp) {
        let bank = bank::open(app).await;
        let bob = Buyer::of(&bank, "bob", COURSE, "wechatpay").await;
        bank.fake.pay(&bob.number);
        let notice = bank.fake.outbox().remove(0);
        let other = bank::open_empty(&bank).await;
        assert_eq!(other.send(&notice).await, 200);
        other.app.runs_jobs().await;
        assert_eq!(alerts(&other.app, "no_such_payment").await, 1);
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

/// What a night's comparison finds.
async fn night(bank: &Bank) {
    let now = bank.app.services.kit.now();
    for gateway in GATEWAYS {
        bank.app.services.payments.compare(gateway, now.minus(Span::days(2)), now).await.unwrap();
    }
    bank.app.runs_jobs().await;
}

both! {
    async fn a_night_finds_what_was_never_told(app: TestApp) {
        let bank = bank::open(app).await;
        let mut buyers = Vec::new();
        for gateway in GATEWAYS {
            let bob = Buyer::of(&bank, gateway, COURSE, gateway).await;
            bank.fake.pay(&bob.number);
            bank.settles().await;
            let eve = Buyer::of(&bank, &format!("eve-{gateway}"), COURSE, gateway).await;
            bank.fake.pay(&eve.number);
            buyers.push((bob, eve));
        }
        bank.fake.outbox();
        night(&bank).await;
        for (bob, eve) in &buyers {
            assert!(bob.owns(&bank.app, COURSE).await && eve.owns(&bank.app, COURSE).await);
        }
        assert_eq!(count(&bank.app, sql!("select count(*) as n from money_alerts")).await, 0);
        night(&bank).await;
        assert_eq!(count(&bank.app, sql!("select count(*) as n from charges")).await, 6, "a second night finds nothing");
        agrees(&bank).await;
    }

    async fn a_night_finds_refunds_of_the_console_and_charges_that_nobody_lists(app: TestApp) {
        let bank = bank::open(app).await;
        for gateway in ["stripe", "wechatpay"] {
            let bob = Buyer::of(&bank, gateway, COURSE, gateway).await;
            bank.fake.pay(&bob.number);
            bank.settles().await;
            bank.fake.refund_from_console(&bob.number, 100);
            let eve = Buyer::of(&bank, &format!("eve-{gateway}"), COURSE, gateway).await;
            bank.fake.pay(&eve.number);
            bank.settles_all().await;
            bank.fake.shared().world().trades.remove(&eve.number);
        }
        bank.fake.outbox();
        night(&bank).await;
        night(&bank).await;
        assert_eq!(alerts(&bank.app, "not_listed").await, 2);
        let mut admin = bank.app.admin("grace").await;
        admin.gets("/en/admin/payments").await.status(200).shows("not in the gateway").shows("Compare the gateway");
    }

    async fn row_14_a_refund_of_the_console_is_told_once(app: TestApp) {
        let bank = bank::open(app).await;
        for gateway in GATEWAYS {
            let bob = Buyer::of(&bank, gateway, COURSE, gateway).await;
            bank.fake.pay(&bob.number);
            bank.settles().await;
            let refund = bank.fake.refund_from_console(&bob.number, 3_900);
            let notices = bank.fake.outbox();
            for notice in notices.iter().chain(&notices) {
                assert_eq!(bank.fake.send(notice).await.0, 200);
            }
            bank.app.runs_jobs().await;
            night(&bank).await;
            let known = count(
                &bank.app,
                sql!("select count(*) as n from money_alerts where detail = $1", format!("{gateway} {refund}")),
            )
            .await;
            assert!(known <= 1, "{gateway}: told {known} times");
            assert_eq!(count(&bank.app, sql!("select count(*) as n from charges where gateway = $1", gateway)).await, 1, "a refund is no second payment");
        }
    }

    async fn row_4_disputes_may_come_before_the_payment_they_are_about(app: TestApp) {
        let bank = bank::open(app).await;
        let bob = Buyer::of(&bank, "bob", COURSE, "stripe").await;
        bank.fake.pay(&bob.number);
        let paid = bank.fake.outbox();
        bank.fake.dispute(&bob.number);
        let disputed = bank.fake.outbox();
        assert_eq!(bank.fake.send(&disputed[0]).await.0, 200);
        bank.app.runs_jobs().await;
        assert_eq!(bank.fake.send(&paid[0]).await.0, 200);
        bank.app.wait(Span::minutes(5));
        bank.app.runs_jobs().await;
        assert_eq!(
            count(&bank.app, sql!("select count(*) as n from notice_states where state = 'received'")).await,
            0,
            "nothing is left over"
        );
        agrees(&bank).await;
    }

    async fn a_payment_that_stays_unknown_is_shown_to_staff(app: TestApp) {
        let bank = bank::open(app).await;
        let mut bob = Buyer::of(&bank, "bob", COURSE, "wechatpay").await;
        bank.fake.plan(Trouble::Down, 1_000, "");
        bank.app.wait(Span::seconds(61));
        bank.app.runs_jobs().await;
        let page = format!("/en/pay/{}", bob.payment);
        bob.person.gets(&page).await.status(200).shows("Please do not pay again");
        let mut admin = bank.app.admin("grace").await;
        admin.gets("/en/admin/payments").await.hides("nobody knows anything");
        for _ in 0..6 {
            bank.app.wait(Span::days(1));
            bank.app.runs_jobs().await;
        }
        admin.gets("/en/admin/payments").await.shows("nobody knows anything").shows("more than a day");
        assert_eq!(alerts(&bank.app, "never_resolved").await, 1);
        let payment = bob.payment.to_string();
        let fields = [("payment", payment.as_str())];
        bob.person.posts("/api/payments/ask_now", &fields).await.status(404);
        admin.posts("/api/payments/ask_now", &fields).await.denied("gateway_silent");
        bank.fake.shared().world().plans.clear();
        bank.fake.pay(&bob.number);
        admin.posts("/api/payments/ask_now", &fields).await.ok();
        assert!(bob.owns(&bank.app, COURSE).await, "found, late, and the thing was still to be had");
        agrees(&bank).await;
    }

    async fn a_buyer_sees_where_the_payment_stands(app: TestApp) {
        let bank = bank::open(app).await;
        let mut bob = Buyer::of(&bank, "bob", COURSE, "wechatpay").await;
        bob.sees("WeChat Pay").await;
        let (order, page) = (bob.order.to_string(), format!("/en/pay/{}", bob.payment));
        let fields = [("order", order.as_str()), ("gateway", "wechatpay")];
        let reply = bob.person.submits("/en/orders", "/api/payments/begin", &fields).await.ok();
        assert!(reply.location().ends_with(&page), "{}", reply.location());
        let shown = bob.person.gets(&page).await.status(200);
        shown.shows("<svg").shows("Scan this code").shows("weixin://wxpay/bizpayurl").shows("http-equiv=\"refresh\"");
        bob.person.gets(&page.replace("/en/", "/zh/")).await.status(200).shows("请用手机微信扫描");
        bank.app.learner("eve").await.gets(&page).await.status(404);
        let fields = [("order", order.as_str()), ("gateway", "stripe")];
        let reply = bob.person.submits("/en/orders", "/api/payments/begin", &fields).await.ok();
        bob.person.gets(&page).await.status(200).shows("This payment was closed");
        let leaving = reply.location().trim_start_matches("http://127.0.0.1:3000").to_owned();
        assert!(leaving.ends_with("?go=1"), "{leaving}");
        bob.person.gets(&leaving).await.status(200).shows("0;url=http").shows("Go on to Card (Stripe)");
        let page = leaving.trim_end_matches("?go=1").to_owned();
        bob.person.gets(&page).await.status(200).hides("0;url=").shows("Waiting for Card (Stripe)");
        let known = store::attempts(&bank.app.services.kit.db, bob.order).await.unwrap();
        bank.fake.pay(&known[0].number());
        bank.settles().await;
        bob.person.gets(&page).await.status(200).shows("This payment is confirmed").hides("http-equiv=\"refresh\"");
        let mut eve = Buyer::of(&bank, "eve2", COURSE, "alipay").await;
        let page = format!("/en/pay/{}", eve.payment);
        bank.app.wait(Span::minutes(16));
        bank.app.runs_jobs().await;
        eve.person.gets(&page).await.status(200).shows("The time to pay is over");
    }

    async fn cancelling_closes_the_payment_at_once(app: TestApp) {
        let bank = bank::open(app).await;
        let mut bob = Buyer::of(&bank, "bob", COURSE, "wechatpay").await;
        let order = bob.order.to_string();
        bob.person.posts("/api/orders/cancel", &[("order", &order)]).await.ok();
        bank.app.runs_jobs().await;
        assert_eq!(bank.fake.trade(&bob.number).unwrap().stage, Stage::Closed);
        assert_eq!(bob.state(&bank.app).await, AttemptState::Superseded);
    }

    async fn fakes_and_test_keys_are_refused_in_a_live_installation(app: TestApp) {
        let bank = bank::open(app).await;
        let read = |mode: &'static str, change: (&'static str, &'static str)| {
            let pairs = bank.fake.settings();
            Settings::read(|key| match key {
                "PAYMENTS_MODE" => mode.to_owned(),
                key if key == change.0 => change.1.to_owned(),
                key => pairs.iter().find(|(name, _)| *name == key).map(|(_, value)| value.clone()).unwrap_or_default(),
            })
            .1
            .into_iter()
            .map(|(key, _)| key)
            .collect::<Vec<_>>()
        };
        assert_eq!(read("test", ("", "")), [""; 0]);
        assert_eq!(read("live", ("", "")), ["STRIPE_URL", "STRIPE_SECRET_KEY", "ALIPAY_URL", "WECHATPAY_URL"]);
        assert_eq!(read("live", ("STRIPE_URL", "https://api.stripe.com.evil.example")).first(), Some(&"STRIPE_URL"));
        assert_eq!(read("test", ("STRIPE_URL", "http://elsewhere.example")), ["STRIPE_URL"]);
        assert_eq!(read("test", ("WECHATPAY_API_KEY", "0123456789abcdef")), ["WECHATPAY_API_KEY"]);
        assert_eq!(read("test", ("ALIPAY_PRIVATE_KEY", "nonsense")), ["ALIPAY_PRIVATE_KEY"]);
        assert_eq!(read("test", ("STRIPE_WEBHOOK_SECRET", "")), ["STRIPE_WEBHOOK_SECRET"]);
        assert_eq!(read("other", ("", "")).first(), Some(&"PAYMENTS_MODE"));
        let mut kit = bank.app.services.kit.clone();
        kit.demonstration = false;
        let live = server::Services::new(kit);
        for gateway in GATEWAYS {
            assert!(live.payments.gateway(gateway).is_none(), "play money never opens anything live");
        }
    }
}
