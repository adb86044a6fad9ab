//! Stories of offers: coupons, carts, bundles, gifts, grants and points, and what people try with them.

use std::collections::BTreeMap;

use domain::accounts::AccountId;
use domain::actor::Actor;
use domain::courses::CourseId;
use domain::money::{Currency, Money};
use domain::offers::input::{BundleForm, CouponForm};
use domain::orders::{Access, How, OrderId, Purpose, Source, Thing, Wanted};
use domain::payments::Told;
use domain::refunds::Destination;
use domain::time::Span;
use futures_util::future::join_all;
use server::features::offers::store;
use server::features::orders::store::{self as orders, Order};
use server::sql;

use crate::both;
use crate::support::bank::sent_back;
use crate::support::moody::{Moody, balanced, gives_back, pays, request};
use crate::support::shop::{self, COURSE, ENTRY, LAST, RUSH};
use crate::support::{Person, TestApp};

pub fn coupon(code: &str, value: &str, unit: &str) -> CouponForm {
    CouponForm { code: code.into(), value: value.into(), unit: unit.into(), ..CouponForm::default() }
}

async fn makes_coupon(app: &TestApp, staff: &Person, form: CouponForm, stacks: bool) {
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

async fn uses(app: &TestApp, code: &str) -> i64 {
    let all = store::coupons::list(&app.services.kit.db).await.unwrap();
    all.into_iter().find(|stored| stored.coupon.code == code).unwrap().uses
}

pub async fn balance(app: &TestApp, account: AccountId) -> i64 {
    let balance = store::points::balance(&app.services.kit.db, account).await.unwrap().balance;
    let past = store::points::latest(&app.services.kit.db, account, 1_000).await.unwrap();
    assert_eq!(
        past.iter().map(|entry| entry.amount).sum::<i64>(),
        balance,
        "the balance is the sum of its entries"
    );
    balance
}

async fn access(app: &TestApp, actor: &Actor, thing: Thing) -> Access {
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

both! {
    async fn a_cart_is_ordered_with_coupons_by_plain_forms(app: TestApp) {
        shop::open(&app);
        let staff = app.admin("ada").await;
        makes_coupon(&app, &staff, coupon("spring", "10", "percent"), true).await;
        makes_coupon(&app, &staff, coupon("five", "5", "CNY"), true).await;
        let mut bob = app.learner("bob").await;
        bob.gets("/en/cart").await.status(200).shows("Your cart is empty");
        for thing in [COURSE, ENTRY] {
            bob.submits("/en/courses", "/api/offers/put", &[("thing", &thing.to_string())]).await.status(303);
        }
        bob.gets("/en/cart").await.status(200).shows("¥139");
        bob.submits("/en/cart", "/api/offers/use_coupon", &[("code", "five")]).await.status(303);
        bob.submits("/en/cart", "/api/offers/use_coupon", &[("code", " Spring ")]).await.status(303);
        bob.gets("/en/cart").await.shows("¥120.10");
        bob.gets("/zh/cart").await.status(200).shows("购物车").shows("¥120.10");
        let reply = bob.submits("/en/cart", "/api/offers/checkout", &[]).await.status(303);
        let id: OrderId = reply.location().strip_prefix("/en/orders/").unwrap().parse().unwrap();
        assert_eq!(order(&app, id).await.total, Money::new(12_010, Currency::Cny));
        bob.gets("/en/cart").await.shows("Your cart is empty");
        bob.gets(&format!("/en/orders/{id}")).await.shows("List price").shows("− ¥18.90").shows("¥120.10");
        bob.posts("/api/offers/checkout", &[]).await.denied("nothing_ordered");
        assert_eq!((uses(&app, "SPRING").await, uses(&app, "FIVE").await), (1, 1));
        bob.posts("/api/orders/cancel", &[("order", &id.to_string())]).await.ok();
        assert_eq!((uses(&app, "SPRING").await, uses(&app, "FIVE").await), (0, 0), "a cancelled order gives them back");
        let report = server::audit::audit(&app.services.kit.db).await.unwrap();
        assert_eq!(report.findings, []);
    }

    async fn what_is_in_a_cart_belongs_to_one_person(app: TestApp) {
        shop::open(&app);
        let mut bob = app.learner("bob").await;
        let mut eve = app.learner("eve").await;
        bob.posts("/api/offers/put", &[("thing", &COURSE.to_string())]).await.ok();
        eve.gets("/en/cart").await.shows("Your cart is empty");
        eve.posts("/api/offers/take", &[("thing", &COURSE.to_string())]).await.ok();
        bob.gets("/en/cart").await.shows("A thing to buy");
        bob.posts("/api/offers/put", &[("thing", &LAST.to_string())]).await.ok();
        bob.gets("/en/cart").await.status(200).shows("different currencies");
        bob.posts("/api/offers/checkout", &[]).await.denied("two_currencies");
        bob.gets("/en/cart").await.shows("A thing to buy");
        for bad in ["", "course:", "plan:00000000-0000-0000-0000-000000000001", "bundle:00000000-0000-0000-0000-000000000001"] {
            bob.posts("/api/offers/put", &[("thing", bad)]).await.status(404);
        }
        app.stranger().posts("/api/offers/put", &[("thing", &COURSE.to_string())]).await.status(401);
    }

    async fn coupons_keep_their_rules(app: TestApp) {
        shop::open(&app);
        let staff = app.admin("ada").await;
        let bob = app.learner("bob").await.actor().await;
        makes_coupon(&app, &staff, CouponForm { until: "2026-09-01".into(), ..coupon("short", "10", "percent") }, true).await;
        makes_coupon(&app, &staff, coupon("alone", "10", "percent"), false).await;
        makes_coupon(&app, &staff, CouponForm { account_limit: "1".into(), ..coupon("once", "1", "CNY") }, true).await;
        makes_coupon(&app, &staff, coupon("dollars", "1", "USD"), true).await;
        makes_coupon(&app, &staff, coupon("huge", "9999", "CNY"), true).await;
        let author = staff.actor().await;
        course(&app, &author, "bound", 100).await;
        app.services.offers.make_coupon(&author, &coupon("bound", "50", "percent"), true, "bound").await.unwrap();
        for (codes, why) in [
            (vec!["nothing"], "coupon_unknown"),
            (vec!["alone", "once"], "coupon_alone"),
            (vec!["dollars"], "coupon_not_for_this"),
            (vec!["bound"], "coupon_not_for_this"),
            (vec!["%"], "coupon_unknown"),
        ] {
            let refused = with(&app, &bob, COURSE, &codes, 0).await.unwrap_err();
            assert!(refused.contains(why), "{codes:?}: {refused}");
        }
        let first = with(&app, &bob, COURSE, &["once", "once"], 0).await.unwrap();
        assert_eq!(order(&app, first).await.total.minor, 3_800, "the same coupon counts once");
        let refused = with(&app, &bob, ENTRY, &["once"], 0).await.unwrap_err();
        assert!(refused.contains("coupon_used_by_you"), "{refused}");
        app.wait(Span::minutes(16));
        app.runs_jobs().await;
        let free = with(&app, &bob, ENTRY, &["once", "huge"], 0).await.unwrap();
        let free = order(&app, free).await;
        assert!(free.total.is_zero() && free.state.entitles(), "what costs nothing is theirs at once");
        app.wait(Span::minutes(24 * 60));
        let refused = with(&app, &bob, COURSE, &["short"], 0).await.unwrap_err();
        assert!(refused.contains("coupon_expired"), "{refused}");
    }

    async fn a_coupon_for_a_competition_is_for_nothing_else(app: TestApp) {
        shop::open(&app);
        let staff = app.admin("ada").await.actor().await;
        let mut eve = app.expert("eve").await;
        crate::support::stage::competition(&mut eve, "tumour", &[("fee", "100")]).await;
        let entry = Thing::Competition(crate::support::stage::page(&eve, "tumour").await.id);
        let offers = &app.services.offers;
        let half = coupon("enter", "50", "percent");
        let unknown = offers.make_coupon(&staff, &half, true, "competition:nothing").await.unwrap_err().to_string();
        assert!(unknown.contains("no_such_course"), "{unknown}");
        offers.make_coupon(&staff, &half, true, "competition:tumour").await.unwrap();
        let bob = app.learner("bob").await.actor().await;
        let refused = with(&app, &bob, COURSE, &["enter"], 0).await.unwrap_err();
        assert!(refused.contains("coupon_not_for_this"), "{refused}");
        let entered = with(&app, &bob, entry, &["enter"], 0).await.unwrap();
        assert_eq!(order(&app, entered).await.total.minor, 5_000);
    }

    async fn row_24_codes_cannot_be_guessed(app: TestApp) {
        let mut bob = app.learner("bob").await;
        let long = "x".repeat(10_000);
        for code in [long.as_str(), "%", "*", "' or 1=1"] {
            bob.posts("/api/offers/use_coupon", &[("code", code)]).await.invalid("code", "coupon_unknown");
            bob.posts("/api/offers/redeem", &[("code", code)]).await.invalid("code", "gift_unknown");
        }
        bob.posts("/api/offers/redeem", &[("code", "A")]).await.invalid("code", "gift_unknown");
        bob.posts("/api/offers/redeem", &[("code", "B")]).await.invalid("code", "gift_unknown");
        bob.posts("/api/offers/redeem", &[("code", "C")]).await.status(429);
        bob.posts("/api/offers/use_coupon", &[("code", "spring")]).await.status(429);
        app.wait(Span::minutes(11));
        bob.posts("/api/offers/redeem", &[("code", "C")]).await.invalid("code", "gift_unknown");
        // The form of a gift takes a coupon as well: it counts like the others.
        shop::open(&app);
        let mut eve = app.learner("eve").await;
        let thing = COURSE.to_string();
        for number in 0..10 {
            let code = format!("guess{number}");
            let fields = [("thing", thing.as_str()), ("coupon", &code), ("message", "")];
            eve.posts("/api/offers/give", &fields).await.invalid("coupon", "coupon_unknown");
        }
        let fields = [("thing", thing.as_str()), ("coupon", "guess"), ("message", "")];
        eve.posts("/api/offers/give", &fields).await.status(429);
        eve.posts("/api/offers/use_coupon", &[("code", "spring")]).await.status(429);
    }

    async fn a_limited_coupon_is_not_used_more_often_and_the_unlocked_twin_is(app: TestApp) {
        shop::open(&app);
        let staff = app.admin("ada").await;
        makes_coupon(&app, &staff, CouponForm { limit: "3".into(), ..coupon("three", "10", "percent") }, true).await;
        let mut buyers = Vec::new();
        for number in 0..10 {
            buyers.push(app.learner(&format!("buyer{number}")).await.actor().await);
        }
        let placed = join_all(buyers.iter().map(|buyer| with(&app, buyer, COURSE, &["three"], 0))).await;
        assert_eq!(placed.iter().filter(|one| one.is_ok()).count(), 3);
        assert_eq!(uses(&app, "THREE").await, 3);
        // The twin looks first and counts later, without the guard in the statement that counts.
        makes_coupon(&app, &staff, CouponForm { limit: "3".into(), ..coupon("twin", "10", "percent") }, true).await;
        let db = &app.services.kit.db;
        let barrier = tokio::sync::Barrier::new(buyers.len());
        let twins = buyers.iter().map(|_| async {
            let before = uses(&app, "TWIN").await;
            barrier.wait().await;
            let mut tx = db.begin().await.unwrap();
            let counted = sql!("update coupons set uses = $1 where code = 'TWIN' and uses_limit >= $1", before + 1);
            let used = tx.run(counted).await.unwrap();
            tx.commit().await.unwrap();
            used
        });
        let used: u64 = join_all(twins).await.into_iter().sum();
        let counted = uses(&app, "TWIN").await;
        assert!(used > 3 && counted <= 3, "a coupon for three is used {used} times, and {counted} are counted");
    }

    async fn a_bundle_credits_what_was_paid_and_only_once(app: TestApp) {
        Moody::open(&app);
        let author = app.admin("ada").await.actor().await;
        let a = course(&app, &author, "first-course", 9_000).await;
        course(&app, &author, "second-course", 10_000).await;
        course(&app, &author, "third-course", 10_000).await;
        let all = bundle(&app, &author, "200", "first-course second-course third-course").await;
        let bob = app.learner("bob").await.actor().await;
        let eve = app.learner("eve").await.actor().await;
        let whole = app.services.offers.buy_bundle(&eve, all).await.unwrap();
        assert_eq!(order(&app, whole).await.total.minor, 20_000);
        let single = app.services.orders.place(&bob, Thing::Course(a)).await.unwrap();
        pays(&app, single).await;
        let rest = app.services.offers.buy_bundle(&bob, all).await.unwrap();
        assert_eq!(order(&app, rest).await.total.minor, 11_000, "200 less the 90 that were paid");
        assert_eq!(orders::lines(&app.services.kit.db, rest).await.unwrap().len(), 2);
        let other = bundle(&app, &author, "150", "first-course third-course").await;
        let refused = app.services.offers.buy_bundle(&bob, other).await.unwrap();
        assert_ne!(refused, rest, "the newer order takes the place of the older");
        assert_eq!(order(&app, refused).await.total.minor, 6_000, "the credit is free again with the older order");
        let part = vec![Wanted { bundle: Some(all), ..Wanted::one(Thing::Course(a)) }];
        let refused = app.services.orders.place_many(&eve, part, How::default()).await.unwrap_err().to_string();
        assert!(refused.contains("bundle_in_part") || refused.contains("held_in"), "{refused}");
    }

    async fn what_counted_towards_a_bundle_goes_back_with_it(app: TestApp) {
        Moody::open(&app);
        let author = app.admin("ada").await.actor().await;
        let a = course(&app, &author, "first-course", 9_000).await;
        let b = course(&app, &author, "second-course", 10_000).await;
        let both = bundle(&app, &author, "100", "first-course second-course").await;
        let mut bob = app.learner("bob").await;
        let actor = bob.actor().await;
        let single = app.services.orders.place(&actor, Thing::Course(a)).await.unwrap();
        pays(&app, single).await;
        let page = format!("/en/orders/{single}/refund");
        bob.gets(&page).await.shows("You get ¥90 back.");
        // The bundle is ordered together with something else, which stays when the bundle goes back.
        shop::open(&app);
        let wanted = vec![Wanted { bundle: Some(both), ..Wanted::one(Thing::Course(b)) }, Wanted::one(ENTRY)];
        let rest = app.services.orders.place_many(&actor, wanted, How::default()).await.unwrap();
        assert_eq!(order(&app, rest).await.total.minor, 11_000, "10 for the rest of the bundle, and the other thing");
        let bundled = pays(&app, rest).await;
        bob.gets(&page).await.hides("You get").shows("It counted towards a bundle.");
        let line = orders::lines(&app.services.kit.db, single).await.unwrap()[0].id;
        let fields = [("order", single.to_string()), (&*format!("lines[l{line}]"), "true".to_owned())];
        let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
        bob.posts("/api/refunds/request", &fields).await.denied("refund_credited");
        request(&app, &bundled, &bundled.lines[..1]).await.unwrap();
        assert!(access(&app, &actor, ENTRY).await.is_allowed());
        bob.gets(&page).await.shows("You get ¥90 back.");
        let again = app.services.offers.buy_bundle(&actor, both).await.unwrap();
        assert_eq!(order(&app, again).await.total.minor, 1_000, "and it counts anew");
        app.services.orders.cancel(&actor, again).await.unwrap();
        app.runs_jobs().await;
        bob.posts("/api/refunds/request", &fields).await.ok();
        app.runs_jobs().await;
        balanced(&app).await;
    }

    async fn late_money_does_not_use_a_credit_that_went_back_meanwhile(app: TestApp) {
        Moody::open(&app);
        let author = app.admin("ada").await.actor().await;
        let a = course(&app, &author, "first-course", 9_000).await;
        let b = course(&app, &author, "second-course", 10_000).await;
        let both = bundle(&app, &author, "100", "first-course second-course").await;
        for (name, gives) in [("bob", true), ("eve", false)] {
            let buyer = app.learner(name).await.actor().await;
            let single = app.services.orders.place(&buyer, Thing::Course(a)).await.unwrap();
            pays(&app, single).await;
            let rest = app.services.offers.buy_bundle(&buyer, both).await.unwrap();
            let payment = app.services.payments.begin(&buyer, rest, "bank").await.unwrap();
            app.services.orders.cancel(&buyer, rest).await.unwrap();
            if gives {
                gives_back(&app, single).await;
            }
            let amount = order(&app, rest).await.total;
            assert_eq!(amount.minor, 1_000);
            let told = Told::Confirmed { charge: format!("ch_{name}"), amount };
            app.services.payments.learn(payment, &told, "test").await.unwrap();
            let owned = access(&app, &buyer, Thing::Course(b)).await.is_allowed();
            assert_eq!(owned, !gives, "{name}: the credit is there, or the money goes back");
        }
        app.runs_jobs().await;
        assert_eq!(sent_back(&app).await, 1);
    }

    async fn a_bundle_goes_back_whole(app: TestApp) {
        Moody::open(&app);
        let author = app.admin("ada").await.actor().await;
        course(&app, &author, "first-course", 9_000).await;
        course(&app, &author, "second-course", 10_000).await;
        let both = bundle(&app, &author, "100", "first-course second-course").await;
        let mut bob = app.learner("bob").await;
        let id = app.services.offers.buy_bundle(&bob.actor().await, both).await.unwrap();
        pays(&app, id).await;
        let line = orders::lines(&app.services.kit.db, id).await.unwrap()[0].id;
        let (id, line) = (id.to_string(), format!("lines[l{line}]"));
        bob.posts("/api/refunds/request", &[("order", &id), (&line, "true")]).await.denied("refund_whole_bundle");
    }

    async fn what_went_back_of_a_taken_gift_is_gone_and_the_rest_stays(app: TestApp) {
        let bank = Moody::open(&app);
        let staff = app.admin("ada").await.actor().await;
        let a = course(&app, &staff, "first-course", 9_000).await;
        let b = course(&app, &staff, "second-course", 10_000).await;
        let mut bob = app.learner("bob").await;
        let giver = bob.actor().await;
        let wanted = [a, b].map(|course| Wanted::one(Thing::Course(course))).to_vec();
        let how = How { purpose: Purpose::Gift, ..How::default() };
        let gift = app.services.orders.place_many(&giver, wanted, how).await.unwrap();
        let payment = app.services.payments.begin(&giver, gift, "bank").await.unwrap();
        let told = Told::Confirmed { charge: "ch_gift".into(), amount: order(&app, gift).await.total };
        app.services.payments.learn(payment, &told, "test").await.unwrap();
        let code = code_of(&mut bob).await;
        let eve = app.learner("eve").await.actor().await;
        app.services.offers.redeem(&eve, &code).await.unwrap();
        let lines = orders::lines(&app.services.kit.db, gift).await.unwrap();
        let second = lines.iter().find(|line| line.thing == Thing::Course(b)).unwrap().id;
        let amounts = BTreeMap::from([(second.to_string(), "100".to_owned())]);
        app.services.refunds.grant(&staff, gift, &amounts, Destination::Gateway, "goodwill").await.unwrap();
        app.runs_jobs().await;
        assert_eq!(bank.given(), 10_000);
        assert!(access(&app, &eve, Thing::Course(a)).await.is_allowed());
        assert!(!access(&app, &eve, Thing::Course(b)).await.is_allowed(), "it was paid back");
        let rights = app.services.orders.rights(eve.account).await.unwrap();
        assert_eq!(rights.iter().map(|right| right.thing).collect::<Vec<_>>(), [Thing::Course(a)]);
        balanced(&app).await;
    }

    async fn a_gift_is_taken_once_by_whoever_has_its_code(app: TestApp) {
        Moody::open(&app);
        shop::open(&app);
        let mut bob = app.learner("bob").await;
        let thing = COURSE.to_string();
        bob.gets(&format!("/en/gift?thing={thing}")).await.status(200).shows("Give").shows("¥39");
        let fields = [("thing", thing.as_str()), ("coupon", ""), ("message", "Enjoy")];
        let reply = bob.submits("/en/gift", "/api/offers/give", &fields).await.status(303);
        let id: OrderId = reply.location().strip_prefix("/en/orders/").unwrap().parse().unwrap();
        bob.gets("/en/gifts").await.shows("No gifts yet");
        pays(&app, id).await;
        let giver = bob.actor().await;
        assert!(!access(&app, &giver, COURSE).await.is_allowed(), "what is given away is not theirs");
        let code = code_of(&mut bob).await;
        assert_eq!(code.len(), 23, "twenty letters of five bits");
        let (mut takers, mut people) = (Vec::new(), Vec::new());
        for number in 0..6 {
            let person = app.learner(&format!("taker{number}")).await;
            takers.push(person.actor().await);
            people.push(person);
        }
        let taken = join_all(takers.iter().map(|taker| app.services.offers.redeem(taker, &code))).await;
        assert_eq!(taken.iter().filter(|one| one.is_ok()).count(), 1, "one code, one gift");
        let (winner, order_of) = takers.iter().zip(&taken).find_map(|(taker, one)| Some((taker, one.as_ref().ok()?))).unwrap();
        let Access::Allowed(because) = access(&app, winner, COURSE).await else { panic!("no access") };
        assert_eq!(because.source, Source::Gift(*order_of));
        bob.gets("/en/gifts").await.shows("Taken").hides(&code);
        let place = takers.iter().position(|taker| taker.account == winner.account).unwrap();
        people[place].gets(&format!("/en/orders/{order_of}")).await.status(200).shows("Enjoy").shows("It is yours");
        bob.gets(&format!("/en/orders/{id}/refund")).await.hides("You get").shows("The gift was taken");
        gives_back(&app, id).await;
        app.runs_jobs().await;
        assert!(!access(&app, winner, COURSE).await.is_allowed(), "the money went back, and so does the gift");
        let mut eve = app.learner("eve").await;
        eve.gets(&format!("/en/orders/{id}")).await.status(404);
        eve.gets("/en/gifts").await.hides(&code);
        bob.posts("/api/offers/give", &[("thing", &ENTRY.to_string()), ("coupon", ""), ("message", "")]).await.denied("not_a_gift");
    }

    async fn points_are_earned_spent_returned_and_never_overdrawn(app: TestApp) {
        Moody::open(&app);
        shop::open(&app);
        let bob = app.learner("bob").await.actor().await;
        let first = with(&app, &bob, COURSE, &[], 0).await.unwrap();
        pays(&app, first).await;
        assert_eq!(balance(&app, bob.account).await, 39);
        app.services.offers.give_points(bob.account, 461, "test").await.unwrap();
        let spent = with(&app, &bob, ENTRY, &[], 400).await.unwrap();
        assert_eq!(order(&app, spent).await.total.minor, 9_600);
        assert_eq!(balance(&app, bob.account).await, 100);
        app.wait(Span::minutes(16));
        app.runs_jobs().await;
        assert_eq!(balance(&app, bob.account).await, 500, "an expired order gives points back");
        let both = [with(&app, &bob, ENTRY, &[], 400), with(&app, &bob, RUSH, &[], 400)];
        let _ = join_all(both).await;
        assert!(balance(&app, bob.account).await >= 0);
        let refused = with(&app, &bob, LAST, &[], 5_000).await.unwrap_err();
        assert!(refused.contains("points_short"), "{refused}");
        assert_eq!(balance(&app, bob.account).await, 0, "400 for one, and the 100 that the other one costs");
        // What the course had earned is spent: it is owed, and kept of what is earned next.
        gives_back(&app, first).await;
        assert_eq!(balance(&app, bob.account).await, 0);
        app.services.offers.give_points(bob.account, 100, "test").await.unwrap();
        assert_eq!(balance(&app, bob.account).await, 61, "39 were owed");
        let again = with(&app, &bob, COURSE, &[], 61).await.unwrap();
        assert_eq!((order(&app, again).await.total.minor, balance(&app, bob.account).await), (3_839, 0));
        pays(&app, again).await;
        assert_eq!(balance(&app, bob.account).await, 38, "earned by what was paid in money");
        gives_back(&app, again).await;
        assert_eq!(balance(&app, bob.account).await, 61, "what was spent comes again, what was earned goes");
        let mut page = app.learner("eve").await;
        page.gets("/en/points").await.status(200).shows("Your points");
        for bad in ["-1", "x", "1.5", "99999999999999999999"] {
            page.posts("/api/offers/use_points", &[("points", bad)]).await.invalid("points", "points_number");
        }
        page.posts("/api/offers/use_points", &[("points", "1")]).await.invalid("points", "points_short");
    }

    async fn points_in_parallel_are_spent_once(app: TestApp) {
        shop::open(&app);
        let bob = app.learner("bob").await.actor().await;
        app.services.offers.give_points(bob.account, 100, "test").await.unwrap();
        let tries = [COURSE, ENTRY, RUSH].map(|thing| with(&app, &bob, thing, &[], 100));
        let placed = join_all(tries).await;
        assert_eq!(placed.iter().filter(|one| one.is_ok()).count(), 1, "{placed:?}");
        assert_eq!(balance(&app, bob.account).await, 0);
    }

    async fn staff_gives_a_course_and_everybody_else_does_not(app: TestApp) {
        let mut ada = app.admin("ada").await;
        let mut bob = app.learner("bob").await;
        let author = ada.actor().await;
        let id = course(&app, &author, "granted", 9_000).await;
        let fields = [("username", "bob"), ("course", "granted"), ("note", "Scholarship 2026")];
        bob.posts("/api/offers/new_grant", &fields).await.status(404);
        bob.posts("/api/offers/new_coupon", &[("code", "FREE"), ("value", "100"), ("unit", "percent"), ("from", ""), ("until", ""), ("limit", ""), ("account_limit", ""), ("bound", ""), ("note", "")]).await.status(404);
        bob.gets("/en/admin/coupons").await.status(404);
        bob.gets("/en/admin/grants").await.status(404);
        ada.submits("/en/admin/grants", "/api/offers/new_grant", &fields).await.status(303);
        ada.posts("/api/offers/new_grant", &fields).await.denied("already_theirs");
        ada.posts("/api/offers/new_grant", &[("username", "nobody"), ("course", "granted"), ("note", "why not")]).await.invalid("username", "grant_no_such_person");
        ada.gets("/en/admin/grants").await.status(200).shows("Scholarship 2026").shows("bob");
        ada.gets("/en/admin/coupons").await.status(200);
        ada.gets("/zh/admin/bundles").await.status(200).shows("套餐");
        let learner = bob.actor().await;
        let Access::Allowed(because) = access(&app, &learner, Thing::Course(id)).await else { panic!("no access") };
        let Source::Granted(given) = because.source else { panic!("{because:?}") };
        let given = order(&app, given).await;
        assert_eq!((given.purpose, given.granted_by, given.note.as_str()), (Purpose::Grant, Some(author.account), "Scholarship 2026"));
        let report = server::audit::audit(&app.services.kit.db).await.unwrap();
        assert_eq!(report.findings, []);
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
        let number = orders::number(paid);
        ada.gets("/en/admin/orders").await.status(200).shows(&number).shows(&orders::number(open));
        for found in ["search=Bob", "search=%40bob", "state=paid", &format!("search={}", number.to_lowercase())] {
            ada.gets(&format!("/en/admin/orders?{found}")).await.status(200).shows(&number).hides(&orders::number(open));
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
