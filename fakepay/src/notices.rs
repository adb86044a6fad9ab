//! Notices: written and signed as each gateway does, with the faults that are wanted.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::hmac;
use serde_json::{Value, json};

use crate::keys;
use crate::world::{Kind, Trade, World};
use crate::{alipay, wechatpay};

/// A notice on its way.
#[derive(Clone, Debug)]
pub struct Notice {
    /// Which gateway sends it.
    pub kind: Kind,
    /// Where to.
    pub url: String,
    /// The headers.
    pub headers: Vec<(String, String)>,
    /// The raw bytes.
    pub body: Vec<u8>,
}

/// A part of a notice that can be spoilt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The signature.
    Signature,
    /// A byte of the body.
    Body,
    /// The time, an hour ago.
    Time,
    /// The name of the key (WeChat Pay).
    Serial,
    /// The seal (WeChat Pay): well signed, but it cannot be opened.
    Seal,
}

impl Part {
    /// Reads the name of a part.
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "signature" => Self::Signature,
            "body" => Self::Body,
            "time" => Self::Time,
            "serial" => Self::Serial,
            "seal" => Self::Seal,
            _ => return None,
        })
    }
}

impl Notice {
    /// Spoils a part.
    pub fn corrupt(mut self, part: Part, now: i64) -> Self {
        match part {
            Part::Body => {
                let middle = self.body.len() / 2;
                self.body.iter_mut().skip(middle).take(1).for_each(|byte| *byte ^= 1);
            }
            Part::Signature if self.kind == Kind::Alipay => {
                let text = String::from_utf8_lossy(&self.body).replacen("sign=", "sign=A", 1);
                self.body = text.into_bytes();
            }
            Part::Signature => self.header("signature", another_in_the_middle),
            Part::Serial => self.header("serial", |_| "PUB_KEY_ID_UNKNOWN".to_owned()),
            Part::Time | Part::Seal if self.kind == Kind::Alipay => return self.corrupt(Part::Body, now),
            Part::Time => self = again(self, now - 3_600),
            Part::Seal => {
                let text = String::from_utf8_lossy(&self.body).replacen("\"nonce\":\"", "\"nonce\":\"x", 1);
                self.body = text.into_bytes();
                self = again(self, now);
            }
        }
        self
    }

    fn header(&mut self, part: &str, change: impl Fn(&str) -> String) {
        for (name, value) in &mut self.headers {
            if name.to_lowercase().contains(part) && !name.to_lowercase().contains("type") {
                *value = change(value);
            }
        }
    }
}

/// The same text with another character in its middle, where every bit of hexadecimal and base64 counts.
fn another_in_the_middle(text: &str) -> String {
    let middle = text.chars().count() / 2;
    let other = |old| if old == 'a' { 'b' } else { 'a' };
    text.chars().enumerate().map(|(place, old)| if place == middle { other(old) } else { old }).collect()
}

/// Signs a notice anew at an instant.
fn again(notice: Notice, now: i64) -> Notice {
    let headers = match notice.kind {
        Kind::Stripe => stripe_headers(now, &notice.body),
        Kind::WechatPay => wechatpay::signed(now, &notice.body),
        Kind::Alipay => notice.headers.clone(),
    };
    Notice { headers, ..notice }
}

fn stripe_headers(now: i64, body: &[u8]) -> Vec<(String, String)> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, keys::STRIPE_WEBHOOK.as_bytes());
    let mut message = format!("{now}.").into_bytes();
    message.extend_from_slice(body);
    let tag = keys::hex(hmac::sign(&key, &message).as_ref());
    vec![
        ("content-type".to_owned(), "application/json".to_owned()),
        ("stripe-signature".to_owned(), format!("t={now},v1={tag}")),
    ]
}

/// An event of Stripe.
pub fn stripe(world: &mut World, url: &str, kind: &str, object: &Value, now: i64) -> Notice {
    let id = world.name("evt_");
    let event = json!({
        "id": id, "object": "event", "api_version": "2025-03-31.basil", "created": now, "livemode": false,
        "type": kind, "data": { "object": object }, "pending_webhooks": 1,
        "request": { "id": null, "idempotency_key": null },
    });
    let body = event.to_string().into_bytes();
    Notice { kind: Kind::Stripe, url: url.to_owned(), headers: stripe_headers(now, &body), body }
}

/// A notice of Alipay.
pub fn alipay(world: &mut World, trade: &Trade, more: &[(&str, String)], now: i64) -> Notice {
    let status = alipay::status(world, trade);
    let id = world.name("notify-");
    let mut fields: Vec<(String, String)> = [
        ("notify_time", alipay::beijing(now)),
        ("notify_type", "trade_status_sync".to_owned()),
        ("notify_id", id),
        ("app_id", keys::ALIPAY_APP.to_owned()),
        ("auth_app_id", keys::ALIPAY_APP.to_owned()),
        ("charset", "utf-8".to_owned()),
        ("version", "1.0".to_owned()),
        ("trade_no", trade.charge.clone()),
        ("out_trade_no", trade.number.clone()),
        ("seller_id", keys::ALIPAY_SELLER.to_owned()),
        ("buyer_id", "2088000000000002".to_owned()),
        ("trade_status", status.to_owned()),
        ("total_amount", alipay::yuan(trade.taken)),
        ("subject", trade.title.clone()),
    ]
    .into_iter()
    .chain(more.iter().cloned())
    .map(|(name, value)| (name.to_owned(), value))
    .collect();
    let signature = keys::sign(keys::ALIPAY_PRIVATE, alipay::text(&fields, &[]).as_bytes());
    fields.push(("sign".to_owned(), signature));
    fields.push(("sign_type".to_owned(), "RSA2".to_owned()));
    let headers =
        vec![("content-type".to_owned(), "application/x-www-form-urlencoded; charset=utf-8".to_owned())];
    Notice {
        kind: Kind::Alipay,
        url: trade.notify_url.clone(),
        headers,
        body: alipay::form(&fields).into_bytes(),
    }
}

/// A notice of WeChat Pay.
pub fn wechatpay(world: &mut World, url: &str, event: &str, inside: &Value, now: i64) -> Notice {
    let id = world.name("EV-");
    let nonce = format!("{:012}", world.last % 1_000_000_000_000);
    let mut sealed = inside.to_string().into_bytes();
    let (key, once) = (
        UnboundKey::new(&AES_256_GCM, keys::WECHAT_API_KEY.as_bytes()),
        Nonce::try_assume_unique_for_key(nonce.as_bytes()),
    );
    if let (Ok(key), Ok(once)) = (key, once) {
        let _ = LessSafeKey::new(key).seal_in_place_append_tag(once, Aad::from(b"transaction"), &mut sealed);
    }
    let body = json!({
        "id": id, "create_time": wechatpay::rfc3339(now), "resource_type": "encrypt-resource",
        "event_type": event, "summary": event,
        "resource": {
            "original_type": "transaction", "algorithm": "AEAD_AES_256_GCM", "associated_data": "transaction",
            "ciphertext": STANDARD.encode(sealed), "nonce": nonce,
        },
    });
    let body = body.to_string().into_bytes();
    Notice { kind: Kind::WechatPay, url: url.to_owned(), headers: wechatpay::signed(now, &body), body }
}
