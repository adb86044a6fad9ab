//! The fake gateways beside an application: real sockets to them, their notices through our door.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::Request;
use domain::orders::{OrderId, Thing};
use domain::payments::{AttemptState, PaymentId, RefundId};
use domain::refunds::{Destination, RefundState};
use domain::time::Span;
use fakepay::{Deliver, Fake, Notice};
use server::Services;
use server::db::Count;
use server::features::payments::gateways::settings::Settings;
use server::features::payments::store;
use server::sql;
use tower::ServiceExt;

use super::app::TestApp;
use super::people::Person;
use super::shop;

/// How long a gateway may take to answer in a test.
pub const PATIENCE: Duration = Duration::from_secs(2);

/// The router to which notices go; it changes when the application is started again.
struct Door(Mutex<Router>);

#[async_trait]
impl Deliver for Door {
    async fn deliver(&self, notice: &Notice) -> (u16, String) {
        let router = self.0.lock().unwrap().clone();
        knock(router, notice).await
    }
}

async fn knock(router: Router, notice: &Notice) -> (u16, String) {
    let path = notice.url.splitn(4, '/').nth(3).unwrap_or_default().to_owned();
    let mut request = Request::post(format!("/{path}"));
    for (name, value) in &notice.headers {
        request = request.header(name, value);
    }
    let response = router.oneshot(request.body(Body::from(notice.body.clone())).unwrap()).await.unwrap();
    let status = response.status().as_u16();
    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, String::from_utf8_lossy(&body).into_owned())
}

/// An application and its gateways.
pub struct Bank {
    pub app: TestApp,
    pub fake: Arc<Fake>,
    door: Arc<Door>,
}

/// Gives an application the keys of fake gateways, and a shop.
pub async fn open(app: TestApp) -> Bank {
    let door = Arc::new(Door(Mutex::new(app.router.clone())));
    let clock = app.clock.clone();
    let now = Arc::new(move || server::clock::Clock::now(&*clock).seconds());
    let fake =
        Fake::start(([127, 0, 0, 1], 0).into(), "http://127.0.0.1:3000", now, door.clone()).await.unwrap();
    let fake = Arc::new(fake);
    let app = with_keys(&app, &fake);
    *door.0.lock().unwrap() = app.router.clone();
    Bank { app, fake, door }
}

/// An application without the orders of another one, but with the same keys.
pub async fn open_empty(bank: &Bank) -> Bank {
    let app = with_keys(&TestApp::new(bank.app.engine).await, &bank.fake);
    Bank { app, fake: bank.fake.clone(), door: bank.door.clone() }
}

fn with_keys(app: &TestApp, fake: &Fake) -> TestApp {
    let pairs = fake.settings();
    let text = |key: &'static str| {
        pairs.iter().find(|(name, _)| *name == key).map(|(_, value)| value.clone()).unwrap_or_default()
    };
    let (settings, faults) = Settings::read(text);
    assert!(faults.is_empty(), "{faults:?}");
    let mut kit = app.services.kit.clone();
    let mut config = (*kit.config).clone();
    config.gateways = settings;
    config.gateway_patience = Some(PATIENCE);
    kit.config = Arc::new(config);
    let services = Services::new(kit);
    let app = TestApp { router: server::http::router(&services), services, ..app.clone() };
    shop::open(&app);
    app
}

impl Bank {
    /// Sends every waiting notice, each of which must be acknowledged, and does the jobs.
    pub async fn settles(&self) {
        for (status, body) in self.fake.flush().await {
            assert_eq!(status, 200, "{body}");
        }
        self.app.runs_jobs().await;
    }

    /// As `settles`, and again until the jobs have nothing to say.
    pub async fn settles_all(&self) {
        self.settles().await;
        self.settles().await;
    }

    /// Sends a notice to this application; the status.
    pub async fn send(&self, notice: &Notice) -> u16 {
        knock(self.app.router.clone(), notice).await.0
    }

    /// Compares what was booked with a gateway, step by step; how many there were.
    pub async fn compares(&self, gateway: &str) -> usize {
        let mut steps = 1;
        while self.app.services.payments.compare(gateway).await.unwrap().is_some() {
            steps += 1;
        }
        steps
    }

    /// What a night finds, once the bill of the day is made: nobody was asked before.
    pub async fn night(&self) {
        self.app.wait(Span::hours(20));
        for gateway in GATEWAYS {
            self.compares(gateway).await;
        }
        self.app.runs_jobs().await;
    }

    /// Opens an address of a gateway as a browser does.
    pub async fn opens(&self, address: &str) {
        let none = reqwest::redirect::Policy::none();
        let http = reqwest::Client::builder().redirect(none).build().unwrap();
        let status = http.get(address).send().await.unwrap().status().as_u16();
        assert_eq!(status, 303, "the gateway takes the signed address");
    }

    /// The same data in a new process; the gateways go on.
    pub async fn restarted(self) -> Self {
        let app = with_keys(&self.app.restarted().await, &self.fake);
        *self.door.0.lock().unwrap() = app.router.clone();
        Self { app, ..self }
    }
}

/// Every gateway outside.
pub const GATEWAYS: [&str; 3] = ["stripe", "alipay", "wechatpay"];

