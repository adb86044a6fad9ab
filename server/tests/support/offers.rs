//! Coupons, courses and bundles for a test, and what an account has by them.

use domain::accounts::AccountId;
use domain::actor::Actor;
use domain::courses::CourseId;
use domain::offers::input::{BundleForm, CouponForm};
use domain::orders::{Access, How, OrderId, Thing, Wanted};
use server::features::offers::store;
use server::features::orders::store::{self as orders, Order};
use server::sql;

use super::{Person, TestApp};

pub fn coupon(code: &str, value: &str, unit: &str) -> CouponForm {
    CouponForm { code: code.into(), value: value.into(), unit: unit.into(), ..CouponForm::default() }
}

pub async fn makes_coupon(app: &TestApp, staff: &Person, form: CouponForm, stacks: bool) {
    app.services.offers.make_coupon(&staff.actor().await, &form, stacks, "").await.unwrap();
}

pub async fn order(app: &TestApp, id: OrderId) -> Order {
    orders::order(&app.services.kit.db, id).await.unwrap().unwrap()
}

pub async fn with(
    app: &TestApp,
    actor: &Actor,
    thing: Thing,
    codes: &[&str],
    points: i64,
) -> Result<OrderId, String> {
    let coupons = codes.iter().map(|code| (*code).to_owned()).collect();
    let how = How { coupons, points, ..How::default() };
    app.services
        .orders
        .place_many(actor, vec![Wanted::one(thing)], how)
        .await
        .map_err(|error| error.to_string())
}

pub async fn uses(app: &TestApp, code: &str) -> i64 {
    let all = store::coupons::list(&app.services.kit.db, None, 100).await.unwrap();
    all.into_iter().find(|stored| stored.coupon.code == code).unwrap().uses
}

pub async fn balance(app: &TestApp, account: AccountId) -> i64 {
    let balance = store::points::balance(&app.services.kit.db, account).await.unwrap().balance;
    let past = store::points::latest(&app.services.kit.db, account, None, 1_000).await.unwrap();
    assert_eq!(
        past.iter().map(|entry| entry.amount).sum::<i64>(),
        balance,
        "the balance is the sum of its entries"
    );
    balance
}

/// The platform gives points.
pub async fn gives_points(app: &TestApp, account: AccountId, points: i64) {
    let steward = super::moody::steward(app).await;
    let username = orders::username(&app.services.kit.db, account).await.unwrap();
    let offers = &app.services.offers;
    offers.give_points(&steward, &username, &points.to_string(), "for a test").await.unwrap();
}

pub async fn access(app: &TestApp, actor: &Actor, thing: Thing) -> Access {
    app.services.orders.access(Some(actor.account), &thing, app.services.kit.now()).await.unwrap()
}

/// The code of the latest gift that somebody bought, from their page.
pub async fn code_of(giver: &mut Person) -> String {
    let page = giver.gets("/en/gifts").await.status(200).text();
    page.split("<code>").nth(1).unwrap().split('<').next().unwrap().to_owned()
}

/// A published course of an author, written straight into its table.
pub async fn course(app: &TestApp, author: &Actor, slug: &str, price: i64) -> CourseId {
    let id: CourseId = app.services.kit.id();
    let mut tx = app.services.kit.db.begin().await.unwrap();
    let sql = sql!(
        "insert into courses (id, slug, author_id, state, title_en, title_zh, summary_en, summary_zh, goals_en,
             goals_zh, level, tags, proves, price_minor, currency, in_en, in_zh, learners, created_at, updated_at,
             published_at)
         values ($1, $2, $3, 'published', $2, $2, '', '', '', '', 'beginner', $5, $5, $4, 'CNY', true, true, 0, 1, 1, 1)",
        id,
        slug,
        author.account,
        price,
        serde_json::json!([])
    );
    tx.exactly(1, sql).await.unwrap();
    tx.commit().await.unwrap();
    id
}

pub async fn bundle(app: &TestApp, author: &Actor, price: &str, courses: &str) -> domain::offers::BundleId {
    let form = BundleForm {
        title_en: "All of it".into(),
        title_zh: "全部".into(),
        price: price.into(),
        currency: "CNY".into(),
        ..BundleForm::default()
    };
    let id = app.services.offers.make_bundle(author, &form, courses).await.unwrap();
    app.services.offers.set_bundle_state(author, id, "published").await.unwrap();
    id
}
