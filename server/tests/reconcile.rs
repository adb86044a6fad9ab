//! Stories of what is asked afterwards: by a night's comparison, by staff, by a buyer who waits; and refunds.

use domain::money::{Currency, Money};
use domain::payments::{AttemptState, RefundId};
use domain::time::Span;
use fakepay::{Stage, Trouble};
use server::features::payments::gateway::{RefundDemand, RefundTold};
use server::features::payments::gateways::settings::Settings;
use server::features::payments::store;
use server::sql;

use crate::both;
use crate::support::bank::{self, Bank, Buyer, GATEWAYS, PATIENCE, agrees, alerts, count};
use crate::support::shop::COURSE;

/// What a night's comparison finds.
async fn night(bank: &Bank) {
    let now = bank.app.services.kit.now();
    for gateway in GATEWAYS {
        bank.app.services.payments.compare(gateway, now.minus(Span::days(2)), now).await.unwrap();
    }
    bank.app.runs_jobs().await;
}

/// Every order of so many things.
fn permutations(count: usize) -> Vec<Vec<usize>> {
    if count == 0 {
        return vec![Vec::new()];
    }
    let shorter = permutations(count - 1);
    let put = |place: usize| {
        shorter.iter().map(move |order| {
            let mut order = order.clone();
            order.insert(place, count - 1);
            order
        })
    };
    (0..count).flat_map(put).collect()
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
        for gateway in ["stripe", "wechatpay"] {
            let found = sql!(
                "select count(*) as n from refunds where gateway = $1 and kind = 'lines' and state = 'succeeded'
                 and amount = 100 and outside is not null",
                gateway
            );
            assert_eq!(count(&bank.app, found).await, 1, "{gateway}: the console's refund is booked by the night");
        }
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
            let known = sql!(
                "select count(*) as n from refunds where gateway = $1 and outside = $2 and state = 'succeeded'
                 and amount = 3900",
                gateway,
                &refund
            );
            assert_eq!(count(&bank.app, known).await, 1, "{gateway}: booked once");
            assert!(!bob.owns(&bank.app, COURSE).await, "{gateway}: the right went with the money");
            assert_eq!(count(&bank.app, sql!("select count(*) as n from charges where gateway = $1", gateway)).await, 1, "a refund is no second payment");
        }
        assert_eq!(count(&bank.app, sql!("select count(*) as n from refunds")).await, 3);
        agrees(&bank).await;
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
        let disputes = sql!("select count(*) as n from refunds where kind = 'dispute' and state = 'requested'");
        assert_eq!(count(&bank.app, disputes).await, 1, "the dispute waited for its payment");
        agrees(&bank).await;
    }

    async fn row_4_payment_refund_and_dispute_come_in_any_order(app: TestApp) {
        let bank = bank::open(app).await;
        // Each permutation of what Stripe tells: paid, part of it refunded in the console, the bank's complaint and its end.
        for (place, order) in permutations(4).into_iter().enumerate() {
            let name = format!("buyer{place}");
            let bob = Buyer::of(&bank, &name, COURSE, "stripe").await;
            bank.fake.pay(&bob.number);
            let mut told = bank.fake.outbox();
            bank.fake.refund_from_console(&bob.number, 100);
            told.extend(bank.fake.outbox());
            let dispute = bank.fake.dispute_part(&bob.number, 500);
            told.extend(bank.fake.outbox());
            bank.fake.end_dispute(&dispute, place % 2 == 0);
            told.extend(bank.fake.outbox());
            assert_eq!(told.len(), 4);
            for at in order {
                assert_eq!(bank.fake.send(&told[at]).await.0, 200);
                bank.app.runs_jobs().await;
            }
            for _ in 0..4 {
                bank.app.wait(Span::minutes(5));
                bank.app.runs_jobs().await;
            }
            assert!(bob.owns(&bank.app, COURSE).await, "{name}: a part went, and the course stays");
            agrees(&bank).await;
        }
        let left = sql!("select count(*) as n from notice_states where state in ('received', 'failed')");
        assert_eq!(count(&bank.app, left).await, 0, "nothing is left over");
        assert_eq!(count(&bank.app, sql!("select count(*) as n from refunds where kind = 'lines' and state = 'succeeded'")).await, 24);
        for state in ["failed", "succeeded"] {
            let ended = sql!("select count(*) as n from refunds where kind = 'dispute' and state = $1", state);
            assert_eq!(count(&bank.app, ended).await, 12, "{state}");
        }
    }

    async fn a_night_asks_alipay_whether_its_console_gave_everything_back(app: TestApp) {
        let bank = bank::open(app).await;
        for (name, back) in [("bob", 3_900), ("eve", 100)] {
            let buyer = Buyer::of(&bank, name, COURSE, "alipay").await;
            bank.fake.pay(&buyer.number);
            bank.settles().await;
            bank.fake.refund_from_console(&buyer.number, back);
            bank.fake.outbox();
        }
        night(&bank).await;
        night(&bank).await;
        assert_eq!(alerts(&bank.app, "list_differs").await, 1, "told once; of a part, Alipay says nothing");
    }

    async fn a_listed_refund_of_nothing_that_we_know_is_told(app: TestApp) {
        let bank = bank::open(app).await;
        let bob = Buyer::of(&bank, "bob", COURSE, "stripe").await;
        bank.fake.pay(&bob.number);
        bank.fake.refund_from_console(&bob.number, 100);
        bank.fake.outbox();
        // The same keys in another installation: it never heard of the payment.
        let other = bank::open_empty(&bank).await;
        let now = other.app.services.kit.now();
        other.app.services.payments.compare("stripe", now.minus(Span::days(2)), now).await.unwrap();
        let told = sql!("select count(*) as n from money_alerts where reason = 'list_differs' and amount = 100");
        assert_eq!(count(&other.app, told).await, 1);
    }

    async fn a_payment_that_stays_unknown_is_shown_to_staff(app: TestApp) {
        let bank = bank::open(app).await;
        let mut bob = Buyer::of(&bank, "bob", COURSE, "wechatpay").await;
        bank.fake.plan(Trouble::Down, 1_000, "");
        bank.app.wait(Span::seconds(61));
        bank.app.runs_jobs().await;
        let page = format!("/en/pay/{}", bob.payment);
        bob.person.gets(&page).await.status(200).shows("do not pay again");
        let mut admin = bank.app.admin("grace").await;
        admin.gets("/en/admin/payments?show=unknown").await.hides("Ask now");
        for _ in 0..6 {
            bank.app.wait(Span::days(1));
            bank.app.runs_jobs().await;
        }
        admin.gets("/en/admin/payments?show=unknown").await.shows("Payments nobody knows of (1)").shows("Ask now");
        admin.gets("/en/admin/payments").await.shows("more than a day").shows("Ask now");
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
        bob.person.gets(&page).await.status(200).hides("0;url=").shows("You pay on the page of Card (Stripe)");
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

    async fn row_12_a_refund_whose_answer_got_lost_goes_back_once(app: TestApp) {
        let bank = bank::open(app).await;
        for name in GATEWAYS {
            let bob = Buyer::of(&bank, name, COURSE, name).await;
            bank.fake.pay(&bob.number);
            bank.settles().await;
            let gateway = bank.app.services.payments.gateway(name).unwrap();
            let demand = |number: u128, minor: i64| RefundDemand {
                refund: RefundId(uuid::Uuid::from_u128(bob.payment.0.as_u128() ^ number)),
                payment: bob.payment,
                charge: bank.fake.trade(&bob.number).unwrap().charge,
                charged: Money::new(3_900, Currency::Cny),
                amount: Money::new(minor, Currency::Cny),
            };
            let first = demand(1, 1_000);
            assert_eq!(gateway.query_refund(&first).await, Ok(RefundTold::NotFound), "{name}");
            let late = u64::try_from(PATIENCE.as_millis()).unwrap() * 3;
            let path = if name == "alipay" { "alipay.trade.refund" } else { "POST /v" };
            bank.fake.plan(Trouble::Slow(late), 3, path);
            assert!(gateway.refund(&first).await.is_err(), "{name}: nobody knows");
            bank.fake.shared().world().plans.clear();
            assert_eq!(gateway.query_refund(&first).await, Ok(RefundTold::Succeeded), "{name}");
            assert_eq!(gateway.refund(&first).await, Ok(RefundTold::Succeeded), "{name}: the same again");
            assert_eq!(bank.fake.shared().world().refunded(&bob.number), 1_000, "{name}");
            let over = gateway.refund(&demand(2, 2_901)).await;
            assert!(matches!(over, Ok(RefundTold::Failed(_))), "{name}: {over:?}");
            assert_eq!(gateway.refund(&demand(3, 2_900)).await, Ok(RefundTold::Succeeded), "{name}");
            assert_eq!(bank.fake.shared().world().refunded(&bob.number), 3_900, "{name}");
            bank.fake.outbox();
        }
        assert_eq!(bank.fake.refused(), 0);
    }
}
