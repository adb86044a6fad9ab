//! Stories of long lists: each has a next page, and its last entry can be reached.

use domain::offers::input::CouponForm;
use domain::orders::Thing;

use crate::both;
use crate::support::Person;
use crate::support::offers::*;
use crate::support::shop::{self, COURSE};

/// One more than a page shows.
const MANY: usize = 51;

/// The address behind the way to what is older.
fn older(page: &str) -> String {
    let link = page.split("<a href=\"").find(|link| link.contains("?after=") && link.contains(">Older"));
    link.expect("a next page").split('"').next().unwrap().replace("&amp;", "&")
}

/// The newest stands on the first page alone and the oldest on the second alone, which is the last.
async fn pages(person: &mut Person, path: &str, newest: &str, oldest: &str) {
    let first = person.gets(path).await.status(200).shows(newest).hides(oldest).text();
    let second = person.gets(&older(&first)).await.status(200).shows(oldest).hides(newest).text();
    assert!(!second.contains(">Older"), "{path} has a third page");
    // A cursor that is none begins at the beginning.
    person.gets(&format!("{path}?after=%27")).await.status(200).shows(newest);
}

both! {
    async fn what_staff_made_is_found_to_the_first(app: TestApp) {
        let mut ada = app.admin("ada").await;
        let actor = ada.actor().await;
        app.learner("bob").await;
        for number in 0..MANY {
            let name = format!("course-{number:03}");
            course(&app, &actor, &name, 9_000).await;
            let form = CouponForm { note: format!("note-{number:03}"), ..coupon(&format!("code-{number:03}"), "10", "percent") };
            app.services.offers.make_coupon(&actor, &form, true, &name).await.unwrap();
            app.services.offers.grant(&actor, "bob", &name, &format!("reason {number:03}")).await.unwrap();
            app.services.offers.give_points(&actor, "bob", "1", &format!("gift {number:03}")).await.unwrap();
        }
        pages(&mut ada, "/en/admin/coupons", "CODE-050", "CODE-000").await;
        pages(&mut ada, "/en/admin/grants", "reason 050", "reason 000").await;
        pages(&mut ada, "/en/admin/points", "gift 050", "gift 000").await;
        // What each coupon is bound to comes with it, on every page.
        let page = ada.gets("/en/admin/coupons").await.text();
        assert_eq!(page.matches("only for 1 listed products").count(), 50);
        let page = ada.gets(&older(&page)).await.text();
        assert_eq!(page.matches("only for 1 listed products").count(), 1);
    }

    async fn bundles_are_found_to_the_first(app: TestApp) {
        let mut ada = app.admin("ada").await;
        let actor = ada.actor().await;
        course(&app, &actor, "first-course", 9_000).await;
        course(&app, &actor, "second-course", 9_000).await;
        for number in 0..MANY {
            bundle(&app, &actor, &format!("{}", 100 + number), "first-course second-course").await;
        }
        pages(&mut ada, "/en/bundles", "¥150<", "¥100<").await;
        pages(&mut ada, "/en/admin/bundles", "¥150<", "¥100<").await;
    }

    async fn gifts_and_points_of_a_person_are_found_to_the_first(app: TestApp) {
        shop::open(&app);
        let ada = app.admin("ada").await.actor().await;
        app.services.offers.make_coupon(&ada, &coupon("free", "100", "percent"), true, "").await.unwrap();
        let mut bob = app.learner("bob").await;
        let actor = bob.actor().await;
        let mut orders = Vec::new();
        for number in 0..MANY {
            let thing = Thing::to_string(&COURSE);
            let order = app.services.offers.buy_gift(&actor, &thing, vec!["free".into()], "").await.unwrap();
            orders.push(order.to_string());
            app.services.offers.give_points(&ada, "bob", "1", &format!("for {number:03}")).await.unwrap();
        }
        pages(&mut bob, "/en/gifts", &orders[50], &orders[0]).await;
        pages(&mut bob, "/en/points", "for 050", "for 000").await;
    }
}
