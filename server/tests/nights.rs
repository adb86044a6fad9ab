//! Stories of nights: what a comparison with the lists of gateways finds, and until when it could compare.

use std::collections::BTreeMap;

use domain::payments::AttemptState;
use domain::refunds::{Destination, RefundState};
use domain::time::{Span, Timestamp};
use fakepay::{Kind, Step, Trouble};
use server::features::orders::store as orders;
use server::features::payments::store;
use server::sql;

use crate::both;
use crate::support::bank::{
    self, Bank, Buyer, GATEWAYS, agrees, agrees_in_full, alerts, count, refund_state,
};
use crate::support::moody::holds;
use crate::support::shop::{COURSE, LAST};

/// Until when a gateway was compared.
async fn until(bank: &Bank, gateway: &str) -> Timestamp {
    store::compared_until(&bank.app.services.kit.db, gateway).await.unwrap().unwrap()
}

/// Somebody who has paid at a gateway.
async fn paid(bank: &Bank, name: &str, gateway: &str) -> Buyer {
    let buyer = Buyer::of(bank, name, COURSE, gateway).await;
    bank.fake.pay(&buyer.number);
    bank.settles().await;
    buyer
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
        bank.night().await;
        for (bob, eve) in &buyers {
            assert!(bob.owns(&bank.app, COURSE).await && eve.owns(&bank.app, COURSE).await);
        }
        assert_eq!(count(&bank.app, sql!("select count(*) as n from money_alerts")).await, 0);
        bank.night().await;
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
        bank.night().await;
        bank.night().await;
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

    async fn a_night_asks_alipay_whether_its_console_gave_everything_back(app: TestApp) {
        let bank = bank::open(app).await;
        for (name, back) in [("bob", 3_900), ("eve", 100)] {
            let buyer = Buyer::of(&bank, name, COURSE, "alipay").await;
            bank.fake.pay(&buyer.number);
            bank.settles().await;
            bank.fake.refund_from_console(&buyer.number, back);
            bank.fake.outbox();
        }
        bank.night().await;
        bank.night().await;
        assert_eq!(alerts(&bank.app, "list_differs").await, 1, "told once; of a part, Alipay says nothing");
    }

    async fn listed_refunds_of_nothing_that_we_ordered_are_booked_or_told(app: TestApp) {
        let bank = bank::open(app).await;
        let bob = Buyer::of(&bank, "bob", COURSE, "stripe").await;
        bank.fake.pay(&bob.number);
        bank.fake.refund_from_console(&bob.number, 100);
        bank.fake.outbox();
        // The same keys in another installation: it never heard of the payment.
        let other = bank::open_empty(&bank).await;
        other.app.services.payments.compare("stripe").await.unwrap();
        assert_eq!((alerts(&other.app, "no_such_payment").await, holds(&other.app, "suspense:unmatched").await), (1, 3_800));
        // A refund of money that no list names any more belongs to nothing at all.
        bank.app.wait(Span::days(10));
        bank.fake.refund_from_console(&bob.number, 200);
        let third = bank::open_empty(&bank).await;
        third.app.wait(Span::days(10));
        third.app.services.payments.compare("stripe").await.unwrap();
        let told = sql!("select count(*) as n from money_alerts where reason = 'list_differs' and amount in (100, 200)");
        assert_eq!(count(&third.app, told).await, 2);
    }

    async fn a_day_that_is_not_over_is_no_day_without_payments(app: TestApp) {
        let bank = bank::open(app).await;
        // Told and booked today, paid today and never told: no bill knows of either before tomorrow.
        paid(&bank, "bob", "wechatpay").await;
        let eve = Buyer::of(&bank, "eve", COURSE, "wechatpay").await;
        bank.fake.pay(&eve.number);
        bank.fake.outbox();
        let now = bank.app.services.kit.now();
        bank.compares("wechatpay").await;
        assert!(!eve.owns(&bank.app, COURSE).await);
        assert_eq!(alerts(&bank.app, "not_listed").await, 0, "what no bill can know yet is not missing");
        let midnight = Timestamp::from_seconds(1_788_249_600 - 16 * 3_600);
        assert_eq!(until(&bank, "wechatpay").await, midnight.minus(Span::from_micros(1)), "compared as far as there are bills");
        bank.compares("stripe").await;
        assert_eq!(until(&bank, "stripe").await, now);
        // The day is over, and its bill is being made.
        bank.app.wait(Span::hours(15));
        bank.compares("wechatpay").await;
        assert!(!eve.owns(&bank.app, COURSE).await);
        bank.app.wait(Span::hours(4));
        bank.compares("wechatpay").await;
        assert!(eve.owns(&bank.app, COURSE).await);
        assert_eq!(until(&bank, "wechatpay").await, midnight.plus(Span::days(1)).minus(Span::from_micros(1)));
        assert_eq!(count(&bank.app, sql!("select count(*) as n from money_alerts")).await, 0);
        let mut staff = bank.app.admin("grace").await;
        staff.gets("/en/admin/payments").await.status(200).shows("Compared with WeChat Pay").hides("longer ago than it should be");
        bank.app.wait(Span::days(3));
        staff.gets("/zh/admin/payments").await.status(200).shows("已与微信支付核对至").shows("已过久未能取得账单");
    }

    async fn a_server_that_was_down_for_a_week_compares_the_week(app: TestApp) {
        let bank = bank::open(app).await;
        bank.night().await;
        let before = until(&bank, "stripe").await;
        let mut buyers = Vec::new();
        for gateway in GATEWAYS {
            let bob = Buyer::of(&bank, gateway, COURSE, gateway).await;
            bank.fake.pay(&bob.number);
            buyers.push(bob);
        }
        bank.fake.outbox();
        bank.app.wait(Span::days(8));
        for gateway in GATEWAYS {
            let steps = bank.compares(gateway).await;
            assert!(steps >= 3, "{gateway}: {steps}");
        }
        for bob in &buyers {
            assert!(bob.owns(&bank.app, COURSE).await, "{}", bob.person.username);
        }
        assert_eq!(until(&bank, "stripe").await, bank.app.services.kit.now());
        assert!(until(&bank, "wechatpay").await > before.plus(Span::days(7)));
        assert_eq!(count(&bank.app, sql!("select count(*) as n from money_alerts")).await, 0);
        agrees(&bank).await;
    }

    async fn a_gateway_that_is_down_for_a_night_is_compared_in_the_next(app: TestApp) {
        let bank = bank::open(app).await;
        bank.night().await;
        let before = until(&bank, "stripe").await;
        let eve = Buyer::of(&bank, "eve", COURSE, "stripe").await;
        bank.fake.pay(&eve.number);
        bank.fake.outbox();
        bank.fake.plan(Trouble::Down, 1_000, "");
        bank.app.wait(Span::days(1));
        assert!(bank.app.services.payments.compare("stripe").await.is_err());
        assert_eq!(until(&bank, "stripe").await, before, "nothing was compared");
        bank.fake.shared().world().plans.clear();
        bank.app.wait(Span::days(6));
        bank.compares("stripe").await;
        assert!(eve.owns(&bank.app, COURSE).await);
        assert_eq!(alerts(&bank.app, "list_unread").await, 0);
    }

    async fn lists_of_several_pages_are_read_to_their_end(app: TestApp) {
        let bank = bank::open(app).await;
        let mut buyers = Vec::new();
        for number in 0..5 {
            let bob = Buyer::of(&bank, &format!("bob{number}"), COURSE, "stripe").await;
            bank.fake.pay(&bob.number);
            buyers.push(bob);
        }
        bank.fake.outbox();
        bank.fake.shared().world().page = Some(2);
        bank.night().await;
        for bob in &buyers {
            assert!(bob.owns(&bank.app, COURSE).await, "{}", bob.person.username);
        }
        agrees(&bank).await;
    }

    async fn a_night_finds_disputes_and_how_they_ended(app: TestApp) {
        let bank = bank::open(app).await;
        let (bob, eve) = (paid(&bank, "bob", "stripe").await, paid(&bank, "eve", "stripe").await);
        let (lost, won) = (bank.fake.dispute(&bob.number), bank.fake.dispute(&eve.number));
        bank.fake.outbox();
        bank.night().await;
        let open = sql!("select count(*) as n from refunds where kind = 'dispute' and state = 'requested'");
        assert_eq!(count(&bank.app, open).await, 2);
        agrees(&bank).await;
        // It takes weeks, and nobody tells.
        for _ in 0..3 {
            bank.app.wait(Span::days(7));
            bank.night().await;
        }
        bank.fake.end_dispute(&lost, false);
        bank.fake.end_dispute(&won, true);
        bank.fake.outbox();
        bank.night().await;
        assert!(!bob.owns(&bank.app, COURSE).await, "the right went with the money");
        assert!(eve.owns(&bank.app, COURSE).await);
        agrees(&bank).await;
    }

    async fn a_night_finds_that_money_of_nobody_came_again(app: TestApp) {
        let bank = bank::open(app).await;
        let bob = Buyer::of(&bank, "bob", COURSE, "stripe").await;
        bank.fake.pay_other(&bob.number, 3_901);
        bank.settles().await;
        let dispute = bank.fake.dispute(&bob.number);
        bank.settles().await;
        let lies = sql!("select credits - debits as n from ledger_accounts where name = 'suspense:unmatched'");
        assert_eq!(count(&bank.app, lies.clone()).await, 0, "the bank has it");
        for _ in 0..3 {
            bank.app.wait(Span::days(7));
            bank.night().await;
        }
        bank.fake.end_dispute(&dispute, true);
        bank.fake.outbox();
        bank.night().await;
        assert_eq!(count(&bank.app, lies).await, 3_901, "it was won, and nobody told");
        agrees(&bank).await;
    }

    async fn a_night_finds_how_a_dispute_ended_that_could_not_be_booked(app: TestApp) {
        let bank = bank::open(app).await;
        let (bob, eve) = (paid(&bank, "bob", "stripe").await, paid(&bank, "eve", "stripe").await);
        let staff = bank.app.admin("rhea").await.actor().await;
        let mut disputes = Vec::new();
        for buyer in [&bob, &eve] {
            // Ten of it are in a balance here: the bank takes more than is left.
            let line = orders::lines(&bank.app.services.kit.db, buyer.order).await.unwrap()[0].id;
            let ten = BTreeMap::from([(line.to_string(), "10".to_owned())]);
            bank.app.services.refunds.grant(&staff, buyer.order, &ten, Destination::Wallet, "kind").await.unwrap();
            disputes.push(bank.fake.dispute(&buyer.number));
        }
        bank.settles().await;
        assert_eq!(alerts(&bank.app, "disputed").await, 2);
        for _ in 0..3 {
            bank.app.wait(Span::days(7));
            bank.night().await;
        }
        assert_eq!(count(&bank.app, sql!("select count(*) as n from money_alerts")).await, 2, "nothing is decided");
        bank.fake.end_dispute(&disputes[0], false);
        bank.fake.end_dispute(&disputes[1], true);
        bank.fake.outbox();
        for _ in 0..2 {
            bank.night().await;
        }
        assert_eq!(alerts(&bank.app, "dispute_lost").await, 1, "told once, though nobody wrote");
        assert_eq!(alerts(&bank.app, "dispute_won").await, 1);
        let open = store::open_disputes(&bank.app.services.kit.db, "stripe", 10).await.unwrap();
        assert!(open.is_empty(), "what is over is not asked about again");
    }

    async fn a_night_finds_refunds_that_failed_after_all(app: TestApp) {
        let bank = bank::open(app).await;
        // One of WeChat Pay that succeeded stays so, and its bill is never written anew.
        for gateway in ["stripe", "alipay"] {
            let bob = paid(&bank, gateway, gateway).await;
            let refund = bob.gives_back(&bank.app).await;
            bank.app.runs_jobs().await;
            bank.settles().await;
            assert_eq!(refund_state(&bank.app, refund).await, RefundState::Succeeded, "{gateway}");
            bank.night().await;
            bank.fake.move_refund(&refund.0.simple().to_string(), Step::Failed);
            bank.fake.outbox();
            bank.night().await;
            if gateway == "alipay" {
                // Alipay does not say that a refund failed: only that it knows of none that succeeded.
                assert_eq!(alerts(&bank.app, "refund_not_listed").await, 1);
                assert!(bank.fake.move_refund(&refund.0.simple().to_string(), Step::Succeeded));
                bank.fake.outbox();
                continue;
            }
            assert_eq!(refund_state(&bank.app, refund).await, RefundState::Failed, "{gateway}");
            assert!(bob.owns(&bank.app, COURSE).await, "{gateway}: the right is there again");
            agrees(&bank).await;
        }
        assert_eq!(alerts(&bank.app, "refund_failed").await, 1);
        agrees(&bank).await;
    }

    async fn a_night_misses_refunds_that_were_booked_and_never_made(app: TestApp) {
        let bank = bank::open(app).await;
        for gateway in GATEWAYS {
            let bob = paid(&bank, gateway, gateway).await;
            bob.gives_back(&bank.app).await;
            bank.app.runs_jobs().await;
            bank.settles().await;
            let eve = paid(&bank, &format!("eve-{gateway}"), gateway).await;
            bank.fake.refund_from_console(&eve.number, 1_000);
            bank.settles().await;
        }
        bank.fake.shared().world().refunds.clear();
        bank.night().await;
        bank.night().await;
        assert_eq!(alerts(&bank.app, "refund_not_listed").await, 6, "told once of each");
        let mut staff = bank.app.admin("grace").await;
        staff.gets("/en/admin/payments").await.status(200).shows("knows of no such refund");
    }

    async fn a_line_that_cannot_be_read_is_told_and_ends_nothing(app: TestApp) {
        let bank = bank::open(app).await;
        let mut buyers = Vec::new();
        for (gateway, currency) in [("stripe", "eur"), ("wechatpay", "hkd")] {
            let odd = Buyer::of(&bank, &format!("odd-{gateway}"), COURSE, gateway).await;
            bank.fake.pay_in(&odd.number, currency);
            let eve = Buyer::of(&bank, &format!("eve-{gateway}"), COURSE, gateway).await;
            bank.fake.pay(&eve.number);
            buyers.push((odd, eve));
        }
        bank.fake.outbox();
        bank.app.wait(Span::hours(20));
        for gateway in ["stripe", "wechatpay", "stripe", "wechatpay"] {
            bank.compares(gateway).await;
        }
        for (odd, eve) in &buyers {
            assert!(eve.owns(&bank.app, COURSE).await, "the others are compared");
            assert!(!odd.owns(&bank.app, COURSE).await);
            assert_ne!(odd.state(&bank.app).await, AttemptState::Confirmed);
        }
        assert_eq!(alerts(&bank.app, "list_unread").await, 2, "told once of each");
        let mut staff = bank.app.admin("grace").await;
        staff.gets("/en/admin/payments").await.status(200).shows("cannot be compared").shows("EUR").shows("HKD");
    }

    async fn what_gateways_keep_and_send_to_our_bank_is_booked_once(app: TestApp) {
        let bank = bank::open(app).await;
        for gateway in GATEWAYS {
            paid(&bank, gateway, gateway).await;
        }
        let dollars = Buyer::of(&bank, "dollars", LAST, "stripe").await;
        bank.fake.pay(&dollars.number);
        bank.settles().await;
        bank.night().await;
        agrees_in_full(&bank).await;
        // 2.9 per cent and 30 of 39 yuan are 1.431; 0.6 per cent of them are 0.234; of 5 dollars 0.445.
        let kept = |currency: &'static str| {
            sql!("select debits - credits as n from ledger_accounts where name = 'gateway:fee' and currency = $1", currency)
        };
        assert_eq!(count(&bank.app, kept("CNY")).await, 113 + 30 + 23);
        assert_eq!(count(&bank.app, kept("USD")).await, 15 + 30);
        bank.fake.pay_out(Kind::Stripe, 2_000, "cny");
        bank.fake.pay_out(Kind::WechatPay, 3_000, "cny");
        bank.fake.pay_out(Kind::Stripe, 400, "usd");
        bank.night().await;
        bank.night().await;
        agrees_in_full(&bank).await;
        let banked = |currency: &'static str| {
            sql!("select debits - credits as n from ledger_accounts where name = 'bank:clearing' and currency = $1", currency)
        };
        assert_eq!((count(&bank.app, banked("CNY")).await, count(&bank.app, banked("USD")).await), (5_000, 400));
        // The bank would not have some of it.
        bank.fake.pay_out(Kind::Stripe, -2_000, "cny");
        bank.fake.pay_out(Kind::WechatPay, -1_000, "cny");
        bank.night().await;
        bank.night().await;
        assert_eq!(count(&bank.app, banked("CNY")).await, 2_000);
        agrees_in_full(&bank).await;
        assert_eq!(count(&bank.app, sql!("select count(*) as n from gateway_entries")).await, 3 + 5, "each once");
        assert_eq!(count(&bank.app, sql!("select count(*) as n from money_alerts")).await, 0);
    }

    async fn a_refund_gives_a_fee_back_where_the_list_says_so(app: TestApp) {
        let bank = bank::open(app).await;
        let keeps = [paid(&bank, "bob", "stripe").await, paid(&bank, "eve", "wechatpay").await];
        bank.night().await;
        let dan = paid(&bank, "dan", "wechatpay").await;
        for buyer in &keeps {
            buyer.gives_back(&bank.app).await;
        }
        bank.app.runs_jobs().await;
        bank.settles().await;
        let kept = sql!("select debits - credits as n from ledger_accounts where name = 'gateway:fee'");
        bank.night().await;
        bank.night().await;
        assert_eq!(count(&bank.app, kept.clone()).await, 143 + 2 * 23, "it is kept, whatever went back");
        bank.fake.shared().world().fees_back = true;
        dan.gives_back(&bank.app).await;
        bank.app.runs_jobs().await;
        bank.settles().await;
        bank.night().await;
        bank.night().await;
        assert_eq!(count(&bank.app, kept).await, 143 + 23, "the list says that it came back");
        agrees_in_full(&bank).await;
    }

    async fn disputes_cost_what_stripe_says(app: TestApp) {
        let bank = bank::open(app).await;
        let (bob, eve) = (paid(&bank, "bob", "stripe").await, paid(&bank, "eve", "stripe").await);
        let (lost, won) = (bank.fake.dispute(&bob.number), bank.fake.dispute(&eve.number));
        bank.settles().await;
        bank.fake.end_dispute(&lost, false);
        bank.fake.end_dispute(&won, true);
        bank.settles().await;
        bank.night().await;
        bank.night().await;
        agrees_in_full(&bank).await;
        let kept = sql!("select debits - credits as n from ledger_accounts where name = 'gateway:fee'");
        assert_eq!(count(&bank.app, kept).await, 2 * (143 + 1_500));
    }

    async fn a_fee_that_is_another_one_later_is_told(app: TestApp) {
        let bank = bank::open(app).await;
        let bob = paid(&bank, "bob", "stripe").await;
        bank.night().await;
        bank.fake.shared().world().trades.get_mut(&bob.number).unwrap().fee = 200;
        bank.night().await;
        bank.night().await;
        assert_eq!(alerts(&bank.app, "list_differs").await, 1, "told once, and booked as it was");
        agrees(&bank).await;
    }
}