/// A buyer with an order, and the attempt that pays it at a gateway.
pub struct Buyer {
    pub person: Person,
    pub order: OrderId,
    pub payment: PaymentId,
    pub number: String,
}

pub async fn order(app: &TestApp, person: &Person, thing: Thing) -> OrderId {
    app.services.orders.place(&person.actor().await, thing).await.unwrap()
}

pub async fn attempt(app: &TestApp, payment: PaymentId) -> store::Attempt {
    store::attempt(&app.services.kit.db, payment).await.unwrap().unwrap()
}

impl Buyer {
    pub async fn of(bank: &Bank, name: &str, thing: Thing, gateway: &str) -> Self {
        let person = bank.app.learner(name).await;
        let order = order(&bank.app, &person, thing).await;
        let mut buyer = Self { person, order, payment: PaymentId(order.0), number: String::new() };
        buyer.begins(bank, gateway).await;
        buyer
    }
    /// Begins to pay, and opens the page of the gateway as a browser would.
    pub async fn begins(&mut self, bank: &Bank, gateway: &str) {
        let actor = self.person.actor().await;
        self.payment = bank.app.services.payments.begin(&actor, self.order, gateway).await.unwrap();
        let attempt = attempt(&bank.app, self.payment).await;
        self.number = attempt.number();
        if gateway == "alipay" {
            bank.opens(attempt.checkout.unwrap().target()).await;
        }
    }
    pub async fn sees(&mut self, text: &str) {
        self.person.gets(&format!("/en/orders/{}", self.order)).await.status(200).shows(text);
    }
    pub async fn owns(&self, app: &TestApp, thing: Thing) -> bool {
        let (actor, now) = (self.person.actor().await, app.services.kit.now());
        app.services.orders.access(Some(actor.account), &thing, now).await.unwrap().is_allowed()
    }
    pub async fn state(&self, app: &TestApp) -> AttemptState {
        attempt(app, self.payment).await.state
    }
    /// Gives everything back that the order bought; the refund.
    pub async fn gives_back(&self, app: &TestApp) -> RefundId {
        let lines = server::features::orders::store::lines(&app.services.kit.db, self.order).await.unwrap();
        let lines: Vec<_> = lines.into_iter().map(|line| line.id).collect();
        let actor = self.person.actor().await;
        app.services.refunds.request(&actor, self.order, &lines, Destination::Gateway).await.unwrap().unwrap()
    }
}

pub async fn count(app: &TestApp, statement: server::db::Sql) -> i64 {
    app.services.kit.db.one::<Count>(statement).await.unwrap().n
}

/// The ledger is sound, and its clearing accounts equal the truth of the gateways, but for what only a night is
/// told: fees and payouts.
pub async fn agrees(bank: &Bank) {
    let report = server::audit::audit(&bank.app.services.kit.db).await.unwrap();
    assert_eq!(report.findings, []);
    for ((gateway, currency), truth) in bank.fake.truth() {
        let held = held(bank, &gateway, &currency).await;
        let costs = costs(bank, &gateway, &currency).await;
        assert_eq!(held + costs, truth.captured - truth.gone, "{gateway} {currency}");
    }
    assert_eq!(bank.fake.refused(), 0, "every request of ours is signed well");
}

/// After a night the ledger says what each gateway holds, to the cent: what it kept and sent to our bank included.
pub async fn agrees_in_full(bank: &Bank) {
    agrees(bank).await;
    for ((gateway, currency), truth) in bank.fake.truth() {
        assert_eq!(held(bank, &gateway, &currency).await, truth.holds(), "{gateway} {currency}");
    }
}

/// What the ledger says that a gateway holds for us.
pub async fn held(bank: &Bank, gateway: &str, currency: &str) -> i64 {
    let held = sql!(
        "select coalesce(cast(sum(debits - credits) as bigint), 0) as n from ledger_accounts
         where name = $1 and currency = $2",
        format!("gateway:{gateway}:clearing"),
        currency
    );
    count(&bank.app, held).await
}

/// What the ledger says that a gateway kept for its work, or sent to our bank.
pub async fn costs(bank: &Bank, gateway: &str, currency: &str) -> i64 {
    let costs = sql!(
        "select coalesce(cast(sum(case when credit = $1 then amount else -amount end) as bigint), 0) as n
         from transfers where (credit = $1 or debit = $1) and currency = $2
           and code in ('gateway_fee', 'settlement')",
        format!("gateway:{gateway}:clearing"),
        currency
    );
    count(&bank.app, costs).await
}

/// Where a refund stands.
pub async fn refund_state(app: &TestApp, refund: RefundId) -> RefundState {
    server::features::refunds::store::refund(&app.services.kit.db, refund).await.unwrap().unwrap().state
}

/// How many payments that fitted no order went back.
pub async fn sent_back(app: &TestApp) -> i64 {
    count(app, sql!("select count(*) as n from refunds where kind = 'parked' and state = 'succeeded'")).await
}

/// How many messages of a kind were written.
pub async fn told(app: &TestApp, kind: &str) -> i64 {
    count(app, sql!("select count(*) as n from messages where kind = $1", kind)).await
}

pub async fn alerts(app: &TestApp, reason: &str) -> i64 {
    count(app, sql!("select count(*) as n from money_alerts where reason = $1 and closed_at is null", reason))
        .await
}
