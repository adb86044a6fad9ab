//! Gateways outside: their wire formats, signatures and words.

pub mod alipay;
pub mod form;
pub mod keys;
pub mod rsa;
pub mod settings;
pub mod stripe;
#[cfg(test)]
mod vectors;
pub mod wechatpay;
pub mod wire;
pub mod yuan;

use std::sync::Arc;

use domain::payments::PaymentId;
use uuid::Uuid;

use super::gateway::Gateway;
use crate::clock::{Clock, Entropy};
use crate::kit::Kit;

/// What every gateway outside works with.
#[derive(Clone)]
pub struct Outside {
    /// Calls it.
    pub client: wire::Client,
    /// Time, for signatures.
    pub clock: Arc<dyn Clock>,
    /// Chance, for nonces.
    pub entropy: Arc<dyn Entropy>,
    /// Which keys of idempotence are used up.
    pub keys: Arc<dyn keys::Keys>,
    /// How people and notices reach us.
    pub public_url: String,
    /// Whether money is play money.
    pub test: bool,
}

impl Outside {
    /// A fresh nonce of 32 hexadecimal digits.
    pub fn nonce(&self) -> String {
        let mut bytes = [0; 16];
        self.entropy.fill(&mut bytes);
        Uuid::from_bytes(bytes).simple().to_string()
    }
    /// The page to which a buyer comes back: it shows where the order stands, whatever the address says.
    pub fn back_to(&self, demand: &super::gateway::Demand) -> String {
        format!("{}/{}/orders/{}", self.public_url, demand.locale.as_str(), demand.order)
    }
    /// Where a gateway sends its notices.
    pub fn notify_url(&self, gateway: &str) -> String {
        format!("{}/pay/{gateway}/notify", self.public_url)
    }
}

/// The gateways for which there are keys. Play money and real money never meet: a demonstration uses test
/// gateways alone, every other installation real ones alone.
pub fn configured(kit: &Kit) -> Vec<Arc<dyn Gateway>> {
    let settings = &kit.config.gateways;
    let mut gateways: Vec<Arc<dyn Gateway>> = Vec::new();
    if settings.test != kit.demonstration || !settings.any() {
        return gateways;
    }
    let Ok(client) = wire::Client::new(settings.test, kit.config.gateway_patience) else { return gateways };
    let outside = Outside {
        client,
        clock: kit.clock.clone(),
        entropy: kit.entropy.clone(),
        keys: Arc::new(keys::StoredKeys(kit.db.clone())),
        public_url: kit.config.public_url.clone(),
        test: settings.test,
    };
    let alipay = settings.alipay.as_ref().and_then(|found| alipay::Alipay::new(found, outside.clone()).ok());
    let wechatpay =
        settings.wechatpay.as_ref().and_then(|found| wechatpay::WechatPay::new(found, outside.clone()).ok());
    let stripe = settings.stripe.as_ref().and_then(|found| stripe::Stripe::new(found, outside.clone()).ok());
    gateways.extend(alipay.map(|gateway| Arc::new(gateway) as Arc<dyn Gateway>));
    gateways.extend(wechatpay.map(|gateway| Arc::new(gateway) as Arc<dyn Gateway>));
    gateways.extend(stripe.map(|gateway| Arc::new(gateway) as Arc<dyn Gateway>));
    gateways
}

/// Reads our number of an attempt: 32 hexadecimal digits and nothing else.
pub fn payment_of(number: &str) -> Option<PaymentId> {
    let plain = number.len() == 32 && number.bytes().all(|byte| byte.is_ascii_hexdigit());
    plain.then(|| Uuid::parse_str(number).ok().map(PaymentId)).flatten()
}
