//! The golden vectors, and gateways that are set up with their keys: for tests.

use std::sync::Arc;

use async_trait::async_trait;
use domain::time::Timestamp;
use serde_json::Value;

use super::super::gateway::Unsure;
use super::keys::Keys;
use super::settings::{AlipaySettings, StripeSettings, WechatPaySettings};
use super::{Outside, wire};
use crate::clock::{HandClock, SeededEntropy};

/// The vectors, whose signatures were cross-checked with openssl.
pub fn vectors() -> Value {
    serde_json::from_str(include_str!("../../../../tests/data/payment_vectors.json")).unwrap()
}

/// A text of the vectors.
pub fn text(pointer: &str) -> String {
    vectors().pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("{pointer}")).to_owned()
}

/// No key is ever used up.
struct Unspent;

#[async_trait]
impl Keys for Unspent {
    async fn spent(&self, _gateway: &str, _purpose: &str) -> Result<u32, Unsure> {
        Ok(0)
    }
    async fn spend(&self, _gateway: &str, _purpose: &str, _spent: u32) -> Result<(), Unsure> {
        Ok(())
    }
}

/// Surroundings at an instant.
pub fn outside(seconds: i64) -> Outside {
    Outside {
        client: wire::Client::new(true, None).unwrap(),
        clock: Arc::new(HandClock::at(Timestamp::from_seconds(seconds))),
        entropy: Arc::new(SeededEntropy::new(1)),
        keys: Arc::new(Unspent),
        public_url: "https://pay.example.test".to_owned(),
        test: true,
    }
}

pub fn stripe() -> StripeSettings {
    StripeSettings {
        key: "sk_test_1".to_owned(),
        webhook_secrets: vec![text("/stripe/secret")],
        url: "http://127.0.0.1:1".to_owned(),
    }
}

pub fn alipay() -> AlipaySettings {
    AlipaySettings {
        app_id: "2021000000000001".to_owned(),
        seller_id: "2088000000000001".to_owned(),
        private_key: text("/alipay/app_private_key_pem"),
        public_key: text("/alipay/alipay_public_key_pem"),
        url: "http://127.0.0.1:1/gateway.do".to_owned(),
    }
}

pub fn wechatpay() -> WechatPaySettings {
    WechatPaySettings {
        app_id: "wx0000000000000001".to_owned(),
        merchant: "1900000001".to_owned(),
        merchant_serial: text("/wechat/merchant_serial"),
        private_key: text("/wechat/merchant_private_key_pem"),
        platform_serial: text("/wechat/platform_serial"),
        platform_key: text("/wechat/platform_public_key_pem"),
        api_key: text("/wechat/apiv3_key"),
        url: "http://127.0.0.1:1".to_owned(),
    }
}
