//! Stories of receipts: a number without gaps for each payment, and a PDF in both languages.

use domain::orders::{How, OrderId, Step, Wanted};
use futures_util::future::join_all;
use server::db::{Count, Lock};
use server::features::orders::service::Cause;
use server::features::orders::store as orders;
use server::features::receipts::store;
use server::sql;

use crate::both;
use crate::support::moody::*;
use crate::support::offers::*;
use crate::support::shop::{self, COURSE, ENTRY, FREE};
use crate::support::{TestApp, pdf};

/// An order that waits to be paid.
async fn placed(app: &TestApp, name: &str) -> OrderId {
    let buyer = app.learner(name).await.actor().await;
    app.services.orders.place_many(&buyer, vec![Wanted::one(COURSE)], How::default()).await.unwrap()
}

/// Begins to mark an order as paid under the locks that are held for it, and undoes all of it.
async fn almost_pays(app: &TestApp, id: OrderId) {
    let order = orders::order(&app.services.kit.db, id).await.unwrap().unwrap();
    let mut tx = app.services.kit.db.begin().await.unwrap();
    tx.lock(Lock::Account(order.account)).await.unwrap();
    tx.lock(Lock::Order(id.0)).await.unwrap();
    let lines = orders::lines_in(&mut tx, id).await.unwrap();
    let cause = Cause { actor: None, by: "test" };
    let now = app.services.kit.now();
    app.services.orders.pay(&mut tx, &order, &lines, Step::Pay, cause, now).await.unwrap();
    let taken: Count =
        tx.one(sql!("select number as n from receipts where order_id = $1", id)).await.unwrap();
    assert_eq!(taken.n, 1, "it had the first number");
}

async fn number(app: &TestApp, id: OrderId) -> i64 {
    store::of_order(&app.services.kit.db, id).await.unwrap().unwrap().number
}

