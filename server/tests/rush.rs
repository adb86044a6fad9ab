//! Five hundred buyers for ten seats.

use domain::accounts::AccountId;
use domain::actor::Actor;
use domain::money::{Currency, Money};
use domain::orders::OrderId;
use futures_util::future::join_all;
use server::features::orders::store::{self as orders, Order, OrderLine};
use server::sql;

use crate::both;
use crate::support::shop::{self, LAST, RUSH};

both! {
    async fn row_19_five_hundred_buyers_take_exactly_ten_seats_and_the_unlocked_twin_oversells(app: TestApp) {
        shop::open(&app);
        let db = &app.services.kit.db;
        let kit = &app.services.kit;
        let template = app.learner("buyer").await.actor().await;
        let mut buyers = Vec::new();
        let mut tx = db.begin().await.unwrap();
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
        let sold = join_all(buyers.iter().map(|buyer| app.services.orders.place(buyer, RUSH))).await;
        assert_eq!(sold.iter().filter(|one| one.is_ok()).count(), 10, "ten seats, ten orders");
        let mut tx = db.begin().await.unwrap();
        assert_eq!(shop::taken(&mut tx, &RUSH).await, 10);
        drop(tx);
        // The twin of one seat looks first and writes later, without a lock between.
        let barrier = tokio::sync::Barrier::new(50);
        let twins = buyers.iter().take(50).map(|buyer| async {
            let mut tx = db.begin().await.unwrap();
            let free = shop::taken(&mut tx, &LAST).await < 1;
            drop(tx);
            barrier.wait().await;
            if !free {
                return false;
            }
            let (id, now, price) = (kit.id::<OrderId>(), kit.now(), Money::new(500, Currency::Usd));
            let title = domain::locale::Bilingual::new("x", "x");
            let mut tx = db.begin().await.unwrap();
            orders::add_order(&mut tx, &Order::purchase(id, buyer.account, price, now, now)).await.unwrap();
            orders::add_line(&mut tx, &OrderLine::plain(kit.id(), id, LAST, title, price), 0).await.unwrap();
            tx.commit().await.unwrap();
            true
        });
        let oversold = join_all(twins).await.into_iter().filter(|sold| *sold).count();
        assert!(oversold > 1, "without the lock one seat is sold {oversold} times");
    }
}
