//! Notices of WeChat Pay: signed outside, sealed inside.

use super::super::wire::Member;
use axum::http::HeaderMap;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::payments::Told;
use domain::time::Timestamp;
use ring::aead::{Aad, Nonce};
use serde::Deserialize;
use serde_json::Value;

use super::super::super::gateway::{Hint, Of, Rejected};
use super::super::payment_of;
use super::WechatPay;

#[derive(Deserialize)]
struct Envelope {
    id: String,
    event_type: String,
    resource: Resource,
}

#[derive(Deserialize)]
struct Resource {
    algorithm: String,
    ciphertext: String,
    #[serde(default)]
    associated_data: String,
    nonce: String,
}

impl WechatPay {
    /// Lets a notice in: its signature, its seal, our merchant number.
    pub(super) fn admit(&self, headers: &HeaderMap, body: &[u8], now: Timestamp) -> Result<String, Rejected> {
        if !self.is_theirs(headers, body, now) {
            return Err(Rejected::Signature);
        }
        let envelope: Envelope = serde_json::from_slice(body).map_err(|_| Rejected::Unreadable)?;
        let inside = self.unseal(&envelope.resource).ok_or(Rejected::Unreadable)?;
        let ours = inside.member("mchid") == self.merchant.as_str()
            && (inside.member("appid").is_null() || inside.member("appid") == self.app_id.as_str());
        if ours && (1..=200).contains(&envelope.id.len()) {
            Ok(envelope.id)
        } else {
            Err(Rejected::Unreadable)
        }
    }

    /// Opens the seal of a notice.
    pub(super) fn unseal_notice(&self, body: &[u8]) -> Option<(String, Value)> {
        let envelope: Envelope = serde_json::from_slice(body).ok()?;
        Some((envelope.event_type, self.unseal(&envelope.resource)?))
    }

    fn unseal(&self, resource: &Resource) -> Option<Value> {
        if resource.algorithm != "AEAD_AES_256_GCM" {
            return None;
        }
        let nonce = Nonce::try_assume_unique_for_key(resource.nonce.as_bytes()).ok()?;
        let mut sealed = STANDARD.decode(&resource.ciphertext).ok()?;
        let aad = Aad::from(resource.associated_data.as_bytes());
        let open = self.seal.open_in_place(nonce, aad, &mut sealed).ok()?;
        serde_json::from_slice(open).ok()
    }

    /// What a notice that was let in is about.
    pub(super) fn hint(&self, body: &[u8]) -> Option<Hint> {
        let (kind, inside) = self.unseal_notice(body)?;
        let number = inside.member("out_trade_no").as_str().unwrap_or_default();
        let payment = payment_of(number);
        if kind.starts_with("REFUND.") {
            let reference =
                inside.member("out_refund_no").as_str().filter(|text| is_number(text))?.to_owned();
            let charge = inside.member("transaction_id").as_str().unwrap_or_default();
            return Some(match Of::named(payment, charge) {
                Some(of) => Hint::Reversal { of, reference },
                None => Hint::Other,
            });
        }
        if !kind.starts_with("TRANSACTION.") {
            return Some(Hint::Other);
        }
        // Signed by WeChat Pay, and still only a claim: where the attempt is ours it is asked about.
        let claimed = self.told(&inside, number).unwrap_or(Told::Pending);
        Some(Hint::Payment { payment, claimed })
    }
}

/// Numbers become parts of paths: the letters that WeChat Pay allows in one and that mean nothing there.
fn is_number(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}
