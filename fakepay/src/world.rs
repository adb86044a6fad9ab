//! What the fake gateways know: their own truth, whatever anybody is told of it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::notices::Notice;
use crate::trouble::{Plan, Trouble};

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
    /// Reads such a name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Stripe, Self::Alipay, Self::WechatPay].into_iter().find(|kind| kind.as_str() == text)
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
    /// What the gateway keeps of it for its work, once it is paid.
    pub fee: i64,
    /// Whether the gateway names another merchant when it is asked: a fault that is wanted.
    pub stranger: bool,
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

/// Where money stands that goes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The gateway works on it.
    Pending,
    /// It is back with the buyer.
    Succeeded,
    /// It will not happen: the money is with the merchant again.
    Failed,
    /// The gateway needs a person before it can go on.
    Stuck,
}

impl Step {
    /// Reads the name of a step.
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "pending" => Self::Pending,
            "succeeded" => Self::Succeeded,
            "failed" => Self::Failed,
            "stuck" => Self::Stuck,
            _ => return None,
        })
    }
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
    /// Where it stands.
    pub step: Step,
    /// What of its fee the gateway gives back with it.
    pub fee: i64,
}

/// Money that a gateway sent to the bank of its merchant.
#[derive(Clone, Debug)]
pub struct Payout {
    /// Which gateway.
    pub kind: Kind,
    /// The gateway's name of the entry.
    pub id: String,
    /// How much; less than nothing where the bank sent it back.
    pub amount: i64,
    /// In lower case.
    pub currency: String,
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
    /// When it began.
    pub at: i64,
    /// When it ended.
    pub ended: i64,
    /// What Stripe keeps for its work on it.
    pub fee: i64,
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
    /// What was sent to the merchant's bank, oldest first.
    pub payouts: Vec<Payout>,
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
    /// Where the next refunds stand that the merchant asks for, and how many of them; else they succeed.
    pub refunds_as: Option<(Step, u32)>,
    /// Whether a refund gives its part of the fee back (WeChat Pay).
    pub fees_back: bool,
    /// How many things a page of a list holds (Stripe), where that is less than is asked for.
    pub page: Option<usize>,
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
    /// Takes a new payment in. An earlier one with its number stays, under another key: nothing is forgotten.
    pub fn add(&mut self, trade: Trade) {
        if let Some(before) = self.trades.remove(&trade.number) {
            self.trades.insert(format!("{} {}", before.number, before.id), before);
        }
        self.trades.insert(trade.number.clone(), trade);
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
        self.sum(number, |step| step == Step::Succeeded)
    }
    /// How much of a payment went back, or may still: nothing of that can be given back again.
    pub fn claimed(&self, number: &str) -> i64 {
        self.sum(number, |step| step != Step::Failed)
    }
    fn sum(&self, number: &str, counts: impl Fn(Step) -> bool) -> i64 {
        let all = self.refunds.iter().filter(|refund| refund.of == number && counts(refund.step));
        all.map(|refund| refund.amount).sum()
    }
    /// Where a refund stands that the merchant asks for now.
    pub fn next_step(&mut self) -> Step {
        match &mut self.refunds_as {
            Some((step, times)) if *times > 0 => {
                *times -= 1;
                *step
            }
            _ => Step::Succeeded,
        }
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
    /// What each gateway took and let go, by currency.
    pub fn truth(&self) -> BTreeMap<(String, String), Sums> {
        let mut sums: BTreeMap<(String, String), Sums> = BTreeMap::new();
        let key = |kind: Kind, currency: &str| (kind.as_str().to_owned(), currency.to_uppercase());
        for trade in self.trades.values().filter(|trade| trade.stage == Stage::Paid) {
            let sum = sums.entry(key(trade.kind, &trade.currency)).or_default();
            sum.captured += trade.taken;
            sum.fees += trade.fee;
            sum.gone += self.refunded(&trade.number);
            for dispute in self.disputes.iter().filter(|dispute| dispute.of == trade.number) {
                sum.gone += if dispute.status == "won" { 0 } else { dispute.amount };
                sum.fees += dispute.fee;
            }
            for refund in self.refunds.iter().filter(|refund| refund.of == trade.number) {
                sum.fees -= if refund.step == Step::Succeeded { refund.fee } else { 0 };
            }
        }
        for payout in &self.payouts {
            sums.entry(key(payout.kind, &payout.currency)).or_default().paid_out += payout.amount;
        }
        sums
    }
}

/// What a gateway took in a currency, and what became of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Taken from buyers.
    pub captured: i64,
    /// Given back, or taken back by banks.
    pub gone: i64,
    /// Kept by the gateway for its work.
    pub fees: i64,
    /// Sent to the merchant's bank.
    pub paid_out: i64,
}

impl Sums {
    /// What the gateway holds for its merchant.
    pub const fn holds(&self) -> i64 {
        self.captured - self.gone - self.fees - self.paid_out
    }
}

/// What a gateway keeps of a payment, rounded to the next minor unit, a half up: Stripe 2.9 per cent and 30,
/// WeChat Pay 0.6 per cent. The fake Alipay keeps nothing, because nobody could be told: its bill is an archive.
pub fn fee(kind: Kind, taken: i64) -> i64 {
    match kind {
        Kind::Stripe => (taken * 29 + 500) / 1_000 + 30,
        Kind::WechatPay => (taken * 6 + 500) / 1_000,
        Kind::Alipay => 0,
    }
}
