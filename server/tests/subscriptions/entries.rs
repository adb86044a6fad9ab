//! Stories of entries to competitions that a plan opens.

use std::collections::BTreeMap;

use domain::orders::{Access, Because, How, OrderId, OrderState, Source, Thing, Wanted};
use domain::refunds::Destination;
use server::features::orders::store as orders;
use server::features::subscriptions::jobs::EndEntry;
use server::sql;

use super::{
    Person, access, comes, october, order_of, pays, plans, sound, sub, subscriber, subscribes, writes,
};
use crate::both;
use crate::support::bank::count;
use crate::support::shop::{COURSE, ENTRY, FREE};
use crate::support::{TestApp, stage};

/// A competition with one seat for ¥100.
async fn stand(app: &TestApp) -> Thing {
    let mut organiser = app.expert("olga").await;
    stage::competition(&mut organiser, "tumour", &[("capacity", "1"), ("fee", "100")]).await;
    Thing::Competition(stage::page(&organiser, "tumour").await.id)
}

async fn total(app: &TestApp, person: &Person, thing: Thing) -> i64 {
    let order = app.services.orders.place(&person.actor().await, thing).await.unwrap();
    orders::order(&app.services.kit.db, order).await.unwrap().unwrap().total.minor
}

/// Staff pays the whole of the dearer plan back.
async fn is_paid_back(app: &TestApp, plan: OrderId) {
    let staff = app.admin("rhea").await.actor().await;
    let line = orders::lines(&app.services.kit.db, plan).await.unwrap()[0].id;
    let amounts = BTreeMap::from([(line.to_string(), "90".to_owned())]);
    app.services.refunds.grant(&staff, plan, &amounts, Destination::Gateway, "goodwill").await.unwrap();
}

