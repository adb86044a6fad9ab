//! Stories of subscriptions: plans, periods on the calendar, changes, dunning, and what is open until when.

mod cards;
mod changes;
mod dunning;
mod entries;
mod inputs;
mod mails;
mod returned;

use domain::money::Currency;
use domain::orders::{Access, Because, OrderId, Source, Thing};
use domain::payments::PaymentId;
use domain::subscriptions::{PlanId, SubscriptionState};
use domain::time::{Span, Timestamp};
use server::features::subscriptions::store::{self, Subscription};

use crate::both;
use crate::support::bank::{self, Buyer, agrees};
use crate::support::shop::{self, COURSE, ENTRY};
use crate::support::{Person, START, TestApp};

/// The plans of these stories.
struct Plans {
    basic: PlanId,
    premium: PlanId,
    yearly: PlanId,
}

/// Writes a plan through the form of its desk, and offers it.
async fn writes(staff: &mut Person, fields: &[(&str, &str)]) -> PlanId {
    let usual = [("title_zh", "方案"), ("trial_days", "0"), ("grace_days", "3"), ("retry_days", "1, 3, 5")];
    let usual = usual.into_iter().filter(|(name, _)| fields.iter().all(|(given, _)| given != name));
    let fields: Vec<(&str, &str)> = usual.chain(fields.iter().copied()).collect();
    let reply =
        staff.submits("/en/admin/plans/new", "/api/subscriptions/add_plan", &fields).await.status(303);
    let id = reply.location().rsplit('/').next().unwrap().to_owned();
    let offer = [("plan", id.as_str()), ("active", "true")];
    staff.submits("/en/admin/plans", "/api/subscriptions/offer_plan", &offer).await.status(303);
    id.parse().unwrap()
}

/// Opens the shop and offers three plans.
async fn plans(app: &TestApp) -> Plans {
    shop::open(app);
    offered(app).await
}

/// Three plans: a course by the basic one, everything by the others.
async fn offered(app: &TestApp) -> Plans {
    let mut staff = app.admin("ada").await;
    let course = format!("course:{}", COURSE.uuid());
    let all = "courses\ncompetitions";
    let basic = [
        ("tier", "basic"),
        ("interval", "month"),
        ("title_en", "Basic"),
        ("price_cny", "30"),
        ("price_usd", "4.50"),
        ("opens", course.as_str()),
    ];
    let premium = [
        ("tier", "premium"),
        ("interval", "month"),
        ("title_en", "Premium"),
        ("price_cny", "90"),
        ("trial_days", "7"),
        ("opens", all),
    ];
    let yearly = [
        ("tier", "premium"),
        ("interval", "year"),
        ("title_en", "Premium year"),
        ("price_cny", "900"),
        ("opens", all),
    ];
    Plans {
        basic: writes(&mut staff, &basic).await,
        premium: writes(&mut staff, &premium).await,
        yearly: writes(&mut staff, &yearly).await,
    }
}

/// Subscribes through the form of the pricing page.
async fn subscribes(person: &mut Person, plan: PlanId, trial: bool) -> String {
    subscribes_in(person, plan, "CNY", trial).await
}

/// The same in a currency.
async fn subscribes_in(person: &mut Person, plan: PlanId, currency: &str, trial: bool) -> String {
    let fields =
        [("plan", plan.to_string()), ("currency", currency.to_owned()), ("trial", trial.to_string())];
    let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
    let reply = person.submits("/en/pricing", "/api/subscriptions/subscribe", &fields).await.status(303);
    reply.location().to_owned()
}

/// The order that an address names.
fn order_of(address: &str) -> OrderId {
    address.strip_prefix("/en/orders/").unwrap_or_else(|| panic!("{address} is no order")).parse().unwrap()
}

/// Pays an order in the sandbox.
async fn pays(app: &TestApp, person: &Person, order: OrderId) {
    app.services.payments.pay_in_sandbox(&person.actor().await, order).await.unwrap();
}

/// A person with a paid subscription.
async fn subscriber(app: &TestApp, name: &str, plan: PlanId) -> Person {
    let mut person = app.learner(name).await;
    let order = order_of(&subscribes(&mut person, plan, false).await);
    pays(app, &person, order).await;
    person
}

