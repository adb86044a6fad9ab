//! Stories of the checkout: what people send that no page of ours would, and steps out of their order.

use domain::orders::{OrderId, OrderState, Thing};
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

both! {
    async fn row_17_a_quantity_is_nothing_that_one_can_send(app: TestApp) {
        shop::open(&app);
        for (place, quantity) in ["-1", "0", "0.5", "1000000000", "1;2", ""].into_iter().enumerate() {
            let mut person = app.learner(&format!("buyer{place}")).await;
            let id = places(&mut person, COURSE, &[("quantity", quantity)]).await.expect("one course");
            assert_eq!(order(&app, id).await.total.minor, 3_900, "{quantity}");
            assert_eq!(orders::lines(&app.services.kit.db, id).await.unwrap().len(), 1);
        }
        let mut bob = app.learner("bob").await;
        let before = orders_in_all(&app).await;
        let twice = [("quantity", "5"), ("quantity", "4")];
        assert!(places(&mut bob, COURSE, &twice).await.is_none(), "a field twice");
        assert!(places(&mut bob, ENTRY, &[("thing", &COURSE.to_string())]).await.is_none(), "two things at once");
        assert_eq!(orders_in_all(&app).await, before);
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
}
