//! Five hundred buyers for ten seats.

use domain::accounts::AccountId;
use domain::actor::Actor;
use domain::orders::{How, OrderId, Thing, Wanted};
use domain::time::Span;
use futures_util::future::join_all;
use server::db::Sql;
use server::features::competitions::store::registrations;
use server::sql;

use crate::both;
use crate::support::bank::count;
use crate::support::{Engine, TestApp, run, stage};

/// A competition for a fee with ten seats, and five hundred people who want one.
async fn rush(app: &TestApp) -> (Thing, Vec<Actor>) {
    let mut ada = app.expert("ada").await;
    stage::competition(&mut ada, "tumour", &[("capacity", "10"), ("fee", "100")]).await;
    let thing = Thing::Competition(stage::page(&ada, "tumour").await.id);
    let template = app.learner("buyer").await.actor().await;
    let kit = &app.services.kit;
    let mut buyers = Vec::new();
    let mut tx = kit.db.begin().await.unwrap();
    for number in 0..500 {
        let account: AccountId = kit.id();
        let name = format!("rush{number}");
        let sql = sql!(
            "insert into accounts (id, username, username_key, email, email_key, password_hash, display_name, locale,
                                   created_at) values ($1, $2, $2, $2, $2, 'x', $2, 'en', 1)",
            account,
            &name
        );
        tx.exactly(1, sql).await.unwrap();
        buyers.push(Actor { account, ..template.clone() });
    }
    tx.commit().await.unwrap();
    (thing, buyers)
}

/// Everybody orders at once; the orders of those who came in.
async fn everybody(app: &TestApp, thing: Thing, buyers: &[Actor]) -> Vec<(Actor, OrderId)> {
    let orders = join_all(buyers.iter().map(|buyer| app.services.orders.place(buyer, thing))).await;
    let mut sold = Vec::new();
    for (buyer, order) in buyers.iter().zip(orders) {
        match order {
            Ok(order) => sold.push((buyer.clone(), order)),
            Err(error) => assert!(error.to_string().contains("competition_full"), "{error}"),
        }
    }
    sold
}

async fn seats(app: &TestApp, thing: Thing) -> i64 {
    registrations::seats(&app.services.kit.db, domain::competitions::CompetitionId(thing.uuid()))
        .await
        .unwrap()
}

both! {
    async fn row_19_five_hundred_buyers_take_exactly_ten_seats(app: TestApp) {
        let (thing, buyers) = rush(&app).await;
        let sold = everybody(&app, thing, &buyers).await;
        assert_eq!((sold.len(), seats(&app, thing).await), (10, 10), "ten seats, ten orders");
        let lines = sql!(
            "select count(*) as n from orders o join order_lines l on l.order_id = o.id
             where l.thing_kind = 'competition' and o.state = 'reserved'"
        );
        assert_eq!(count(&app, lines).await, 10, "who got no seat has no order either");
    }

    async fn row_19_buyers_of_one_seat_and_of_two_take_exactly_what_there_is(app: TestApp) {
        let (ten, buyers) = rush(&app).await;
        let mut bea = app.expert("bea").await;
        stage::competition(&mut bea, "tremor", &[("capacity", "7"), ("fee", "50")]).await;
        let seven = Thing::Competition(stage::page(&bea, "tremor").await.id);
        // Every order of things, so that whoever locks as they come would wait for each other.
        let carts = [vec![ten], vec![seven], vec![ten, seven], vec![seven, ten]];
        let places = buyers.iter().zip(carts.iter().cycle()).map(|(buyer, cart)| {
            let wanted = cart.iter().copied().map(Wanted::one).collect();
            app.services.orders.place_many(buyer, wanted, How::default())
        });
        for refused in join_all(places).await.into_iter().filter_map(Result::err) {
            assert!(refused.to_string().contains("competition_full"), "{refused}");
        }
        assert_eq!((seats(&app, ten).await, seats(&app, seven).await), (10, 7));
        let held = sql!(
            "select count(*) as n from orders o join order_lines l on l.order_id = o.id
             where l.thing_kind = 'competition' and o.state = 'reserved'"
        );
        assert_eq!(count(&app, held).await, 17, "whoever got one of two got neither");
    }

    async fn row_21_a_seat_is_given_back_once_and_sold_once(app: TestApp) {
        let (thing, buyers) = rush(&app).await;
        let sold = everybody(&app, thing, &buyers[..20]).await;
        assert_eq!((sold.len(), seats(&app, thing).await), (10, 10));
        let (first, order) = sold[0].clone();
        // Its buyer gives it up, twice at once, while its time runs out.
        app.wait(Span::minutes(16));
        let orders = &app.services.orders;
        let tries = [orders.cancel(&first, order), orders.cancel(&first, order)];
        let (cancelled, expired) = futures_util::join!(join_all(tries), orders.expire(order));
        expired.ok();
        assert!(cancelled.iter().filter(|one| one.is_ok()).count() <= 1, "given back once");
        assert_eq!(seats(&app, thing).await, 9);
        assert!(orders.cancel(&first, order).await.is_err());
        let ended = sql!(
            "select count(*) as n from order_history where order_id = $1 and event in ('cancelled', 'expired')",
            order
        );
        assert_eq!((count(&app, ended).await, seats(&app, thing).await), (1, 9), "ended once");
        let late = everybody(&app, thing, &buyers[20..40]).await;
        assert_eq!((late.len(), seats(&app, thing).await), (1, 10), "one free seat is sold once");
        // The old order cannot take back what is somebody else's by now.
        orders.expire(order).await.unwrap();
        assert_eq!(seats(&app, thing).await, 10);
    }
}

/// Lets every holder of a seat stand between counting the seats and telling of theirs: one connection alone
/// would need two seconds for ten seats, in which the others come.
async fn linger(app: &TestApp) {
    let mut tx = app.services.kit.db.begin().await.unwrap();
    for statement in [
        "create function linger() returns trigger language plpgsql as
         $$ begin perform pg_sleep(0.2); return new; end $$",
        "create trigger linger before insert on registrations for each row execute function linger()",
    ] {
        tx.run(Sql::new(statement, Vec::new())).await.unwrap();
    }
    tx.commit().await.unwrap();
}

/// The twin: without the locks the same rush sells more seats than there are. SQLite has one writer at a
/// time, which nobody can take away.
#[test]
fn row_19_without_the_locks_the_same_rush_oversells() {
    run(Engine::Postgres, |app| async move {
        let app = app.unlocked().await;
        let (thing, buyers) = rush(&app).await;
        linger(&app).await;
        let sold = join_all(buyers.iter().map(|buyer| app.services.orders.place(buyer, thing))).await;
        let sold = sold.iter().filter(|order| order.is_ok()).count();
        assert!(sold > 10, "without the locks ten seats are sold {sold} times");
    });
}