both! {
    async fn the_free_plan_opens_its_courses_to_everybody(app: TestApp) {
        let plans = plans(&app).await;
        let mut staff = app.admin("rhea").await;
        let course = format!("course:{}", COURSE.uuid());
        let free = |opens: &str| {
            let fields = [
                ("tier", "free"), ("interval", "month"), ("title_en", "Free"), ("title_zh", "免费"), ("trial_days", "0"),
                ("grace_days", "0"), ("retry_days", "1"), ("opens", opens),
            ];
            fields.map(|(name, value)| (name, value.to_owned()))
        };
        for opens in ["competitions".to_owned(), format!("competition:{}", ENTRY.uuid())] {
            let fields = free(&opens);
            let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
            staff.posts("/api/subscriptions/add_plan", &fields).await.invalid("opens", "free_opens_no_entries");
        }
        let bob = app.learner("bob").await;
        assert!(!access(&app, &bob, COURSE).await.is_allowed());
        let plan = writes(&mut staff, &[("tier", "free"), ("interval", "month"), ("title_en", "Free"), ("opens", &course)]).await;
        let Access::Allowed(because) = access(&app, &bob, COURSE).await else { panic!("closed") };
        assert_eq!((because.source, because.until), (Source::FreePlan(plan), None));
        assert!(!access(&app, &bob, ENTRY).await.is_allowed());
        // What is everybody's may still be bought for good, and opened by a plan that was paid.
        let order = app.services.orders.place(&bob.actor().await, COURSE).await.unwrap();
        pays(&app, &bob, order).await;
        let Access::Allowed(because) = access(&app, &bob, COURSE).await else { panic!("closed") };
        assert_eq!(because.source, Source::Bought(order));
        let eve = subscriber(&app, "eve", plans.basic).await;
        let closed = [("plan", plan.to_string()), ("active", "false".to_owned())];
        let closed = closed.each_ref().map(|(name, value)| (*name, value.as_str()));
        staff.submits("/en/admin/plans", "/api/subscriptions/offer_plan", &closed).await.status(303);
        assert!(matches!(access(&app, &eve, COURSE).await, Access::Allowed(Because { source: Source::Plan(_), .. })));
        assert!(!access(&app, &app.learner("carl").await, COURSE).await.is_allowed());
        sound(&app).await;
    }

    async fn an_entry_ends_with_the_money_of_its_plan(app: TestApp) {
        let plans = plans(&app).await;
        let thing = stand(&app).await;
        let mut bob = app.learner("bob").await;
        let plan = order_of(&subscribes(&mut bob, plans.premium, false).await);
        pays(&app, &bob, plan).await;
        let entry = app.services.orders.place(&bob.actor().await, thing).await.unwrap();
        bob.gets("/en/competitions/tumour").await.status(200).shows("Submit predictions");
        let eve = app.learner("eve").await;
        let full = app.services.orders.place(&eve.actor().await, thing).await.unwrap_err();
        assert!(full.to_string().contains("competition_full"), "{full}");
        // The plan is paid back in full: what it opened for nothing does not stay.
        is_paid_back(&app, plan).await;
        assert!(!access(&app, &bob, thing).await.is_allowed(), "with the request, not with the bank");
        app.runs_jobs().await;
        app.runs_jobs().await;
        bob.gets("/en/competitions/tumour").await.status(200).hides("Submit predictions");
        assert_eq!(orders::order(&app.services.kit.db, entry).await.unwrap().unwrap().state, OrderState::Refunded);
        assert_eq!(total(&app, &eve, thing).await, 10_000, "the seat is free, and costs what it costs");
        sound(&app).await;
    }

    async fn what_stands_beside_an_entry_outlives_the_money_of_its_plan(app: TestApp) {
        let plans = plans(&app).await;
        let thing = stand(&app).await;
        let mut bob = app.learner("bob").await;
        let plan = order_of(&subscribes(&mut bob, plans.premium, false).await);
        pays(&app, &bob, plan).await;
        let both = [thing, FREE].map(Wanted::one).to_vec();
        let order = app.services.orders.place_many(&bob.actor().await, both, How::default()).await.unwrap();
        is_paid_back(&app, plan).await;
        for _ in 0..3 {
            app.runs_jobs().await;
        }
        // Told twice, it ends once.
        let mut tx = app.services.kit.db.begin().await.unwrap();
        tx.enqueue(&EndEntry { order }).await.unwrap();
        tx.commit().await.unwrap();
        app.runs_jobs().await;
        let now = orders::order(&app.services.kit.db, order).await.unwrap().unwrap();
        assert_eq!(now.state, OrderState::PartiallyRefunded);
        let ended = sql!("select count(*) as n from order_history where order_id = $1 and cause = 'plan'", order);
        assert_eq!(count(&app, ended).await, 1);
        assert!(!access(&app, &bob, thing).await.is_allowed());
        assert!(access(&app, &bob, FREE).await.is_allowed());
        sound(&app).await;
    }

    async fn an_entry_outlives_the_period_that_opened_it(app: TestApp) {
        let plans = plans(&app).await;
        let thing = stand(&app).await;
        let mut bob = subscriber(&app, "bob", plans.premium).await;
        assert_eq!(total(&app, &bob, thing).await, 0);
        bob.posts("/api/subscriptions/cancel", &[]).await.ok();
        comes(&app, october().plus(domain::time::Span::days(5))).await;
        assert!(!sub(&app, &bob).await.state.is_live());
        assert!(access(&app, &bob, thing).await.is_allowed(), "who entered while it was open has entered");
        sound(&app).await;
    }

    async fn a_trial_opens_no_entry_that_others_pay_for(app: TestApp) {
        let plans = plans(&app).await;
        let thing = stand(&app).await;
        let mut bob = app.learner("bob").await;
        subscribes(&mut bob, plans.premium, true).await;
        assert_eq!(total(&app, &bob, thing).await, 10_000, "who has paid nothing wins nothing from others");
        sound(&app).await;
    }
}