both! {
    async fn a_receipt_is_loaded_by_its_buyer_alone(app: TestApp) {
        shop::open(&app);
        Moody::open(&app);
        let mut bob = bought(&app, "bob", &[COURSE, ENTRY]).await;
        let page = format!("/en/orders/{}", bob.order);
        let file = format!("{page}/receipt.pdf");
        bob.person.gets(&page).await.shows(&file).shows("Receipt (PDF)");
        let mut sizes = Vec::new();
        for file in [file.clone(), file.replace("/en/", "/zh/")] {
            let reply = bob.person.gets(&file).await.status(200);
            assert_eq!(reply.headers["content-type"], "application/pdf");
            assert_eq!(reply.headers["content-disposition"], "attachment; filename=\"R000001.pdf\"");
            assert_eq!(reply.headers["cache-control"], "private, no-store");
            assert!(reply.body.starts_with(b"%PDF-") && reply.body.len() < 80_000, "{}", reply.body.len());
            sizes.push(reply.body.len());
        }
        assert_ne!(sizes[0], sizes[1], "two languages, two texts");
        bob.person.gets("/en/orders").await.shows("A thing to buy and 1 more");
        let dana = bought(&app, "dana", &[COURSE]).await;
        let (his, hers) = (orders::number(bob.order), orders::number(dana.order));
        let mut staff = app.admin("otto").await;
        staff.gets(&format!("/en/admin/orders/{}", bob.order)).await.shows(&file);
        staff.gets(&file).await.status(200);
        let payment = bob.payment.0.simple().to_string();
        // By its receipt, by the gateway's name of the money, by our number there.
        for search in ["R000001", "r000001", "1", "ch_bob", &payment] {
            staff.gets(&format!("/en/admin/orders?search={search}")).await.shows(&his).hides(&hers);
        }
        staff.gets("/en/admin/orders?search=R000009").await.shows("No such orders");
        request(&app, &bob, &bob.lines[..1]).await.unwrap();
        app.runs_jobs().await;
        let after = bob.person.gets(&file).await.status(200).body.len();
        assert!(after > sizes[0], "what went back is on it");
        app.learner("eve").await.gets(&file).await.status(404);
        app.admin("rhea").await.gets(&file).await.status(200);
        let login = app.stranger().gets(&file).await.status(303).location().to_owned();
        assert!(login.starts_with("/en/log-in?next="), "{login}");
        let mut bob = bob.person;
        bob.gets("/en/orders/nothing/receipt.pdf").await.status(404);
        balanced(&app).await;
    }

    async fn what_costs_nothing_and_what_is_not_paid_have_no_receipt(app: TestApp) {
        shop::open(&app);
        let mut eve = app.learner("eve").await;
        let actor = eve.actor().await;
        let order = app.services.orders.place_many(&actor, vec![Wanted::one(COURSE)], How::default()).await.unwrap();
        eve.gets(&format!("/en/orders/{order}")).await.status(200).hides("receipt.pdf");
        eve.gets(&format!("/en/orders/{order}/receipt.pdf")).await.status(404);
        let staff = app.admin("rhea").await.actor().await;
        // What cost nothing, by itself, by a coupon, by points or because somebody gave it.
        gives_points(&app, actor.account, 3_900).await;
        app.services.offers.make_coupon(&staff, &coupon("free", "100", "percent"), true, "").await.unwrap();
        course(&app, &staff, "granted", 9_000).await;
        let nothing = [
            order,
            with(&app, &actor, FREE, &[], 0).await.unwrap(),
            with(&app, &actor, ENTRY, &["free"], 0).await.unwrap(),
            with(&app, &app.learner("bob").await.actor().await, FREE, &[], 0).await.unwrap(),
            app.services.offers.grant(&staff, "eve", "granted", "Scholarship").await.unwrap(),
        ];
        app.services.orders.cancel(&actor, order).await.unwrap();
        let by_points = with(&app, &actor, COURSE, &[], 3_900).await.unwrap();
        for order in nothing.into_iter().chain([by_points]) {
            assert!(store::of_order(&app.services.kit.db, order).await.unwrap().is_none());
            let refused = app.services.receipts.pdf(&staff, order, domain::locale::Locale::En).await.unwrap_err();
            assert_eq!(refused.to_string(), "NotFound");
            eve.gets(&format!("/en/orders/{order}/receipt.pdf")).await.status(404);
        }
        let paid = [by_points, nothing[1]];
        for order in paid {
            eve.gets(&format!("/en/orders/{order}")).await.status(200).shows("It is yours").hides("receipt.pdf");
        }
        balanced(&app).await;
    }

    // A receipt says what it says in letters that can be read, or says which letters those are.
    async fn what_a_receipt_says_can_be_read(app: TestApp) {
        Moody::open(&app);
        let ada = app.admin("ada").await.actor().await;
        let course = course(&app, &ada, "stroke-order", 9_000).await;
        let mut tx = app.services.kit.db.begin().await.unwrap();
        let (en, zh) = ("Learning 한국어 with 朱镕基", "課體機學習臺灣昇喆镕堃");
        tx.run(sql!("update courses set title_en = $2, title_zh = $3 where id = $1", course, en, zh)).await.unwrap();
        tx.commit().await.unwrap();
        let mut bob = app.learner("bob").await;
        let id = app.services.orders.place(&bob.actor().await, domain::orders::Thing::Course(course)).await.unwrap();
        pays(&app, id).await;
        let english = pdf::text(&bob.gets(&format!("/en/orders/{id}/receipt.pdf")).await.status(200).body);
        let chinese = pdf::text(&bob.gets(&format!("/zh/orders/{id}/receipt.pdf")).await.status(200).body);
        for said in ["Receipt R000001", "bob <bob@example.org>", "¥90", "[U+D55C][U+AD6D][U+C5B4] with 朱镕基"] {
            assert!(english.contains(said), "{said} is not in {english:?}");
        }
        for said in ["R000001", zh, "¥90", "合计"] {
            assert!(chinese.contains(said), "{said} is not in {chinese:?}");
        }
    }

    async fn numbers_have_no_gaps_and_those_of_the_unlocked_twin_collide(app: TestApp) {
        shop::open(&app);
        Moody::open(&app);
        let mut waiting = Vec::new();
        for turn in 0..12 {
            waiting.push(placed(&app, &format!("buyer{turn}")).await);
        }
        almost_pays(&app, waiting[0]).await;
        pays(&app, waiting[0]).await;
        assert_eq!(number(&app, waiting[0]).await, 1, "a payment that was undone leaves no gap");
        join_all(waiting[1..8].iter().map(|id| pays(&app, *id))).await;
        let mut numbers = Vec::new();
        for id in &waiting[..8] {
            numbers.push(number(&app, *id).await);
        }
        numbers.sort_unstable();
        assert_eq!(numbers, (1..=8).collect::<Vec<_>>());
        // The twin: everybody looks at the last number before anybody takes one.
        let db = &app.services.kit.db;
        let last = db.one::<Count>(sql!("select coalesce(max(number), 0) as n from receipts")).await.unwrap().n;
        let twins = waiting[8..].iter().map(|id| async move {
            let mut tx = db.begin().await.unwrap();
            let add = sql!(
                "insert into receipts (order_id, number, seller, buyer, issued_at) values ($1, $2, '', '', 0)",
                *id,
                last + 1
            );
            let added = tx.run(add).await;
            if added.is_ok() { tx.commit().await.is_ok() } else { false }
        });
        let taken = join_all(twins).await.into_iter().filter(|taken| *taken).count();
        assert_eq!(taken, 1, "of four who saw the same last number three come away with nothing");
    }

    async fn a_receipt_is_never_changed(app: TestApp) {
        shop::open(&app);
        Moody::open(&app);
        let bob = bought(&app, "bob", &[COURSE]).await;
        for statement in [
            sql!("update receipts set number = 7 where order_id = $1", bob.order),
            sql!("delete from receipts where order_id = $1", bob.order),
        ] {
            let mut tx = app.services.kit.db.begin().await.unwrap();
            tx.run(statement).await.unwrap_err();
        }
        assert_eq!(number(&app, bob.order).await, 1);
    }
}
