//! A seller for tests: things with a price and seats, counted from the orders themselves.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use domain::accounts::AccountId;
use domain::competitions::CompetitionId;
use domain::courses::CourseId;
use domain::locale::Bilingual;
use domain::money::{Currency, Money};
use domain::orders::{OrderId, Thing};
use domain::time::Timestamp;
use server::db::{Count, Lock, Tx};
use server::error::{Error, Result};
use server::features::orders::{Offer, Seller};
use server::sql;
use uuid::Uuid;

use super::TestApp;

/// A course for 39 yuan, without end of seats.
pub const COURSE: Thing = Thing::Course(CourseId(Uuid::from_u128(0xc0)));
/// A course that costs nothing.
pub const FREE: Thing = Thing::Course(CourseId(Uuid::from_u128(0xf0)));
/// An entry for 100 yuan, with three seats.
pub const ENTRY: Thing = Thing::Competition(CompetitionId(Uuid::from_u128(0xe0)));
/// The last seat of something for 5 dollars.
pub const LAST: Thing = Thing::Competition(CompetitionId(Uuid::from_u128(0x1a)));

/// Sells the things above.
pub struct Shop {
    things: HashMap<Thing, (Money, i64)>,
}

/// Opens the shop in an application.
pub fn open(app: &TestApp) {
    let yuan = |minor| Money::new(minor, Currency::Cny);
    let things = HashMap::from([
        (COURSE, (yuan(3_900), i64::MAX)),
        (FREE, (yuan(0), i64::MAX)),
        (ENTRY, (yuan(10_000), 3)),
        (LAST, (Money::new(500, Currency::Usd), 1)),
        (RUSH, (yuan(100), 10)),
    ]);
    app.services.orders.register_seller(Arc::new(Shop { things }));
}

/// What is promised of the entries above: there is no competition behind them, and what never starts is promised
/// to nobody until its start alone.
pub async fn promises(app: &TestApp) {
    let mut tx = app.services.kit.db.begin().await.unwrap();
    tx.run(sql!(
        "insert into refund_policies (code, name_en, name_zh, self_service, hours, until_start, changed_at)
         values ('stage', 'Until it starts', '开始之前', $1, 8784, $1, 0)",
        true
    ))
    .await
    .unwrap();
    for thing in [ENTRY, LAST, RUSH] {
        let sql = sql!(
            "insert into refund_policy_bindings (thing_kind, thing_id, policy) values ('competition', $1, 'stage')",
            thing.uuid()
        );
        tx.run(sql).await.unwrap();
    }
    tx.commit().await.unwrap();
}

/// Ten seats for 1 yuan: the rush.
pub const RUSH: Thing = Thing::Competition(CompetitionId(Uuid::from_u128(0x500)));

/// How many seats of a thing are held or sold.
pub async fn taken(tx: &mut Tx, thing: &Thing) -> i64 {
    let count: Count = tx
        .one(sql!(
            "select count(*) as n from order_lines l join orders o on o.id = l.order_id
             where l.thing_kind = $1 and l.thing_id = $2
               and o.state in ('reserved', 'awaiting_payment', 'paid', 'partially_refunded')",
            thing.kind(),
            thing.uuid()
        ))
        .await
        .unwrap();
    count.n
}

#[async_trait]
impl Seller for Shop {
    fn sells(&self, thing: &Thing) -> bool {
        self.things.contains_key(thing)
    }
    async fn reserve(&self, tx: &mut Tx, _: AccountId, thing: &Thing, _: Timestamp) -> Result<Offer> {
        if let Thing::Competition(id) = thing {
            tx.lock(Lock::Competition(id.0)).await?;
        }
        let (price, seats) = self.things[thing];
        if taken(tx, thing).await >= seats {
            return Err(Error::denied("order_expired"));
        }
        Ok(Offer { title: Bilingual::new("A thing to buy", "可买之物"), price })
    }
    async fn fulfil(&self, _: &mut Tx, _: AccountId, _: &Thing, _: OrderId, _: Timestamp) -> Result<()> {
        Ok(())
    }
    async fn release(&self, _: &mut Tx, _: AccountId, _: &Thing, _: OrderId, _: Timestamp) -> Result<()> {
        Ok(())
    }
    async fn quote(&self, thing: &Thing, _: Timestamp) -> Result<Option<Offer>> {
        Ok(Some(Offer {
            title: Bilingual::new("A thing to buy", "可买之物"), price: self.things[thing].0
        }))
    }
    async fn page(&self, thing: &Thing) -> Result<Option<String>> {
        Ok(Some(format!("/things/{}", thing.uuid())))
    }
}
