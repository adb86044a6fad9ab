//! Stories of credit, earnings, payouts and the pages of the ledger.

use std::collections::BTreeMap;

use app::features::payouts::Payouts;
use domain::actor::Actor;
use domain::orders::Thing;
use domain::payouts::{PayoutId, PayoutStep};
use domain::refunds::{Destination, RefundState};
use domain::time::Span;

use crate::both;
use crate::support::TestApp;
use crate::support::moody::*;
use crate::support::shop::{self, COURSE, ENTRY};

/// What the statement of somebody's earnings says, smallest first: many things happen at one instant here.
async fn told(app: &TestApp, author: &Actor) -> Vec<i64> {
    let page = app.services.payouts.earnings(author, None).await.unwrap();
    let mut amounts: Vec<i64> = page.statement.items.iter().map(|entry| entry.amount.minor).collect();
    amounts.sort_unstable();
    amounts
}

both! {
    async fn credit_is_spent_once_and_never_overdrawn(app: TestApp) {
        shop::open(&app);
        Moody::open(&app);
        let mut bob = bought(&app, "bob", &[COURSE]).await;
        let services = &app.services;
        services.refunds.request(&bob.actor, bob.order, &bob.lines, Destination::Wallet).await.unwrap();
        assert_eq!(state(&app, bob.order).await.0, RefundState::Succeeded, "to the wallet at once");
        assert_eq!(holds(&app, &format!("customer:{}:credit", bob.actor.account)).await, 3_900);
        let link = format!("href=\"/en/orders/{}\"", bob.order);
        bob.person.gets("/en/wallet").await.status(200).shows("¥39").shows("Refund to balance").shows(&link);
        let order = services.orders.place(&bob.actor, COURSE).await.unwrap();
        let offered = "value=\"wallet\"";
        bob.person.gets(&format!("/en/orders/{order}")).await.status(200).shows(offered);
        let payment = services.payments.begin(&bob.actor, order, "wallet").await.unwrap();
        let page = format!("/en/pay/wallet/{payment}");
        bob.person.gets(&page).await.status(200).shows("Pay ¥39");
        app.learner("eve").await.gets(&page).await.status(404);
        let tries = (0..6).map(|_| services.wallet.pay(&bob.actor, payment));
        futures_util::future::join_all(tries).await;
        assert_eq!(holds(&app, &format!("customer:{}:credit", bob.actor.account)).await, 0, "paid once");
        assert!(owns(&app, &bob.actor, COURSE).await);
        assert_eq!(holds(&app, "gateway:wallet:clearing").await, 0);
        balanced(&app).await;
        let dear = services.orders.place(&bob.actor, ENTRY).await.unwrap();
        bob.person.gets(&format!("/en/orders/{dear}")).await.status(200).hides(offered);
        let payment = services.payments.begin(&bob.actor, dear, "wallet").await.unwrap();
        bob.person.posts("/api/wallet/pay", &[("payment", &payment.to_string())]).await.denied("wallet_too_little");
        assert!(!owns(&app, &bob.actor, ENTRY).await);
        balanced(&app).await;
        let lines = server::features::orders::store::lines(&services.kit.db, order).await.unwrap();
        services.refunds.request(&bob.actor, order, &[lines[0].id], Destination::Gateway).await.unwrap();
        assert_eq!(holds(&app, &format!("customer:{}:credit", bob.actor.account)).await, 3_900, "back where it was");
        balanced(&app).await;
    }

    async fn two_orders_and_credit_for_one(app: TestApp) {
        shop::open(&app);
        Moody::open(&app);
        let bob = bought(&app, "bob", &[ENTRY]).await;
        let services = &app.services;
        let staff = app.admin("rhea").await.actor().await;
        let amounts = BTreeMap::from([(bob.lines[0].to_string(), "39".to_owned())]);
        services.refunds.grant(&staff, bob.order, &amounts, Destination::Wallet, "goodwill").await.unwrap();
        let order = services.orders.place(&bob.actor, COURSE).await.unwrap();
        let payment = services.payments.begin(&bob.actor, order, "wallet").await.unwrap();
        services.wallet.pay(&bob.actor, payment).await.unwrap();
        let other = Thing::Course(domain::courses::CourseId(uuid::Uuid::from_u128(0xc0)));
        assert!(services.orders.place(&bob.actor, other).await.is_err(), "it is bought");
        balanced(&app).await;
    }

    async fn earnings_wait_for_the_guarantee_and_two_people_approve(app: TestApp) {
        shop::open(&app);
        Moody::open(&app);
        let mut ada = app.expert("ada").await;
        let author = ada.actor().await;
        shared(&app, &author).await;
        bought(&app, "bob", &[COURSE]).await;
        let payouts = &app.services.payouts;
        let earned = payouts.earned(author.account).await.unwrap()[0];
        assert_eq!((earned.owed, earned.held, earned.available), (yuan(3_120), yuan(3_120), yuan(0)));
        assert!(payouts.request(&author, wish(1_000)).await.unwrap_err().to_string().contains("payout_too_much"));
        app.wait(Span::hours(168));
        assert!(payouts.request(&author, wish(1_000)).await.is_err(), "the last instant belongs to the buyer");
        app.wait(Span::from_micros(1));
        ada.gets("/en/earnings").await.status(200).shows("¥31.20");
        let tries = (0..6).map(|_| payouts.request(&author, wish(3_000)));
        let made: Vec<PayoutId> = futures_util::future::join_all(tries).await.into_iter().filter_map(Result::ok).collect();
        assert_eq!(made.len(), 1, "six clicks, one payout");
        let payout = made[0];
        balanced(&app).await;
        app.services.accounts.change_role(None, "ada", domain::actor::Role::Admin, true).await.unwrap();
        let (mut rhea, mate) = (app.admin("rhea").await, app.admin("mate").await.actor().await);
        let root = rhea.actor().await;
        rhea.gets("/en/admin/payouts").await.status(200).shows("value=\"approve\"");
        ada.gets("/en/admin/payouts").await.status(200).hides("value=\"approve\"").hides("value=\"reject\"").shows("other people decide");
        let author = ada.actor().await;
        assert!(payouts.approve(&author, payout).await.unwrap_err().to_string().contains("payout_own"));
        assert!(payouts.step(&root, payout, PayoutStep::Export).await.is_err(), "not approved yet");
        payouts.approve(&root, payout).await.unwrap();
        assert!(payouts.approve(&root, payout).await.unwrap_err().to_string().contains("payout_approved_twice"));
        rhea.gets("/en/admin/payouts").await.hides("value=\"approve\"").shows("1 of 2").shows("one more person");
        payouts.approve(&mate, payout).await.unwrap();
        let bob = app.services.accounts.actor("bob").await.unwrap().unwrap();
        assert!(payouts.step(&bob, payout, PayoutStep::Cancel).await.is_err());
        let mut staff = app.admin("clerk").await;
        staff.submits("/en/admin/payouts", "/api/payouts/export.csv", &[]).await.status(200).shows("30.00,CNY");
        staff.submits("/en/admin/payouts", "/api/payouts/export.csv", &[]).await.status(200).hides("30.00,CNY");
        let desk = staff.gets("/en/admin/payouts").await.status(200).shows("Files at the bank").text();
        let file = desk.split('"').find(|link| link.starts_with("/api/payouts/exported.csv?at=")).unwrap();
        staff.gets(file).await.status(200).shows("30.00,CNY");
        staff.gets("/api/payouts/exported.csv").await.status(404);
        app.learner("mallory").await.gets(file).await.status(404);
        app.learner("eve").await.gets("/api/payouts/exported.csv").await.status(404);
        payouts.step(&root, payout, PayoutStep::Pay).await.unwrap();
        assert!(payouts.step(&root, payout, PayoutStep::Pay).await.is_err(), "paid once");
        assert_eq!((holds(&app, &payable(&author)).await, holds(&app, "bank:clearing").await), (120, 3_000));
        assert_eq!(told(&app, &author).await, [-3_000, 3_120], "settled: one entry");
        ada.gets("/en/earnings").await.shows("¥1.20").hides("name=\"amount\"");
        balanced(&app).await;
        payouts.step(&root, payout, PayoutStep::Fail).await.unwrap();
        assert_eq!((holds(&app, &payable(&author)).await, holds(&app, "bank:clearing").await), (3_120, 0));
        balanced(&app).await;
        let next = payouts.request(&author, wish(3_120)).await.unwrap();
        assert_eq!(told(&app, &author).await, [-3_120, -3_000, 3_000, 3_120], "reserved");
        payouts.step(&author, next, PayoutStep::Cancel).await.unwrap();
        assert_eq!(told(&app, &author).await, [-3_120, -3_000, 3_000, 3_120, 3_120], "and released again");
        let last = payouts.request(&author, wish(3_120)).await.unwrap();
        payouts.step(&root, last, PayoutStep::Reject).await.unwrap();
        assert_eq!(payouts.earned(author.account).await.unwrap()[0].available, yuan(3_120));
        balanced(&app).await;
    }

    async fn whoever_refuses_a_payout_says_why_and_its_owner_reads_it(app: TestApp) {
        shop::open(&app);
        Moody::open(&app);
        let mut ada = app.expert("ada").await;
        let author = ada.actor().await;
        shared(&app, &author).await;
        bought(&app, "bob", &[COURSE]).await;
        app.wait(Span::days(8));
        let payouts = &app.services.payouts;
        let (first, second) = (payouts.request(&author, wish(1_000)).await.unwrap(), payouts.request(&author, wish(1_100)).await.unwrap());
        let mut rhea = app.admin("rhea").await;
        let page = rhea.gets("/en/admin/payouts?state=requested").await.shows("Waiting for approval (2)").text();
        assert!(page.find("¥10<").unwrap() < page.find("¥11<").unwrap(), "what waits longest stands first");
        let page = rhea.gets("/en/admin/payouts").await.status(200).text();
        assert!(page.find("¥11<").unwrap() < page.find("¥10<").unwrap(), "of all the newest");
        rhea.gets(&format!("/en/admin/payouts?state=requested&after={first}")).await.hides("¥10<").shows("¥11<");
        let id = first.to_string();
        let reject = |reason: &'static str| [("payout", id.clone()), ("step", "reject".to_owned()), ("reason", reason.to_owned())];
        for (reason, code) in [("", "required"), ("  ", "required"), ("no", "too_short")] {
            let fields = reject(reason);
            let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
            rhea.posts("/api/payouts/step", &fields).await.invalid("reason", code);
        }
        let fields = reject("The account belongs to somebody else");
        let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
        let back = rhea.submits("/en/admin/payouts?state=requested", "/api/payouts/step", &fields).await.status(303);
        assert!(back.location().ends_with("/en/admin/payouts?state=requested"), "{}", back.location());
        ada.gets("/en/earnings").await.shows("The account belongs to somebody else");
        ada.gets("/en/messages").await.shows("Your payout of ¥10 was refused").shows("/en/earnings");
        rhea.gets("/zh/admin/payouts?state=rejected").await.shows("The account belongs to somebody else");
        payouts.step(&author, second, PayoutStep::Cancel).await.unwrap();
        balanced(&app).await;
    }

    async fn the_platform_covers_a_refund_of_what_was_paid_out(app: TestApp) {
        shop::open(&app);
        let bank = Moody::open(&app);
        let ada = app.expert("ada").await.actor().await;
        shared(&app, &ada).await;
        let bob = bought(&app, "bob", &[COURSE]).await;
        app.wait(Span::days(8));
        app.services.payouts.request(&ada, wish(3_000)).await.unwrap();
        let staff = app.admin("rhea").await.actor().await;
        let amounts = BTreeMap::from([(bob.lines[0].to_string(), "39".to_owned())]);
        app.services.refunds.grant(&staff, bob.order, &amounts, Destination::Gateway, "goodwill").await.unwrap();
        app.runs_jobs().await;
        assert_eq!(bank.given(), 3_900);
        assert_eq!((holds(&app, &payable(&ada)).await, holds(&app, "platform:fee").await), (3_000, -3_000));
        balanced(&app).await;
    }

    async fn what_people_changed_about_money_is_written_down_with_who_did_it(app: TestApp) {
        shop::open(&app);
        let mut rhea = app.admin("rhea").await;
        let page = "/en/admin/finance/log";
        rhea.gets(page).await.status(200).shows("Nothing has been changed yet.");
        let shares = |platform: &'static str| {
            [("kind", "course"), ("product", ""), ("platform", platform), ("owner", "70"), ("prize_pool", ""), ("sponsor", ""), ("sponsor_name", "")]
        };
        rhea.posts("/api/payouts/set_rule", &shares("30")).await.ok();
        rhea.posts("/api/payouts/remove_rule", &[("kind", "course")]).await.ok();
        rhea.posts("/api/refunds/bind", &[("kind", "course"), ("product", ""), ("policy", "staff")]).await.ok();
        rhea.gets(page).await.shows("Shares written:").shows("platform 30.00 %, author 70.00 %").shows("@rhea")
            .shows("Shares removed:").shows("Another promise:").hides("Nothing has been changed");
        rhea.gets("/zh/admin/finance/log").await.status(200).shows("设定分成：").shows("更改退款承诺：");
        // What was refused changed nothing.
        rhea.posts("/api/payouts/set_rule", &shares("31")).await.status(422);
        rhea.gets(page).await.hides("31.00 %");
        app.learner("eve").await.gets(page).await.status(404);
    }

    async fn staff_reads_the_ledger_in_both_languages_and_as_a_file(app: TestApp) {
        shop::open(&app);
        Moody::open(&app);
        let bob = bought(&app, "bob", &[COURSE]).await;
        let mut root = app.admin("rhea").await;
        for locale in ["en", "zh"] {
            root.gets(&format!("/{locale}/admin/finance")).await.status(200).shows("platform:fee").shows("¥39");
            root.gets(&format!("/{locale}/admin/finance/transfers?code=sale")).await.status(200).shows("gateway:bank:clearing");
            root.gets(&format!("/{locale}/admin/refunds")).await.status(200);
            root.gets(&format!("/{locale}/admin/refunds/{}", bob.order)).await.status(200).shows("bob");
            root.gets(&format!("/{locale}/admin/payouts")).await.status(200);
            root.gets(&format!("/{locale}/earnings")).await.status(200);
        }
        root.gets("/en/admin/finance/transfers?from=2026-09-02").await.status(200).hides("gateway:bank:clearing");
        root.gets("/en/admin/finance/transfers?from=yesterday").await.status(422);
        let file = root.gets("/api/finance/transfers.csv?code=sale").await.status(200);
        assert_eq!(file.text().lines().count(), 2, "{}", file.text());
        let order = bob.order.to_string();
        let field = format!("amounts[l{}]", bob.lines[0]);
        root.posts("/api/refunds/grant", &[("order", &order), (&field, "x"), ("reason", "why not")]).await.invalid("amounts", "amount");
        root.posts("/api/refunds/grant", &[("order", &order), (&field, "1"), ("reason", "")]).await.invalid("reason", "required");
        root.posts("/api/refunds/bind", &[("kind", "course"), ("policy", "none")]).await.invalid("policy", "unknown_choice");
        root.posts("/api/refunds/bind", &[("kind", "course"), ("policy", "staff")]).await.ok();
        root.gets("/en/admin/refunds").await.status(200).shows("By decision of the platform");
    }
}
