//! Stories of the checkout: what people send that no page of ours would, and steps out of their order.

use domain::offers::input::CouponForm;
use domain::orders::{OrderId, OrderState, Thing};
use domain::payments::Told;
use domain::time::Span;
use server::db::Count;
use server::features::competitions::store::registrations;
use server::features::orders::store as orders;
use server::sql;

use crate::both;
use crate::support::moody::*;
use crate::support::shop::{self, COURSE, ENTRY};
use crate::support::{Person, TestApp, stage};

async fn order(app: &TestApp, id: OrderId) -> orders::Order {
    orders::order(&app.services.kit.db, id).await.unwrap().unwrap()
}

async fn orders_in_all(app: &TestApp) -> i64 {
    app.services.kit.db.one::<Count>(sql!("select count(*) as n from orders")).await.unwrap().n
}

/// Orders a thing with whatever else stands in the form; the order, where one came of it.
async fn places(person: &mut Person, thing: Thing, more: &[(&str, &str)]) -> Option<OrderId> {
    let thing = thing.to_string();
    let mut fields = vec![("thing", thing.as_str())];
    fields.extend_from_slice(more);
    let reply = person.submits("/en/courses", "/api/orders/place", &fields).await;
    assert!(reply.status.as_u16() < 500, "{}", reply.status);
    reply.location().strip_prefix("/en/orders/")?.parse().ok()
}

/// A coupon of so many per cent.
async fn coupon(app: &TestApp, code: &str, percent: &str) {
    let staff = match app.services.accounts.actor("rhea").await.unwrap() {
        Some(staff) => staff,
        None => app.admin("rhea").await.actor().await,
    };
    let form = CouponForm {
        code: code.into(),
        value: percent.into(),
        unit: "percent".into(),
        ..CouponForm::default()
    };
    app.services.offers.make_coupon(&staff, &form, true, "").await.unwrap();
}

