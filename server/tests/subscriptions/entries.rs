//! Stories of entries to competitions that a plan opens.

use std::collections::BTreeMap;

use domain::orders::{OrderState, Thing};
use domain::refunds::Destination;
use server::features::orders::store as orders;

use super::{Person, access, comes, october, order_of, pays, plans, sound, sub, subscriber, subscribes};
use crate::both;
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

both! {
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
        let staff = app.admin("rhea").await.actor().await;
        let line = orders::lines(&app.services.kit.db, plan).await.unwrap()[0].id;
        let amounts = BTreeMap::from([(line.to_string(), "90".to_owned())]);
        app.services.refunds.grant(&staff, plan, &amounts, Destination::Gateway, "goodwill").await.unwrap();
        assert!(!access(&app, &bob, thing).await.is_allowed(), "with the request, not with the bank");
        app.runs_jobs().await;
        app.runs_jobs().await;
        bob.gets("/en/competitions/tumour").await.status(200).hides("Submit predictions");
        assert_eq!(orders::order(&app.services.kit.db, entry).await.unwrap().unwrap().state, OrderState::Refunded);
        assert_eq!(total(&app, &eve, thing).await, 10_000, "the seat is free, and costs what it costs");
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
