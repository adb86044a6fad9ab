//! Charges of a card that its owner let us keep: Stripe's payment intents, confirmed off session.
//!
//! A charge is asked for once, under one key. What became of it is never found out by asking for it again,
//! because Stripe forgets its keys after a day: the intents of the customer are looked through instead.

use domain::money::Money;
use domain::payments::Told;
use domain::time::Span;
use serde_json::Value;

use super::super::super::gateway::{Card, Demand, Opened, Unsure};
use super::super::super::store::Attempt;
use super::super::wire::Member;
use super::api::{Call, Reply};
use super::{Stripe, read, text};

/// How much earlier than ours the clock of Stripe may be.
const SKEW: Span = Span::minutes(5);

impl Stripe {
    /// Charges a card; the same demand twice charges once.
    pub(super) async fn charge(&self, demand: &Demand, card: &Card) -> Result<Opened, Unsure> {
        let call =
            Call::once("/v1/payment_intents", format!("charge-{}", demand.number)).form(form(demand, card));
        match self.call(call).await? {
            Reply::Ok(intent) => {
                let told = read::intent(&intent, &demand.number, self.outside.test)?;
                Ok(Opened::Charged { reference: Some(text(&intent, "id").to_owned()), told })
            }
            // 402: the bank of its owner says no, or wants its owner to be there.
            Reply::Refused { status: 402, .. } => {
                Ok(Opened::Charged { reference: None, told: Told::Declined })
            }
            Reply::Refused { code, .. } => Ok(Opened::Refused(code)),
        }
    }

    /// What became of a charge.
    pub(super) async fn charged(&self, attempt: &Attempt, card: &Card) -> Result<Told, Unsure> {
        match self.intent(attempt, card).await? {
            Some(intent) => read::intent(&intent, &attempt.number(), self.outside.test),
            // It never came to Stripe.
            None => Ok(Told::Closed),
        }
    }

    /// Takes a charge back that has not brought money.
    pub(super) async fn uncharge(&self, attempt: &Attempt, card: &Card) -> Result<Told, Unsure> {
        let Some(intent) = self.intent(attempt, card).await? else { return Ok(Told::Closed) };
        if matches!(text(&intent, "status"), "succeeded" | "canceled" | "processing") {
            return read::intent(&intent, &attempt.number(), self.outside.test);
        }
        let path = format!("/v1/payment_intents/{}/cancel", text(&intent, "id"));
        match self.call(Call::harmless(path, format!("cancel-{}", attempt.number()))).await? {
            Reply::Ok(intent) => read::intent(&intent, &attempt.number(), self.outside.test),
            // It succeeded or was cancelled meanwhile.
            Reply::Refused { .. } => self.charged(attempt, card).await,
        }
    }

    async fn intent(&self, attempt: &Attempt, card: &Card) -> Result<Option<Value>, Unsure> {
        if let Some(id) = &attempt.reference {
            return match self.call(Call::get(format!("/v1/payment_intents/{id}"))).await? {
                Reply::Ok(intent) => Ok(Some(intent)),
                Reply::Refused { code, .. } => Err(Unsure(format!("{id} cannot be retrieved: {code}"))),
            };
        }
        let (since, until) = (attempt.created_at.minus(SKEW), self.outside.clock.now().plus(SKEW));
        let path = format!("/v1/payment_intents?customer={}&", card.customer);
        let number = attempt.number();
        let all = self.listed(&path, since, until).await?;
        Ok(all.into_iter().find(|intent| text(intent.member("metadata"), "payment") == number))
    }
}

/// The form of a charge; the same demand always gives the same form.
fn form(demand: &Demand, card: &Card) -> Vec<(&'static str, String)> {
    let Money { minor, currency } = demand.amount;
    vec![
        ("amount", minor.to_string()),
        ("currency", currency.code().to_lowercase()),
        ("customer", card.customer.clone()),
        ("payment_method", card.method.clone()),
        ("off_session", "true".to_owned()),
        ("confirm", "true".to_owned()),
        ("description", demand.title.clone()),
        ("metadata[payment]", demand.number.clone()),
    ]
}
