//! Stripe: hosted Checkout sessions, charges of kept cards, refunds and disputes.
//!
//! Every POST carries an `Idempotency-Key`, so that a request whose answer got lost may be repeated. What a
//! notice says is never believed: the session is retrieved, and pays only if its `payment_status` is `paid`.

mod api;
mod card;
mod list;
mod read;

use super::wire::Member;
use async_trait::async_trait;
use axum::http::HeaderMap;
use domain::locale::Locale;
use domain::money::Currency;
use domain::payments::Told;
use domain::time::{Span, Timestamp};
use ring::hmac;
use serde::Deserialize;
use serde_json::Value;

use self::api::{Call, Reply};
use super::super::gateway::{
    Card, Checkout, Demand, Gateway, Hint, Opened, RefundDemand, RefundTold, Rejected, Reversal, Unsure,
};
use super::super::list::Listing;
use super::super::signature;
use super::super::store::Attempt;
use super::Outside;
use super::settings::StripeSettings;

/// Its name in addresses, in the database and in the ledger.
const NAME: &str = "stripe";
/// The header that carries the signature of a notice.
const HEADER: &str = "stripe-signature";
/// Stripe refuses sessions that end within half an hour; ours is expired by us in time. The quarter of an hour
/// beside that lets one be made whose first try failed, for as long as its order is held.
const SHORTEST: Span = Span::minutes(46);
/// Stripe refuses sessions that end later than a day from now; a renewal waits longer than that.
const LONGEST: Span = Span::minutes(23 * 60 + 55);

/// Stripe.
pub struct Stripe {
    key: String,
    secrets: Vec<hmac::Key>,
    url: String,
    outside: Outside,
}

#[derive(Deserialize)]
struct Head {
    id: String,
    object: String,
    livemode: bool,
}

impl Stripe {
    /// Stripe with these settings.
    pub fn new(settings: &StripeSettings, outside: Outside) -> Result<Self, (&'static str, String)> {
        if let Some(fault) = Self::check(settings).into_iter().next() {
            return Err(fault);
        }
        let key = |secret: &String| hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        let secrets = settings.webhook_secrets.iter().map(key).collect();
        Ok(Self { key: settings.key.clone(), secrets, url: settings.url.clone(), outside })
    }

    /// What is wrong with settings.
    pub fn check(settings: &StripeSettings) -> Vec<(&'static str, String)> {
        let mut faults = Vec::new();
        if !settings.key.bytes().all(|byte| byte.is_ascii_graphic()) {
            faults.push(("STRIPE_SECRET_KEY", "holds something that is no key".to_owned()));
        }
        if settings.webhook_secrets.is_empty() {
            faults.push(("STRIPE_WEBHOOK_SECRET", "is missing: without it no notice is let in".to_owned()));
        }
        faults
    }

    /// The form of a session; the same demand always gives the same form.
    fn session_form(&self, demand: &Demand) -> Vec<(&'static str, String)> {
        let (first, last) = (demand.created_at.plus(SHORTEST), demand.created_at.plus(LONGEST));
        let ends = demand.expires_at.clamp(first, last);
        let back = self.outside.back_to(demand);
        let mut form = vec![
            ("mode", "payment".to_owned()),
            ("line_items[0][quantity]", "1".to_owned()),
            ("line_items[0][price_data][currency]", demand.amount.currency.code().to_lowercase()),
            ("line_items[0][price_data][unit_amount]", demand.amount.minor.to_string()),
            ("line_items[0][price_data][product_data][name]", demand.title.clone()),
            ("client_reference_id", demand.number.clone()),
            ("metadata[payment]", demand.number.clone()),
            ("payment_intent_data[metadata][payment]", demand.number.clone()),
            ("success_url", back.clone()),
            ("cancel_url", back),
            ("expires_at", ends.seconds().to_string()),
            ("locale", if demand.locale == Locale::Zh { "zh" } else { "en" }.to_owned()),
        ];
        if demand.keeps {
            // A card answers at once; a bank debit would be on its way for days.
            form.push(("payment_method_types[0]", "card".to_owned()));
            form.push(("customer_creation", "always".to_owned()));
            form.push(("payment_intent_data[setup_future_usage]", "off_session".to_owned()));
        }
        form
    }

