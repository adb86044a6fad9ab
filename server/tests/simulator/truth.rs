//! What the bank really did: the truth against which the ledger is held.

use std::collections::BTreeMap;

use axum::http::{HeaderMap, HeaderValue};
use domain::money::{Currency, Money};
use domain::payments::{PaymentId, RefundId};
use domain::time::Timestamp;
use serde_json::{Value, json};
use server::features::payments::gateway::{RefundTold, ReversalKind};
use server::features::payments::list::{Movement, MovementKind};

/// What goes wrong with the next call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It hears nothing.
    Deaf,
    /// It does what it is asked, and its answer is lost.
    LosesAnswer,
    /// It refuses.
    Refuses,
    /// It works on it for a while.
    Slow,
}

/// Where a payment stands at the bank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    Open,
    Paid,
    Declined,
    Closed,
}

pub struct Trade {
    pub demanded: Money,
    pub stage: Stage,
    pub taken: Option<Money>,
    pub at: Timestamp,
}

/// Money that the bank took back by itself.
pub struct Back {
    pub charge: String,
    pub kind: ReversalKind,
    pub amount: Money,
    /// When it moved last: when a dispute began, or when the money came again.
    pub at: Timestamp,
}

/// A notice on its way to us.
#[derive(Clone, Debug)]
pub struct Letter {
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

pub struct Truth {
    pub trades: BTreeMap<PaymentId, Trade>,
    pub refunds: BTreeMap<RefundId, (String, Money, Timestamp)>,
    /// Money that came by itself and belongs to nothing of ours.
    pub strays: BTreeMap<String, (Money, Timestamp)>,
    /// What it sent to our bank account.
    pub sent: Vec<(Money, Timestamp)>,
    pub back: BTreeMap<String, Back>,
    pub letters: Vec<Letter>,
    pub trouble: Option<Trouble>,
    pub events: u64,
    pub now: Timestamp,
}

/// What the bank keeps for its work: of each charge one part of this many.
pub const FEE: i64 = 100;

pub const HEADER: &str = "bank-checksum";

pub fn checksum(body: &[u8]) -> String {
    let sum = body
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    format!("{sum:016x}")
}

pub fn charge_of(payment: PaymentId) -> String {
    format!("ch_{}", payment.0.simple())
}

impl Truth {
    pub fn write(&mut self, mut body: Value) {
        self.events += 1;
        body["event"] = json!(format!("evt_{}", self.events));
        let body = body.to_string().into_bytes();
        let mut headers = HeaderMap::new();
        headers.insert(HEADER, HeaderValue::from_str(&checksum(&body)).unwrap());
        self.letters.push(Letter { headers, body });
    }
    /// What of a charge is still with the bank's customer, us.
    pub fn left(&self, charge: &str) -> i64 {
        let stray = self.strays.get(charge).map_or(0, |(amount, _)| amount.minor);
        let taken = self.trades.iter().find(|(id, _)| charge_of(**id) == charge);
        let taken = taken.and_then(|(_, trade)| trade.taken).map_or(stray, |taken| taken.minor);
        let refunded: i64 =
            self.refunds.values().filter(|(of, ..)| of == charge).map(|(_, amount, _)| amount.minor).sum();
        let back: i64 = self
            .back
            .values()
            .filter(|back| back.charge == charge && back.kind != ReversalKind::DisputeWon)
            .map(|back| back.amount.minor)
            .sum();
        taken - refunded - back
    }
    /// What is left of a charge goes back without our doing: from the console, or since its owner disputes it.
    pub fn gives_back(&mut self, charge: String, currency: Currency, dispute: bool) {
        let left = self.left(&charge);
        if left <= 0 {
            return;
        }
        let kind = if dispute {
            ReversalKind::Disputed
        } else {
            ReversalKind::Refund { ours: None, told: RefundTold::Succeeded }
        };
        let reference = format!("back_{}", self.back.len());
        let (amount, at) = (Money::new(left, currency), self.now);
        self.back.insert(reference.clone(), Back { charge: charge.clone(), kind, amount, at });
        self.write(json!({ "charge": charge, "reference": reference }));
    }
    /// Everything that ever moved, as the bank's list tells it.
    pub fn listed(&self) -> Vec<Movement> {
        let mut lines = Vec::new();
        for (id, trade) in &self.trades {
            let Some(amount) = trade.taken else { continue };
            let charge = charge_of(*id);
            let fee = Money::new(amount.minor / FEE, amount.currency);
            if !fee.is_zero() {
                lines.push(Movement::entry(MovementKind::Fee, &charge, &charge, fee, trade.at));
            }
            let number = Some(id.0.simple().to_string());
            let line = Movement::entry(MovementKind::Charge, &charge, &charge, amount, trade.at);
            lines.push(Movement { number, ..line });
        }
        for (charge, (amount, at)) in &self.strays {
            lines.push(Movement::entry(MovementKind::Charge, charge, charge, *amount, *at));
        }
        for (id, (charge, amount, at)) in &self.refunds {
            let number = id.0.simple().to_string();
            let line = Movement::entry(MovementKind::Refund, &number, charge, *amount, *at);
            lines.push(Movement { number: Some(number), ..line });
        }
        for (reference, back) in &self.back {
            let kind = match back.kind {
                ReversalKind::Refund { .. } => MovementKind::Refund,
                _ => MovementKind::Dispute,
            };
            let line = Movement::entry(kind, reference, &back.charge, back.amount, back.at);
            lines.push(Movement { stage: back.kind.as_str().to_owned(), ..line });
        }
        for (number, (amount, at)) in self.sent.iter().enumerate() {
            lines.push(Movement::entry(MovementKind::Payout, &format!("po_{number}"), "", *amount, *at));
        }
        lines
    }
    pub fn trouble(&mut self) -> Option<Trouble> {
        self.trouble.take()
    }
}
