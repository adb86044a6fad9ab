//! What the fake gateways know: their own truth, whatever anybody is told of it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::notices::Notice;

/// A gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Stripe.
    Stripe,
    /// Alipay.
    Alipay,
    /// WeChat Pay.
    WechatPay,
}

impl Kind {
    /// The name in addresses and in the truth.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stripe => "stripe",
            Self::Alipay => "alipay",
            Self::WechatPay => "wechatpay",
        }
    }
}

/// Where a payment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It can be paid.
    Open,
    /// The buyer's bank works on it (Stripe's slow methods).
    Slow,
    /// It was paid.
    Paid,
    /// It was declined.
    Declined,
    /// It can no longer be paid.
    Closed,
}

/// A payment at a gateway.
#[derive(Clone, Debug)]
pub struct Trade {
    /// Which gateway.
    pub kind: Kind,
    /// The merchant's number.
    pub number: String,
    /// The gateway's name of it: a session, a trade, a transaction.
    pub id: String,
    /// The gateway's name of the money.
    pub charge: String,
    /// How much was demanded, in minor units.
    pub amount: i64,
    /// How much was taken; differs only where the fault is wanted.
    pub taken: i64,
    /// In lower case.
    pub currency: String,
    /// For what.
    pub title: String,
    /// Where it stands.
    pub stage: Stage,
    /// Where notices go.
    pub notify_url: String,
    /// Where the buyer goes afterwards.
    pub return_url: String,
    /// When it began, in seconds.
    pub created: i64,
    /// When it was paid.
    pub paid_at: i64,
    /// The last second at which it can be paid.
    pub expires: i64,
    /// The card that pays, where it is kept (Stripe).
    pub card: Option<Card>,
}

/// A card that Stripe keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// Stripe's name of its owner.
    pub customer: String,
    /// Stripe's name of it.
    pub method: String,
}

/// Money that goes back.
#[derive(Clone, Debug)]
pub struct Refund {
    /// Which gateway.
    pub kind: Kind,
    /// The merchant's number of the payment.
    pub of: String,
    /// The gateway's name.
    pub id: String,
    /// The merchant's number of the refund; none where it was made in the console.
    pub number: Option<String>,
    /// How much.
    pub amount: i64,
    /// When.
    pub at: i64,
}

/// A buyer's bank takes money back.
#[derive(Clone, Debug)]
pub struct Dispute {
    /// The merchant's number of the payment.
    pub of: String,
    /// The gateway's name.
    pub id: String,
    /// How much.
    pub amount: i64,
    /// `needs_response`, `won` or `lost`.
    pub status: &'static str,
}

/// A fault in the answers to requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The answer is 503 and nothing was done.
    Down,
    /// Everything is done, and the answer comes only after this many milliseconds.
    Slow(u64),
}

/// A fault in the answers to some requests.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Which fault.
    pub trouble: Trouble,
    /// For how many requests.
    pub times: u32,
    /// Only requests whose path or method contains this.
    pub path: String,
}

/// Everything.
#[derive(Default)]
pub struct World {
    /// Payments by number.
    pub trades: BTreeMap<String, Trade>,
    /// Refunds, oldest first.
    pub refunds: Vec<Refund>,
    /// Disputes, oldest first.
    pub disputes: Vec<Dispute>,
    /// Notices that wait to be sent.
    pub outbox: VecDeque<Notice>,
    /// Whether notices wait until they are released.
    pub held: bool,
    /// Faults that are still to happen.
    pub plans: Vec<Plan>,
    /// What Stripe answered under a key: the form, the status, the body.
    pub answered: BTreeMap<String, (String, u16, String)>,
    /// Nonces of WeChat Pay requests: each may be used once.
    pub nonces: BTreeSet<String>,
    /// Kept cards whose bank says no.
    pub declining: BTreeSet<String>,
    /// Kept cards that Stripe was told to forget.
    pub detached: BTreeSet<String>,
    /// How many requests were refused for their signature or key.
    pub refused: u64,
    /// A counter for names.
    pub last: u64,
}

impl World {
    /// A fresh name.
    pub fn name(&mut self, prefix: &str) -> String {
        self.last += 1;
        format!("{prefix}{:016}", self.last)
    }
    /// A payment by the gateway's name of it.
    pub fn by_id(&self, id: &str) -> Option<&Trade> {
        self.trades.values().find(|trade| trade.id == id)
    }
    /// A payment by the gateway's name of its money.
    pub fn by_charge(&self, charge: &str) -> Option<&Trade> {
        self.trades.values().find(|trade| trade.charge == charge)
    }
    /// How much of a payment went back.
    pub fn refunded(&self, number: &str) -> i64 {
        self.refunds.iter().filter(|refund| refund.of == number).map(|refund| refund.amount).sum()
    }
    /// Closes what nobody paid in time. Alipay and Stripe do so; WeChat Pay leaves it open.
    pub fn tick(&mut self, now: i64) {
        for trade in self.trades.values_mut() {
            if trade.kind != Kind::WechatPay && trade.stage == Stage::Open && trade.expires < now {
                trade.stage = Stage::Closed;
            }
        }
    }
    /// The fault that the next request meets, if one was planned.
    pub fn trouble(&mut self, path: &str) -> Option<Trouble> {
        let plan = self.plans.iter_mut().find(|plan| plan.times > 0 && path.contains(&plan.path))?;
        plan.times -= 1;
        Some(plan.trouble)
    }
    /// Captured, and gone again by refunds and by disputes that were not won, by gateway and currency.
    pub fn truth(&self) -> BTreeMap<(String, String), (i64, i64)> {
        let mut sums: BTreeMap<(String, String), (i64, i64)> = BTreeMap::new();
        for trade in self.trades.values().filter(|trade| trade.stage == Stage::Paid) {
            let key = (trade.kind.as_str().to_owned(), trade.currency.to_uppercase());
            let sum = sums.entry(key).or_default();
            sum.0 += trade.taken;
            let gone = |dispute: &&Dispute| dispute.of == trade.number && dispute.status != "won";
            let disputed: i64 = self.disputes.iter().filter(gone).map(|dispute| dispute.amount).sum();
            sum.1 += self.refunded(&trade.number) + disputed;
        }
        sums
    }
}
