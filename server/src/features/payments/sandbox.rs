//! The built-in gateway of a demonstration: a person chooses what happens, the notice is a real one.

use async_trait::async_trait;
use axum::http::{HeaderMap, HeaderValue};
use domain::money::{Currency, Money};
use domain::payments::{PaymentId, Told};
use domain::time::Timestamp;
use ring::hmac;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::gateway::{Checkout, Demand, Gateway, Hint, Opened, RefundDemand, RefundTold, Rejected, Unsure};
use super::signature;
use super::store::Attempt;

/// The header that carries the signature.
pub const HEADER: &str = "leitai-signature";

/// The sandbox and the secret that it shares with our door for notices.
pub struct Sandbox {
    key: hmac::Key,
}

/// A notice as it travels.
#[derive(Debug, Serialize, Deserialize)]
struct Wire {
    id: String,
    r#type: String,
    created: i64,
    data: Data,
}

#[derive(Debug, Serialize, Deserialize)]
struct Data {
    payment: Uuid,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    charge: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    amount: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    currency: Option<Currency>,
}

/// What is needed to let a notice in.
#[derive(Deserialize)]
struct Head {
    id: String,
}

impl Sandbox {
    /// A sandbox that signs with a key.
    pub fn new(key: hmac::Key) -> Self {
        Self { key }
    }

    /// The raw bytes of a notice.
    pub fn body(&self, event: &str, payment: PaymentId, told: &Told, now: Timestamp) -> Vec<u8> {
        let (kind, charge, amount) = match told {
            Told::Pending => ("payment.pending", None, None),
            Told::Working => ("payment.working", None, None),
            Told::Declined => ("payment.declined", None, None),
            Told::Closed => ("payment.closed", None, None),
            Told::Confirmed { charge, amount } => ("payment.confirmed", Some(charge.clone()), Some(*amount)),
        };
        let data = Data {
            payment: payment.0,
            charge,
            amount: amount.map(|amount| amount.minor),
            currency: amount.map(|amount| amount.currency),
        };
        let wire = Wire { id: event.to_owned(), r#type: kind.to_owned(), created: now.seconds(), data };
        serde_json::to_vec(&wire).unwrap_or_default()
    }

    /// The headers that let a body in.
    pub fn headers(&self, now: Timestamp, body: &[u8]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        if let Ok(value) = HeaderValue::from_str(&signature::sign(&self.key, now, body)) {
            headers.insert(HEADER, value);
        }
        headers
    }
}

#[async_trait]
impl Gateway for Sandbox {
    fn name(&self) -> &'static str {
        "sandbox"
    }
    fn is_outside(&self) -> bool {
        false
    }
    fn takes(&self, _currency: Currency) -> bool {
        true
    }
    async fn create(&self, demand: &Demand) -> Result<Opened, Unsure> {
        Ok(Checkout::Page(format!("/pay/sandbox/{}", demand.attempt)).into())
    }
    fn verify(&self, headers: &HeaderMap, body: &[u8], now: Timestamp) -> Result<String, Rejected> {
        let header = headers.get(HEADER).and_then(|value| value.to_str().ok()).ok_or(Rejected::Signature)?;
        signature::verify(std::slice::from_ref(&self.key), header, body, now)
            .map_err(|_| Rejected::Signature)?;
        let head: Head = serde_json::from_slice(body).map_err(|_| Rejected::Unreadable)?;
        if head.id.is_empty() || head.id.len() > 200 { Err(Rejected::Unreadable) } else { Ok(head.id) }
    }
    fn read(&self, body: &[u8]) -> Option<Hint> {
        let wire: Wire = serde_json::from_slice(body).ok()?;
        let told = match wire.r#type.as_str() {
            "payment.pending" => Told::Pending,
            "payment.working" => Told::Working,
            "payment.declined" => Told::Declined,
            "payment.closed" => Told::Closed,
            "payment.confirmed" => {
                let amount = Money::new(wire.data.amount.filter(|minor| *minor > 0)?, wire.data.currency?);
                Told::Confirmed { charge: wire.data.charge.filter(|charge| !charge.is_empty())?, amount }
            }
            _ => return None,
        };
        Some(Hint::Told { payment: PaymentId(wire.data.payment), told })
    }
    /// The sandbox remembers nothing: its notices are all there is to know.
    async fn query(&self, _attempt: &Attempt) -> Result<Told, Unsure> {
        Ok(Told::Pending)
    }
    async fn close(&self, _attempt: &Attempt) -> Result<Told, Unsure> {
        Ok(Told::Closed)
    }
    async fn refund(&self, _refund: &RefundDemand) -> Result<RefundTold, Unsure> {
        Ok(RefundTold::Succeeded)
    }
    async fn query_refund(&self, _refund: &RefundDemand) -> Result<RefundTold, Unsure> {
        Ok(RefundTold::Succeeded)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sandbox() -> Sandbox {
        Sandbox::new(hmac::Key::new(hmac::HMAC_SHA256, b"test"))
    }

    #[test]
    fn a_notice_survives_the_wire() {
        let sandbox = sandbox();
        let now = Timestamp::from_seconds(1_700_000_000);
        let payment = PaymentId(Uuid::from_u128(9));
        let confirmed =
            Told::Confirmed { charge: "ch_1".to_owned(), amount: Money::new(3900, Currency::Cny) };
        for told in [Told::Pending, Told::Working, Told::Declined, Told::Closed, confirmed] {
            let body = sandbox.body("evt_1", payment, &told, now);
            let headers = sandbox.headers(now, &body);
            assert_eq!(sandbox.verify(&headers, &body, now), Ok("evt_1".to_owned()));
            assert_eq!(sandbox.read(&body), Some(Hint::Told { payment, told }));
        }
    }

    #[test]
    fn signed_nonsense_is_not_let_in() {
        let sandbox = sandbox();
        let now = Timestamp::from_seconds(1_700_000_000);
        let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
        let bodies: [&[u8]; 5] = [b"", b"[]", b"\xff\xfe", br#"{"id":""}"#, deep.as_bytes()];
        for body in bodies {
            assert_eq!(sandbox.verify(&sandbox.headers(now, body), body, now), Err(Rejected::Unreadable));
        }
    }

    #[test]
    fn money_of_no_amount_is_not_understood() {
        let sandbox = sandbox();
        for data in [
            r#""charge":"c","amount":0,"currency":"CNY""#,
            r#""charge":"c","amount":-1,"currency":"CNY""#,
            r#""charge":"c","amount":1.5,"currency":"CNY""#,
            r#""charge":"c","amount":5,"currency":"XXX""#,
            r#""charge":"","amount":5,"currency":"CNY""#,
            r#""amount":5,"currency":"CNY""#,
        ] {
            let payment = Uuid::from_u128(9);
            let body = format!(
                r#"{{"id":"e","type":"payment.confirmed","created":1,"data":{{"payment":"{payment}",{data}}}}}"#
            );
            assert_eq!(sandbox.read(body.as_bytes()), None, "{data}");
        }
    }
}