/// The subscription of a person.
async fn sub(app: &TestApp, person: &Person) -> Subscription {
    store::latest(&app.services.kit.db, person.actor().await.account).await.unwrap().expect("a subscription")
}

async fn access(app: &TestApp, person: &Person, thing: Thing) -> Access {
    let account = person.actor().await.account;
    app.services.orders.access(Some(account), &thing, app.services.kit.now()).await.unwrap()
}

/// Until when a thing is open by a plan.
async fn open_until(app: &TestApp, person: &Person, thing: Thing) -> Timestamp {
    match access(app, person, thing).await {
        Access::Allowed(Because { source: Source::Plan(_), until: Some(until), .. }) => until,
        other => panic!("not open by a plan: {other:?}"),
    }
}

/// Moves time to an instant and does what falls due on the way.
async fn comes(app: &TestApp, at: Timestamp) {
    app.wait(at.since(app.services.kit.now()));
    app.runs_jobs().await;
}

/// Somebody who was away for so long that nobody knows them any more logs in.
async fn returns(person: &mut Person) {
    let name = person.username.clone();
    let fields = [("name", name.as_str()), ("password", "a long enough sentence")];
    person.posts("/api/accounts/log_in", &fields).await.ok();
}

/// The order that waits for the next period.
async fn bill(app: &TestApp, person: &Person) -> OrderId {
    app.services.subscriptions.next_order(&person.actor().await).await.unwrap()
}

async fn sound(app: &TestApp) {
    let report = server::audit::audit(&app.services.kit.db).await.unwrap();
    assert_eq!(report.findings, []);
}

/// The first of October, a month after the stories begin.
fn october() -> Timestamp {
    START.plus(Span::days(30))
}

