//! Stories of payments: notices forged, repeated, reordered, late, of another amount; the ledger agrees.

use app::features::payments::Payments;
use app::features::payments::api::{Asked, Shown};
use axum::body::Body;
use axum::http::{HeaderMap, Request};
use domain::actor::Actor;
use domain::money::{Currency, Money};
use domain::orders::{OrderId, Thing};
use domain::payments::{PaymentId, Told};
use domain::time::Span;
use server::db::Count;
use server::features::payments::sandbox::{HEADER, Sandbox};
use server::sql;
use uuid::Uuid;

use crate::both;
use crate::support::bank::{alerts, sent_back, told};
use crate::support::shop::{self, COURSE, ENTRY, LAST};
use crate::support::{Person, TestApp};

const DOOR: &str = "/pay/sandbox/notify";

/// The gateway's side: it shares the secret with our door.
struct Outside {
    app: TestApp,
    sandbox: Sandbox,
}

impl Outside {
    fn of(app: &TestApp) -> Self {
        Self { app: app.clone(), sandbox: Sandbox::new(app.services.kit.key("sandbox notices")) }
    }
    fn body(&self, event: &str, payment: PaymentId, told: &Told) -> Vec<u8> {
        self.sandbox.body(event, payment, told, self.app.services.kit.now())
    }
    /// Knocks at the door with a body and headers; the status.
    async fn knocks(&self, headers: &HeaderMap, body: Vec<u8>) -> u16 {
        let mut request = Request::post(DOOR);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        self.app.stranger().sends(request.body(Body::from(body)).unwrap()).await.status.as_u16()
    }
    /// Sends a well signed notice, and lets the jobs apply it.
    async fn tells(&self, event: &str, payment: PaymentId, told: &Told) {
        let body = self.body(event, payment, told);
        let headers = self.sandbox.headers(self.app.services.kit.now(), &body);
        assert_eq!(self.knocks(&headers, body).await, 200);
        self.app.runs_jobs().await;
    }
    async fn raw(&self, body: &[u8]) -> u16 {
        let headers = self.sandbox.headers(self.app.services.kit.now(), body);
        self.knocks(&headers, body.to_vec()).await
    }
}

fn taken(charge: &str, minor: i64) -> Told {
    Told::Confirmed { charge: charge.to_owned(), amount: Money::new(minor, Currency::Cny) }
}

/// A person with an order of a thing and an attempt to pay it.
struct Buyer {
    person: Person,
    actor: Actor,
    order: OrderId,
    payment: PaymentId,
}

async fn buyer(app: &TestApp, name: &str, thing: Thing) -> Buyer {
    let person = app.learner(name).await;
    let actor = person.actor().await;
    let order = app.services.orders.place(&actor, thing).await.unwrap();
    let payment = app.services.payments.begin(&actor, order, "sandbox").await.unwrap();
    Buyer { person, actor, order, payment }
}

impl Buyer {
    async fn sees(&mut self, text: &str) {
        self.person.gets(&format!("/en/orders/{}", self.order)).await.status(200).shows(text);
    }
}

async fn owns(app: &TestApp, actor: &Actor, thing: Thing) -> bool {
    app.services
        .orders
        .access(Some(actor.account), &thing, app.services.kit.now())
        .await
        .unwrap()
        .is_allowed()
}

async fn count(app: &TestApp, statement: server::db::Sql) -> i64 {
    app.services.kit.db.one::<Count>(statement).await.unwrap().n
}

async fn transfers(app: &TestApp) -> i64 {
    count(app, sql!("select count(*) as n from transfers")).await
}

async fn holds(app: &TestApp, name: &str) -> i64 {
    count(
        app,
        sql!(
            "select coalesce(cast(sum(credits - debits) as bigint), 0) as n from ledger_accounts where name = $1",
            name
        ),
    )
    .await
}

async fn balanced(app: &TestApp) {
    let report = server::audit::audit(&app.services.kit.db).await.unwrap();
    assert_eq!(report.findings, []);
}

