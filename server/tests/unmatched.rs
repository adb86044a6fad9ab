//! Stories of money that nobody asked for: it is kept, told, and leaves by the console of its gateway.

use domain::time::Span;
use fakepay::{Notice, Step};
use server::sql;

use crate::both;
use crate::support::bank::{self, Bank, Buyer, GATEWAYS, alerts, count, held};
use crate::support::moody::holds;
use crate::support::shop::COURSE;

/// A shop with the keys of another one, and money that was paid there: this one has never heard of it.
struct Stranger {
    bank: Bank,
    other: Bank,
    number: String,
    gateway: &'static str,
}

impl Stranger {
    async fn paid(bank: Bank, gateway: &'static str) -> (Self, Notice) {
        let bob = Buyer::of(&bank, gateway, COURSE, gateway).await;
        bank.fake.pay(&bob.number);
        let notice = bank.fake.outbox().remove(0);
        let other = bank::open_empty(&bank).await;
        (Self { bank, other, number: bob.number.clone(), gateway }, notice)
    }
    /// Tells the shop that has never heard of it, each notice twice.
    async fn tells(&self, notices: &[Notice]) {
        for notice in notices.iter().chain(notices) {
            assert_eq!(self.other.send(notice).await, 200, "{}", self.gateway);
        }
        self.other.app.runs_jobs().await;
    }
    /// The console gives something back, and tells.
    async fn gives_back(&self, amount: i64) {
        self.bank.fake.refund_from_console(&self.number, amount);
        self.tells(&self.bank.fake.outbox()).await;
    }
    /// So much lies in suspense, and the gateway holds as much for us; so many people are asked to look.
    async fn is(&self, suspense: i64, open: i64) {
        let app = &self.other.app;
        assert_eq!(holds(app, "suspense:unmatched").await, suspense, "{}", self.gateway);
        assert_eq!(holds(app, "refund:inflight").await, 0, "{}", self.gateway);
        assert_eq!(held(&self.other, self.gateway, "CNY").await, suspense, "{}", self.gateway);
        assert_eq!(alerts(app, "no_such_payment").await, open, "{}", self.gateway);
        let left = sql!("select count(*) as n from notice_states where state = 'received'");
        assert_eq!(count(app, left).await, 0, "{}: nothing waits for ever", self.gateway);
        assert_eq!(server::audit::audit(&app.services.kit.db).await.unwrap().findings, []);
    }
}

async fn each_gateway(app: crate::support::TestApp, story: impl AsyncFn(&Stranger, Notice)) {
    let mut bank = bank::open(app).await;
    for gateway in GATEWAYS {
        let (stranger, notice) = Stranger::paid(bank, gateway).await;
        story(&stranger, notice).await;
        stranger.other.app.services.kit.db.close().await;
        bank = stranger.bank;
    }
}

