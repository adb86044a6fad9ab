//! Stories of carts and of places that the platform gives for nothing.

use domain::money::{Currency, Money};
use domain::orders::{Access, MAX_OPEN, OrderId, OrderState, Purpose, Source, Thing};
use domain::time::Span;
use server::features::orders::store as orders;

use crate::both;
use crate::support::moody::{Moody, balanced, pays};
use crate::support::offers::*;
use crate::support::shop::{self, COURSE, ENTRY, LAST};
use crate::support::stage;

both! {
    async fn a_cart_is_ordered_with_coupons_by_plain_forms(app: TestApp) {
        shop::open(&app);
        let staff = app.admin("ada").await;
        makes_coupon(&app, &staff, coupon("spring", "10", "percent"), true).await;
        makes_coupon(&app, &staff, coupon("five", "5", "CNY"), true).await;
        let mut bob = app.learner("bob").await;
        bob.gets("/en/cart").await.status(200).shows("Your cart is empty");
        for thing in [COURSE, ENTRY] {
            bob.submits("/en/courses", "/api/offers/put", &[("thing", &thing.to_string())]).await.status(303);
        }
        bob.gets("/en/cart").await.status(200).shows("¥139");
        bob.submits("/en/cart", "/api/offers/use_coupon", &[("code", "five")]).await.status(303);
        bob.submits("/en/cart", "/api/offers/use_coupon", &[("code", " Spring ")]).await.status(303);
        bob.gets("/en/cart").await.shows("¥120.10");
        bob.gets("/zh/cart").await.status(200).shows("购物车").shows("¥120.10");
        let reply = bob.submits("/en/cart", "/api/offers/checkout", &[]).await.status(303);
        let id: OrderId = reply.location().strip_prefix("/en/orders/").unwrap().parse().unwrap();
        assert_eq!(order(&app, id).await.total, Money::new(12_010, Currency::Cny));
        bob.gets("/en/cart").await.shows("Your cart is empty");
        bob.gets(&format!("/en/orders/{id}")).await.shows("List price").shows("− ¥18.90").shows("¥120.10");
        bob.posts("/api/offers/checkout", &[]).await.denied("nothing_ordered");
        assert_eq!((uses(&app, "SPRING").await, uses(&app, "FIVE").await), (1, 1));
        bob.posts("/api/orders/cancel", &[("order", &id.to_string())]).await.ok();
        assert_eq!((uses(&app, "SPRING").await, uses(&app, "FIVE").await), (0, 0), "a cancelled order gives them back");
        let report = server::audit::audit(&app.services.kit.db).await.unwrap();
        assert_eq!(report.findings, []);
    }

    async fn what_is_in_a_cart_belongs_to_one_person(app: TestApp) {
        shop::open(&app);
        let mut bob = app.learner("bob").await;
        let mut eve = app.learner("eve").await;
        bob.posts("/api/offers/put", &[("thing", &COURSE.to_string())]).await.ok();
        eve.gets("/en/cart").await.shows("Your cart is empty");
        eve.posts("/api/offers/take", &[("thing", &COURSE.to_string())]).await.ok();
        bob.gets("/en/cart").await.shows("A thing to buy");
        bob.posts("/api/offers/put", &[("thing", &LAST.to_string())]).await.ok();
        bob.gets("/en/cart").await.status(200).shows("different currencies");
        bob.posts("/api/offers/checkout", &[]).await.denied("two_currencies");
        bob.gets("/en/cart").await.shows("A thing to buy");
        for bad in ["", "course:", "plan:00000000-0000-0000-0000-000000000001", "bundle:00000000-0000-0000-0000-000000000001"] {
            bob.posts("/api/offers/put", &[("thing", bad)]).await.status(404);
        }
        app.stranger().posts("/api/offers/put", &[("thing", &COURSE.to_string())]).await.status(401);
    }

    async fn staff_gives_a_course_and_everybody_else_does_not(app: TestApp) {
        let mut ada = app.admin("ada").await;
        let mut bob = app.learner("bob").await;
        let author = ada.actor().await;
        let id = course(&app, &author, "granted", 9_000).await;
        let fields = [("username", "bob"), ("course", "granted"), ("note", "Scholarship 2026")];
        bob.posts("/api/offers/new_grant", &fields).await.status(404);
        bob.posts("/api/offers/new_coupon", &[("code", "FREE"), ("value", "100"), ("unit", "percent"), ("from", ""), ("until", ""), ("limit", ""), ("account_limit", ""), ("bound", ""), ("note", "")]).await.status(404);
        bob.gets("/en/admin/coupons").await.status(404);
        bob.gets("/en/admin/grants").await.status(404);
        ada.submits("/en/admin/grants", "/api/offers/new_grant", &fields).await.status(303);
        ada.posts("/api/offers/new_grant", &fields).await.denied("already_theirs");
        ada.posts("/api/offers/new_grant", &[("username", "nobody"), ("course", "granted"), ("note", "why not")]).await.invalid("username", "grant_no_such_person");
        ada.gets("/en/admin/grants").await.status(200).shows("Scholarship 2026").shows("bob");
        ada.gets("/en/admin/coupons").await.status(200);
        ada.gets("/zh/admin/bundles").await.status(200).shows("套餐");
        let learner = bob.actor().await;
        let Access::Allowed(because) = access(&app, &learner, Thing::Course(id)).await else { panic!("no access") };
        let Source::Granted(given) = because.source else { panic!("{because:?}") };
        let given = order(&app, given).await;
        assert_eq!((given.purpose, given.granted_by, given.note.as_str()), (Purpose::Grant, Some(author.account), "Scholarship 2026"));
        balanced(&app).await;
    }

    // Somebody holds the course in an order that is not paid, and as many orders as one may hold.
    async fn what_the_platform_gives_ends_an_open_order_in_the_name_of_who_gave_it(app: TestApp) {
        shop::open(&app);
        let ada = app.admin("ada").await.actor().await;
        let mut bob = app.learner("bob").await;
        let actor = bob.actor().await;
        let id = course(&app, &ada, "granted", 9_000).await;
        let held = app.services.orders.place(&actor, Thing::Course(id)).await.unwrap();
        for number in 1..MAX_OPEN {
            let other = course(&app, &ada, &format!("other-{number}"), 100).await;
            app.services.orders.place(&actor, Thing::Course(other)).await.unwrap();
        }
        let refused = with(&app, &actor, ENTRY, &[], 0).await.unwrap_err();
        assert!(refused.contains("too_many_open_orders"), "{refused}");
        app.services.offers.grant(&ada, "bob", "granted", "Scholarship").await.unwrap();
        assert!(access(&app, &actor, Thing::Course(id)).await.is_allowed());
        assert_eq!(order(&app, held).await.state, OrderState::Cancelled);
        bob.gets(&format!("/en/orders/{held}")).await.shows("the platform gave you something of it for nothing").hides("You cancelled");
        let traces = orders::traces(&app.services.kit.db, held).await.unwrap();
        let last = traces.last().unwrap();
        assert_eq!((last.event.as_str(), last.username.as_deref(), last.cause.as_str()), ("replaced_by_grant", Some("ada"), "staff"));
        // What is given holds nothing for long: it may come when no other order may.
        course(&app, &ada, "one-more", 100).await;
        app.services.orders.place(&actor, ENTRY).await.unwrap();
        app.services.offers.grant(&ada, "bob", "one-more", "Scholarship").await.expect("it is theirs at once");
        balanced(&app).await;
    }

    async fn an_ended_order_goes_back_into_the_cart(app: TestApp) {
        shop::open(&app);
        Moody::open(&app);
        let staff = app.admin("ada").await;
        let author = staff.actor().await;
        course(&app, &author, "first-course", 9_000).await;
        course(&app, &author, "second-course", 10_000).await;
        let both = bundle(&app, &author, "100", "first-course second-course").await;
        makes_coupon(&app, &staff, coupon("spring", "10", "percent"), true).await;
        let mut bob = app.learner("bob").await;
        let actor = bob.actor().await;
        gives_points(&app, actor.account, 500).await;
        for thing in [COURSE.to_string(), ENTRY.to_string(), format!("bundle:{both}")] {
            bob.posts("/api/offers/put", &[("thing", &thing)]).await.ok();
        }
        bob.posts("/api/offers/use_coupon", &[("code", "spring")]).await.ok();
        bob.posts("/api/offers/use_points", &[("points", "500")]).await.ok();
        let ordered = |reply: crate::support::Reply| reply.location().rsplit('/').next().unwrap().parse::<OrderId>().unwrap();
        let first = ordered(bob.submits("/en/cart", "/api/offers/checkout", &[]).await.status(303));
        let total = order(&app, first).await.total;
        let page = format!("/en/orders/{first}");
        bob.gets(&page).await.hides("Order these again");
        let id = first.to_string();
        bob.posts("/api/offers/again", &[("order", &id)]).await.status(404);
        app.wait(Span::minutes(16));
        app.runs_jobs().await;
        bob.gets(&page).await.shows("Order these again");
        bob.gets(&page.replace("/en/", "/zh/")).await.shows("重新订购这些内容");
        let mut eve = app.learner("eve").await;
        eve.posts("/api/offers/again", &[("order", &id)]).await.status(404);
        app.stranger().posts("/api/offers/again", &[("order", &id)]).await.status(401);
        let reply = bob.submits(&page, "/api/offers/again", &[("order", &id)]).await.status(303);
        assert_eq!(reply.location(), "/en/cart");
        bob.gets("/en/cart").await.shows("All of it").shows("Take out SPRING").shows("value=\"500\"");
        let second = ordered(bob.submits("/en/cart", "/api/offers/checkout", &[]).await.status(303));
        assert_eq!(order(&app, second).await.total, total, "the same things for the same price");
        // What is theirs by now stays out, and when nothing is left it is said.
        app.services.orders.cancel(&actor, second).await.unwrap();
        let single = app.services.orders.place(&actor, COURSE).await.unwrap();
        app.services.orders.cancel(&actor, single).await.unwrap();
        let bought = app.services.orders.place(&actor, COURSE).await.unwrap();
        pays(&app, bought).await;
        let page = format!("/en/orders/{single}");
        let back = bob.submits(&page, "/api/offers/again", &[("order", &single.to_string())]).await.status(303);
        bob.gets(back.location()).await.shows("not sold any more");
        bob.posts("/api/offers/again", &[("order", &bought.to_string())]).await.status(404);
        balanced(&app).await;
    }

    async fn an_entry_is_put_in_the_cart_and_its_seat_is_held(app: TestApp) {
        let ada = app.admin("ada").await.actor().await;
        let mut eve = app.expert("eve").await;
        stage::competition(&mut eve, "tumour", &[("fee", "100"), ("capacity", "1")]).await;
        stage::competition(&mut eve, "gratis", &[]).await;
        let half = coupon("enter", "50", "percent");
        app.services.offers.make_coupon(&ada, &half, true, "competition:tumour").await.unwrap();
        let entry = Thing::Competition(stage::page(&eve, "tumour").await.id).to_string();
        let mut bob = app.learner("bob").await;
        let page = "/en/competitions/tumour";
        bob.gets(page).await.status(200).shows("Put in the cart").shows(&entry).hides("Give as a gift");
        bob.gets("/en/competitions/gratis").await.status(200).hides("Put in the cart");
        bob.submits(page, "/api/offers/put", &[("thing", &entry)]).await.status(303);
        bob.submits("/en/cart", "/api/offers/use_coupon", &[("code", "enter")]).await.status(303);
        bob.gets("/en/cart").await.shows("Tumour or not").shows("¥50");
        let reply = bob.submits("/en/cart", "/api/offers/checkout", &[]).await.status(303);
        let own = reply.location().to_owned();
        let id: OrderId = own.rsplit('/').next().unwrap().parse().unwrap();
        assert_eq!(order(&app, id).await.total, Money::new(5_000, Currency::Cny));
        bob.gets(page).await.shows(&own).hides("Put in the cart");
        let mut cyd = app.learner("cyd").await;
        cyd.posts("/api/competitions/register", &[("slug", "tumour")]).await.denied("competition_full");
        cyd.posts("/api/offers/put", &[("thing", &entry)]).await.ok();
        cyd.posts("/api/offers/checkout", &[]).await.denied("competition_full");
        bob.posts("/api/orders/cancel", &[("order", &id.to_string())]).await.ok();
        cyd.posts("/api/offers/checkout", &[]).await.ok();
        balanced(&app).await;
    }
}
