//! Stories of bundles and gifts whose parts changed after they were bundled, bought or given.

use domain::orders::{How, OrderId, Purpose, Thing, Wanted};
use domain::payments::Told;
use domain::refunds::RefundState;
use server::db::Count;
use server::features::orders::store as orders;
use server::features::payments::gateway::ReversalKind;
use server::sql;

use crate::both;
use crate::support::TestApp;
use crate::support::bank::sent_back;
use crate::support::moody::{Moody, balanced, gives_back, owns, pays, request, state, tells};
use crate::support::offers::*;
use crate::support::shop::{self, ENTRY};

async fn changes(app: &TestApp, statement: server::db::Sql) {
    let mut tx = app.services.kit.db.begin().await.unwrap();
    tx.run(statement).await.unwrap();
    tx.commit().await.unwrap();
}

both! {
    async fn a_bundle_credits_what_was_paid_and_only_once(app: TestApp) {
        Moody::open(&app);
        let author = app.admin("ada").await.actor().await;
        let a = course(&app, &author, "first-course", 9_000).await;
        course(&app, &author, "second-course", 10_000).await;
        course(&app, &author, "third-course", 10_000).await;
        let all = bundle(&app, &author, "200", "first-course second-course third-course").await;
        let bob = app.learner("bob").await.actor().await;
        let eve = app.learner("eve").await.actor().await;
        let whole = app.services.offers.buy_bundle(&eve, all).await.unwrap();
        assert_eq!(order(&app, whole).await.total.minor, 20_000);
        let single = app.services.orders.place(&bob, Thing::Course(a)).await.unwrap();
        pays(&app, single).await;
        let rest = app.services.offers.buy_bundle(&bob, all).await.unwrap();
        assert_eq!(order(&app, rest).await.total.minor, 11_000, "200 less the 90 that were paid");
        assert_eq!(orders::lines(&app.services.kit.db, rest).await.unwrap().len(), 2);
        let other = bundle(&app, &author, "150", "first-course third-course").await;
        let refused = app.services.offers.buy_bundle(&bob, other).await.unwrap();
        assert_ne!(refused, rest, "the newer order takes the place of the older");
        assert_eq!(order(&app, refused).await.total.minor, 6_000, "the credit is free again with the older order");
        let part = vec![Wanted { bundle: Some(all), ..Wanted::one(Thing::Course(a)) }];
        let refused = app.services.orders.place_many(&eve, part, How::default()).await.unwrap_err().to_string();
        assert!(refused.contains("bundle_in_part") || refused.contains("held_in"), "{refused}");
    }

    async fn what_counted_towards_a_bundle_goes_back_with_it(app: TestApp) {
        Moody::open(&app);
        let author = app.admin("ada").await.actor().await;
        let a = course(&app, &author, "first-course", 9_000).await;
        let b = course(&app, &author, "second-course", 10_000).await;
        let both = bundle(&app, &author, "100", "first-course second-course").await;
        let mut bob = app.learner("bob").await;
        let actor = bob.actor().await;
        let single = app.services.orders.place(&actor, Thing::Course(a)).await.unwrap();
        pays(&app, single).await;
        let page = format!("/en/orders/{single}/refund");
        bob.gets(&page).await.shows("You get ¥90 back.");
        // The bundle is ordered together with something else, which stays when the bundle goes back.
        shop::open(&app);
        let wanted = vec![Wanted { bundle: Some(both), ..Wanted::one(Thing::Course(b)) }, Wanted::one(ENTRY)];
        let rest = app.services.orders.place_many(&actor, wanted, How::default()).await.unwrap();
        assert_eq!(order(&app, rest).await.total.minor, 11_000, "10 for the rest of the bundle, and the other thing");
        let bundled = pays(&app, rest).await;
        bob.gets(&page).await.hides("You get").shows("It counted towards something you bought later.");
        let line = orders::lines(&app.services.kit.db, single).await.unwrap()[0].id;
        let fields = [("order", single.to_string()), (&*format!("lines[l{line}]"), "true".to_owned())];
        let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
        bob.posts("/api/refunds/request", &fields).await.denied("refund_credited");
        request(&app, &bundled, &bundled.lines[..1]).await.unwrap();
        assert!(access(&app, &actor, ENTRY).await.is_allowed());
        bob.gets(&page).await.shows("You get ¥90 back.");
        let again = app.services.offers.buy_bundle(&actor, both).await.unwrap();
        assert_eq!(order(&app, again).await.total.minor, 1_000, "and it counts anew");
        app.services.orders.cancel(&actor, again).await.unwrap();
        app.runs_jobs().await;
        bob.posts("/api/refunds/request", &fields).await.ok();
        app.runs_jobs().await;
        balanced(&app).await;
    }

    async fn what_was_paid_once_counts_once_in_two_bundles_of_a_cart(app: TestApp) {
        Moody::open(&app);
        let author = app.admin("ada").await.actor().await;
        let a = course(&app, &author, "first-course", 9_000).await;
        let b = course(&app, &author, "second-course", 10_000).await;
        let c = course(&app, &author, "third-course", 10_000).await;
        let with_b = bundle(&app, &author, "100", "first-course second-course").await;
        let with_c = bundle(&app, &author, "100", "first-course third-course").await;
        let mut bob = app.learner("bob").await;
        let actor = bob.actor().await;
        let single = app.services.orders.place(&actor, Thing::Course(a)).await.unwrap();
        pays(&app, single).await;
        for bundle in [with_b, with_c] {
            bob.posts("/api/offers/put", &[("thing", &format!("bundle:{bundle}"))]).await.ok();
        }
        bob.gets("/en/cart").await.shows("¥110");
        let wanted = [(with_b, b), (with_c, c)].map(|(bundle, course)| Wanted {
            bundle: Some(bundle), ..Wanted::one(Thing::Course(course))
        });
        let two = app.services.orders.place_many(&actor, wanted.to_vec(), How::default()).await.unwrap();
        assert_eq!(order(&app, two).await.total.minor, 11_000, "10 for the rest of one, and the other as it is");
        pays(&app, two).await;
        balanced(&app).await;
    }

    async fn what_a_bundle_was_sold_with_goes_back_after_it(app: TestApp) {
        Moody::open(&app);
        let author = app.admin("ada").await.actor().await;
        let a = course(&app, &author, "first-course", 9_000).await;
        let b = course(&app, &author, "second-course", 10_000).await;
        course(&app, &author, "third-course", 10_000).await;
        let all = bundle(&app, &author, "200", "first-course second-course third-course").await;
        let mut bob = app.learner("bob").await;
        let actor = bob.actor().await;
        let mut bought = Vec::new();
        for course in [a, b] {
            let single = app.services.orders.place(&actor, Thing::Course(course)).await.unwrap();
            bought.push(pays(&app, single).await);
        }
        let rest = app.services.offers.buy_bundle(&actor, all).await.unwrap();
        assert_eq!(order(&app, rest).await.total.minor, 1_000, "200 less the 190 that were paid");
        for one in &bought {
            // Whether its own money counted or another's: the bundle is as cheap because of both.
            let refused = request(&app, one, &one.lines).await.unwrap_err().to_string();
            assert!(refused.contains("refund_waiting"), "{refused}");
        }
        let bundled = pays(&app, rest).await;
        for one in &bought {
            let refused = request(&app, one, &one.lines).await.unwrap_err().to_string();
            assert!(refused.contains("refund_credited"), "{refused}");
        }
        bob.gets(&format!("/en/orders/{}/refund", bought[1].order)).await.shows("Give that back, and it can go back too.");
        // What was given away carries nothing.
        let gift = app.services.offers.buy_gift(&actor, &Thing::Course(a).to_string(), Vec::new(), "").await.unwrap();
        let gift = pays(&app, gift).await;
        request(&app, &gift, &gift.lines).await.unwrap();
        request(&app, &bundled, &bundled.lines).await.unwrap();
        for one in &bought {
            request(&app, one, &one.lines).await.unwrap();
        }
        app.runs_jobs().await;
        let back = sql!("select cast(sum(amount) as bigint) as n from refunds where state = 'succeeded'");
        assert_eq!(app.services.kit.db.one::<Count>(back).await.unwrap().n, 20_000 + 9_000, "all of it, and not more");
        balanced(&app).await;
    }

    async fn a_part_that_counted_in_part_comes_back_whole_in_the_end(app: TestApp) {
        Moody::open(&app);
        let author = app.admin("ada").await.actor().await;
        let a = course(&app, &author, "first-course", 10_000).await;
        course(&app, &author, "third-course", 10_000).await;
        let both = bundle(&app, &author, "120", "first-course third-course").await;
        let bob = app.learner("bob").await.actor().await;
        let single = app.services.orders.place(&bob, Thing::Course(a)).await.unwrap();
        let single = pays(&app, single).await;
        let rest = app.services.offers.buy_bundle(&bob, both).await.unwrap();
        assert_eq!(order(&app, rest).await.total.minor, 2_000, "of the 100 that were paid 80 count");
        let rest = pays(&app, rest).await;
        let refused = request(&app, &single, &single.lines).await.unwrap_err().to_string();
        assert!(refused.contains("refund_credited"), "{refused}");
        // A person may give back what does not count; the course stays with its bundle.
        gives_back(&app, single.order).await;
        assert!(owns(&app, &bob, Thing::Course(a)).await);
        request(&app, &rest, &rest.lines).await.unwrap();
        app.runs_jobs().await;
        request(&app, &single, &single.lines).await.unwrap();
        app.runs_jobs().await;
        assert!(!owns(&app, &bob, Thing::Course(a)).await);
        let back = sql!("select cast(sum(amount) as bigint) as n from refunds where state = 'succeeded'");
        assert_eq!(app.services.kit.db.one::<Count>(back).await.unwrap().n, 12_000, "all that was paid");
        balanced(&app).await;
    }

    async fn late_money_for_a_bundle_whose_rest_went_back_goes_back_too(app: TestApp) {
        Moody::open(&app);
        let author = app.admin("ada").await.actor().await;
        let a = course(&app, &author, "first-course", 9_000).await;
        let b = course(&app, &author, "second-course", 20_000).await;
        let c = course(&app, &author, "third-course", 10_000).await;
        let all = bundle(&app, &author, "300", "first-course second-course third-course").await;
        let bob = app.learner("bob").await.actor().await;
        let mut bought = Vec::new();
        for course in [a, b] {
            let single = app.services.orders.place(&bob, Thing::Course(course)).await.unwrap();
            bought.push(pays(&app, single).await);
        }
        // Nothing of the second counts: the price is made of what both were paid with.
        let rest = app.services.offers.buy_bundle(&bob, all).await.unwrap();
        let payment = app.services.payments.begin(&bob, rest, "bank").await.unwrap();
        app.services.orders.cancel(&bob, rest).await.unwrap();
        gives_back(&app, bought[1].order).await;
        let amount = order(&app, rest).await.total;
        let told = Told::Confirmed { charge: "ch_late".to_owned(), amount };
        app.services.payments.learn(payment, &told, "test").await.unwrap();
        app.runs_jobs().await;
        assert!(!owns(&app, &bob, Thing::Course(c)).await);
        assert_eq!(sent_back(&app).await, 1);
        balanced(&app).await;
    }

    async fn late_money_does_not_use_a_credit_that_went_back_meanwhile(app: TestApp) {
        Moody::open(&app);
        let author = app.admin("ada").await.actor().await;
        let a = course(&app, &author, "first-course", 9_000).await;
        let b = course(&app, &author, "second-course", 10_000).await;
        let both = bundle(&app, &author, "100", "first-course second-course").await;
        for (name, gives) in [("bob", true), ("eve", false)] {
            let buyer = app.learner(name).await.actor().await;
            let single = app.services.orders.place(&buyer, Thing::Course(a)).await.unwrap();
            pays(&app, single).await;
            let rest = app.services.offers.buy_bundle(&buyer, both).await.unwrap();
            let payment = app.services.payments.begin(&buyer, rest, "bank").await.unwrap();
            app.services.orders.cancel(&buyer, rest).await.unwrap();
            if gives {
                gives_back(&app, single).await;
            }
            let amount = order(&app, rest).await.total;
            assert_eq!(amount.minor, 1_000);
            let told = Told::Confirmed { charge: format!("ch_{name}"), amount };
            app.services.payments.learn(payment, &told, "test").await.unwrap();
            let owned = access(&app, &buyer, Thing::Course(b)).await.is_allowed();
            assert_eq!(owned, !gives, "{name}: the credit is there, or the money goes back");
        }
        app.runs_jobs().await;
        assert_eq!(sent_back(&app).await, 1);
    }

    async fn a_bundle_goes_back_whole(app: TestApp) {
        Moody::open(&app);
        let author = app.admin("ada").await.actor().await;
        course(&app, &author, "first-course", 9_000).await;
        course(&app, &author, "second-course", 10_000).await;
        let both = bundle(&app, &author, "100", "first-course second-course").await;
        let mut bob = app.learner("bob").await;
        let id = app.services.offers.buy_bundle(&bob.actor().await, both).await.unwrap();
        pays(&app, id).await;
        let line = orders::lines(&app.services.kit.db, id).await.unwrap()[0].id;
        let (id, line) = (id.to_string(), format!("lines[l{line}]"));
        bob.posts("/api/refunds/request", &[("order", &id), (&line, "true")]).await.denied("refund_whole_bundle");
    }

    async fn a_bundle_is_never_sold_in_another_currency(app: TestApp) {
        let author = app.admin("ada").await.actor().await;
        course(&app, &author, "first-course", 9_000).await;
        course(&app, &author, "second-course", 10_000).await;
        let all = bundle(&app, &author, "100", "first-course second-course").await;
        changes(&app, sql!("update courses set currency = 'USD'")).await;
        let mut bob = app.learner("bob").await;
        let id = all.to_string();
        bob.posts("/api/offers/order_bundle", &[("id", &id)]).await.denied("bundle_currency");
        let offers = &app.services.offers;
        offers.set_bundle_state(&author, all, "closed").await.unwrap();
        let refused = offers.set_bundle_state(&author, all, "published").await.unwrap_err().to_string();
        assert!(refused.contains("bundle_currency"), "{refused}");
        changes(&app, sql!("update courses set currency = 'CNY'")).await;
        offers.set_bundle_state(&author, all, "published").await.unwrap();
        bob.posts("/api/offers/order_bundle", &[("id", &id)]).await.ok();
    }

    async fn what_was_paid_counts_along_a_chain_of_bundles(app: TestApp) {
        Moody::open(&app);
        let author = app.admin("ada").await.actor().await;
        let names = ["course-a", "course-b", "course-c", "course-d"];
        let mut courses = Vec::new();
        for name in names {
            courses.push(course(&app, &author, name, 9_000).await);
        }
        let bob = app.learner("bob").await.actor().await;
        let first = app.services.orders.place(&bob, Thing::Course(courses[0])).await.unwrap();
        let mut orders = vec![pays(&app, first).await];
        let mut paid = 9_000;
        for (size, price) in [(2, 10_000), (3, 15_000), (4, 25_000)] {
            let all = bundle(&app, &author, &(price / 100).to_string(), &names[..size].join(" ")).await;
            let id = app.services.offers.buy_bundle(&bob, all).await.unwrap();
            let due = order(&app, id).await.total.minor;
            paid += due;
            // The last one costs no more than its only missing course does alone.
            assert_eq!(due, (price - (paid - due)).min(9_000), "whatever was paid before counts, and once");
            orders.push(pays(&app, id).await);
        }
        assert_eq!(paid, 24_000);
        balanced(&app).await;
        // It goes back as it came: the last first.
        let refused = request(&app, &orders[1], &orders[1].lines).await.unwrap_err().to_string();
        assert!(refused.contains("refund_credited"), "{refused}");
        for buyer in orders.iter().rev() {
            request(&app, buyer, &buyer.lines).await.unwrap();
            app.runs_jobs().await;
            balanced(&app).await;
        }
        assert!(!owns(&app, &bob, Thing::Course(courses[0])).await);
    }

    async fn what_a_bank_disputes_counts_towards_nothing_until_it_is_decided(app: TestApp) {
        Moody::open(&app);
        let author = app.admin("ada").await.actor().await;
        let a = course(&app, &author, "course-a", 9_000).await;
        course(&app, &author, "course-b", 10_000).await;
        let both = bundle(&app, &author, "100", "course-a course-b").await;
        let bob = app.learner("bob").await.actor().await;
        let single = app.services.orders.place(&bob, Thing::Course(a)).await.unwrap();
        let single = pays(&app, single).await;
        let due = async || {
            let id = app.services.offers.buy_bundle(&bob, both).await.unwrap();
            let due = order(&app, id).await.total.minor;
            app.services.orders.cancel(&bob, id).await.unwrap();
            due
        };
        assert_eq!(due().await, 1_000);
        assert!(tells(&app, &single, "dp_1", ReversalKind::Disputed, 9_000).await);
        assert_eq!(due().await, 10_000, "the bank may keep it");
        // What was ordered before the complaint and is paid afterwards cannot count it either.
        assert!(tells(&app, &single, "dp_1", ReversalKind::DisputeWon, 9_000).await);
        assert_eq!(due().await, 1_000, "the bank has given it back");
        let late = app.services.offers.buy_bundle(&bob, both).await.unwrap();
        let payment = app.services.payments.begin(&bob, late, "bank").await.unwrap();
        app.services.orders.cancel(&bob, late).await.unwrap();
        assert!(tells(&app, &single, "dp_2", ReversalKind::Disputed, 9_000).await);
        let told = Told::Confirmed { charge: "ch_late".into(), amount: order(&app, late).await.total };
        app.services.payments.learn(payment, &told, "test").await.unwrap();
        assert!(!order(&app, late).await.state.entitles(), "its credit is not there any more");
        app.runs_jobs().await;
        balanced(&app).await;
    }

    async fn a_bundle_with_a_part_that_costs_nothing_goes_back(app: TestApp) {
        Moody::open(&app);
        let author = app.admin("ada").await.actor().await;
        let free = course(&app, &author, "first-course", 0).await;
        let dear = course(&app, &author, "second-course", 10_000).await;
        let both = bundle(&app, &author, "80", "first-course second-course").await;
        let bob = app.learner("bob").await;
        let id = app.services.offers.buy_bundle(&bob.actor().await, both).await.unwrap();
        let bob = pays(&app, id).await;
        let lines = server::features::orders::store::lines(&app.services.kit.db, id).await.unwrap();
        let paid = lines.iter().find(|line| line.thing == Thing::Course(dear)).unwrap().id;
        request(&app, &bob, &[paid]).await.expect("all that cost something");
        app.runs_jobs().await;
        assert_eq!(state(&app, id).await, (RefundState::Succeeded, 8_000));
        for thing in [free, dear] {
            assert!(!owns(&app, &bob.actor, Thing::Course(thing)).await);
        }
        balanced(&app).await;
    }

    async fn what_was_free_when_it_was_begun_is_had_already(app: TestApp) {
        Moody::open(&app);
        let author = app.admin("ada").await.actor().await;
        let free = course(&app, &author, "first-course", 0).await;
        let dear = course(&app, &author, "second-course", 10_000).await;
        let mut bob = app.learner("bob").await;
        let actor = bob.actor().await;
        let begun = sql!(
            "insert into enrolments (id, course_id, account_id, order_id, enrolled_at) values ($1, $2, $3, null, 1)",
            app.services.kit.id::<OrderId>(),
            free,
            actor.account
        );
        changes(&app, begun).await;
        changes(&app, sql!("update courses set price_minor = 5000 where slug = 'first-course'")).await;
        let both = bundle(&app, &author, "120", "first-course second-course").await;
        // A gift of both gives what is missing.
        let mut gil = app.learner("gil").await;
        let giver = gil.actor().await;
        let wanted = [free, dear].map(|course| Wanted::one(Thing::Course(course))).to_vec();
        let how = How { purpose: Purpose::Gift, ..How::default() };
        let gift = app.services.orders.place_many(&giver, wanted, how).await.unwrap();
        pays(&app, gift).await;
        let code = code_of(&mut gil).await;
        // Its author does not sell the other one any more: it was paid for, and is given.
        changes(&app, sql!("update courses set state = 'archived' where slug = 'second-course'")).await;
        bob.posts("/api/offers/redeem", &[("code", &code)]).await.ok();
        assert!(owns(&app, &actor, Thing::Course(dear)).await);
        // And whoever buys the bundle is not asked to buy what they have.
        changes(&app, sql!("update courses set state = 'published' where slug = 'second-course'")).await;
        let eve = app.learner("eve").await.actor().await;
        let begun = sql!(
            "insert into enrolments (id, course_id, account_id, order_id, enrolled_at) values ($1, $2, $3, null, 1)",
            app.services.kit.id::<OrderId>(),
            free,
            eve.account
        );
        changes(&app, begun).await;
        let order = app.services.offers.buy_bundle(&eve, both).await.expect("the missing part");
        let lines = server::features::orders::store::lines(&app.services.kit.db, order).await.unwrap();
        assert_eq!(lines.iter().map(|line| line.thing).collect::<Vec<_>>(), [Thing::Course(dear)]);
    }
}