both! {
    async fn a_person_chooses_declined_then_twice(app: TestApp) {
        shop::open(&app);
        let mut bob = buyer(&app, "bob", COURSE).await;
        let payment = bob.payment.to_string();
        bob.person.posts("/api/payments/choose", &[("payment", &payment), ("choice", "declined")]).await.ok();
        bob.sees("The payment was declined").await;
        assert!(!owns(&app, &bob.actor, COURSE).await);
        let again = app.services.payments.begin(&bob.actor, bob.order, "sandbox").await.unwrap();
        assert_ne!(again, bob.payment, "a declined attempt is not used again");
        let again = again.to_string();
        bob.person.posts("/api/payments/choose", &[("payment", &again), ("choice", "twice")]).await.ok();
        bob.sees("Paid. It is yours.").await;
        bob.person.posts("/api/payments/choose", &[("payment", &again), ("choice", "nonsense")]).await.invalid("choice", "unknown_choice");
        app.runs_jobs().await;
        assert_eq!(transfers(&app).await, 1);
        balanced(&app).await;
    }

    async fn a_delayed_confirmation_is_waited_for(app: TestApp) {
        shop::open(&app);
        let mut bob = buyer(&app, "bob", COURSE).await;
        let payment = bob.payment.to_string();
        bob.person.posts("/api/payments/choose", &[("payment", &payment), ("choice", "delayed")]).await.ok();
        app.runs_jobs().await;
        bob.sees("The payment is on its way").await;
        app.wait(Span::seconds(21));
        app.runs_jobs().await;
        bob.sees("Paid. It is yours.").await;
        balanced(&app).await;
    }

    async fn row_1_forged_notices_are_refused_and_leave_nothing(app: TestApp) {
        shop::open(&app);
        let bob = buyer(&app, "bob", COURSE).await;
        let outside = Outside::of(&app);
        let now = app.services.kit.now();
        let body = outside.body("evt_forged", bob.payment, &taken("ch_1", 3_900));
        let good = outside.sandbox.headers(now, &body);
        let stranger = Sandbox::new(app.services.kit.key("another secret"));
        let mut with_space = body.clone();
        with_space.push(b' ');
        let signature = good[HEADER].to_str().unwrap().to_owned();
        let with = |text: &str| HeaderMap::from_iter([(HEADER.parse().unwrap(), text.parse().unwrap())]);
        let forged = [
            (HeaderMap::new(), body.clone()),
            (stranger.headers(now, &body), body.clone()),
            (good.clone(), with_space),
            (with(&signature.replace("v1=", "v0=")), body.clone()),
            (with(&signature.replace("v1=", "v1=zz")), body.clone()),
            (good.clone(), Vec::new()),
        ];
        for (number, (headers, body)) in forged.into_iter().enumerate() {
            assert_eq!(outside.knocks(&headers, body).await, 400, "forgery {number}");
        }
        assert_eq!(app.services.payments.rejected(), 6);
        assert_eq!(count(&app, sql!("select count(*) as n from notices")).await, 0);
        app.runs_jobs().await;
        assert!(!owns(&app, &bob.actor, COURSE).await);
    }

    async fn row_2_the_time_of_a_notice_is_bounded_both_ways(app: TestApp) {
        shop::open(&app);
        let bob = buyer(&app, "bob", COURSE).await;
        let outside = Outside::of(&app);
        let now = app.services.kit.now();
        for (seconds, status) in [(-301, 400), (301, 400), (-299, 200), (299, 200)] {
            let event = format!("evt_{seconds}");
            let body = outside.body(&event, bob.payment, &Told::Pending);
            let headers = outside.sandbox.headers(now.plus(Span::seconds(seconds)), &body);
            assert_eq!(outside.knocks(&headers, body).await, status, "{seconds}");
        }
    }

    async fn row_3_fifty_copies_at_once_are_one_payment(app: TestApp) {
        shop::open(&app);
        let mut bob = buyer(&app, "bob", COURSE).await;
        let outside = Outside::of(&app);
        let body = outside.body("evt_1", bob.payment, &taken("ch_1", 3_900));
        let headers = outside.sandbox.headers(app.services.kit.now(), &body);
        let copies = (0..50).map(|_| outside.knocks(&headers, body.clone()));
        let answers = futures_util::future::join_all(copies).await;
        assert!(answers.iter().all(|status| *status == 200), "{answers:?}");
        let jobs = (0..4).map(|_| app.runs_jobs());
        futures_util::future::join_all(jobs).await;
        bob.sees("Paid. It is yours.").await;
        assert_eq!(transfers(&app).await, 1);

        let app = app.restarted().await;
        let outside = Outside::of(&app);
        assert_eq!(outside.knocks(&headers, body.clone()).await, 200);
        app.wait(Span::minutes(70));
        let headers = outside.sandbox.headers(app.services.kit.now(), &body);
        assert_eq!(outside.knocks(&headers, body).await, 200);
        outside.tells("evt_2", bob.payment, &taken("ch_1", 3_900)).await;
        assert_eq!(transfers(&app).await, 1, "another event about the same charge pays nothing twice");
        balanced(&app).await;
    }

    async fn row_4_every_order_of_notices_ends_alike(app: TestApp) {
        shop::open(&app);
        let outside = Outside::of(&app);
        let told = [Told::Pending, Told::Declined, taken("", 3_900), taken("wrong", 3_901)];
        let orders = [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1], [1, 3, 0, 2]];
        for (number, sequence) in orders.iter().enumerate() {
            let mut bob = buyer(&app, &format!("bob{number}"), COURSE).await;
            for index in sequence.iter().chain(sequence) {
                let told = match &told[*index] {
                    Told::Confirmed { charge, amount } => {
                        Told::Confirmed { charge: format!("ch_{number}_{charge}"), amount: *amount }
                    }
                    other => other.clone(),
                };
                outside.tells(&format!("evt_{number}_{index}"), bob.payment, &told).await;
            }
            bob.sees("Paid. It is yours.").await;
            bob.sees("does not fit it").await;
            assert!(owns(&app, &bob.actor, COURSE).await);
            assert_eq!(holds(&app, "suspense:unmatched").await, 3_901 * (number as i64 + 1));
        }
        balanced(&app).await;
    }

    async fn another_amount_or_currency_is_put_aside(app: TestApp) {
        shop::open(&app);
        let mut bob = buyer(&app, "bob", COURSE).await;
        let outside = Outside::of(&app);
        let dollars = Told::Confirmed { charge: "ch_usd".to_owned(), amount: Money::new(3_900, Currency::Usd) };
        for (number, told) in [taken("ch_less", 3_899), taken("ch_more", 3_901), dollars].iter().enumerate() {
            outside.tells(&format!("evt_{number}"), bob.payment, told).await;
        }
        assert!(!owns(&app, &bob.actor, COURSE).await);
        bob.sees("does not fit it").await;
        bob.sees("Waiting for payment").await;
        let mut admin = app.admin("grace").await;
        let page = admin.gets("/en/admin/payments").await.status(200);
        page.shows("Another amount than was asked for").shows("¥38.99").shows("$39");
        bob.person.gets("/en/admin/payments").await.status(404);
        outside.tells("evt_right", bob.payment, &taken("ch_right", 3_900)).await;
        assert!(owns(&app, &bob.actor, COURSE).await);
        balanced(&app).await;
    }

    async fn money_for_nothing_we_know_is_kept_and_told(app: TestApp) {
        shop::open(&app);
        let outside = Outside::of(&app);
        let nobody = PaymentId(Uuid::from_u128(77));
        outside.tells("evt_1", nobody, &taken("ch_1", 500)).await;
        outside.tells("evt_2", nobody, &taken("ch_1", 500)).await;
        outside.tells("evt_3", nobody, &Told::Declined).await;
        assert_eq!(holds(&app, "suspense:unmatched").await, 500);
        assert_eq!(count(&app, sql!("select count(*) as n from money_alerts")).await, 1);
        outside.tells("evt_4", nobody, &taken("ch_1", 501)).await;
        assert_eq!(holds(&app, "suspense:unmatched").await, 500, "a contradiction books nothing");
        assert_eq!(count(&app, sql!("select count(*) as n from money_alerts")).await, 2);
        balanced(&app).await;
    }

    async fn row_15_late_money_takes_a_free_seat_again_or_goes_back(app: TestApp) {
        shop::open(&app);
        let outside = Outside::of(&app);
        let five = |charge: &str| Told::Confirmed { charge: charge.to_owned(), amount: Money::new(500, Currency::Usd) };
        let mut bob = buyer(&app, "bob", LAST).await;
        app.wait(Span::minutes(16));
        app.runs_jobs().await;
        bob.sees("Expired").await;
        outside.tells("evt_1", bob.payment, &five("ch_1")).await;
        bob.sees("the place was still free").await;
        assert!(owns(&app, &bob.actor, LAST).await);

        let entries = [("cyd", "a"), ("dan", "b"), ("eve", "c")];
        let mut late = buyer(&app, "zoe", ENTRY).await;
        app.wait(Span::minutes(16));
        app.runs_jobs().await;
        for (name, charge) in entries {
            let other = buyer(&app, name, ENTRY).await;
            outside.tells(&format!("evt_{name}"), other.payment, &taken(charge, 10_000)).await;
        }
        outside.tells("evt_late", late.payment, &taken("ch_late", 10_000)).await;
        late.sees("Expired").await;
        late.sees("Money that the order could not use is sent back the way it came").await;
        assert!(!owns(&app, &late.actor, ENTRY).await);
        assert_eq!(holds(&app, "suspense:unmatched").await, 0);
        app.runs_jobs().await;
        assert_eq!((sent_back(&app).await, told(&app, "too_late").await, alerts(&app, "seat_gone").await), (1, 1, 0));
        balanced(&app).await;
    }

    async fn row_16_paying_twice_pays_once(app: TestApp) {
        shop::open(&app);
        let outside = Outside::of(&app);
        let mut bob = buyer(&app, "bob", COURSE).await;
        let again = app.services.payments.begin(&bob.actor, bob.order, "sandbox").await.unwrap();
        assert_eq!(again, bob.payment, "an open attempt is gone on with");
        outside.tells("evt_0", bob.payment, &Told::Declined).await;
        let second = app.services.payments.begin(&bob.actor, bob.order, "sandbox").await.unwrap();
        assert_ne!(second, bob.payment);
        let bodies: Vec<_> = [("evt_1", bob.payment, "ch_1"), ("evt_2", second, "ch_2")]
            .map(|(event, payment, charge)| outside.body(event, payment, &taken(charge, 3_900)))
            .into_iter()
            .collect();
        for body in &bodies {
            assert_eq!(outside.raw(body).await, 200);
        }
        futures_util::future::join_all((0..4).map(|_| app.runs_jobs())).await;
        app.wait(Span::minutes(1));
        app.runs_jobs().await;
        bob.sees("Paid. It is yours.").await;
        bob.sees("Money that the order could not use is sent back the way it came").await;
        assert_eq!(holds(&app, "platform:fee").await, 3_900);
        assert_eq!(holds(&app, "suspense:unmatched").await, 0);
        assert_eq!((sent_back(&app).await, told(&app, "paid_twice").await, alerts(&app, "paid_twice").await), (1, 1, 0));
        balanced(&app).await;
    }

    async fn row_11_large_deep_and_broken_bodies_are_refused(app: TestApp) {
        let outside = Outside::of(&app);
        let huge = vec![b' '; 2 * 1024 * 1024];
        assert_eq!(outside.raw(&huge).await, 413);
        assert_eq!(outside.knocks(&HeaderMap::new(), huge).await, 413);
        let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
        assert_eq!(outside.raw(deep.as_bytes()).await, 400);
        assert_eq!(outside.raw(b"\xff\xfe{}").await, 400);
        assert_eq!(outside.raw(b"").await, 400);
        assert_eq!(count(&app, sql!("select count(*) as n from notices")).await, 0);
        let unread = outside.raw(br#"{"id":"evt_odd","type":"payment.confirmed","data":{}}"#).await;
        assert_eq!(unread, 200, "what is ours is kept, even if nobody can read it yet");
        app.runs_jobs().await;
        app.admin("grace").await.gets("/en/admin/payments?show=stuck").await.shows("Cannot be understood").shows("evt_odd");
        let reply = app.stranger().sends(Request::post("/pay/stripe/notify").body(Body::empty()).unwrap()).await;
        reply.status(404);
    }

    async fn a_process_that_dies_after_acknowledging_loses_nothing(app: TestApp) {
        shop::open(&app);
        let mut bob = buyer(&app, "bob", COURSE).await;
        let outside = Outside::of(&app);
        assert_eq!(outside.raw(&outside.body("evt_1", bob.payment, &taken("ch_1", 3_900))).await, 200);
        bob.sees("Waiting for payment").await;
        let app = app.restarted().await;
        shop::open(&app);
        app.runs_jobs().await;
        assert!(owns(&app, &bob.actor, COURSE).await);
        balanced(&app).await;
    }

    async fn what_is_written_about_money_stays_written(app: TestApp) {
        shop::open(&app);
        let bob = buyer(&app, "bob", COURSE).await;
        Outside::of(&app).tells("evt_1", bob.payment, &taken("ch_1", 3_900)).await;
        let changes = [
            sql!("update transfers set amount = 1"),
            sql!("delete from transfers"),
            sql!("update notices set event_id = 'x'"),
            sql!("delete from notices"),
            sql!("update charges set amount = 1"),
            sql!("delete from charges"),
            sql!("update order_lines set price = 1"),
            sql!("delete from order_lines"),
            sql!("update order_history set event = 'x'"),
            sql!("delete from order_history"),
        ];
        for change in changes {
            let mut tx = app.services.kit.db.begin().await.unwrap();
            let refused = tx.run(change.clone()).await.unwrap_err();
            assert!(refused.to_string().contains("append-only"), "{change:?}: {refused}");
        }
        let overdrawn = sql!("update ledger_accounts set debits = credits + 1 where name = 'suspense:unmatched'");
        Outside::of(&app).tells("evt_2", bob.payment, &taken("ch_2", 1)).await;
        let mut tx = app.services.kit.db.begin().await.unwrap();
        assert!(tx.run(overdrawn).await.is_err(), "what is owed cannot be overdrawn");
    }

    async fn an_audit_names_the_row_that_breaks_a_rule(app: TestApp) {
        shop::open(&app);
        let bob = buyer(&app, "bob", COURSE).await;
        Outside::of(&app).tells("evt_1", bob.payment, &taken("ch_1", 3_900)).await;
        balanced(&app).await;
        let (eve, order) = (app.learner("eve").await.actor().await, app.services.kit.id::<OrderId>());
        let mut tx = app.services.kit.db.begin().await.unwrap();
        tx.run(sql!("update ledger_accounts set credits = credits + 1 where name = 'platform:fee'")).await.unwrap();
        tx.run(sql!(
            "insert into orders (id, account_id, state, currency, total, placed_at, expires_at, paid_at)
             values ($1, $2, 'paid', 'CNY', 3900, 0, 0, 0)",
            order,
            eve.account
        ))
        .await
        .unwrap();
        tx.commit().await.unwrap();
        let findings = server::audit::audit(&app.services.kit.db).await.unwrap().findings;
        let named = |rule: &str, row: &str| findings.iter().any(|found| found.rule == rule && found.row.contains(row));
        assert!(named("the ledger balances", "CNY"), "{findings:?}");
        assert!(named("balances equal a recount", "platform:fee CNY"), "{findings:?}");
        assert!(named("a paid order has one charge of its amount", &order.to_string()), "{findings:?}");
    }

    async fn a_live_installation_has_no_play_money(app: TestApp) {
        shop::open(&app);
        let bob = buyer(&app, "bob", COURSE).await;
        let mut kit = app.services.kit.clone();
        kit.demonstration = false;
        let live = server::Services::new(kit);
        assert!(live.payments.gateways(Currency::Cny).iter().all(|gateway| gateway.name() == "wallet"));
        assert!(live.payments.gateway("sandbox").is_none());
        assert!(live.payments.begin(&bob.actor, bob.order, "sandbox").await.is_err());
        let router = server::http::router(&live);
        let body = Outside::of(&app).body("evt_1", bob.payment, &taken("ch_1", 3_900));
        let request = Request::post(DOOR).body(Body::from(body)).unwrap();
        let reply = tower::ServiceExt::oneshot(router, request).await.unwrap();
        assert_eq!(reply.status().as_u16(), 404);
    }

    async fn staff_closes_an_alert_once_and_with_a_note(app: TestApp) {
        shop::open(&app);
        let mut bob = buyer(&app, "bob", COURSE).await;
        Outside::of(&app).tells("evt_1", bob.payment, &taken("ch_1", 1)).await;
        let mut admin = app.admin("grace").await;
        let review = Payments::review(&*app.services.payments, &admin.actor().await, Asked::default()).await.unwrap();
        let Shown::Alerts(open) = review.shown else { panic!("alerts are shown at first") };
        let alert = open.items[0].id.to_string();
        bob.person.posts("/api/payments/close_alert", &[("alert", &alert), ("note", "mine")]).await.status(404);
        admin.posts("/api/payments/close_alert", &[("alert", &alert), ("note", " ")]).await.invalid("note", "required");
        // Without scripts the row that was refused says why.
        admin.submits("/en/admin/payments", "/api/payments/close_alert", &[("alert", &alert), ("note", " ")]).await.status(303);
        admin.gets("/en/admin/payments").await.shows("aria-invalid=\"true\"").shows("Please fill this in").shows("Open (1)");
        admin.gets("/en/admin").await.shows("Payments (1)").shows("Administration (1)");
        let page = format!("/en/admin/orders/{}", bob.order);
        admin.gets(&page).await.shows("Another amount than was asked for").shows("Under review");
        admin.gets("/en/admin/payments?reason=paid_twice").await.hides("was asked for</p>").shows("Nothing matches");
        admin.gets("/en/admin/payments?reason=other_amount&gateway=sandbox").await.shows("name=\"note\"");
        admin.gets("/en/admin/payments?gateway=stripe").await.hides("name=\"note\"");
        let close = [("alert", alert.as_str()), ("note", "sent back")];
        admin.posts("/api/payments/close_alert", &close).await.denied("money_is_here");
        // Without money nothing keeps it open.
        admin.posts("/api/refunds/send-back", &[("alert", &alert)]).await.ok();
        let mut tx = app.services.kit.db.begin().await.unwrap();
        let again = app.services.kit.id::<domain::payments::AlertId>();
        let sql = sql!(
            "insert into money_alerts (id, reason, key, detail, order_id, amount, currency, opened_at, note)
             select $1, 'contradiction', 'again', detail, order_id, amount, currency, opened_at, '' from money_alerts",
            again
        );
        tx.exactly(1, sql).await.unwrap();
        tx.commit().await.unwrap();
        let alert = again.to_string();
        let close = [("alert", alert.as_str()), ("note", "sent back")];
        admin.posts("/api/payments/close_alert", &close).await.ok();
        admin.posts("/api/payments/close_alert", &[("alert", &alert), ("note", "again")]).await.denied("alert_closed");
        admin.gets("/en/admin/payments").await.shows("Nothing to look at");
        admin.gets("/en/admin/payments?show=closed").await.shows("sent back").shows("Closed by @grace").hides("name=\"note\"");
        admin.gets(&page).await.shows("sent back").hides("Under review");
        admin.gets("/en/admin").await.hides("Payments (").hides("Administration (");
    }

    async fn orders_ledger_and_access_agree_after_random_notices(app: TestApp) {
        shop::open(&app);
        let outside = Outside::of(&app);
        let mut buyers = Vec::new();
        for number in 0..6 {
            buyers.push((buyer(&app, &format!("buyer{number}"), if number < 3 { COURSE } else { ENTRY }).await, number));
        }
        // A fixed sequence of draws (a linear congruential generator), the same on both engines.
        let mut state: u64 = 20_261_121;
        let mut draw = move |limit: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % limit
        };
        for _ in 0..60 {
            let (who, number) = &buyers[draw(6) as usize];
            let right = if *number < 3 { 3_900 } else { 10_000 };
            let charge = format!("ch_{number}_{}", draw(3));
            let told = match draw(6) {
                0 => Told::Pending,
                1 => Told::Declined,
                2 => taken(&format!("{charge}_odd"), right + 1),
                _ => taken(&charge, right),
            };
            outside.tells(&format!("evt_{}", draw(80)), who.payment, &told).await;
            if draw(10) == 0 {
                app.wait(Span::minutes(6));
                app.runs_jobs().await;
            }
            balanced(&app).await;
        }
        for (who, number) in &buyers {
            let thing = if *number < 3 { COURSE } else { ENTRY };
            let paid = count(&app, sql!("select count(*) as n from orders where id = $1 and state = 'paid'", who.order)).await;
            assert_eq!(owns(&app, &who.actor, thing).await, paid == 1);
        }
    }
}
