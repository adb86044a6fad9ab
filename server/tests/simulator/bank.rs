//! A gateway inside the process that keeps its own truth: what it really took and gave back.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use axum::http::HeaderMap;
use domain::money::{Currency, Money};
use domain::payments::{PaymentId, RefundId, Told};
use domain::time::Timestamp;
use serde_json::{Value, json};
use server::features::payments::gateway::{
    Checkout, Demand, Gateway, Hint, Of, Opened, RefundDemand, RefundTold, Rejected, Reversal, ReversalKind,
    Unsure,
};
use server::features::payments::list::Listing;
use server::features::payments::store::Attempt;
use uuid::Uuid;

use super::truth::{FEE, HEADER, Stage, Trade, Truth, charge_of, checksum};
pub use super::truth::{Letter, Trouble};

/// The bank.
#[derive(Clone)]
pub struct Bank(Arc<Mutex<Truth>>);

impl Bank {
    /// A bank without customers.
    pub fn at(now: Timestamp) -> Self {
        Self(Arc::new(Mutex::new(Truth {
            trades: BTreeMap::new(),
            refunds: BTreeMap::new(),
            strays: BTreeMap::new(),
            sent: Vec::new(),
            back: BTreeMap::new(),
            letters: Vec::new(),
            trouble: None,
            events: 0,
            now,
        })))
    }
    /// Its clock goes on.
    pub fn tick(&self, now: Timestamp) {
        self.truth().now = now;
    }
    fn truth(&self) -> MutexGuard<'_, Truth> {
        self.0.lock().unwrap()
    }
    /// The next call goes wrong.
    pub fn spoil(&self, trouble: Option<Trouble>) {
        self.truth().trouble = trouble;
    }
    /// What the bank holds for us in a currency.
    pub fn holds(&self, currency: Currency) -> i64 {
        let truth = self.truth();
        let taken = truth.trades.iter().filter_map(|(id, trade)| Some((charge_of(*id), trade.taken?)));
        let here = taken.filter(|(_, taken)| taken.currency == currency);
        let left: i64 = here.map(|(charge, taken)| truth.left(&charge) - taken.minor / FEE).sum();
        let strays = truth.strays.iter().filter(|(_, (amount, _))| amount.currency == currency);
        let left = left + strays.map(|(charge, _)| truth.left(charge)).sum::<i64>();
        let sent = truth.sent.iter().filter(|(amount, _)| amount.currency == currency);
        left - sent.map(|(amount, _)| amount.minor).sum::<i64>()
    }
    /// What was taken by a payment, and what of it is still here, or may come again once a dispute is decided;
    /// nothing where nothing was taken.
    pub fn fate(&self, payment: PaymentId) -> Option<(Money, i64)> {
        let truth = self.truth();
        let taken = truth.trades.get(&payment)?.taken?;
        let charge = charge_of(payment);
        let disputed =
            truth.back.values().filter(|back| back.charge == charge && back.kind == ReversalKind::Disputed);
        let open: i64 = disputed.map(|back| back.amount.minor).sum();
        Some((taken, truth.left(&charge) + open))
    }
    /// The bank sends money to our account elsewhere, as it does each few days.
    pub fn sends_to_us(&self, minor: i64) {
        let mut truth = self.truth();
        let at = truth.now;
        truth.sent.push((Money::new(minor, Currency::Cny), at));
    }
    /// Every charge and its amount.
    pub fn charges(&self) -> Vec<(String, Money)> {
        let truth = self.truth();
        let taken = truth.trades.iter().filter_map(|(id, trade)| Some((charge_of(*id), trade.taken?)));
        taken.chain(truth.strays.iter().map(|(charge, (amount, _))| (charge.clone(), *amount))).collect()
    }
    /// What it took back by itself and did not bring again: its name of each, and how much.
    pub fn gone(&self) -> Vec<(String, Money)> {
        let truth = self.truth();
        let back = truth.back.iter().filter(|(_, back)| back.kind != ReversalKind::DisputeWon);
        back.map(|(reference, back)| (reference.clone(), back.amount)).collect()
    }
    /// Payments that a person could pay now.
    pub fn open(&self) -> Vec<PaymentId> {
        let truth = self.truth();
        let mut open: Vec<_> =
            truth.trades.iter().filter(|(_, trade)| trade.stage == Stage::Open).map(|(id, _)| *id).collect();
        open.sort();
        open
    }
    /// Payments of which something can go back.
    pub fn paid(&self) -> Vec<PaymentId> {
        let truth = self.truth();
        let mut paid: Vec<_> =
            truth.trades.iter().filter(|(_, trade)| trade.stage == Stage::Paid).map(|(id, _)| *id).collect();
        paid.sort();
        paid
    }
    /// A person pays: so much more or less than was asked for.
    pub fn pays(&self, payment: PaymentId, odd: i64) {
        let mut truth = self.truth();
        let now = truth.now;
        let Some(trade) = truth.trades.get_mut(&payment) else { return };
        if trade.stage != Stage::Open {
            return;
        }
        trade.stage = Stage::Paid;
        trade.taken = Some(Money::new(trade.demanded.minor + odd, trade.demanded.currency));
        trade.at = now;
        truth.write(json!({ "payment": payment.0 }));
    }
    /// Payments that were closed, whose old page somebody may still have before them.
    pub fn closed(&self) -> Vec<PaymentId> {
        let truth = self.truth();
        let closed = truth.trades.iter().filter(|(_, trade)| trade.stage == Stage::Closed);
        closed.map(|(id, _)| *id).collect()
    }
    /// A person pays what was closed, all the same: some gateways let them.
    pub fn pays_anyway(&self, payment: PaymentId) {
        if let Some(trade) =
            self.truth().trades.get_mut(&payment).filter(|trade| trade.stage == Stage::Closed)
        {
            trade.stage = Stage::Open;
        }
        self.pays(payment, 0);
    }
    /// The bank of the person says no.
    pub fn declines(&self, payment: PaymentId) {
        let mut truth = self.truth();
        let Some(trade) = truth.trades.get_mut(&payment) else { return };
        if trade.stage == Stage::Open {
            trade.stage = Stage::Declined;
            truth.write(json!({ "payment": payment.0 }));
        }
    }
    /// Money comes that belongs to nothing of ours.
    pub fn strays(&self, minor: i64) {
        let mut truth = self.truth();
        let charge = format!("stray_{}", truth.strays.len());
        let stray = (Money::new(minor, Currency::Cny), truth.now);
        truth.strays.insert(charge.clone(), stray);
        truth.write(json!({ "stray": charge, "minor": minor }));
    }
    /// What belongs to nothing of ours goes back, from the console or by a dispute.
    pub fn stray_goes_back(&self, draw: usize, dispute: bool) {
        let mut truth = self.truth();
        let charges: Vec<String> = truth.strays.keys().cloned().collect();
        let Some(charge) = charges.get(draw % charges.len().max(1)).cloned() else { return };
        truth.gives_back(charge, Currency::Cny, dispute);
    }
    /// Somebody gives money back at the bank itself, or its owner disputes it.
    pub fn takes_back(&self, payment: PaymentId, dispute: bool) {
        let mut truth = self.truth();
        let Some(currency) = truth.trades.get(&payment).map(|trade| trade.demanded.currency) else { return };
        truth.gives_back(charge_of(payment), currency, dispute);
    }
    /// A dispute ends.
    pub fn decides(&self, won: bool) {
        let mut truth = self.truth();
        let now = truth.now;
        let mut open: Vec<_> = truth
            .back
            .iter()
            .filter(|(_, back)| back.kind == ReversalKind::Disputed)
            .map(|(reference, _)| reference.clone())
            .collect();
        open.sort();
        let Some(reference) = open.pop() else { return };
        let Some(back) = truth.back.get_mut(&reference) else { return };
        back.kind = if won { ReversalKind::DisputeWon } else { ReversalKind::DisputeLost };
        back.at = if won { now } else { back.at };
        let charge = back.charge.clone();
        truth.write(json!({ "charge": charge, "reference": reference }));
    }
    /// A copy of a letter in the post.
    pub fn letter(&self, draw: usize) -> Option<Letter> {
        let truth = self.truth();
        if truth.letters.is_empty() {
            return None;
        }
        Some(truth.letters[draw % truth.letters.len()].clone())
    }
    /// Its receiver said that it has it: it is not brought again.
    pub fn acknowledged(&self, letter: &Letter) {
        self.truth().letters.retain(|other| other.body != letter.body);
    }
    /// Loses a letter: what it told stands in the list of the night.
    pub fn loses(&self, draw: usize) {
        let mut truth = self.truth();
        if truth.letters.is_empty() {
            return;
        }
        let place = draw % truth.letters.len();
        truth.letters.swap_remove(place);
    }
}

