//! Stories of gifts: paid by one, taken by another.

use std::collections::BTreeMap;

use domain::orders::{Access, How, OrderId, Purpose, Source, Thing, Wanted};
use domain::refunds::Destination;
use futures_util::future::join_all;
use server::features::orders::store as orders;

use crate::both;
use crate::support::moody::{Moody, balanced, gives_back, pays};
use crate::support::offers::*;
use crate::support::shop::{self, COURSE, ENTRY};

both! {
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
        pays(&app, gift).await;
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

    async fn the_code_is_with_its_order_and_comes_by_an_address(app: TestApp) {
        shop::open(&app);
        Moody::open(&app);
        let mut ada = app.admin("ada").await;
        let mut bob = app.learner("bob").await;
        let gift = app.services.offers.buy_gift(&bob.actor().await, &COURSE.to_string(), Vec::new(), "").await.unwrap();
        let page = format!("/en/orders/{gift}");
        bob.gets(&page).await.status(200).hides("<code>");
        pays(&app, gift).await;
        let code = code_of(&mut bob).await;
        let address = format!("http://127.0.0.1:3000/en/redeem?code={code}");
        bob.gets(&page).await.shows(&format!("<code>{code}")).shows(&address);
        bob.gets("/en/gifts").await.shows(&address);
        bob.gets(&page.replace("/en/", "/zh/")).await.shows(&address.replace("/en/", "/zh/"));
        // Staff sees the order, and not what is its giver's to give.
        ada.gets(&format!("/en/admin/orders/{gift}")).await.status(200).hides(&code);
        ada.gets(&page).await.status(404);
        // Whoever opens the address is asked to log in and comes back with the code.
        let mut eve = app.stranger();
        let own = format!("/en/redeem?code={code}");
        eve.gets(&own).await.status(200).shows(&format!("value=\"{code}\"")).shows("asked to log in first");
        let reply = eve.submits("/en/redeem", "/api/offers/redeem", &[("code", &format!(" {code} "))]).await.status(303);
        let asked = reply.location().to_owned();
        assert_eq!(asked, format!("/en/log-in?next={}", app::parts::encode(&own)));
        app.learner("eve").await;
        eve.gets(&asked).await.status(200).shows(&format!("value=\"{own}\""));
        let fields = [("name", "eve"), ("password", "a long enough sentence"), ("next", own.as_str())];
        let reply = eve.submits(&asked, "/api/accounts/log_in", &fields).await.status(303);
        assert_eq!(reply.location(), own);
        eve.gets(&own).await.shows(&format!("value=\"{code}\"")).hides("asked to log in first");
        eve.submits(&own, "/api/offers/redeem", &[("code", &code)]).await.status(303);
        bob.gets(&page).await.hides(&code);
        // A code that is nonsense goes no further than the page of logging in, however long it is.
        let long = "x".repeat(10_000);
        let reply = app.stranger().submits("/zh/redeem", "/api/offers/redeem", &[("code", &long)]).await.status(303);
        assert!(reply.location().starts_with("/zh/log-in?next=") && reply.location().len() < 300);
        // The way there is in the menu and at the foot of every page.
        app.stranger().gets("/en").await.shows("href=\"/en/redeem\"");
        balanced(&app).await;
    }
}
