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

/// The names of everything in a value: pointers to its leaves.
fn leaves(value: &Value, at: &str, all: &mut Vec<String>) {
    match value.as_object() {
        Some(members) => members.iter().for_each(|(name, value)| leaves(value, &format!("{at}/{name}"), all)),
        None => all.push(at.to_owned()),
    }
}

#[test]
fn every_golden_value_is_read_by_a_test() {
    let sources = [
        include_str!("vectors.rs"),
        include_str!("stripe/tests.rs"),
        include_str!("alipay/tests.rs"),
        include_str!("wechatpay/tests.rs"),
    ];
    let is_named = |pointer: &str| sources.iter().any(|source| source.contains(&format!("\"{pointer}\"")));
    let mut all = Vec::new();
    leaves(&vectors(), "", &mut all);
    assert!(all.len() > 50, "the vectors are walked");
    // A whole object is read where its own name is asked for.
    let is_read = |leaf: &String| {
        let parent = leaf.rsplit_once('/').map_or("", |(parent, _)| parent);
        is_named(leaf) || (parent.matches('/').count() > 1 && is_named(parent))
    };
    let unread: Vec<_> = all.iter().filter(|leaf| !is_read(leaf) && *leaf != NOTE).collect();
    assert_eq!(unread, Vec::<&String>::new());
}

/// Says what the vectors are.
const NOTE: &str = "/_note";