both! {
    async fn row_17_a_quantity_is_nothing_that_one_can_send(app: TestApp) {
        shop::open(&app);
        let mut bob = app.learner("bob").await;
        let thing = COURSE.to_string();
        let order = app.services.orders.place(&app.learner("eve").await.actor().await, ENTRY).await.unwrap().to_string();
        let before = orders_in_all(&app).await;
        for quantity in ["-1", "0", "0.5", "1000000000", "1;2", "1", ""] {
            let more = [("quantity", quantity)];
            for (path, fields) in [
                ("/api/orders/place", vec![("thing", thing.as_str())]),
                ("/api/offers/put", vec![("thing", thing.as_str())]),
                ("/api/offers/checkout", vec![]),
                ("/api/offers/give", vec![("thing", thing.as_str()), ("coupon", ""), ("message", "")]),
                ("/api/payments/begin", vec![("order", order.as_str()), ("gateway", "sandbox")]),
            ] {
                let fields: Vec<_> = fields.into_iter().chain(more).collect();
                bob.posts(path, &fields).await.invalid("quantity", "one_of_each");
            }
        }
        // A field twice, whichever, is no form of ours.
        for twice in [("quantity", "5", "4"), ("thing", thing.as_str(), thing.as_str()), ("coupon", "a", "b")] {
            let fields = [("thing", thing.as_str()), (twice.0, twice.1), (twice.0, twice.2)];
            bob.posts("/api/orders/place", &fields).await.status(422);
        }
        assert!(places(&mut bob, ENTRY, &[("thing", &thing)]).await.is_none(), "two things at once");
        let reply = bob.submits("/en/cart", "/api/orders/place", &[("thing", &thing), ("quantity", "2")]).await.status(303);
        assert_eq!(reply.location(), "/en/cart", "back to the form");
        assert_eq!(orders_in_all(&app).await, before, "nothing was ordered");
        bob.gets("/en/cart").await.shows("Your cart is empty");
        let id = places(&mut bob, COURSE, &[]).await.expect("one course");
        assert_eq!(orders::lines(&app.services.kit.db, id).await.unwrap().len(), 1);
    }

    async fn row_18_prices_and_states_are_nothing_that_one_can_send(app: TestApp) {
        shop::open(&app);
        let fields = [
            ("username", "eve"), ("email", "eve@example.org"), ("password", "a long enough sentence"),
            ("is_admin", "true"), ("roles", "admin"), ("balance", "1000000"),
        ];
        let mut eve = app.stranger();
        eve.posts("/api/accounts/register", &fields).await.ok();
        assert!(eve.gets("/en/admin").await.status.as_u16() == 404, "nobody becomes staff by a field");
        let more = [
            ("price", "1"), ("total", "0"), ("currency", "USD"), ("fee", "0"), ("status", "paid"), ("state", "paid"),
            ("paid_at", "1"), ("purpose", "grant"), ("account", "00000000-0000-0000-0000-000000000001"),
        ];
        let id = places(&mut eve, COURSE, &more).await.expect("an order");
        let placed = order(&app, id).await;
        assert_eq!((placed.state, placed.total.to_string().as_str()), (OrderState::Reserved, "¥39"));
        eve.username = "eve".to_owned();
        let actor = eve.actor().await;
        assert_eq!((placed.account, placed.paid_at), (actor.account, None));
        assert!(!owns(&app, &actor, COURSE).await);
        let order = id.to_string();
        let more = [("order", order.as_str()), ("gateway", "sandbox"), ("amount", "1"), ("total", "1")];
        eve.posts("/api/payments/begin", &more).await.ok();
        let asked = sql!("select amount as n from payments where order_id = $1", id);
        assert_eq!(app.services.kit.db.one::<Count>(asked).await.unwrap().n, 3_900);
    }

    async fn row_21_a_seat_is_given_back_once(app: TestApp) {
        Moody::open(&app);
        let mut ada = app.expert("ada").await;
        stage::competition(&mut ada, "tumour", &[("capacity", "1"), ("fee", "100"), ("starts", "2026-09-01T10:00")]).await;
        let competition = stage::page(&ada, "tumour").await.id;
        let last = Thing::Competition(competition);
        let bob = bought(&app, "bob", &[last]).await;
        assert_eq!(registrations::seats(&app.services.kit.db, competition).await.unwrap(), 1);
        request(&app, &bob, &bob.lines).await.unwrap();
        app.runs_jobs().await;
        let mut person = bob.person;
        let id = bob.order.to_string();
        let line = format!("lines[l{}]", bob.lines[0]);
        person.posts("/api/orders/cancel", &[("order", &id)]).await.status(409);
        person.posts("/api/refunds/request", &[("order", &id), (&line, "true")]).await.denied("refund_returned");
        app.wait(Span::minutes(20));
        app.runs_jobs().await;
        assert_eq!(registrations::seats(&app.services.kit.db, competition).await.unwrap(), 0);
        let other = app.learner("eve").await.actor().await;
        app.services.orders.place(&other, last).await.expect("the seat is free");
        let third = app.learner("dan").await.actor().await;
        app.services.orders.place(&third, last).await.expect_err("one seat, and not two");
        balanced(&app).await;
    }

    async fn row_22_steps_cannot_be_skipped(app: TestApp) {
        shop::open(&app);
        let bank = Moody::open(&app);
        let mut bob = app.learner("bob").await;
        let mut eve = app.learner("eve").await;
        let id = places(&mut bob, COURSE, &[]).await.expect("an order");
        let text = id.to_string();
        for (path, fields) in [
            ("/api/payments/begin", vec![("order", text.as_str()), ("gateway", "bank")]),
            ("/api/orders/cancel", vec![("order", text.as_str())]),
            ("/api/refunds/request", vec![("order", text.as_str()), ("lines[x]", "true")]),
        ] {
            eve.posts(path, &fields).await.status(404);
        }
        let nothing = [("order", "01900000-0000-7000-8000-000000000000"), ("gateway", "bank")];
        bob.posts("/api/payments/begin", &nothing).await.status(404);
        let actor = bob.actor().await;
        let payment = app.services.payments.begin(&actor, id, "sandbox").await.unwrap().to_string();
        eve.posts("/api/payments/choose", &[("payment", &payment), ("choice", "paid")]).await.status(404);
        bob.posts("/api/orders/cancel", &[("order", &text)]).await.ok();
        bob.posts("/api/payments/begin", &[("order", &text), ("gateway", "bank")]).await.status(409);
        assert_eq!(order(&app, id).await.state, OrderState::Cancelled);
        assert!(!owns(&app, &actor, COURSE).await);
        assert_eq!(bank.given(), 0);
        balanced(&app).await;
    }

    async fn row_22_a_cart_that_changes_after_its_coupon_is_summed_anew(app: TestApp) {
        shop::open(&app);
        Moody::open(&app);
        coupon(&app, "ten", "10").await;
        let mut bob = app.learner("bob").await;
        let (course, entry) = (COURSE.to_string(), ENTRY.to_string());
        bob.posts("/api/offers/put", &[("thing", &course)]).await.ok();
        bob.posts("/api/offers/use_coupon", &[("code", "ten")]).await.ok();
        bob.gets("/en/cart").await.shows("¥35.10");
        bob.posts("/api/offers/put", &[("thing", &entry)]).await.ok();
        bob.gets("/en/cart").await.shows("¥125.10");
        bob.posts("/api/offers/take", &[("thing", &course)]).await.ok();
        bob.gets("/en/cart").await.shows("¥90");
        let reply = bob.submits("/en/cart", "/api/offers/checkout", &[]).await.status(303);
        let id: OrderId = reply.location().strip_prefix("/en/orders/").unwrap().parse().unwrap();
        let (text, actor) = (id.to_string(), bob.actor().await);
        assert_eq!(order(&app, id).await.total.minor, 9_000);
        // What is put into the cart afterwards belongs to another order, whatever the form says.
        bob.posts("/api/offers/put", &[("thing", &course)]).await.ok();
        bob.posts("/api/offers/use_coupon", &[("code", "ten")]).await.ok();
        let payment = app.services.payments.begin(&actor, id, "bank").await.unwrap();
        let demanded = sql!("select amount as n from payments where id = $1", payment);
        assert_eq!(app.services.kit.db.one::<Count>(demanded).await.unwrap().n, 9_000);
        let told = Told::Confirmed { charge: "ch_1".to_owned(), amount: yuan(9_000) };
        app.services.payments.learn(payment, &told, "test").await.unwrap();
        assert_eq!(order(&app, id).await.state, OrderState::Paid);
        bob.posts("/api/offers/put", &[("thing", &entry)]).await.denied("already_yours");
        bob.posts("/api/payments/begin", &[("order", &text), ("gateway", "bank")]).await.status(409);
        bob.posts("/api/orders/cancel", &[("order", &text)]).await.status(409);
        bob.gets(&format!("/en/orders/{id}")).await.shows("¥90").shows("− ¥10").hides("A thing to buy</a><a");
        assert_eq!(orders::lines(&app.services.kit.db, id).await.unwrap().len(), 1);
        assert_eq!(order(&app, id).await.total.minor, 9_000, "what was paid stays what it was");
        assert!(owns(&app, &actor, ENTRY).await && !owns(&app, &actor, COURSE).await);
        balanced(&app).await;
    }

    async fn row_24_a_code_is_one_code_and_no_pattern(app: TestApp) {
        shop::open(&app);
        coupon(&app, "spring-10", "10").await;
        coupon(&app, "spring-99", "99").await;
        let mut bob = app.learner("bob").await;
        bob.posts("/api/offers/put", &[("thing", &COURSE.to_string())]).await.ok();
        let long = "s".repeat(10_000);
        let padded = format!("spring-10{}", " ".repeat(10_000));
        // Ten tries in ten minutes: somebody else takes over.
        let patterns = [
            "%", "*", "SPRING-%", "spring-__", "spring-1", "spring-1?", "spring- 10", "spring\u{a0}-10",
            "ｓｐｒｉｎｇ-10", "spring-10' or '1'='1", "spring-10\u{0}", "", "spring-10,spring-99", "şpring-10", long.as_str(), padded.as_str(),
        ];
        for (place, code) in patterns.into_iter().enumerate() {
            let mut eve = app.learner(&format!("eve{place}")).await;
            eve.posts("/api/offers/put", &[("thing", &COURSE.to_string())]).await.ok();
            let shown: String = code.chars().take(30).collect();
            let reply = eve.posts("/api/offers/use_coupon", &[("code", code)]).await;
            assert_eq!(reply.status.as_u16(), 422, "{shown:?}: {}", reply.text());
            eve.gets("/en/cart").await.shows("¥39").hides("SPRING");
        }
        // Case and spaces around it are how people type, and still one coupon.
        for code in [" spring-10 ", "SPRING-10", "Spring-10"] {
            bob.posts("/api/offers/use_coupon", &[("code", code)]).await.ok();
        }
        bob.gets("/en/cart").await.shows("¥35.10").hides("SPRING-99");
        let mut mallory = app.learner("mallory").await;
        mallory.posts("/api/offers/put", &[("thing", &COURSE.to_string())]).await.ok();
        for number in 0..10 {
            mallory.posts("/api/offers/use_coupon", &[("code", &format!("spring-{number}"))]).await.invalid("code", "coupon_unknown");
        }
        mallory.posts("/api/offers/use_coupon", &[("code", "spring-10")]).await.status(429);
        mallory.gets("/en/cart").await.shows("¥39");
        app.wait(Span::minutes(11));
        mallory.posts("/api/offers/use_coupon", &[("code", "spring-10")]).await.ok();
        mallory.gets("/en/cart").await.shows("¥35.10");
    }

    async fn row_26_sums_and_prices_that_cannot_be_counted_are_refused(app: TestApp) {
        shop::open(&app);
        let mut bob = app.learner("bob").await;
        let before = orders_in_all(&app).await;
        for thing in shop::HUGE {
            bob.posts("/api/offers/put", &[("thing", &thing.to_string())]).await.ok();
        }
        bob.gets("/en/cart").await.status(200);
        bob.posts("/api/offers/checkout", &[]).await.invalid("things", "order_too_large");
        assert_eq!(orders_in_all(&app).await, before);
        let mut ada = app.expert("ada").await;
        let reply = ada.submits("/en/teach", "/api/courses/create", &[("title_en", "Dear"), ("title_zh", "昂贵")]).await.status(303);
        let course = reply.location().rsplit('/').next().unwrap().to_owned();
        for price in ["92233720368547758.08", "99999999999999999999", "1e9", "0.005", "-1", "１２"] {
            let course = [
                ("course", course.as_str()), ("title_en", "Dear"), ("title_zh", "昂贵"), ("summary_en", "Dear."), ("summary_zh", "贵。"),
                ("goals_en", ""), ("goals_zh", ""), ("slug", "dear"), ("category", ""), ("level", "beginner"), ("tags", ""),
                ("proves", ""), ("price", price), ("currency", "CNY"),
            ];
            let reply = ada.posts("/api/courses/describe", &course).await.status(422);
            assert!(reply.text().contains("\"price\""), "{price}: {}", reply.text());
        }
    }
}