fn told(payment: PaymentId, trade: Option<&Trade>) -> Told {
    match trade.map(|trade| (&trade.stage, trade.taken)) {
        Some((Stage::Paid, Some(amount))) => Told::Confirmed { charge: charge_of(payment), amount },
        Some((Stage::Declined, _)) => Told::Declined,
        Some((Stage::Closed, _)) | None => Told::Closed,
        Some(_) => Told::Pending,
    }
}

fn lost() -> Unsure {
    Unsure("no answer".to_owned())
}

#[async_trait]
impl Gateway for Bank {
    fn name(&self) -> &'static str {
        "bank"
    }
    fn takes(&self, _: Currency) -> bool {
        true
    }
    async fn create(&self, demand: &Demand) -> Result<Opened, Unsure> {
        let mut truth = self.truth();
        let trouble = truth.trouble();
        match trouble {
            Some(Trouble::Deaf) => return Err(lost()),
            Some(Trouble::Refuses) => return Ok(Opened::Refused("not today".to_owned())),
            Some(Trouble::LosesAnswer | Trouble::Slow) | None => {}
        }
        let trade = Trade { demanded: demand.amount, stage: Stage::Open, taken: None, at: truth.now };
        truth.trades.entry(demand.attempt).or_insert(trade);
        if trouble == Some(Trouble::LosesAnswer) {
            return Err(lost());
        }
        Ok(Checkout::Page(format!("/pay/bank/{}", demand.attempt)).into())
    }
    fn verify(&self, headers: &HeaderMap, body: &[u8], _: Timestamp) -> Result<String, Rejected> {
        let sum = headers.get(HEADER).and_then(|value| value.to_str().ok());
        if sum != Some(checksum(body).as_str()) {
            return Err(Rejected::Signature);
        }
        let body: Value = serde_json::from_slice(body).map_err(|_| Rejected::Unreadable)?;
        body["event"].as_str().map(str::to_owned).ok_or(Rejected::Unreadable)
    }
    fn read(&self, body: &[u8]) -> Option<Hint> {
        let body: Value = serde_json::from_slice(body).ok()?;
        if let Some(reference) = body["reference"].as_str() {
            let of = Of::Charge(body["charge"].as_str()?.to_owned());
            return Some(Hint::Reversal { of, reference: reference.to_owned() });
        }
        if let Some(charge) = body["stray"].as_str() {
            let amount = Money::new(body["minor"].as_i64()?, Currency::Cny);
            let claimed = Told::Confirmed { charge: charge.to_owned(), amount };
            return Some(Hint::Payment { payment: None, claimed });
        }
        let payment = PaymentId(Uuid::parse_str(body["payment"].as_str()?).ok()?);
        Some(Hint::Payment { payment: Some(payment), claimed: Told::Pending })
    }
    async fn query(&self, attempt: &Attempt) -> Result<Told, Unsure> {
        let mut truth = self.truth();
        match truth.trouble() {
            Some(Trouble::Deaf | Trouble::LosesAnswer) => Err(lost()),
            // An attempt that the bank has never heard of can still be made: it is no answer that it is closed.
            _ if !truth.trades.contains_key(&attempt.id) => Ok(Told::Pending),
            _ => Ok(told(attempt.id, truth.trades.get(&attempt.id))),
        }
    }
    async fn close(&self, attempt: &Attempt) -> Result<Told, Unsure> {
        let mut truth = self.truth();
        let trouble = truth.trouble();
        if trouble == Some(Trouble::Deaf) {
            return Err(lost());
        }
        let closed = Trade { demanded: attempt.amount, stage: Stage::Closed, taken: None, at: truth.now };
        let trade = truth.trades.entry(attempt.id).or_insert(closed);
        if trade.stage == Stage::Open {
            trade.stage = Stage::Closed;
        }
        let answer = told(attempt.id, Some(trade));
        if trouble == Some(Trouble::LosesAnswer) { Err(lost()) } else { Ok(answer) }
    }
    async fn refund(&self, refund: &RefundDemand) -> Result<RefundTold, Unsure> {
        let mut truth = self.truth();
        let trouble = truth.trouble();
        if trouble == Some(Trouble::Deaf) {
            return Err(lost());
        }
        if !truth.refunds.contains_key(&refund.refund) {
            if trouble == Some(Trouble::Refuses) || truth.left(&refund.charge) < refund.amount.minor {
                return Ok(RefundTold::Failed("the bank will not".to_owned()));
            }
            let at = truth.now;
            truth.refunds.insert(refund.refund, (refund.charge.clone(), refund.amount, at));
        }
        match trouble {
            Some(Trouble::LosesAnswer) => Err(lost()),
            Some(Trouble::Slow) => Ok(RefundTold::Pending),
            _ => Ok(RefundTold::Succeeded),
        }
    }
    async fn query_refund(&self, refund: &RefundDemand) -> Result<RefundTold, Unsure> {
        let mut truth = self.truth();
        if matches!(truth.trouble(), Some(Trouble::Deaf | Trouble::LosesAnswer)) {
            return Err(lost());
        }
        let known = truth.refunds.contains_key(&refund.refund);
        Ok(if known { RefundTold::Succeeded } else { RefundTold::NotFound })
    }
    async fn reversal(&self, _: &Attempt, reference: &str) -> Result<Option<Reversal>, Unsure> {
        let truth = self.truth();
        let (kind, amount) = match truth.back.get(reference) {
            Some(back) => (back.kind.clone(), back.amount),
            None => {
                let ours = Uuid::parse_str(reference).ok().map(RefundId);
                let Some((_, amount, _)) = ours.and_then(|ours| truth.refunds.get(&ours)) else {
                    return Ok(None);
                };
                (ReversalKind::Refund { ours, told: RefundTold::Succeeded }, *amount)
            }
        };
        Ok(Some(Reversal { reference: reference.to_owned(), kind, amount }))
    }
    async fn reversal_of_charge(&self, _: &str, reference: &str) -> Result<Option<Reversal>, Unsure> {
        let truth = self.truth();
        Ok(truth.back.get(reference).map(|back| Reversal {
            reference: reference.to_owned(),
            kind: back.kind.clone(),
            amount: back.amount,
        }))
    }
    async fn movements(&self, from: Timestamp, until: Timestamp) -> Result<Option<Listing>, Unsure> {
        let mut truth = self.truth();
        if matches!(truth.trouble(), Some(Trouble::Deaf | Trouble::LosesAnswer)) {
            return Err(lost());
        }
        let movements =
            truth.listed().into_iter().filter(|line| from <= line.at && line.at <= until).collect();
        Ok(Some(Listing { until, movements, unread: Vec::new() }))
    }
}
