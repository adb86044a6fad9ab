//! Every service, built once from the kit.

use std::sync::Arc;

use app::cx::Ports;

use crate::features::{
    accounts, competitions, courses, finance, home, judging, messages, offers, orders, payments, payouts,
    receipts, refunds, rewards, standings, subscriptions, wallet,
};
use crate::kit::Kit;

/// The services of this process.
pub struct Services {
    /// What they all work with.
    pub kit: Kit,
    /// Accounts and sessions.
    pub accounts: Arc<accounts::Service>,
    /// Courses.
    pub courses: Arc<courses::Service>,
    /// The first page.
    pub home: Arc<home::Service>,
    /// Competitions.
    pub competitions: Arc<competitions::Service>,
    /// Judging.
    pub judging: Arc<judging::Service>,
    /// Messages to people.
    pub messages: Arc<messages::Service>,
    /// Coupons, bundles, gifts, points and carts.
    pub offers: Arc<offers::Service>,
    /// Orders.
    pub orders: Arc<orders::Service>,
    /// Payments.
    pub payments: Arc<payments::Service>,
    /// The ledger, read.
    pub finance: Arc<finance::Service>,
    /// Earnings and payouts.
    pub payouts: Arc<payouts::Service>,
    /// Receipts of paid orders.
    pub receipts: Arc<receipts::Service>,
    /// Refunds.
    pub refunds: Arc<refunds::Service>,
    /// Customers' credit.
    pub wallet: Arc<wallet::Service>,
    /// Certificates.
    pub rewards: Arc<rewards::Service>,
    /// Standings and their live streams.
    pub standings: Arc<standings::Service>,
    /// Plans and subscriptions.
    pub subscriptions: Arc<subscriptions::Service>,
}

impl Services {
    /// Builds every service.
    pub fn new(kit: Kit) -> Arc<Self> {
        let standings = Arc::new(standings::Service::new(kit.clone()));
        let accounts = Arc::new(accounts::Service::new(kit.clone(), standings.clone()));
        let home = Arc::new(home::Service::new(kit.clone()));
        let orders = Arc::new(orders::Service::new(kit.clone()));
        let messages = Arc::new(messages::Service::new(kit.clone()));
        let subscriptions = Arc::new(subscriptions::Service::new(kit.clone(), orders.clone()));
        orders.register_seller(subscriptions.clone());
        orders.register_companion(subscriptions.clone());
        let offers = Arc::new(offers::Service::new(kit.clone(), orders.clone()));
        orders.register_companion(offers.clone());
        let payments = Arc::new(payments::Service::new(kit.clone(), orders.clone()));
        orders.register_cashier(payments.clone());
        orders.register_companion(payments.clone());
        let rewards = Arc::new(rewards::Service::new(kit.clone()));
        let courses = Arc::new(courses::Service::new(kit.clone(), orders.clone(), rewards.clone()));
        orders.register_seller(courses.clone());
        let competitions =
            competitions::Service::new(kit.clone(), orders.clone(), standings.clone(), rewards.clone());
        let competitions = Arc::new(competitions);
        orders.register_seller(competitions.clone());
        let payouts = Arc::new(payouts::Service::new(kit.clone(), standings.clone()));
        orders.register_companion(payouts.clone());
        let refunds = Arc::new(refunds::Service::new(kit.clone(), orders.clone(), payments.clone()));
        payments.register_reversals(refunds.clone());
        let receipts = receipts::Service::new(kit.clone(), &orders);
        let wallet = Arc::new(wallet::Service::new(kit.clone(), payments.clone()));
        subscriptions.register_purse(wallet.clone());
        subscriptions.register_cards(payments.clone());
        let finance = Arc::new(finance::Service::new(kit.clone()));
        let judging = Arc::new(judging::Service::new(kit.clone(), competitions.clone(), standings.clone()));
        Arc::new(Self {
            kit,
            accounts,
            courses,
            home,
            competitions,
            judging,
            messages,
            offers,
            orders,
            payments,
            finance,
            payouts,
            receipts,
            refunds,
            wallet,
            rewards,
            standings,
            subscriptions,
        })
    }

    /// The services as pages see them.
    pub fn ports(&self) -> Ports {
        Ports {
            accounts: self.accounts.clone(),
            courses: self.courses.clone(),
            course_desks: self.courses.clone(),
            home: self.home.clone(),
            competitions: self.competitions.clone(),
            jobs: Arc::new(crate::jobs::Desk::new(self.kit.clone())),
            judging: self.judging.clone(),
            messages: self.messages.clone(),
            offers: self.offers.clone(),
            orders: self.orders.clone(),
            payments: self.payments.clone(),
            finance: self.finance.clone(),
            payouts: self.payouts.clone(),
            refunds: self.refunds.clone(),
            wallet: self.wallet.clone(),
            rewards: self.rewards.clone(),
            standings: self.standings.clone(),
            subscriptions: self.subscriptions.clone(),
        }
    }
}