    /// Makes a session, or finds the one that an earlier request made.
    ///
    /// After a failure of Stripe's it may make a second one: nobody has the address of a session of which we
    /// were not told, and only one address is ever kept and shown.
    async fn session(&self, demand: &Demand) -> Result<Reply, Unsure> {
        let call = Call::harmless("/v1/checkout/sessions", format!("create-{}", demand.number));
        self.call(call.form(self.session_form(demand))).await
    }

    /// Retrieves the session of an attempt.
    async fn retrieve(&self, attempt: &Attempt) -> Result<Reply, Unsure> {
        let id = match &attempt.reference {
            Some(id) => id.clone(),
            // The answer to our request got lost: the same request finds what it made.
            None => match self.session(&attempt.demand()).await? {
                Reply::Ok(session) => text(&session, "id").to_owned(),
                Reply::Refused { .. } => return Ok(Reply::Ok(Value::Null)),
            },
        };
        self.call(Call::get(format!("/v1/checkout/sessions/{id}?expand[]=payment_intent"))).await
    }

    /// A refund or dispute by its name.
    async fn reversal_named(&self, reference: &str) -> Result<Option<Reversal>, Unsure> {
        let refund = reference.starts_with("re_") || reference.starts_with("pyr_");
        let path = if refund { "/v1/refunds" } else { "/v1/disputes" };
        match self.call(Call::get(format!("{path}/{reference}"))).await? {
            Reply::Ok(object) if refund => read::refund(&object).map(Some),
            Reply::Ok(object) => read::dispute(&object),
            Reply::Refused { status: 404, .. } if refund => {
                Ok(Some(Reversal::not_found(reference, Currency::default())))
            }
            Reply::Refused { code, .. } => Err(Unsure(format!("{reference} cannot be retrieved: {code}"))),
        }
    }

    fn told(&self, attempt: &Attempt, reply: Reply) -> Result<Told, Unsure> {
        match reply {
            // Stripe refused to make a session: there is none, and none can be paid.
            Reply::Ok(Value::Null) => Ok(Told::Closed),
            Reply::Ok(session) => read::session(&session, &attempt.number(), self.outside.test),
            Reply::Refused { code, .. } => Err(Unsure(format!("a session cannot be retrieved: {code}"))),
        }
    }

    /// The refunds of a payment, as Stripe lists them.
    async fn refunds_of(&self, charge: &str) -> Result<Vec<Value>, Unsure> {
        match self.call(Call::get(format!("/v1/refunds?payment_intent={charge}&limit=100"))).await? {
            Reply::Ok(list) => Ok(list.member("data").as_array().cloned().unwrap_or_default()),
            Reply::Refused { code, .. } => Err(Unsure(format!("refunds cannot be listed: {code}"))),
        }
    }
}

/// A text in an object, or nothing.
pub(super) fn text<'a>(object: &'a Value, name: &str) -> &'a str {
    object[name].as_str().unwrap_or_default()
}

