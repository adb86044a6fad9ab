//! Stories of bundles and gifts whose parts changed after they were bundled, bought or given.

use domain::orders::{How, OrderId, Purpose, Thing, Wanted};
use domain::payments::Told;
use domain::refunds::RefundState;
use server::sql;

use crate::both;
use crate::offers::{bundle, course};
use crate::support::TestApp;
use crate::support::moody::{Buyer, Moody, balanced, owns, request, state};

/// Pays an order at the bank; its buyer.
async fn pays(app: &TestApp, name: &str, id: OrderId) -> Buyer {
    let mut person = app.stranger();
    person.username = name.to_owned();
    let actor = person.actor().await;
    let payment = app.services.payments.begin(&actor, id, "bank").await.unwrap();
    let db = &app.services.kit.db;
    let total = server::features::orders::store::order(db, id).await.unwrap().unwrap().total;
    let told = Told::Confirmed { charge: format!("ch_{id}"), amount: total };
    app.services.payments.learn(payment, &told, "test").await.unwrap();
    let lines = server::features::orders::store::lines(db, id).await.unwrap();
    Buyer { person, actor, order: id, payment, lines: lines.into_iter().map(|line| line.id).collect() }
}

async fn changes(app: &TestApp, statement: server::db::Sql) {
    let mut tx = app.services.kit.db.begin().await.unwrap();
    tx.run(statement).await.unwrap();
    tx.commit().await.unwrap();
}

both! {
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

    async fn a_bundle_with_a_part_that_costs_nothing_goes_back(app: TestApp) {
        Moody::open(&app);
        let author = app.admin("ada").await.actor().await;
        let free = course(&app, &author, "first-course", 0).await;
        let dear = course(&app, &author, "second-course", 10_000).await;
        let both = bundle(&app, &author, "80", "first-course second-course").await;
        let bob = app.learner("bob").await;
        let id = app.services.offers.buy_bundle(&bob.actor().await, both).await.unwrap();
        let bob = pays(&app, "bob", id).await;
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
        pays(&app, "gil", gift).await;
        let page = gil.gets("/en/gifts").await.status(200).text();
        let code = page.split("<code>").nth(1).unwrap().split('<').next().unwrap().to_owned();
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