both! {
    async fn money_of_a_number_that_is_not_ours_is_kept_and_leaves_by_its_console(app: TestApp) {
        each_gateway(app, async |stranger: &Stranger, notice: Notice| {
            stranger.tells(&[notice]).await;
            stranger.is(3_900, 1).await;
            let mut staff = stranger.other.app.admin("grace").await;
            staff.gets("/en/admin/payments").await.status(200).shows("never asked for").hides("Send the money back");
            stranger.gives_back(900).await;
            stranger.is(3_000, 1).await;
            staff.gets("/en/admin/payments").await.status(200).shows("of which a part went back");
            stranger.gives_back(3_000).await;
            stranger.is(0, 0).await;
            staff.gets("/en/admin/payments").await.status(200).shows("Nothing to look at");
        }).await;
    }

    async fn what_goes_back_may_be_told_before_the_money(app: TestApp) {
        each_gateway(app, async |stranger: &Stranger, notice: Notice| {
            stranger.bank.fake.refund_from_console(&stranger.number, 3_900);
            stranger.tells(&stranger.bank.fake.outbox()).await;
            let app = &stranger.other.app;
            assert_eq!(holds(app, "suspense:unmatched").await, 0);
            // Told late, and of a trade that is closed by now: its claim must do.
            let paid = if stranger.gateway == "alipay" { notice } else { notice.signed_at(app.services.kit.now().seconds()) };
            stranger.tells(&[paid]).await;
            app.wait(Span::minutes(1));
            app.runs_jobs().await;
            stranger.is(0, 0).await;
        }).await;
    }

    async fn what_goes_back_of_nothing_that_anybody_knows_ends_with_a_person(app: TestApp) {
        each_gateway(app, async |stranger: &Stranger, _notice: Notice| {
            stranger.gives_back(900).await;
            let app = &stranger.other.app;
            for _ in 0..7 {
                app.wait(Span::days(1));
                app.runs_jobs().await;
            }
            assert_eq!(alerts(app, "notice_unresolved").await, 1, "{}", stranger.gateway);
            stranger.is(0, 0).await;
            let mut staff = app.admin("grace").await;
            staff.gets("/en/admin/payments").await.status(200).shows("could not be applied").shows("of no charge known");
        }).await;
    }

    async fn what_went_back_and_failed_lies_there_again(app: TestApp) {
        each_gateway(app, async |stranger: &Stranger, notice: Notice| {
            if stranger.gateway == "alipay" {
                // Alipay never tells that a refund failed.
                return;
            }
            stranger.tells(&[notice]).await;
            let refund = stranger.bank.fake.refund_from_console(&stranger.number, 3_900);
            stranger.tells(&stranger.bank.fake.outbox()).await;
            stranger.is(0, 0).await;
            assert!(stranger.bank.fake.move_refund(&refund, Step::Failed));
            stranger.tells(&stranger.bank.fake.outbox()).await;
            stranger.is(3_900, 0).await;
            assert_eq!(alerts(&stranger.other.app, "refund_failed").await, 1);
            stranger.gives_back(3_900).await;
            stranger.is(0, 0).await;
        }).await;
    }

    async fn a_bank_takes_money_back_that_was_nobodys(app: TestApp) {
        let (stranger, notice) = Stranger::paid(bank::open(app).await, "stripe").await;
        stranger.tells(&[notice]).await;
        let dispute = stranger.bank.fake.dispute(&stranger.number);
        stranger.tells(&stranger.bank.fake.outbox()).await;
        stranger.is(0, 0).await;
        stranger.bank.fake.end_dispute(&dispute, true);
        stranger.tells(&stranger.bank.fake.outbox()).await;
        stranger.is(3_900, 0).await;
    }

    async fn a_refund_of_alipay_without_a_number_is_found_or_told(app: TestApp) {
        let bank = bank::open(app).await;
        let mut buyers = Vec::new();
        for name in ["bob", "eve"] {
            let buyer = Buyer::of(&bank, name, COURSE, "alipay").await;
            bank.fake.pay(&buyer.number);
            bank.settles().await;
            buyers.push(buyer);
        }
        bank.fake.refund_unnamed(&buyers[0].number, 3_900);
        bank.settles().await;
        assert!(!buyers[0].owns(&bank.app, COURSE).await, "it goes by the number of its trade");
        bank::agrees(&bank).await;
        // Alipay tells of a refund, gives it no number, and knows it by none.
        bank.fake.refund_unnamed(&buyers[1].number, 900);
        let notices = bank.fake.outbox();
        bank.fake.shared().world().refunds.retain(|refund| refund.of != buyers[1].number);
        for notice in &notices {
            assert_eq!(bank.fake.send(notice).await.0, 200);
        }
        bank.app.runs_jobs().await;
        assert_eq!(alerts(&bank.app, "refund_unnamed").await, 1);
        assert!(buyers[1].owns(&bank.app, COURSE).await);
        let mut staff = bank.app.admin("grace").await;
        staff.gets("/en/admin/payments").await.status(200).shows("does not say how much");
    }
}
