//! Stories of competitions that are called off: every fee goes back.

use domain::competitions::CompetitionId;
use domain::orders::{OrderState, Thing};
use domain::time::Span;
use server::db::Count;
use server::features::orders::store as orders;
use server::features::payments::gateway::ReversalKind;
use server::features::refunds::jobs::GiveEntriesBack;
use server::sql;

use crate::both;
use crate::support::moody::*;
use crate::support::shop::{self, COURSE};
use crate::support::{Person, TestApp, stage};

/// A competition with a fee of 100 yuan, whose registration is open.
async fn announced(organiser: &mut Person) -> CompetitionId {
    stage::competition(organiser, "tumour", &[("fee", "100"), ("starts", "2026-09-01T10:00")]).await;
    stage::page(organiser, "tumour").await.id
}

async fn state(app: &TestApp, buyer: &Buyer) -> OrderState {
    orders::order(&app.services.kit.db, buyer.order).await.unwrap().unwrap().state
}

/// Does what follows, until nothing follows any more.
async fn rests(app: &TestApp) {
    while app.runs_jobs().await > 0 {}
}

const REASON: [(&str, &str); 2] = [("competition", "tumour"), ("reason", "The hall has burnt down.")];

both! {
    async fn everybody_gets_the_fee_back_and_nobody_enters_any_more(app: TestApp) {
        shop::open(&app);
        let bank = Moody::open(&app);
        let mut ada = app.expert("ada").await;
        let entry = Thing::Competition(announced(&mut ada).await);
        // More than one job deals with, each with something of their own; and one who has not paid yet.
        let mut entrants = Vec::new();
        for number in 0..53 {
            entrants.push(bought(&app, &format!("entrant{number}"), &[entry]).await);
        }
        let mut both = bought(&app, "both", &[COURSE, entry]).await;
        let mut late = app.learner("late").await;
        let unpaid = app.services.orders.place(&late.actor().await, entry).await.unwrap();
        bank.is(Mood::Deaf);
        ada.submits("/en/organise/tumour", "/api/competitions/cancel", &REASON).await.status(303);
        // The banks are silent; the rights have ended all the same.
        rests(&app).await;
        assert!(!owns(&app, &both.actor, entry).await && owns(&app, &both.actor, COURSE).await);
        late.gets("/en/competitions/tumour").await.status(200)
            .shows("Called off").shows("The hall has burnt down.").shows("Entry fees go back").hides("Enter the competition");
        app.stranger().gets("/zh/competitions/tumour").await.shows("竞赛已取消").shows("报名费将原路退回");
        bank.is(Mood::Works);
        for _ in 0..3 {
            app.wait(Span::hours(2));
            rests(&app).await;
        }
        for entrant in &entrants {
            assert_eq!(state(&app, entrant).await, OrderState::Refunded);
        }
        assert_eq!(state(&app, &both).await, OrderState::PartiallyRefunded);
        assert_eq!(orders::order(&app.services.kit.db, unpaid).await.unwrap().unwrap().state, OrderState::Cancelled);
        assert_eq!(holds(&app, &format!("prize:escrow:{}", entry.uuid())).await, 0);
        assert_eq!(bank.given(), 54 * 10_000, "each fee once, and the course stays sold");
        both.person.gets("/en/messages").await.status(200).shows("was called off").shows("Your fee of ¥100 goes back");
        both.person.gets(&format!("/en/orders/{}/refund", both.order)).await.shows("The competition was called off");
        // Again, by a job that comes twice, changes nothing.
        let mut tx = app.services.kit.db.begin().await.unwrap();
        tx.enqueue(&GiveEntriesBack { competition: CompetitionId(entry.uuid()), after: None }).await.unwrap();
        tx.commit().await.unwrap();
        rests(&app).await;
        assert_eq!(bank.given(), 54 * 10_000);
        balanced(&app).await;
    }

    async fn whoever_comes_behind_many_who_left_gets_the_fee_back_too(app: TestApp) {
        let bank = Moody::open(&app);
        let mut ada = app.expert("ada").await;
        let entry = Thing::Competition(announced(&mut ada).await);
        // More places that were held and left than one job deals with.
        for number in 0..51 {
            let leaver = app.learner(&format!("leaver{number}")).await.actor().await;
            let order = app.services.orders.place(&leaver, entry).await.unwrap();
            app.services.orders.cancel(&leaver, order).await.unwrap();
        }
        let mut bob = bought(&app, "bob", &[entry]).await;
        ada.posts("/api/competitions/cancel", &REASON).await.ok();
        rests(&app).await;
        assert_eq!(state(&app, &bob).await, OrderState::Refunded);
        assert_eq!(bank.given(), 10_000);
        bob.person.gets("/en/messages").await.shows("was called off");
        balanced(&app).await;
    }

    async fn it_is_called_off_by_who_runs_it_with_a_reason_and_once(app: TestApp) {
        let mut ada = app.expert("ada").await;
        announced(&mut ada).await;
        let path = "/api/competitions/cancel";
        app.expert("eve").await.posts(path, &REASON).await.status(404);
        app.stranger().posts(path, &REASON).await.status(401);
        let page = "/en/organise/tumour";
        ada.gets(page).await.shows("Call the competition off");
        let kept = ada.submits(page, path, &[("competition", "tumour"), ("reason", "x")]).await.status(303);
        ada.gets(kept.location()).await.shows("value=\"x\"").shows("Call the competition off");
        ada.submits(page, path, &REASON).await.status(303);
        ada.posts(path, &REASON).await.denied("competition_cancelled");
        ada.gets(page).await.hides("Call the competition off");
        ada.posts("/api/competitions/finalise", &[("competition", "tumour")]).await.denied("competition_not_over");
        app.learner("bob").await.posts("/api/competitions/register", &[("slug", "tumour")]).await.denied("registration_closed");
    }

    async fn a_fee_that_a_bank_holds_is_told_to_a_person(app: TestApp) {
        shop::open(&app);
        Moody::open(&app);
        let mut ada = app.expert("ada").await;
        let entry = Thing::Competition(announced(&mut ada).await);
        let bob = bought(&app, "bob", &[entry]).await;
        let free = app.learner("free").await;
        assert!(tells(&app, &bob, "dp_1", ReversalKind::Disputed, 10_000).await);
        ada.posts("/api/competitions/cancel", &REASON).await.ok();
        rests(&app).await;
        let told = sql!("select count(*) as n from money_alerts where reason = 'entry_not_returned'");
        assert_eq!(app.services.kit.db.one::<Count>(told).await.unwrap().n, 1);
        // Money that comes after all goes back by itself.
        drop(free);
        assert!(tells(&app, &bob, "dp_1", ReversalKind::DisputeLost, 10_000).await);
        assert_eq!(state(&app, &bob).await, OrderState::Refunded);
        balanced(&app).await;
    }

    async fn money_that_comes_after_it_was_called_off_goes_back(app: TestApp) {
        shop::open(&app);
        let bank = Moody::open(&app);
        let mut ada = app.expert("ada").await;
        let entry = Thing::Competition(announced(&mut ada).await);
        let bob = app.learner("bob").await;
        let actor = bob.actor().await;
        let order = app.services.orders.place(&actor, entry).await.unwrap();
        let payment = app.services.payments.begin(&actor, order, "bank").await.unwrap();
        ada.posts("/api/competitions/cancel", &REASON).await.ok();
        rests(&app).await;
        let told = domain::payments::Told::Confirmed { charge: "ch_bob".to_owned(), amount: yuan(10_000) };
        app.services.payments.learn(payment, &told, "test").await.unwrap();
        rests(&app).await;
        assert!(!owns(&app, &actor, entry).await);
        assert_eq!(bank.given(), 10_000);
        balanced(&app).await;
    }
}
