//! Stories of orders: buying, holding, giving up, and never somebody else's.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use domain::accounts::AccountId;
use domain::actor::Actor;
use domain::courses::CourseId;
use domain::locale::Bilingual;
use domain::money::{Currency, Money};
use domain::orders::{Access, Because, GetItBy, HOLD, OrderId, Source, Thing};
use domain::payments::PaymentId;
use domain::time::{Span, Timestamp};
use server::db::Tx;
use server::error::Result;
use server::features::orders::store::{self, Order, OrderLine};
use server::features::orders::{Offer, Seller};
use server::features::payments::Choice;
use server::jobs::run_due;
use server::services::Services;
use uuid::Uuid;

use crate::both;
use crate::support::moody::{Moody, pays};
use crate::support::offers::with;
use crate::support::shop::{self, COURSE, ENTRY, FREE, LAST};
use crate::support::{Person, TestApp};

/// Orders through the button of a page without scripts.
async fn orders(person: &mut Person, thing: Thing) -> OrderId {
    let reply = person
        .submits("/en/courses", "/api/orders/place", &[("thing", &thing.to_string())])
        .await
        .status(303);
    reply.location().strip_prefix("/en/orders/").expect("leads to the order").parse().unwrap()
}

async fn access(app: &TestApp, person: &Person, thing: Thing) -> Access {
    let actor = person.actor().await;
    app.services.orders.access(Some(actor.account), &thing, app.services.kit.now()).await.unwrap()
}

async fn balanced(app: &TestApp) {
    let report = server::audit::audit(&app.services.kit.db).await.unwrap();
    assert_eq!(report.findings, []);
}

/// Sells one thing, and lets its money come while a page about it is being read.
#[derive(Default)]
struct Meanwhile {
    coming: Mutex<Option<(Arc<Services>, Actor, PaymentId)>>,
}

/// What is sold in the meantime.
const SLOW: Thing = Thing::Course(CourseId(Uuid::from_u128(0x510)));

#[async_trait]
impl Seller for Meanwhile {
    fn sells(&self, thing: &Thing) -> bool {
        *thing == SLOW
    }
    async fn reserve(&self, _: &mut Tx, _: AccountId, _: &Thing, _: Timestamp) -> Result<Offer> {
        Ok(Offer { title: Bilingual::new("Slow", "慢"), price: Money::new(100, Currency::Cny) })
    }
    async fn fulfil(&self, _: &mut Tx, _: AccountId, _: &Thing, _: OrderId, _: Timestamp) -> Result<()> {
        Ok(())
    }
    async fn release(&self, _: &mut Tx, _: AccountId, _: &Thing, _: OrderId, _: Timestamp) -> Result<()> {
        Ok(())
    }
    async fn quote(&self, _: &Thing, _: Timestamp) -> Result<Option<Offer>> {
        Ok(None)
    }
    async fn page(&self, _: &Thing) -> Result<Option<String>> {
        let coming = self.coming.lock().unwrap().take();
        if let Some((services, actor, payment)) = coming {
            services.payments.choose(&actor, payment, Choice::Paid).await?;
            run_due(&services).await?;
        }
        Ok(None)
    }
}

