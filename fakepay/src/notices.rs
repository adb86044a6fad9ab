//! Notices: written and signed as each gateway does.

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
    /// The second of the gateway's clock before which it is not sent.
    pub after: i64,
    /// Whether it was spoilt on purpose, so that it stays as it is.
    pub spoilt: bool,
}

impl Notice {
    fn new(kind: Kind, url: &str, headers: Vec<(String, String)>, body: Vec<u8>) -> Self {
        Self { kind, url: url.to_owned(), headers, body, after: 0, spoilt: false }
    }

    /// Whether the notice names a payment; every one does where no number is given.
    pub fn is_about(&self, number: &str) -> bool {
        let seen = |text: &[u8]| String::from_utf8_lossy(text).contains(number);
        let inside = || {
            let body: Value = serde_json::from_slice(&self.body).ok()?;
            let part = |place: &str| body.pointer(place).and_then(Value::as_str);
            Some(unsealed(part("/resource/ciphertext")?, part("/resource/nonce")?)?.to_string())
        };
        seen(&self.body) || inside().is_some_and(|text| text.contains(number))
    }

    /// The same bytes, signed anew at an instant. Alipay signs its fields, and no instant.
    pub fn signed_at(self, now: i64) -> Self {
        let headers = match self.kind {
            Kind::Stripe => stripe_headers(now, &self.body),
            Kind::WechatPay => wechatpay::signed(now, &self.body),
            Kind::Alipay => self.headers.clone(),
        };
        Self { headers, ..self }
    }
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
    Notice::new(Kind::Stripe, url, stripe_headers(now, &body), body)
}

/// A notice of Alipay.
pub fn alipay(world: &mut World, trade: &Trade, more: &[(&str, String)], now: i64) -> Notice {
    let status = alipay::status(world, trade);
    let id = world.name("notify-");
    let fields: Vec<(String, String)> = [
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
    let kind = "application/x-www-form-urlencoded; charset=utf-8";
    let headers = vec![("content-type".to_owned(), kind.to_owned())];
    Notice::new(Kind::Alipay, &trade.notify_url, headers, alipay_body(fields))
}

/// The form of a notice of Alipay, signed.
pub fn alipay_body(mut fields: Vec<(String, String)>) -> Vec<u8> {
    let signature = keys::sign(keys::ALIPAY_PRIVATE, alipay::text(&fields, &[]).as_bytes());
    fields.push(("sign".to_owned(), signature));
    fields.push(("sign_type".to_owned(), "RSA2".to_owned()));
    alipay::form(&fields).into_bytes()
}

/// A notice of WeChat Pay.
pub fn wechatpay(world: &mut World, url: &str, event: &str, inside: &Value, now: i64) -> Notice {
    let id = world.name("EV-");
    let nonce = format!("{:012}", world.last % 1_000_000_000_000);
    let body = json!({
        "id": id, "create_time": wechatpay::rfc3339(now), "resource_type": "encrypt-resource",
        "event_type": event, "summary": event,
        "resource": {
            "original_type": "transaction", "algorithm": "AEAD_AES_256_GCM", "associated_data": AAD,
            "ciphertext": sealed(inside, &nonce), "nonce": nonce,
        },
    });
    let body = body.to_string().into_bytes();
    Notice::new(Kind::WechatPay, url, wechatpay::signed(now, &body), body)
}

/// What is sealed into an envelope together with its text.
pub const AAD: &str = "transaction";

fn seal(nonce: &str) -> Option<(LessSafeKey, Nonce)> {
    let key = UnboundKey::new(&AES_256_GCM, keys::WECHAT_API_KEY.as_bytes()).ok()?;
    Some((LessSafeKey::new(key), Nonce::try_assume_unique_for_key(nonce.as_bytes()).ok()?))
}

/// The seal over what a notice of WeChat Pay says.
pub fn sealed(inside: &Value, nonce: &str) -> String {
    let mut text = inside.to_string().into_bytes();
    if let Some((key, nonce)) = seal(nonce) {
        let _ = key.seal_in_place_append_tag(nonce, Aad::from(AAD.as_bytes()), &mut text);
    }
    STANDARD.encode(text)
}

/// What a notice of WeChat Pay says.
pub fn unsealed(text: &str, nonce: &str) -> Option<Value> {
    let (key, nonce) = seal(nonce)?;
    let mut text = STANDARD.decode(text).ok()?;
    serde_json::from_slice(key.open_in_place(nonce, Aad::from(AAD.as_bytes()), &mut text).ok()?).ok()
}
