//! The town in which the simulator's people live: what is sold there, by whom, and for how much less.

use domain::actor::Actor;
use domain::offers::BundleId;
use domain::offers::input::CouponForm;
use domain::orders::Thing;
use domain::subscriptions::PlanId;
use domain::subscriptions::input::PlanInput;
use server::sql;

use crate::support::shop::{COURSE, ENTRY, LAST};
use crate::support::{Person, TestApp, moody, offers, stage};

/// A competition that takes place, with five seats.
pub const CUP: &str = "cup";
/// A competition that may be called off, with four seats.
pub const GALA: &str = "gala";
/// A course that the platform may give away.
pub const FIRST: &str = "first";

/// Codes of coupons: a tenth, five yuan a few times, everything a few times.
pub const COUPONS: [&str; 3] = ["tenth", "five", "all"];

/// What is sold.
pub struct Town {
    /// Single things: two courses, seats of what is made up, seats of real competitions, a course for nothing.
    pub things: Vec<Thing>,
    /// Courses that can be given away.
    pub gifts: [Thing; 3],
    /// Two courses together.
    pub bundle: BundleId,
    /// A plan that opens one course, and one that opens everything.
    pub plans: [PlanId; 2],
}

impl Town {
    /// Builds it; `author` teaches and organises, `staff` runs the platform.
    pub async fn new(app: &TestApp, author: &mut Person, staff: &Person) -> Self {
        let teacher = author.actor().await;
        moody::shared(app, &teacher).await;
        let first = Thing::Course(offers::course(app, &teacher, FIRST, 9_000).await);
        let second = Thing::Course(offers::course(app, &teacher, "second", 10_000).await);
        let free = Thing::Course(offers::course(app, &teacher, "free", 0).await);
        let bundle = offers::bundle(app, &teacher, "150", "first\nsecond").await;
        for (code, value, unit, limit, account_limit) in [
            (COUPONS[0], "10", "percent", "", ""),
            (COUPONS[1], "5", "CNY", "20", "2"),
            (COUPONS[2], "100", "percent", "15", "1"),
        ] {
            let coupon = offers::coupon(code, value, unit);
            let form = CouponForm { limit: limit.into(), account_limit: account_limit.into(), ..coupon };
            offers::makes_coupon(app, staff, form, code != COUPONS[2]).await;
        }
        let cup = [("fee", "20"), ("capacity", "5"), ("starts", "2026-09-01T20:00")];
        stage::competition(author, CUP, &cup).await;
        let gala = [
            ("fee", "30"),
            ("capacity", "4"),
            ("registration_closes", "2026-10-20T07:00"),
            ("starts", "2026-10-20T08:00"),
            ("ends", "2026-10-21T08:00"),
        ];
        stage::competition(author, GALA, &gala).await;
        let [cup, gala] = [stage::page(author, CUP).await.id, stage::page(author, GALA).await.id];
        promises(app).await;
        let staff = staff.actor().await;
        let plans = [
            plan(app, &staff, "basic", "30", &second.to_string()).await,
            plan(app, &staff, "premium", "90", "courses\ncompetitions").await,
        ];
        let [cup, gala] = [cup, gala].map(Thing::Competition);
        let things = vec![COURSE, COURSE, ENTRY, LAST, first, second, free, cup, gala];
        Self { things, gifts: [COURSE, first, second], bundle, plans }
    }
}

async fn plan(app: &TestApp, staff: &Actor, tier: &str, price: &str, opens: &str) -> PlanId {
    let input = PlanInput {
        tier: tier.into(),
        interval: "month".into(),
        title_en: tier.into(),
        title_zh: tier.into(),
        price_cny: price.into(),
        trial_days: if tier == "premium" { "7" } else { "0" }.into(),
        grace_days: "3".into(),
        retry_days: "1, 2".into(),
        opens: opens.into(),
        ..PlanInput::default()
    };
    let id = app.services.subscriptions.add_plan(staff, &input).await.unwrap();
    app.services.subscriptions.offer_plan(staff, id, true).await.unwrap();
    id
}

/// Promises of a day, so that payouts and prizes have their time to come.
async fn promises(app: &TestApp) {
    let mut tx = app.services.kit.db.begin().await.unwrap();
    tx.run(sql!(
        "insert into refund_policies (code, name_en, name_zh, self_service, hours, until_start, changed_at)
         values ('day', 'A day', '一天', $1, 24, $2, 0)",
        true,
        false
    ))
    .await
    .unwrap();
    tx.run(sql!("update refund_policy_bindings set policy = 'day' where policy = 'stage'")).await.unwrap();
    let course = sql!(
        "insert into refund_policy_bindings (thing_kind, thing_id, policy) values ('course', $1, 'day')",
        COURSE.uuid()
    );
    tx.exactly(1, course).await.unwrap();
    tx.commit().await.unwrap();
}
