//! Stories of the fake gateways' own door: what a person, or a test in another process, orders there.

use std::collections::BTreeMap;

use domain::payments::AttemptState;
use domain::time::Span;
use fakepay::{ACTS, Notice, Part, Stage};
use serde_json::Value;
use server::sql;

use crate::both;
use crate::support::bank::{self, Bank, Buyer, GATEWAYS, agrees, alerts, count};
use crate::support::shop::COURSE;

/// Orders an act: the status and what it says.
async fn orders(bank: &Bank, act: &str) -> (u16, String) {
    let address = format!("{}/control/{act}", bank.fake.shared().base());
    let answer = reqwest::get(address).await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

/// Orders an act that must be possible; what it says.
async fn does(bank: &Bank, act: &str) -> String {
    let (status, text) = orders(bank, act).await;
    assert!(matches!(status, 200 | 204), "{act}: {status} {text}");
    text.trim().to_owned()
}

/// What the gateways took and let go, as the door tells it.
async fn truth(bank: &Bank) -> BTreeMap<String, Value> {
    let told: Value = serde_json::from_str(&does(bank, "truth").await).unwrap();
    let sums = told["sums"].as_array().unwrap().clone();
    sums.into_iter().map(|sum| (sum["gateway"].as_str().unwrap().to_owned(), sum)).collect()
}

fn waiting(bank: &Bank) -> Vec<Notice> {
    bank.fake.shared().world().outbox.iter().cloned().collect()
}

both! {
    async fn every_act_is_written_down_and_known(app: TestApp) {
        let bank = bank::open(app).await;
        let page = reqwest::get(format!("{}/control", bank.fake.shared().base())).await.unwrap().text().await.unwrap();
        let paper = include_str!("../../docs/FAKEPAY.md");
        for (act, takes, does) in ACTS {
            let takes = if takes.is_empty() { String::new() } else { format!("`{takes}`") };
            assert!(paper.contains(&format!("| `{act}` | {takes} | {does} |")), "{act} in docs/FAKEPAY.md");
            assert!(page.contains(does), "{act}");
            let (status, text) = orders(&bank, &format!("{act}?number=none&id=none&amount=1&gateway=nowhere")).await;
            assert!(status == 204 || status == 200 || status == 400 || text == "there is none\n", "{act}: {status} {text}");
        }
        assert_eq!(orders(&bank, "dance").await.0, 404);
        for wrong in [
            "pay?number=x&amount=many", "refund?number=x", "fault?is=odd", "fault?is=slow", "fault?is=down&millis=1", "fault",
            "refunds-are?step=odd", "move-refund?id=x&step=", "clock", "pages?of=x", "delay", "corrupt?part=odd", "pay-out?gateway=x&amount=1",
        ] {
            let (status, text) = orders(&bank, wrong).await;
            assert_eq!(status, 400, "{wrong}");
            assert!(text.len() > 10, "{wrong} says why: {text}");
        }
    }

    async fn each_part_of_a_notice_can_be_spoilt_where_there_is_one(app: TestApp) {
        let bank = bank::open(app).await;
        for gateway in GATEWAYS {
            let bob = Buyer::of(&bank, gateway, COURSE, gateway).await;
            bank.fake.pay(&bob.number);
            let good = bank.fake.outbox().remove(0);
            for part in Part::ALL {
                bank.fake.shared().world().outbox = [good.clone()].into();
                let (status, text) = orders(&bank, &format!("corrupt?part={}", part.as_str())).await;
                let left = waiting(&bank).remove(0);
                if part.is_of(good.kind) {
                    assert_eq!(status, 204, "{gateway} {part:?}: {text}");
                    assert_eq!(bank.send(&left).await, 400, "{gateway} {part:?}");
                } else {
                    assert_eq!(status, 400, "{gateway} has no {part:?}");
                    assert_eq!(left.body, good.body, "and nothing was changed");
                }
            }
            bank.fake.outbox();
            assert_ne!(bob.state(&bank.app).await, AttemptState::Confirmed);
        }
        assert_eq!(count(&bank.app, sql!("select count(*) as n from notices")).await, 0);
    }

    async fn notices_are_held_late_lost_doubled_and_reversed(app: TestApp) {
        let bank = bank::open(app).await;
        let bob = Buyer::of(&bank, "bob", COURSE, "stripe").await;
        let eve = Buyer::of(&bank, "eve", COURSE, "wechatpay").await;
        for buyer in [&bob, &eve] {
            does(&bank, &format!("pay?number={}", buyer.number)).await;
        }
        does(&bank, "reverse").await;
        let kinds: Vec<_> = waiting(&bank).iter().map(|notice| notice.kind.as_str()).collect();
        assert_eq!(kinds, ["wechatpay", "stripe"]);
        does(&bank, "twice").await;
        assert_eq!(waiting(&bank).len(), 4);
        does(&bank, &format!("delay?seconds=900&number={}", eve.number)).await;
        bank.settles().await;
        assert!(bob.owns(&bank.app, COURSE).await);
        assert_eq!(waiting(&bank).len(), 2, "those about one payment are late");
        bank.app.wait(Span::minutes(10));
        assert!(bank.fake.due().is_empty());
        bank.app.wait(Span::minutes(5));
        bank.settles().await;
        assert!(eve.owns(&bank.app, COURSE).await, "signed when they were sent");
        does(&bank, "hold").await;
        assert!(bank.fake.shared().world().held);
        does(&bank, "release").await;
        does(&bank, &format!("refund?number={}&amount=100", bob.number)).await;
        does(&bank, "drop").await;
        assert!(waiting(&bank).is_empty());
    }

    async fn payments_refunds_disputes_and_payouts_are_ordered_by_hand(app: TestApp) {
        let bank = bank::open(app).await;
        let mut buyers = Vec::new();
        for name in ["bob", "eve", "dan"] {
            let buyer = Buyer::of(&bank, name, COURSE, "stripe").await;
            does(&bank, &format!("slow-payment?number={}", buyer.number)).await;
            does(&bank, &format!("pay?number={}", buyer.number)).await;
            buyers.push(buyer);
        }
        let (status, _) = orders(&bank, &format!("pay?number={}", buyers[0].number)).await;
        assert_eq!(status, 404, "what is paid cannot be paid again");
        bank.settles().await;
        let refund = does(&bank, &format!("refund?number={}&amount=400", buyers[0].number)).await;
        assert!(refund.starts_with("re_"));
        does(&bank, &format!("move-refund?id={refund}&step=failed")).await;
        let dispute = does(&bank, &format!("dispute?number={}&amount=500", buyers[1].number)).await;
        does(&bank, &format!("end-dispute?id={dispute}&won=1")).await;
        for event in ["payment_intent.succeeded", "charge.refunded", "checkout.session.completed", "refund.updated"] {
            does(&bank, &format!("tell?number={}&event={event}", buyers[0].number)).await;
        }
        assert_eq!(orders(&bank, &format!("tell?number={}&event=odd.event", buyers[0].number)).await.0, 404);
        bank.settles_all().await;
        for buyer in &buyers {
            assert!(buyer.owns(&bank.app, COURSE).await);
        }
        does(&bank, "pay-out?gateway=stripe&amount=5000").await;
        let sums = &truth(&bank).await["stripe"];
        assert_eq!((sums["captured"].as_i64(), sums["gone"].as_i64()), (Some(11_700), Some(0)), "{sums}");
        let fees = 3 * (113 + 30) + 1_500;
        assert_eq!((sums["fees"].as_i64(), sums["paid_out"].as_i64()), (Some(fees), Some(5_000)), "{sums}");
        assert_eq!(sums["holds"].as_i64(), Some(11_700 - fees - 5_000));
        does(&bank, "refunds-are?step=pending&times=1").await;
        buyers[2].gives_back(&bank.app).await;
        bank.settles().await;
        assert_eq!(truth(&bank).await["stripe"]["gone"], 0, "it is on its way");
        agrees(&bank).await;
    }

    async fn a_gateway_that_names_another_merchant_or_currency_is_not_believed(app: TestApp) {
        let bank = bank::open(app).await;
        for gateway in GATEWAYS {
            let bob = Buyer::of(&bank, gateway, COURSE, gateway).await;
            does(&bank, &format!("pay?number={}&stranger=1", bob.number)).await;
            // WeChat Pay's notice names the merchant itself; the others are let in, and the answer is not believed.
            let refused = bank.fake.flush().await.iter().filter(|(status, _)| *status != 200).count();
            assert_eq!(refused, usize::from(gateway == "wechatpay"));
            bank.app.runs_jobs().await;
            assert!(!bob.owns(&bank.app, COURSE).await, "{gateway}: money of another merchant");
            assert_eq!(bank.fake.trade(&bob.number).unwrap().stage, Stage::Paid);
        }
        let odd = Buyer::of(&bank, "odd", COURSE, "stripe").await;
        does(&bank, &format!("pay?number={}&currency=usd", odd.number)).await;
        bank.settles().await;
        assert!(!odd.owns(&bank.app, COURSE).await);
        assert_eq!(alerts(&bank.app, "other_amount").await, 1, "39 dollars are not 39 yuan");
    }

    async fn what_is_well_signed_and_says_something_else_is_not_let_in(app: TestApp) {
        let bank = bank::open(app).await;
        let changes = [
            ("stripe", "livemode", "true"), ("stripe", "object", "charge"), ("stripe", "id", ""),
            ("alipay", "app_id", "2021000000000009"), ("alipay", "seller_id", "2088000000000009"),
            ("alipay", "total_amount", "39.000"), ("alipay", "notify_id", ""),
            ("wechatpay", "mchid", "1900000009"), ("wechatpay", "appid", "wx0000000000000009"),
        ];
        for (place, (gateway, field, value)) in changes.into_iter().enumerate() {
            let bob = Buyer::of(&bank, &format!("bob{place}"), COURSE, gateway).await;
            does(&bank, &format!("pay?number={}", bob.number)).await;
            does(&bank, &format!("say?field={field}&value={value}")).await;
            for notice in bank.fake.outbox() {
                assert_eq!(bank.send(&notice).await, 400, "{gateway} {field}={value}");
            }
            assert_eq!(orders(&bank, "say?field=nothing.of.that&value=1").await.0, 204, "nothing waits");
        }
        let bob = Buyer::of(&bank, "bob", COURSE, "wechatpay").await;
        does(&bank, &format!("pay?number={}", bob.number)).await;
        assert_eq!(orders(&bank, "say?field=nothing.of.that&value=1").await.0, 400);
        // An amount that a notice only claims pays nothing: the gateway is asked.
        does(&bank, "say?field=amount.total&value=1").await;
        bank.settles().await;
        assert!(bob.owns(&bank.app, COURSE).await);
        // What was refused at the door had been paid: a night finds it.
        bank.night().await;
        bank.night().await;
        agrees(&bank).await;
    }

    async fn the_clock_of_the_gateways_moves_by_itself(app: TestApp) {
        let bank = bank::open(app).await;
        let bob = Buyer::of(&bank, "bob", COURSE, "stripe").await;
        does(&bank, "clock?seconds=301").await;
        does(&bank, &format!("pay?number={}", bob.number)).await;
        assert_eq!(bank.fake.flush().await, [(400, String::new())], "five minutes ahead is too far");
        does(&bank, "clock?seconds=-301").await;
        does(&bank, &format!("tell?number={}&event=checkout.session.completed", bob.number)).await;
        bank.settles().await;
        assert!(bob.owns(&bank.app, COURSE).await);
    }
}