both! {
    async fn somebody_subscribes_and_everything_of_the_plan_opens(app: TestApp) {
        let plans = plans(&app).await;
        let mut bob = app.learner("bob").await;
        bob.gets("/en/subscription").await.status(200).shows("No subscription");
        bob.gets("/en/pricing?interval=month&currency=CNY").await.status(200)
            .shows("Basic").shows("¥30").shows("Premium").shows("Try it free for 7 days").hides("¥900");
        app.stranger().gets("/zh/pricing?interval=year&currency=CNY").await.status(200).shows("¥900").shows("登录后订阅");
        app.stranger().gets("/en/pricing?interval=month&currency=USD").await.status(200).shows("$4.50").hides("¥30");
        let order = order_of(&subscribes(&mut bob, plans.basic, false).await);
        assert!(!access(&app, &bob, COURSE).await.is_allowed(), "nothing opens before it is paid");
        bob.gets(&format!("/en/orders/{order}")).await.status(200).shows("¥30").shows("Basic");
        pays(&app, &bob, order).await;
        assert_eq!(open_until(&app, &bob, COURSE).await, october().plus(Span::days(3)));
        assert!(!access(&app, &bob, ENTRY).await.is_allowed(), "the basic plan opens one course");
        let sub = sub(&app, &bob).await;
        assert_eq!((sub.state, sub.period), (SubscriptionState::Active, (START, october())));
        bob.gets("/en/subscription").await.status(200).shows("Active").shows("Open until").shows("Premium");
        bob.gets("/zh/subscription").await.status(200).shows("有效").shows("开放至");
        bob.gets("/en/messages").await.status(200).shows("is paid").shows("¥30");
        bob.submits("/en/messages", "/api/messages/read", &[]).await.status(303);
        bob.gets("/en/messages").await.status(200).hides("Mark all as read");
        sound(&app).await;
    }

    async fn a_quarter_is_three_months_and_dollars_are_dollars(app: TestApp) {
        let bank = bank::open(app).await;
        let mut staff = bank.app.admin("ada").await;
        let course = format!("course:{}", COURSE.uuid());
        let quarter = [
            ("tier", "basic"), ("interval", "quarter"), ("title_en", "Basic quarter"), ("price_cny", "80"),
            ("price_usd", "12.30"), ("opens", course.as_str()),
        ];
        let plan = writes(&mut staff, &quarter).await;
        let mut person = bank.app.learner("bob").await;
        person.gets("/en/pricing?interval=quarter&currency=USD").await.status(200).shows("$12.30").hides("¥80");
        let order = order_of(&subscribes_in(&mut person, plan, "USD", false).await);
        let mut bob = Buyer { person, order, payment: PaymentId(order.0), number: String::new() };
        bob.begins(&bank, "stripe").await;
        bank.fake.pay(&bob.number);
        bank.settles().await;
        // From the first of September to the first of December.
        let december = START.plus(Span::days(91));
        let now = sub(&bank.app, &bob.person).await;
        assert_eq!((now.state, now.period), (SubscriptionState::Active, (START, december)));
        assert_eq!(open_until(&bank.app, &bob.person, COURSE).await, december.plus(Span::days(3)));
        // The card that paid in dollars pays the next quarter.
        comes(&bank.app, december).await;
        bank.settles().await;
        let march = december.plus(Span::days(90));
        assert_eq!(sub(&bank.app, &bob.person).await.period, (december, march));
        agrees(&bank).await;
    }

    async fn a_paid_renewal_extends_on_the_calendar(app: TestApp) {
        let plans = plans(&app).await;
        let mut bob = subscriber(&app, "bob", plans.basic).await;
        comes(&app, october().minus(Span::hours(24))).await;
        bob.gets("/en/messages").await.shows("is renewed soon").shows("¥30");
        bob.gets("/en/subscription").await.shows("Pay the next period");
        let order = bill(&app, &bob).await;
        assert_eq!(bill(&app, &bob).await, order, "asking again leads to the same order");
        assert_eq!(open_until(&app, &bob, COURSE).await, october().plus(Span::days(3)), "a bill opens nothing");
        pays(&app, &bob, order).await;
        let november = october().plus(Span::days(31));
        assert_eq!(open_until(&app, &bob, COURSE).await, november.plus(Span::days(3)));
        comes(&app, october().plus(Span::days(6))).await;
        let sub = sub(&app, &bob).await;
        assert_eq!((sub.state, sub.period), (SubscriptionState::Active, (october(), november)));
        assert_eq!(sub.anchor, START);
        sound(&app).await;
    }

    async fn the_end_of_a_month_is_kept(app: TestApp) {
        let plans = plans(&app).await;
        // 2027-01-31T08:00:00Z
        comes(&app, Timestamp::from_seconds(1_801_382_400)).await;
        let bob = subscriber(&app, "bob", plans.basic).await;
        let mut ends = Vec::new();
        for _ in 0..4 {
            let period = sub(&app, &bob).await.period;
            ends.push(period.1.since(Timestamp::from_seconds(1_801_382_400)).whole_seconds() / 86_400);
            comes(&app, period.1.minus(Span::hours(1))).await;
            pays(&app, &bob, bill(&app, &bob).await).await;
        }
        // 28 February, 31 March, 30 April, 31 May.
        assert_eq!(ends, [28, 59, 89, 120]);
        sound(&app).await;
    }

    async fn a_trial_is_for_once(app: TestApp) {
        let plans = plans(&app).await;
        let mut bob = app.learner("bob").await;
        assert_eq!(subscribes(&mut bob, plans.premium, true).await, "/en/subscription");
        let end = START.plus(Span::days(7));
        assert_eq!(open_until(&app, &bob, ENTRY).await, end.plus(Span::days(3)));
        assert_eq!(sub(&app, &bob).await.state, SubscriptionState::Trialing);
        bob.gets("/en/subscription").await.status(200).shows("Trial").shows("Renewals leave your balance alone");
        let wallet = "/api/subscriptions/wallet";
        bob.submits("/en/subscription", wallet, &[("wallet", "true")]).await.status(303);
        assert!(sub(&app, &bob).await.wallet);
        bob.gets("/en/subscription").await.shows("Renewals are paid from your balance").shows("switched on");
        bob.submits("/en/subscription", wallet, &[("wallet", "false")]).await.status(303);
        assert!(!sub(&app, &bob).await.wallet);
        app.learner("carl").await.posts(wallet, &[("wallet", "true")]).await.denied("not_subscribed");
        comes(&app, end.minus(Span::hours(2))).await;
        pays(&app, &bob, bill(&app, &bob).await).await;
        let paid = sub(&app, &bob).await;
        assert_eq!((paid.state, paid.anchor, paid.period.0), (SubscriptionState::Active, end, end));
        bob.posts("/api/subscriptions/cancel", &[]).await.ok();
        comes(&app, paid.period.1).await;
        assert_eq!(sub(&app, &bob).await.state, SubscriptionState::Expired);
        returns(&mut bob).await;
        let again = [("plan", plans.premium.to_string()), ("currency", "CNY".into()), ("trial", "true".into())];
        let again = again.each_ref().map(|(name, value): &(&str, String)| (*name, value.as_str()));
        bob.posts("/api/subscriptions/subscribe", &again).await.denied("trial_used");
        bob.gets("/en/pricing?currency=CNY").await.status(200).hides("Try it free").shows("Subscribe for ¥90");
        let basic = [("plan", plans.basic.to_string()), ("currency", "CNY".into()), ("trial", "true".into())];
        let basic = basic.each_ref().map(|(name, value): &(&str, String)| (*name, value.as_str()));
        app.learner("eve").await.posts("/api/subscriptions/subscribe", &basic).await.denied("plan_without_trial");
        sound(&app).await;
    }

    async fn many_subscribe_at_once_and_one_subscription_comes_of_it(app: TestApp) {
        let plans = plans(&app).await;
        let bob = app.learner("bob").await;
        let actor = bob.actor().await;
        let subscriptions = &app.services.subscriptions;
        let tries = (0..8).map(|_| subscriptions.subscribe(&actor, plans.basic, Currency::Cny, false, false));
        let orders: Vec<_> = futures_util::future::join_all(tries).await.into_iter().map(Result::unwrap).collect();
        assert!(orders.windows(2).all(|pair| pair[0] == pair[1]), "one order: {orders:?}");
        pays(&app, &bob, orders[0]).await;
        let eve = app.learner("eve").await.actor().await;
        let tries = (0..8).map(|_| subscriptions.subscribe(&eve, plans.premium, Currency::Cny, true, false));
        let begun = futures_util::future::join_all(tries).await.into_iter().filter(Result::is_ok).count();
        assert_eq!(begun, 1, "one trial");
        sound(&app).await;
    }

    async fn another_plan_before_paying_replaces_the_first(app: TestApp) {
        let plans = plans(&app).await;
        let mut bob = app.learner("bob").await;
        let first = order_of(&subscribes(&mut bob, plans.basic, false).await);
        let second = order_of(&subscribes(&mut bob, plans.premium, false).await);
        assert_ne!(first, second);
        bob.gets(&format!("/en/orders/{first}")).await.status(200).hides("Reserved");
        pays(&app, &bob, second).await;
        assert_eq!(sub(&app, &bob).await.plan, plans.premium);
        let more = [("plan", plans.basic.to_string()), ("currency", "CNY".to_owned())];
        let more = more.each_ref().map(|(name, value)| (*name, value.as_str()));
        bob.posts("/api/subscriptions/subscribe", &more).await.denied("already_subscribed");
        sound(&app).await;
    }

    async fn an_entry_that_the_plan_opens_costs_nothing_and_takes_its_seat(app: TestApp) {
        let plans = plans(&app).await;
        let bob = subscriber(&app, "bob", plans.premium).await;
        let actor = bob.actor().await;
        let order = app.services.orders.place(&actor, ENTRY).await.unwrap();
        let placed = server::features::orders::store::order(&app.services.kit.db, order).await.unwrap().unwrap();
        assert!(placed.total.is_zero() && placed.state.entitles());
        let mut tx = app.services.kit.db.begin().await.unwrap();
        assert_eq!(shop::taken(&mut tx, &ENTRY).await, 1);
        drop(tx);
        // What the plan opens for a time may still be bought for good.
        let course = app.services.orders.place(&actor, COURSE).await.unwrap();
        pays(&app, &bob, course).await;
        let Access::Allowed(because) = access(&app, &bob, COURSE).await else { panic!("closed") };
        assert_eq!((because.source, because.until), (Source::Bought(course), None));
        sound(&app).await;
    }
}