both! {
    async fn a_page_that_is_read_while_the_money_comes_shows_one_moment(app: TestApp) {
        let seller = Arc::new(Meanwhile::default());
        app.services.orders.register_seller(Arc::clone(&seller) as Arc<dyn Seller>);
        let mut bob = app.learner("bob").await;
        let actor = bob.actor().await;
        let order = app.services.orders.place(&actor, SLOW).await.unwrap();
        let payment = app.services.payments.begin(&actor, order, "sandbox").await.unwrap();
        *seller.coming.lock().unwrap() = Some((Arc::clone(&app.services), actor, payment));
        bob.gets(&format!("/en/orders/{order}")).await.status(200).shows("Paid. It is yours.").hides("Reserved");
        assert!(seller.coming.lock().unwrap().is_none(), "the money did not come in between");
    }

    async fn somebody_buys_a_course_without_scripts(app: TestApp) {
        shop::open(&app);
        let mut bob = app.learner("bob").await;
        assert_eq!(access(&app, &bob, COURSE).await, Access::Denied(GetItBy::Buying));
        let order = orders(&mut bob, COURSE).await;
        assert_eq!(access(&app, &bob, COURSE).await, Access::Denied(GetItBy::Paying(order)));
        let page = format!("/en/orders/{order}");
        bob.gets(&page).await.status(200).shows("¥39").shows("Reserved");
        let fields = [("order", order.to_string()), ("gateway", "sandbox".to_owned())];
        let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
        let reply = bob.submits(&page, "/api/payments/begin", &fields).await.status(303);
        let pay = reply.location().to_owned();
        assert!(pay.starts_with("/en/pay/sandbox/"), "{pay}");
        bob.gets(&pay).await.status(200).shows("Pay ¥39").shows("Decline");
        let payment = pay.rsplit('/').next().unwrap();
        let reply = bob.submits(&pay, "/api/payments/choose", &[("payment", payment), ("choice", "paid")]).await;
        assert_eq!(reply.status(303).location(), page);
        bob.gets(&page).await.status(200).shows("Paid. It is yours.");
        bob.gets(&page.replace("/en/", "/zh/")).await.status(200).shows("已支付");
        bob.gets("/en/orders").await.status(200).shows("A thing to buy").shows("Paid");
        let Access::Allowed(Because { source, .. }) = access(&app, &bob, COURSE).await else { panic!("no access") };
        assert_eq!(source, Source::Bought(order));
        bob.posts("/api/orders/place", &[("thing", &COURSE.to_string())]).await.denied("already_yours");
        balanced(&app).await;
    }

    async fn what_is_free_is_theirs_at_once(app: TestApp) {
        shop::open(&app);
        let mut bob = app.learner("bob").await;
        let order = orders(&mut bob, FREE).await;
        let Access::Allowed(because) = access(&app, &bob, FREE).await else { panic!("no access") };
        assert_eq!(because.source, Source::Free(order));
        balanced(&app).await;
    }

    async fn ordering_again_leads_to_the_open_order(app: TestApp) {
        shop::open(&app);
        let mut bob = app.learner("bob").await;
        let first = orders(&mut bob, COURSE).await;
        assert_eq!(orders(&mut bob, COURSE).await, first);
        let actor = bob.actor().await;
        let tries = (0..8).map(|_| app.services.orders.place(&actor, ENTRY));
        let placed: Vec<_> = futures_util::future::join_all(tries).await.into_iter().map(Result::unwrap).collect();
        assert!(placed.windows(2).all(|pair| pair[0] == pair[1]), "two tabs, one order: {placed:?}");
    }

    async fn somebody_elses_order_is_not_there(app: TestApp) {
        shop::open(&app);
        let mut bob = app.learner("bob").await;
        let mut eve = app.learner("eve").await;
        let order = orders(&mut bob, COURSE).await.to_string();
        let actor = bob.actor().await;
        let payment = app.services.payments.begin(&actor, order.parse().unwrap(), "sandbox").await.unwrap().to_string();
        eve.gets(&format!("/en/orders/{order}")).await.status(404).hides("¥39");
        eve.gets(&format!("/en/pay/sandbox/{payment}")).await.status(404).hides("¥39");
        eve.posts("/api/orders/cancel", &[("order", &order)]).await.status(404);
        eve.posts("/api/payments/begin", &[("order", &order), ("gateway", "sandbox")]).await.status(404);
        eve.posts("/api/payments/choose", &[("payment", &payment), ("choice", "paid")]).await.status(404);
        for nothing in ["x", "", "00000000-0000-0000-0000-000000000000"] {
            eve.posts("/api/orders/cancel", &[("order", nothing)]).await.status(404);
        }
        app.stranger().gets(&format!("/en/orders/{order}")).await.status(302);
        app.stranger().posts("/api/orders/cancel", &[("order", &order)]).await.status(401);
        bob.gets(&format!("/en/orders/{order}")).await.status(200).shows("Waiting for payment");
    }

    async fn an_order_is_held_for_fifteen_minutes_and_not_an_instant_longer(app: TestApp) {
        shop::open(&app);
        let mut bob = app.learner("bob").await;
        let mut eve = app.learner("eve").await;
        let order = orders(&mut bob, LAST).await;
        eve.posts("/api/orders/place", &[("thing", &LAST.to_string())]).await.status(409);
        app.wait(HOLD);
        app.runs_jobs().await;
        bob.gets(&format!("/en/orders/{order}")).await.shows("Reserved");
        let actor = bob.actor().await;
        app.services.payments.begin(&actor, order, "sandbox").await.expect("the last instant belongs to the buyer");
        app.wait(Span::from_micros(1));
        app.runs_jobs().await;
        bob.gets(&format!("/en/orders/{order}")).await.shows("Expired");
        bob.posts("/api/payments/begin", &[("order", &order.to_string()), ("gateway", "sandbox")])
            .await
            .denied("order_expired");
        orders(&mut eve, LAST).await;
        balanced(&app).await;
    }

    async fn an_overdue_order_is_refused_even_before_its_job_ran(app: TestApp) {
        shop::open(&app);
        let mut bob = app.learner("bob").await;
        let order = orders(&mut bob, LAST).await;
        app.wait(Span::minutes(16));
        bob.posts("/api/payments/begin", &[("order", &order.to_string()), ("gateway", "sandbox")])
            .await
            .denied("order_expired");
        let again = orders(&mut bob, LAST).await;
        assert_ne!(again, order, "the overdue order gave its seat back on the way");
    }

    async fn giving_up_frees_the_seat_once(app: TestApp) {
        shop::open(&app);
        let mut bob = app.learner("bob").await;
        let order = orders(&mut bob, LAST).await.to_string();
        bob.posts("/api/orders/cancel", &[("order", &order)]).await.ok();
        bob.posts("/api/orders/cancel", &[("order", &order)]).await.denied("order_cancelled");
        bob.posts("/api/payments/begin", &[("order", &order), ("gateway", "sandbox")]).await.denied("order_cancelled");
        let mut eve = app.learner("eve").await;
        orders(&mut eve, LAST).await;
    }

    async fn what_happened_at_one_instant_is_told_in_its_order(app: TestApp) {
        shop::open(&app);
        let mut bob = app.learner("bob").await;
        for _ in 0..12 {
            let order = orders(&mut bob, COURSE).await;
            bob.posts("/api/orders/cancel", &[("order", &order.to_string())]).await.ok();
            let told = store::history(&app.services.kit.db, order).await.unwrap();
            assert_eq!(told.iter().map(|told| told.event.as_str()).collect::<Vec<_>>(), ["placed", "cancelled"]);
            assert_eq!(told[0].at, told[1].at);
        }
    }

    async fn prices_and_states_of_the_body_are_ignored(app: TestApp) {
        shop::open(&app);
        let mut bob = app.learner("bob").await;
        let thing = COURSE.to_string();
        let fields = [("thing", thing.as_str()), ("price", "1"), ("total", "0"), ("currency", "USD"), ("state", "paid")];
        bob.posts("/api/orders/place", &fields).await.ok();
        assert!(!access(&app, &bob, COURSE).await.is_allowed());
        for bad in ["", "course", "course:1", "ticket:00000000-0000-0000-0000-0000000000c0"] {
            bob.posts("/api/orders/place", &[("thing", bad)]).await.status(404);
        }
        bob.posts("/api/orders/place", &[("thing", "course:00000000-0000-0000-0000-00000000dead")]).await.status(404);
        balanced(&app).await;
    }

    async fn seats_are_never_oversold_and_the_unlocked_twin_does(app: TestApp) {
        shop::open(&app);
        let mut actors = Vec::new();
        for number in 0..12 {
            actors.push(app.learner(&format!("buyer{number}")).await.actor().await);
        }
        let tries = actors.iter().map(|actor| app.services.orders.place(actor, ENTRY));
        let sold = futures_util::future::join_all(tries).await.into_iter().filter(Result::is_ok).count();
        assert_eq!(sold, 3, "three seats, three orders");

        // The twin looks first and writes later, without a lock between.
        let db = &app.services.kit.db;
        let barrier = tokio::sync::Barrier::new(actors.len());
        let twins = actors.iter().map(|actor| async {
            let mut tx = db.begin().await.unwrap();
            let free = shop::taken(&mut tx, &LAST).await < 1;
            drop(tx);
            barrier.wait().await;
            if !free {
                return false;
            }
            let now = app.services.kit.now();
            let (id, price) = (app.services.kit.id::<OrderId>(), Money::new(500, Currency::Usd));
            let order = Order::purchase(id, actor.account, price, now, now);
            let line = OrderLine::plain(app.services.kit.id(), id, LAST, Bilingual::new("x", "x"), price);
            let mut tx = db.begin().await.unwrap();
            store::add_order(&mut tx, &order).await.unwrap();
            store::add_line(&mut tx, &line, 0).await.unwrap();
            tx.commit().await.unwrap();
            true
        });
        let oversold = futures_util::future::join_all(twins).await.into_iter().filter(|sold| *sold).count();
        assert!(oversold > 1, "without the lock one seat is sold {oversold} times");
    }

    async fn nobody_can_hold_everything(app: TestApp) {
        shop::open(&app);
        let bob = app.learner("bob").await.actor().await;
        let kit = &app.services.kit;
        let mut tx = kit.db.begin().await.unwrap();
        for number in 0..domain::orders::MAX_OPEN {
            let (id, now) = (kit.id::<OrderId>(), kit.now());
            let price = Money::new(1, Currency::Cny);
            let order = Order::purchase(id, bob.account, price, now, now.plus(HOLD));
            let thing = Thing::of("course", Uuid::from_u128(number as u128)).unwrap();
            let line = OrderLine::plain(kit.id(), id, thing, Bilingual::new("x", "x"), price);
            store::add_order(&mut tx, &order).await.unwrap();
            store::add_line(&mut tx, &line, 0).await.unwrap();
        }
        tx.commit().await.unwrap();
        let refused = app.services.orders.place(&bob, COURSE).await.unwrap_err();
        assert!(format!("{refused}").contains("too_many_open_orders"), "{refused}");
    }

    async fn staff_finds_every_order_and_who_moved_it(app: TestApp) {
        Moody::open(&app);
        shop::open(&app);
        let mut ada = app.admin("ada").await;
        let mut bob = app.learner("bob").await;
        let eve = app.learner("eve").await;
        ada.gets("/en/admin/orders").await.status(200).shows("No such orders");
        let paid = with(&app, &bob.actor().await, COURSE, &[], 0).await.unwrap();
        let open = with(&app, &eve.actor().await, ENTRY, &[], 0).await.unwrap();
        pays(&app, paid).await;
        let number = store::number(paid);
        ada.gets("/en/admin/orders").await.status(200).shows(&number).shows(&store::number(open));
        for found in ["search=Bob", "search=%40bob", "state=paid", &format!("search={}", number.to_lowercase())] {
            ada.gets(&format!("/en/admin/orders?{found}")).await.status(200).shows(&number).hides(&store::number(open));
        }
        for none in ["search=nobody", "search=bob&state=refunded", "search=%25", "after=x&search=%27"] {
            ada.gets(&format!("/en/admin/orders?{none}")).await.status(200).hides(&number).shows("No such orders");
        }
        ada.gets(&format!("/en/admin/orders/{paid}")).await.status(200).shows("@bob").shows("Payment confirmed").shows("notice:");
        ada.gets(&format!("/zh/admin/orders/{open}")).await.status(200).shows("@eve").shows("已预留");
        ada.gets("/en/admin/orders/nothing").await.status(404);
        for page in ["/en/admin/orders".to_owned(), format!("/en/admin/orders/{paid}")] {
            bob.gets(&page).await.status(404).hides("@eve");
        }
    }
}