#[async_trait]
impl Gateway for Stripe {
    fn name(&self) -> &'static str {
        NAME
    }

    fn takes(&self, _currency: Currency) -> bool {
        true
    }

    fn lasts(&self) -> Option<Span> {
        Some(Span::minutes(23 * 60))
    }

    async fn create(&self, demand: &Demand) -> Result<Opened, Unsure> {
        if let Some(card) = &demand.card {
            return self.charge(demand, card).await;
        }
        match self.session(demand).await? {
            Reply::Ok(session) => match (text(&session, "url"), text(&session, "id")) {
                ("", _) | (_, "") => Err(Unsure("a session without an address".to_owned())),
                (url, id) => Ok(Opened::At {
                    checkout: Checkout::Redirect(url.to_owned()),
                    reference: Some(id.to_owned()),
                }),
            },
            Reply::Refused { code, .. } => Ok(Opened::Refused(code)),
        }
    }

    fn keeps_cards(&self) -> bool {
        true
    }

    async fn card_of(&self, attempt: &Attempt) -> Result<Option<Card>, Unsure> {
        let Some(id) = &attempt.reference else { return Ok(None) };
        let path = format!("/v1/checkout/sessions/{id}?expand[]=payment_intent.payment_method");
        match self.call(Call::get(path)).await? {
            Reply::Ok(session) => Ok(read::card(&session)),
            Reply::Refused { code, .. } => Err(Unsure(format!("a session cannot be retrieved: {code}"))),
        }
    }

    async fn forget(&self, card: &Card) -> Result<(), Unsure> {
        let call = Call::harmless(
            format!("/v1/payment_methods/{}/detach", card.method),
            format!("detach-{}", card.method),
        );
        // Refused: Stripe does not know it, or has forgotten it already.
        self.call(call).await.map(drop)
    }

    fn verify(&self, headers: &HeaderMap, body: &[u8], now: Timestamp) -> Result<String, Rejected> {
        let header = headers.get(HEADER).and_then(|value| value.to_str().ok()).ok_or(Rejected::Signature)?;
        signature::verify(&self.secrets, header, body, now).map_err(|_| Rejected::Signature)?;
        let head: Head = serde_json::from_slice(body).map_err(|_| Rejected::Unreadable)?;
        let ours = head.object == "event" && head.livemode != self.outside.test;
        if ours && (1..=200).contains(&head.id.len()) { Ok(head.id) } else { Err(Rejected::Unreadable) }
    }

    fn read(&self, body: &[u8]) -> Option<Hint> {
        read::event(&serde_json::from_slice(body).ok()?)
    }

    async fn query(&self, attempt: &Attempt) -> Result<Told, Unsure> {
        if let Some(card) = &attempt.card {
            return self.charged(attempt, card).await;
        }
        let reply = self.retrieve(attempt).await?;
        self.told(attempt, reply)
    }

    async fn close(&self, attempt: &Attempt) -> Result<Told, Unsure> {
        if let Some(card) = &attempt.card {
            return self.uncharge(attempt, card).await;
        }
        let reply = self.retrieve(attempt).await?;
        let open = match &reply {
            Reply::Ok(session) if text(session, "status") == "open" => Some(text(session, "id").to_owned()),
            _ => None,
        };
        let Some(id) = open else { return self.told(attempt, reply) };
        let call = Call::harmless(
            format!("/v1/checkout/sessions/{id}/expire"),
            format!("expire-{}", attempt.number()),
        );
        match self.call(call).await? {
            Reply::Ok(session) => self.told(attempt, Reply::Ok(session)),
            // It was paid or expired meanwhile.
            Reply::Refused { .. } => self.query(attempt).await,
        }
    }

    async fn refund(&self, refund: &RefundDemand) -> Result<RefundTold, Unsure> {
        match self.query_refund(refund).await? {
            RefundTold::NotFound => {}
            known => return Ok(known),
        }
        let call = Call::looked_for("/v1/refunds", format!("refund-{}", refund.number())).form(vec![
            ("payment_intent", refund.charge.clone()),
            ("amount", refund.amount.minor.to_string()),
            ("metadata[refund]", refund.number()),
            ("metadata[payment]", refund.payment.0.simple().to_string()),
        ]);
        match self.call(call).await? {
            Reply::Ok(made) => read::refund_told(&made),
            Reply::Refused { code, .. } => Ok(RefundTold::Failed(code)),
        }
    }

    async fn query_refund(&self, refund: &RefundDemand) -> Result<RefundTold, Unsure> {
        let number = refund.number();
        let all = self.refunds_of(&refund.charge).await?;
        let ours = all.iter().find(|made| text(&made["metadata"], "refund") == number);
        ours.map_or(Ok(RefundTold::NotFound), read::refund_told)
    }

    async fn reversal(&self, _attempt: &Attempt, reference: &str) -> Result<Option<Reversal>, Unsure> {
        self.reversal_named(reference).await
    }

    async fn reversal_of_charge(&self, _charge: &str, reference: &str) -> Result<Option<Reversal>, Unsure> {
        self.reversal_named(reference).await
    }

    async fn movements(&self, from: Timestamp, until: Timestamp) -> Result<Option<Listing>, Unsure> {
        Ok(Some(self.listing(from, until).await?))
    }

    // Stripe looks at the status alone.
}

#[cfg(test)]
mod tests;
