//! Stories of waiting: what an order and its payment say while nobody has paid, while nobody knows, and at the end.

use app::features::orders::Orders;
use app::features::orders::api::{Before, Waits};
use domain::payments::AttemptState;
use domain::time::Span;
use fakepay::Trouble;

use crate::both;
use crate::support::TestApp;
use crate::support::bank::{self, Bank, Buyer, GATEWAYS, agrees, order};
use crate::support::shop::COURSE;

async fn waits(app: &TestApp, bob: &Buyer) -> Waits {
    let actor = bob.person.actor().await;
    Orders::show(&*app.services.orders, &actor, bob.order.to_string()).await.unwrap().waits
}

/// Opens the page on which a payment is made.
async fn pays(bob: &mut Buyer) -> crate::support::Reply {
    bob.person.gets(&format!("/en/pay/{}", bob.payment)).await.status(200)
}

/// Nobody answers any request to a gateway.
fn silences(bank: &Bank) {
    bank.fake.plan(Trouble::Down, 1_000, "");
}

fn hears(bank: &Bank) {
    bank.fake.shared().world().plans.clear();
}

/// What promises money that nobody has heard of.
const ON_ITS_WAY: &str = "The payment is on its way";
const NOTHING_TAKEN: &str = "Nothing was taken";

both! {
    async fn who_has_begun_may_go_on_or_choose_another_way(app: TestApp) {
        let bank = bank::open(app).await;
        for (gateway, name) in GATEWAYS.iter().zip(["Card (Stripe)", "Alipay", "WeChat Pay"]) {
            let mut bob = Buyer::of(&bank, gateway, COURSE, gateway).await;
            let page = format!("/en/orders/{}", bob.order);
            let reply = bob.person.gets(&page).await.status(200);
            let reply = reply.shows(&format!("You began to pay with {name}")).shows(&format!("Go on with {name}"));
            let reply = reply.shows(&format!("/en/pay/{}", bob.payment)).hides(ON_ITS_WAY);
            let reply = reply.hides(&format!("Pay: {name}")).shows("Pay: Sandbox gateway");
            // It promises nothing, so it does not load itself again.
            reply.hides("http-equiv=\"refresh\"");
            // An hour of asking changes nothing: nobody has paid.
            bank.app.runs_jobs().await;
            assert!(matches!(waits(&bank.app, &bob).await, Waits::Buyer(_)), "{gateway}");
        }
    }

    async fn a_slow_method_is_on_its_way(app: TestApp) {
        let bank = bank::open(app).await;
        let mut bob = Buyer::of(&bank, "bob", COURSE, "stripe").await;
        bank.fake.pay_slowly(&bob.number);
        bank.settles().await;
        assert_eq!(waits(&bank.app, &bob).await, Waits::Gateway);
        let page = format!("/en/orders/{}", bob.order);
        bob.person.gets(&page).await.shows(ON_ITS_WAY).shows("http-equiv=\"refresh\"").hides("Go on with").hides("Pay: ");
        pays(&mut bob).await.shows("has your payment and works on it").hides("Go on to Card");
        bank.fake.decline(&bob.number);
        bank.settles().await;
        assert_eq!(waits(&bank.app, &bob).await, Waits::Choice(Before::Declined));
        bob.begins(&bank, "alipay").await;
        assert!(matches!(waits(&bank.app, &bob).await, Waits::Buyer(_)), "another try begins anew");
        bank.fake.pay(&bob.number);
        bank.settles().await;
        assert_eq!(waits(&bank.app, &bob).await, Waits::Nothing);
        agrees(&bank).await;
    }

    async fn nobody_is_told_what_nobody_knows(app: TestApp) {
        let bank = bank::open(app).await;
        let mut bob = Buyer::of(&bank, "bob", COURSE, "wechatpay").await;
        silences(&bank);
        bank.app.wait(Span::seconds(61));
        bank.app.runs_jobs().await;
        assert_eq!(bob.state(&bank.app).await, AttemptState::Unknown);
        let page = format!("/en/orders/{}", bob.order);
        let reply = bob.person.gets(&page).await.shows("WeChat Pay has not answered").shows("do not pay again");
        reply.shows("http-equiv=\"refresh\"").hides(ON_ITS_WAY).hides(NOTHING_TAKEN);
        pays(&mut bob).await.shows("has not answered").hides(NOTHING_TAKEN);
        bank.fake.pay(&bob.number);
        hears(&bank);
        bank.settles().await;
        bob.sees("Paid. It is yours.").await;
        agrees(&bank).await;
    }

    async fn who_came_nowhere_tries_again(app: TestApp) {
        let bank = bank::open(app).await;
        let mut person = bank.app.learner("bob").await;
        let (id, actor) = (order(&bank.app, &person, COURSE).await, person.actor().await);
        silences(&bank);
        assert!(bank.app.services.payments.begin(&actor, id, "stripe").await.is_err());
        let reply = person.gets(&format!("/en/orders/{id}")).await.shows("nothing was paid");
        reply.shows("Pay again: Card (Stripe)").hides("do not pay again");
        hears(&bank);
        let payment = bank.app.services.payments.begin(&actor, id, "stripe").await.unwrap();
        let number = bank::attempt(&bank.app, payment).await.number();
        bank.fake.pay(&number);
        bank.settles().await;
        person.gets(&format!("/en/orders/{id}")).await.shows("Paid. It is yours.");
        agrees(&bank).await;
    }

    async fn a_cancelled_order_says_nothing_of_money_before_it_is_known(app: TestApp) {
        let bank = bank::open(app).await;
        for paid in [false, true] {
            let mut bob = Buyer::of(&bank, &format!("bob-{paid}"), COURSE, "wechatpay").await;
            silences(&bank);
            if paid {
                bank.fake.pay(&bob.number);
            }
            let page = format!("/en/orders/{}", bob.order);
            let fields = [("order", bob.order.to_string())];
            let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
            bob.person.submits(&page, "/api/orders/cancel", &fields).await.status(303);
            bank.app.runs_jobs().await;
            assert_eq!(waits(&bank.app, &bob).await, Waits::Outcome);
            let reply = bob.person.gets(&page).await.shows("If money was taken").hides(NOTHING_TAKEN);
            reply.hides("Order again").hides("The time to pay is over");
            pays(&mut bob).await.shows("If money was taken").hides("The time to pay is over").hides(NOTHING_TAKEN);
            hears(&bank);
            bank.settles_all().await;
            bank.app.wait(Span::minutes(6));
            bank.app.runs_jobs().await;
            if paid {
                bob.sees("Paid. It is yours.").await;
            } else {
                assert_eq!(waits(&bank.app, &bob).await, Waits::Nothing);
                let reply = bob.person.gets(&page).await.shows("You cancelled this order").shows(NOTHING_TAKEN);
                reply.shows("Order again");
                pays(&mut bob).await.shows("You cancelled this order").hides("The time to pay is over");
            }
        }
        agrees(&bank).await;
    }

    async fn the_time_of_an_order_ends_on_its_page_as_well(app: TestApp) {
        let bank = bank::open(app).await;
        let person = bank.app.learner("bob").await;
        let id = order(&bank.app, &person, COURSE).await;
        let mut person = person;
        let page = format!("/en/orders/{id}");
        person.gets(&page).await.shows("Held for you until").shows("Pay: Alipay");
        bank.app.wait(Span::seconds(15 * 60 + 1));
        // The job that ends it has not run yet.
        let reply = person.gets(&page).await.shows("The time to pay is over").shows("http-equiv=\"refresh\"");
        reply.hides("Held for you until").hides("Pay: Alipay");
        bank.app.runs_jobs().await;
        person.gets(&page).await.shows("The time to pay is over. Nothing was taken").shows("Order again");
    }

    async fn a_payment_speaks_the_language_of_the_page_that_began_it(app: TestApp) {
        let bank = bank::open(app).await;
        for (language, back) in [("en", "/en/orders/"), ("zh", "/zh/orders/")] {
            let mut person = bank.app.learner(&format!("bob-{language}")).await;
            let id = order(&bank.app, &person, COURSE).await;
            let fields = [("order", id.to_string()), ("gateway", "stripe".to_owned())];
            let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
            let page = format!("/{language}/orders/{id}");
            let reply = person.submits(&page, "/api/payments/begin", &fields).await.status(303);
            assert!(reply.location().starts_with(&format!("/{language}/pay/")), "{}", reply.location());
            let payment = reply.location().split(['/', '?']).nth(3).unwrap().parse().unwrap();
            let number = bank::attempt(&bank.app, payment).await.number();
            let trade = bank.fake.trade(&number).unwrap();
            assert!(trade.return_url.contains(back), "{}", trade.return_url);
            assert_eq!(trade.title.contains("可买"), language == "zh", "{}", trade.title);
        }
    }
}
