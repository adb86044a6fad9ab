//! Stories of refunds and disputes: every cent is where the ledger says.

use std::collections::BTreeMap;

use domain::orders::Thing;
use domain::refunds::{Destination, RefundKind, RefundState};
use domain::time::Span;
use server::features::payments::gateway::{RefundTold, ReversalKind};
use server::features::refunds::store::{self, Refund};
use server::sql;

use crate::both;
use crate::support::moody::*;
use crate::support::offers::course;
use crate::support::shop::{self, COURSE, ENTRY};

both! {
    async fn what_is_given_back_ends_at_once_and_the_money_follows(app: TestApp) {
        shop::open(&app);
        let bank = Moody::open(&app);
        let mut bob = bought(&app, "bob", &[COURSE]).await;
        assert!(owns(&app, &bob.actor, COURSE).await);
        let page = format!("/en/orders/{}/refund", bob.order);
        bob.person.gets(&page).await.status(200).shows("You get ¥39 back.").shows("within 7 days after paying");
        bob.person.gets(&page.replace("/en/", "/zh/")).await.status(200).shows("可退¥39。");
        let order = bob.order.to_string();
        let field = format!("lines[l{}]", bob.lines[0]);
        let fields = [("order", order.as_str()), (field.as_str(), "true"), ("to", "gateway")];
        bob.person.submits(&page, "/api/refunds/request", &fields).await.status(303);
        assert!(!owns(&app, &bob.actor, COURSE).await, "the right ends with the request, not with the bank");
        assert_eq!(holds(&app, "refund:inflight").await, 3_900);
        balanced(&app).await;
        let own = format!("/en/orders/{order}");
        bob.person.gets(&own).await.shows("was given back").hides("It is yours").hides("Open it").shows("See the refund");
        app.runs_jobs().await;
        assert_eq!((state(&app, bob.order).await, bank.given()), ((RefundState::Succeeded, 3_900), 3_900));
        for account in ["refund:inflight", "platform:fee", "gateway:bank:clearing"] {
            assert_eq!(holds(&app, account).await, 0, "{account}");
        }
        bob.person.gets(&format!("/en/orders/{order}")).await.shows("Refunded");
        bob.person.gets("/en/messages").await.shows("¥39 went back to you").shows("goes the way it came");
        bob.person.gets("/zh/messages").await.shows("¥39已退还给你");
        bob.person.posts("/api/refunds/request", &fields).await.denied("refund_returned");
        balanced(&app).await;
    }

    async fn somebody_elses_order_gives_nothing_back(app: TestApp) {
        shop::open(&app);
        Moody::open(&app);
        let bob = bought(&app, "bob", &[COURSE]).await;
        let mut eve = app.learner("eve").await;
        let order = bob.order.to_string();
        let field = format!("lines[l{}]", bob.lines[0]);
        eve.gets(&format!("/en/orders/{order}/refund")).await.status(404).hides("¥39");
        eve.posts("/api/refunds/request", &[("order", &order), (&field, "true")]).await.status(404);
        eve.posts("/api/refunds/grant", &[("order", &order), ("reason", "I am staff")]).await.status(404);
        for page in ["/en/admin/refunds", "/en/admin/finance", "/en/admin/finance/transfers", "/en/admin/payouts"] {
            eve.gets(page).await.status(404);
        }
        eve.gets("/api/finance/transfers.csv").await.status(404);
        eve.posts("/api/payouts/export.csv", &[]).await.status(404);
        app.stranger().posts("/api/refunds/request", &[("order", &order)]).await.status(401);
        let mut bob = bob.person;
        bob.posts("/api/refunds/request", &[("order", &order)]).await.invalid("lines", "choose_a_line");
        bob.posts("/api/refunds/request", &[("order", &order), ("lines[x]", "true")]).await.status(404);
        bob.posts("/api/refunds/request", &[("order", "x"), (&field, "true")]).await.status(404);
    }

    async fn the_policy_of_the_day_of_buying_counts_to_the_last_instant(app: TestApp) {
        shop::open(&app);
        Moody::open(&app);
        let bob = bought(&app, "bob", &[COURSE]).await;
        let eve = bought(&app, "eve", &[COURSE]).await;
        let mut tx = app.services.kit.db.begin().await.unwrap();
        tx.run(sql!("update refund_policy_bindings set policy = 'staff' where thing_kind = 'course'")).await.unwrap();
        tx.commit().await.unwrap();
        app.wait(Span::hours(168));
        request(&app, &bob, &bob.lines).await.expect("the last instant belongs to the buyer");
        app.wait(Span::from_micros(1));
        let refused = request(&app, &eve, &eve.lines).await.unwrap_err();
        assert!(refused.to_string().contains("refund_too_late"), "{refused}");
        let carl = bought(&app, "carl", &[COURSE]).await;
        let refused = request(&app, &carl, &carl.lines).await.unwrap_err();
        assert!(refused.to_string().contains("refund_staff_only"), "{refused}");
        app.runs_jobs().await;
        balanced(&app).await;
    }

    async fn staff_writes_promises_and_orders_from_then_on_have_them(app: TestApp) {
        shop::open(&app);
        Moody::open(&app);
        let before = bought(&app, "bob", &[COURSE]).await;
        let mut staff = app.admin("rhea").await;
        let fields = |code: &'static str, hours: &'static str| {
            [("code", code), ("name_en", "Two days"), ("name_zh", "两天"), ("self_service", "true"), ("hours", hours), ("consumed_percent", "")]
        };
        let path = "/api/refunds/new-policy";
        staff.posts(path, &fields("two_days", "")).await.invalid("hours", "policy_without_end");
        staff.posts(path, &fields("Two days", "48")).await.invalid("code", "policy_code");
        staff.posts(path, &fields("week", "48")).await.invalid("code", "policy_taken");
        let kept = staff.submits("/en/admin/refunds", path, &fields("two_days", "0")).await.status(303);
        staff.gets(kept.location()).await.shows("value=\"two_days\"").shows("Two days");
        staff.submits("/en/admin/refunds", path, &fields("two_days", "24")).await.status(303);
        staff.posts("/api/refunds/bind", &[("kind", "course"), ("policy", "nothing")]).await.invalid("policy", "unknown_choice");
        staff.submits("/en/admin/refunds", "/api/refunds/bind", &[("kind", "course"), ("policy", "two_days")]).await.status(303);
        staff.gets("/zh/admin/refunds").await.status(200).shows("两天");
        let mut after = bought(&app, "eve", &[COURSE]).await;
        after.person.gets(&format!("/en/orders/{}/refund", after.order)).await.shows("within 24 hours after paying");
        let mut bob = before.person;
        bob.gets(&format!("/en/orders/{}/refund", before.order)).await.shows("within 7 days after paying");
        bob.posts(path, &fields("mine", "48")).await.status(404);
        bob.posts("/api/refunds/bind", &[("kind", "course"), ("policy", "week")]).await.status(404);
        bob.posts("/api/refunds/unbind", &[("kind", "course"), ("product", "")]).await.status(404);
    }

    async fn one_product_has_a_promise_of_its_own(app: TestApp) {
        Moody::open(&app);
        let mut staff = app.admin("rhea").await;
        let teacher = staff.actor().await;
        let one = Thing::Course(course(&app, &teacher, "one", 3_900).await);
        let other = Thing::Course(course(&app, &teacher, "other", 3_900).await);
        let (page, path) = ("/en/admin/refunds", "/api/refunds/bind");
        let fields = |product: &'static str, policy: &'static str| [("kind", "course"), ("product", product), ("policy", policy)];
        let kept = staff.submits(page, path, &fields("nothing", "staff")).await.status(303);
        staff.gets(kept.location()).await.shows("value=\"nothing\"").shows("There is nothing of this name");
        staff.posts(path, &fields("one", "until_start")).await.invalid("policy", "policy_needs_start");
        staff.submits(page, path, &fields("one", "staff")).await.status(303);
        staff.gets("/zh/admin/refunds").await.status(200).shows("单个商品").shows("name=\"product\" value=\"one\"");
        let mut bob = bought(&app, "bob", &[one, other]).await;
        let promised = bob.person.gets(&format!("/en/orders/{}/refund", bob.order)).await;
        promised.shows("A person of the platform decides").shows("within 7 days after paying");
        staff.submits(page, "/api/refunds/unbind", &[("kind", "course"), ("product", "one")]).await.status(303);
        // The promise of a kind is changed, and never taken away.
        staff.posts("/api/refunds/unbind", &[("kind", "course"), ("product", "")]).await.ok();
        let mut eve = bought(&app, "eve", &[one]).await;
        eve.person.gets(&format!("/en/orders/{}/refund", eve.order)).await.shows("within 7 days after paying");
        bob.person.gets(&format!("/en/orders/{}/refund", bob.order)).await.shows("A person of the platform decides");
    }

    async fn what_never_starts_is_not_promised_until_its_start(app: TestApp) {
        shop::open(&app);
        Moody::open(&app);
        let mut staff = app.admin("rhea").await;
        let bind = |kind| [("kind", kind), ("policy", "until_start")];
        for kind in ["course", "plan"] {
            staff.posts("/api/refunds/bind", &bind(kind)).await.invalid("policy", "policy_needs_start");
        }
        staff.posts("/api/refunds/bind", &bind("competition")).await.ok();
        // An installation where it was bound before: nobody is promised anything for ever.
        let mut tx = app.services.kit.db.begin().await.unwrap();
        tx.run(sql!("update refund_policy_bindings set policy = 'until_start' where thing_kind = 'course'")).await.unwrap();
        tx.commit().await.unwrap();
        let bob = bought(&app, "bob", &[COURSE]).await;
        let refused = request(&app, &bob, &bob.lines).await.unwrap_err();
        assert!(refused.to_string().contains("refund_staff_only"), "{refused}");
        balanced(&app).await;
    }

    async fn an_order_without_money_offers_staff_no_refund(app: TestApp) {
        shop::open(&app);
        Moody::open(&app);
        let bob = app.learner("bob").await;
        let order = app.services.orders.place(&bob.actor().await, COURSE).await.unwrap();
        let mut staff = app.admin("rhea").await;
        let page = staff.gets(&format!("/en/admin/refunds/{order}")).await.status(200);
        page.shows("Nothing of this order").hides("name=\"amounts[").hides("name=\"reason\"");
        let page = staff.gets(&format!("/en/admin/orders/{order}")).await.status(200);
        page.hides("Refunds of this order");
    }

    async fn what_is_promised_is_said_before_anybody_pays(app: TestApp) {
        shop::open(&app);
        Moody::open(&app);
        let mut stranger = app.stranger();
        let path = format!("/api/refunds/promises?things={COURSE},{ENTRY},{COURSE},nonsense");
        let asked = axum::http::Request::get(path).header("accept", "application/json");
        let told = stranger.sends(asked.body(axum::body::Body::empty()).unwrap()).await.status(200).text();
        assert_eq!(told.matches("\"code\"").count(), 2, "each promise once: {told}");
        let mut bob = app.learner("bob").await;
        let actor = bob.actor().await;
        let order = app.services.orders.place(&actor, COURSE).await.unwrap();
        let promise = "Money back within 7 days after paying, before 20 per cent are used.";
        bob.gets(&format!("/en/orders/{order}")).await.shows(promise);
        app.services.orders.cancel(&actor, order).await.unwrap();
        bob.gets(&format!("/en/orders/{order}")).await.hides(promise);
    }

    async fn a_refused_refund_keeps_what_was_chosen(app: TestApp) {
        shop::open(&app);
        Moody::open(&app);
        let mut bob = bought(&app, "bob", &[COURSE, ENTRY]).await;
        let (order, page) = (bob.order.to_string(), format!("/en/orders/{}/refund", bob.order));
        let (ticked, to_wallet) = ("value=\"true\" checked", "value=\"wallet\" checked");
        bob.person.gets(&page).await.shows(ticked).hides(to_wallet);
        let fields = [("order", order.as_str()), ("to", "wallet")];
        let back = bob.person.submits(&page, "/api/refunds/request", &fields).await.status(303);
        bob.person.gets(back.location()).await.hides(ticked).shows(to_wallet).shows("Choose");
        let mut staff = app.admin("rhea").await;
        let page = format!("/en/admin/refunds/{order}");
        let amount = format!("amounts[l{}]", bob.lines[0]);
        let fields = [("order", order.as_str()), (&amount, "12.34"), ("to", "wallet"), ("reason", "")];
        staff.gets(&page).await.status(200).shows(&format!("name=\"{amount}\"")).hides("Nothing of this order");
        // Before it is given it is shown once more, with whose it is; what cannot be given is not asked for.
        let asks = |amount: &str, reason: &str| format!("{page}?amounts%5Bl{}%5D={amount}&to=wallet&reason={reason}", bob.lines[0]);
        let asked = staff.gets(&asks("12.34", "Sold+by+mistake")).await.shows("¥12.34 goes to @bob").shows("Refund ¥12.34");
        asked.shows("To the buyer").shows("Sold by mistake").shows("action=\"/api/refunds/grant");
        for (amount, reason, why) in [("99", "because", "No more than"), ("x", "because", "marked"), ("", "because", "Choose"), ("1", "+", "marked")] {
            staff.gets(&asks(amount, reason)).await.shows(why).hides("action=\"/api/refunds/grant").shows(&format!("value=\"{amount}\""));
        }
        // A button that is pressed two times gives once: what was left when it was shown is not left any more.
        let seen = staff.gets(&asks("1", "Sold+by+mistake")).await.text();
        let seen = seen.split("name=\"seen\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let twice = [("order", order.as_str()), (&amount, "1"), ("to", "wallet"), ("reason", "pressed twice"), ("seen", seen.as_str())];
        staff.posts("/api/refunds/grant", &twice).await.ok();
        staff.posts("/api/refunds/grant", &twice).await.status(409);
        let back = staff.submits(&page, "/api/refunds/grant", &fields).await.status(303);
        let kept = staff.gets(back.location()).await.shows("value=\"12.34\"");
        kept.shows(to_wallet).shows("The buyer gets").hides("To my balance");
    }

    async fn part_of_an_order_goes_back_and_the_rest_stays(app: TestApp) {
        shop::open(&app);
        let bank = Moody::open(&app);
        let mut bob = bought(&app, "bob", &[COURSE, ENTRY]).await;
        request(&app, &bob, &bob.lines[..1]).await.unwrap();
        app.runs_jobs().await;
        assert!(!owns(&app, &bob.actor, COURSE).await && owns(&app, &bob.actor, ENTRY).await);
        let page = format!("/en/orders/{}", bob.order);
        bob.person.gets(&page).await.shows("Given back").shows("It is yours");
        assert_eq!(bank.given(), 3_900);
        let staff = app.admin("rhea").await.actor().await;
        let amounts = BTreeMap::from([(bob.lines[1].to_string(), "40".to_owned())]);
        let grant = |amounts: BTreeMap<String, String>| {
            let (app, staff) = (app.clone(), staff.clone());
            async move { app.services.refunds.grant(&staff, bob.order, &amounts, Destination::Gateway, "goodwill").await }
        };
        grant(amounts).await.unwrap();
        app.runs_jobs().await;
        assert!(owns(&app, &bob.actor, ENTRY).await, "a part of a price ends no right");
        let over = grant(BTreeMap::from([(bob.lines[1].to_string(), "60.01".to_owned())])).await.unwrap_err();
        assert!(over.to_string().contains("refund_exceeds"), "{over}");
        grant(BTreeMap::from([(bob.lines[1].to_string(), "60".to_owned())])).await.unwrap();
        app.runs_jobs().await;
        assert!(!owns(&app, &bob.actor, ENTRY).await);
        bob.person.gets(&page).await.hides("It is yours");
        assert_eq!(bank.given(), 13_900);
        assert_eq!(holds(&app, "gateway:bank:clearing").await, 0);
        balanced(&app).await;
    }

    async fn never_more_than_was_taken_and_the_unlocked_twin_does(app: TestApp) {
        shop::open(&app);
        let bank = Moody::open(&app);
        let bob = bought(&app, "bob", &[COURSE]).await;
        let tries = (0..8).map(|_| request(&app, &bob, &bob.lines));
        let given = futures_util::future::join_all(tries).await.into_iter().filter(Result::is_ok).count();
        assert_eq!(given, 1, "eight clicks, one refund");
        app.runs_jobs().await;
        assert_eq!(bank.given(), 3_900);
        balanced(&app).await;

        // The twin looks first and writes later, without a lock between.
        let eve = bought(&app, "eve", &[COURSE]).await;
        let db = &app.services.kit.db;
        let barrier = tokio::sync::Barrier::new(4);
        let twins = (0..4).map(|_| async {
            let mut tx = db.begin().await.unwrap();
            let back = store::returned_of_charge(&mut tx, "bank", "ch_eve").await.unwrap();
            drop(tx);
            barrier.wait().await;
            if back > 0 {
                return;
            }
            let refund = Refund {
                id: app.services.kit.id(),
                order: eve.order,
                payment: eve.payment,
                gateway: "bank".to_owned(),
                charge: "ch_eve".to_owned(),
                amount: yuan(3_900),
                kind: RefundKind::Lines,
                destination: Destination::Gateway,
                state: RefundState::Requested,
                reason: String::new(),
                policy: String::new(),
                outside: None,
                requested_by: None,
                requested_at: app.services.kit.now(),
            };
            let mut tx = db.begin().await.unwrap();
            store::add(&mut tx, &refund).await.unwrap();
            tx.commit().await.unwrap();
        });
        futures_util::future::join_all(twins).await;
        let findings = server::audit::audit(db).await.unwrap().findings;
        let found = findings.iter().find(|found| found.rule == "never more goes back than was taken");
        assert_eq!(found.map(|found| found.what.as_str()), Some("15600 of 3900 go back"), "{findings:?}");
    }

    async fn an_answer_that_is_lost_is_asked_for_and_nothing_goes_back_twice(app: TestApp) {
        shop::open(&app);
        let bank = Moody::open(&app);
        let bob = bought(&app, "bob", &[COURSE]).await;
        bank.is(Mood::LosesAnswers);
        let refund = request(&app, &bob, &bob.lines).await.unwrap();
        app.runs_jobs().await;
        assert_eq!(state(&app, bob.order).await.0, RefundState::Unknown);
        assert!(!owns(&app, &bob.actor, COURSE).await);
        balanced(&app).await;
        app.wait(Span::minutes(1));
        app.restarted().await;
        app.runs_jobs().await;
        assert_eq!(state(&app, bob.order).await.0, RefundState::Succeeded);
        assert_eq!((bank.calls(), bank.given()), (vec![refund], 3_900), "asked, not sent again");
        balanced(&app).await;
    }

    async fn what_the_gateway_never_heard_of_is_sent_again_under_its_own_id(app: TestApp) {
        shop::open(&app);
        let bank = Moody::open(&app);
        let bob = bought(&app, "bob", &[COURSE]).await;
        bank.is(Mood::Deaf);
        let refund = request(&app, &bob, &bob.lines).await.unwrap();
        app.runs_jobs().await;
        for pause in [Span::minutes(1), Span::minutes(5), Span::minutes(15)] {
            assert_eq!(state(&app, bob.order).await.0, RefundState::Unknown);
            app.wait(pause);
            app.runs_jobs().await;
        }
        bank.is(Mood::Works);
        app.wait(Span::hours(1));
        app.runs_jobs().await;
        assert_eq!(state(&app, bob.order).await.0, RefundState::Succeeded);
        assert!(bank.calls().iter().all(|id| *id == refund), "never under another id");
        assert_eq!(bank.given(), 3_900);
        balanced(&app).await;
    }

    async fn what_the_gateway_refuses_comes_back_with_its_right_and_a_person_hears(app: TestApp) {
        shop::open(&app);
        let bank = Moody::open(&app);
        let ada = app.expert("ada").await.actor().await;
        shared(&app, &ada).await;
        let mut bob = bought(&app, "bob", &[COURSE]).await;
        bank.is(Mood::Refuses);
        request(&app, &bob, &bob.lines).await.unwrap();
        assert_eq!(holds(&app, &payable(&ada)).await, 0);
        app.runs_jobs().await;
        assert_eq!(state(&app, bob.order).await.0, RefundState::Failed);
        bob.person.gets("/en/messages").await.shows("Your refund of ¥39 could not be made").shows("The money is with us");
        assert!(owns(&app, &bob.actor, COURSE).await);
        assert_eq!((holds(&app, &payable(&ada)).await, holds(&app, "platform:fee").await), (3_120, 780));
        let mut root = app.admin("rhea").await;
        root.gets("/en/admin/refunds?state=failed").await.status(200).shows("¥39");
        balanced(&app).await;
        bank.is(Mood::Slow);
        request(&app, &bob, &bob.lines).await.expect("a new request is a new refund");
        app.runs_jobs().await;
        assert_eq!(state(&app, bob.order).await.0, RefundState::Sent);
        app.wait(Span::minutes(1));
        app.runs_jobs().await;
        assert_eq!(state(&app, bob.order).await.0, RefundState::Succeeded);
        balanced(&app).await;
    }

    async fn a_refund_of_the_console_is_booked_once_and_spread(app: TestApp) {
        shop::open(&app);
        Moody::open(&app);
        let bob = bought(&app, "bob", &[COURSE, ENTRY]).await;
        let done = || ReversalKind::Refund { ours: None, told: RefundTold::Succeeded };
        assert!(tells(&app, &bob, "re_1", done(), 1_390).await);
        assert!(tells(&app, &bob, "re_1", done(), 1_390).await, "the same again is the same");
        assert_eq!(holds(&app, "gateway:bank:clearing").await, -12_510);
        assert!(owns(&app, &bob.actor, COURSE).await);
        assert!(!tells(&app, &bob, "re_2", done(), 12_511).await, "more than is left is a person's matter");
        assert!(!tells(&app, &bob, "re_1", done(), 1_391).await, "the same name with another amount too");
        balanced(&app).await;
        assert!(tells(&app, &bob, "re_3", done(), 12_510).await);
        assert!(!owns(&app, &bob.actor, COURSE).await && !owns(&app, &bob.actor, ENTRY).await);
        assert_eq!(holds(&app, "gateway:bank:clearing").await, 0);
        balanced(&app).await;
    }

    async fn a_dispute_holds_the_money_and_a_lost_one_takes_the_right(app: TestApp) {
        shop::open(&app);
        Moody::open(&app);
        let ada = app.expert("ada").await.actor().await;
        shared(&app, &ada).await;
        let bob = bought(&app, "bob", &[COURSE]).await;
        let eve = bought(&app, "eve", &[COURSE]).await;
        app.wait(Span::days(8));
        for _ in 0..2 {
            assert!(tells(&app, &bob, "dp_1", ReversalKind::Disputed, 3_900).await);
        }
        assert!(owns(&app, &bob.actor, COURSE).await, "a dispute is not lost yet");
        let earned = app.services.payouts.earned(ada.account).await.unwrap()[0];
        assert_eq!(earned.available, yuan(3_120), "the disputed part waits");
        balanced(&app).await;
        let staff = app.admin("rhea").await.actor().await;
        let amounts = BTreeMap::from([(bob.lines[0].to_string(), "1".to_owned())]);
        let twice = app.services.refunds.grant(&staff, bob.order, &amounts, Destination::Gateway, "goodwill").await;
        assert!(twice.unwrap_err().to_string().contains("refund_exceeds"));
        for _ in 0..2 {
            assert!(tells(&app, &bob, "dp_1", ReversalKind::DisputeLost, 3_900).await);
        }
        assert!(!owns(&app, &bob.actor, COURSE).await);
        assert_eq!(holds(&app, &payable(&ada)).await, 3_120);
        assert_eq!(holds(&app, "dispute:held").await, 0);
        balanced(&app).await;
        assert!(tells(&app, &eve, "dp_2", ReversalKind::Disputed, 3_900).await);
        assert!(tells(&app, &eve, "dp_2", ReversalKind::DisputeWon, 3_900).await);
        assert!(owns(&app, &eve.actor, COURSE).await);
        assert_eq!((holds(&app, "dispute:held").await, holds(&app, "gateway:bank:clearing").await), (0, -3_900));
        balanced(&app).await;
    }

    async fn a_refund_that_its_gateway_takes_back_gives_the_right_back(app: TestApp) {
        shop::open(&app);
        Moody::open(&app);
        let ada = app.expert("ada").await.actor().await;
        shared(&app, &ada).await;
        let mut bob = bought(&app, "bob", &[COURSE, ENTRY]).await;
        request(&app, &bob, &bob.lines[..1]).await.unwrap();
        app.runs_jobs().await;
        let first = store::of_order(&app.services.kit.db, bob.order).await.unwrap().remove(0);
        assert_eq!(first.state, RefundState::Succeeded);
        assert!(!owns(&app, &bob.actor, COURSE).await);
        // Days later the bank of the buyer sends it back: the account is closed.
        let failed = || ReversalKind::Refund { ours: Some(first.id), told: RefundTold::Failed("closed".to_owned()) };
        for _ in 0..2 {
            assert!(tells(&app, &bob, "re_back", failed(), 3_900).await);
        }
        assert_eq!(state(&app, bob.order).await.0, RefundState::Failed);
        assert!(owns(&app, &bob.actor, COURSE).await, "nothing went back, so nothing is taken");
        assert_eq!(holds(&app, &payable(&ada)).await, 3_120);
        bob.person.gets(&format!("/en/orders/{}", bob.order)).await.shows("Paid").shows("did not succeed after all");
        balanced(&app).await;
        // All of it goes, and only one part of it comes again.
        request(&app, &bob, &bob.lines).await.unwrap();
        app.runs_jobs().await;
        bob.person.gets(&format!("/en/orders/{}", bob.order)).await.shows("Refunded");
        let whole = store::of_order(&app.services.kit.db, bob.order).await.unwrap();
        let whole = whole.into_iter().find(|refund| refund.amount.minor == 13_900).unwrap();
        let failed = ReversalKind::Refund { ours: Some(whole.id), told: RefundTold::Failed("closed".to_owned()) };
        assert!(tells(&app, &bob, "re_all", failed, 13_900).await);
        assert!(owns(&app, &bob.actor, COURSE).await && owns(&app, &bob.actor, ENTRY).await);
        assert_eq!(holds(&app, "gateway:bank:clearing").await, -13_900);
        balanced(&app).await;
    }

    async fn a_dispute_of_a_part_holds_its_part_of_each_line(app: TestApp) {
        shop::open(&app);
        Moody::open(&app);
        let bob = bought(&app, "bob", &[COURSE, ENTRY]).await;
        let quoted = |minor: i64| format!("You get ¥{} back.", minor / 100);
        assert!(tells(&app, &bob, "dp_1", ReversalKind::Disputed, 1_390).await, "a tenth of each");
        let mut page = bob.person.clone();
        let page = page.gets(&format!("/en/orders/{}/refund", bob.order)).await;
        page.status(200).hides(&quoted(3_900)).hides("¥35.10").shows("A bank is looking at a complaint");
        let refused = request(&app, &bob, &bob.lines).await.unwrap_err();
        assert!(refused.to_string().contains("refund_disputed"), "what would be left cannot be said: {refused}");
        // A person of the platform may give what nobody disputes; the bank may still decide for us, so nothing ends.
        let staff = app.admin("rhea").await.actor().await;
        let amounts = bob.lines.iter().zip(["35.10", "90"]).map(|(line, amount)| (line.to_string(), amount.to_owned()));
        let to = Destination::Gateway;
        app.services.refunds.grant(&staff, bob.order, &amounts.collect(), to, "goodwill").await.unwrap();
        app.runs_jobs().await;
        assert!(owns(&app, &bob.actor, COURSE).await && owns(&app, &bob.actor, ENTRY).await);
        let back = sql!("select coalesce(cast(sum(amount) as bigint), 0) as n from refunds where kind = 'lines'");
        assert_eq!(app.services.kit.db.one::<server::db::Count>(back).await.unwrap().n, 12_510);
        balanced(&app).await;
        let more = ReversalKind::Refund { ours: None, told: RefundTold::Succeeded };
        assert!(!tells(&app, &bob, "re_1", more, 100).await, "nothing is left for a console");
        assert!(tells(&app, &bob, "dp_1", ReversalKind::DisputeLost, 1_390).await);
        assert!(!owns(&app, &bob.actor, COURSE).await && !owns(&app, &bob.actor, ENTRY).await);
        assert_eq!((holds(&app, "dispute:held").await, holds(&app, "gateway:bank:clearing").await), (0, 0));
        balanced(&app).await;
    }
}
