//! The settings of gateways: which may be used, and that no fake one is used by mistake.

use super::alipay::Alipay;
use super::stripe::Stripe;
use super::wechatpay::WechatPay;
use super::wire::Client;

/// Where the real gateways are, and where alone a live installation may send anything.
const STRIPE: [&str; 1] = ["https://api.stripe.com"];
const ALIPAY: [&str; 1] = ["https://openapi.alipay.com/gateway.do"];
const WECHATPAY: [&str; 2] = ["https://api.mch.weixin.qq.com", "https://api2.mch.weixin.qq.com"];
/// Where no key tells play money from real money, so that the address must: whatever is asked for at these hosts,
/// and below them, moves real money. Alipay's sandbox is elsewhere; WeChat Pay has none.
const REAL: [&str; 4] = ["alipay.com", "alipay.cn", "weixin.qq.com", "wechatpay.cn"];

/// Settings of Stripe.
#[derive(Clone, Default)]
pub struct StripeSettings {
    /// The secret key: `sk_live_...`, or `sk_test_...` in test mode.
    pub key: String,
    /// The secrets of the endpoint for notices, newest first.
    pub webhook_secrets: Vec<String>,
    /// The base address.
    pub url: String,
}

/// Settings of Alipay.
#[derive(Clone, Default)]
pub struct AlipaySettings {
    /// Our application.
    pub app_id: String,
    /// The account that receives the money.
    pub seller_id: String,
    /// Our private key.
    pub private_key: String,
    /// The public key of Alipay.
    pub public_key: String,
    /// The address of the gateway.
    pub url: String,
}

/// Settings of WeChat Pay.
#[derive(Clone, Default)]
pub struct WechatPaySettings {
    /// Our application.
    pub app_id: String,
    /// Our merchant number.
    pub merchant: String,
    /// The serial number of our certificate.
    pub merchant_serial: String,
    /// Our private key.
    pub private_key: String,
    /// The id of the key with which WeChat Pay signs.
    pub platform_serial: String,
    /// That key.
    pub platform_key: String,
    /// The key of the envelope of notices: 32 bytes.
    pub api_key: String,
    /// The base address.
    pub url: String,
}

/// Settings of every gateway; one without keys is not offered.
#[derive(Clone, Default)]
pub struct Settings {
    /// Whether money is play money: then fakes and test keys are allowed, and only then.
    pub test: bool,
    /// Stripe.
    pub stripe: Option<StripeSettings>,
    /// Alipay.
    pub alipay: Option<AlipaySettings>,
    /// WeChat Pay.
    pub wechatpay: Option<WechatPaySettings>,
}

impl Settings {
    /// Whether any gateway outside is used.
    pub const fn any(&self) -> bool {
        self.stripe.is_some() || self.alipay.is_some() || self.wechatpay.is_some()
    }

    /// Reads the settings; every value is asked for by its name. Faults: which setting, and why.
    pub fn read(text: impl Fn(&'static str) -> String) -> (Self, Vec<(&'static str, String)>) {
        let mut faults = Vec::new();
        let test = match text("PAYMENTS_MODE").as_str() {
            "live" => false,
            "test" => true,
            other => {
                faults.push(("PAYMENTS_MODE", format!("is {other:?}; write live or test")));
                false
            }
        };
        let url = |key: &'static str| text(key).trim_end_matches('/').to_owned();
        let stripe = StripeSettings {
            key: text("STRIPE_SECRET_KEY"),
            webhook_secrets: listed(&text("STRIPE_WEBHOOK_SECRET")),
            url: url("STRIPE_URL"),
        };
        let alipay = AlipaySettings {
            app_id: text("ALIPAY_APP_ID"),
            seller_id: text("ALIPAY_SELLER_ID"),
            private_key: text("ALIPAY_PRIVATE_KEY"),
            public_key: text("ALIPAY_PUBLIC_KEY"),
            url: url("ALIPAY_URL"),
        };
        let wechatpay = WechatPaySettings {
            app_id: text("WECHATPAY_APP_ID"),
            merchant: text("WECHATPAY_MERCHANT"),
            merchant_serial: text("WECHATPAY_MERCHANT_SERIAL"),
            private_key: text("WECHATPAY_PRIVATE_KEY"),
            platform_serial: text("WECHATPAY_PLATFORM_SERIAL"),
            platform_key: text("WECHATPAY_PLATFORM_KEY"),
            api_key: text("WECHATPAY_API_KEY"),
            url: url("WECHATPAY_URL"),
        };
        let settings = Self {
            test,
            stripe: (!stripe.key.is_empty()).then_some(stripe),
            alipay: (!alipay.app_id.is_empty()).then_some(alipay),
            wechatpay: (!wechatpay.merchant.is_empty()).then_some(wechatpay),
        };
        settings.check(&mut faults);
        (settings, faults)
    }

    fn check(&self, faults: &mut Vec<(&'static str, String)>) {
        if let Some(stripe) = &self.stripe {
            self.address("STRIPE_URL", &stripe.url, &STRIPE, faults);
            if (stripe.key.starts_with("sk_live_") || stripe.key.starts_with("rk_live_")) == self.test {
                faults.push(("STRIPE_SECRET_KEY", "does not belong to this PAYMENTS_MODE".to_owned()));
            }
            faults.extend(Stripe::check(stripe));
        }
        if let Some(alipay) = &self.alipay {
            self.address("ALIPAY_URL", &alipay.url, &ALIPAY, faults);
            faults.extend(Alipay::check(alipay));
        }
        if let Some(wechatpay) = &self.wechatpay {
            self.address("WECHATPAY_URL", &wechatpay.url, &WECHATPAY, faults);
            faults.extend(WechatPay::check(wechatpay));
        }
        if let Err(why) = Client::new(self.test, None) {
            faults.push(("PAYMENTS_MODE", format!("no connection can be made: {why}")));
        }
    }

    /// A live installation speaks to the real gateways alone; plain http is for this machine alone.
    fn address(
        &self,
        key: &'static str,
        url: &str,
        official: &[&str],
        faults: &mut Vec<(&'static str, String)>,
    ) {
        if !self.test && !official.contains(&url) {
            faults.push((key, "is not the real gateway; a fake one needs PAYMENTS_MODE=test".to_owned()));
        }
        if self.test && takes_real_money(url) {
            let why =
                "is the real gateway and takes real money; PAYMENTS_MODE=test needs a sandbox or a fake";
            faults.push((key, why.to_owned()));
        } else if self.test && !url.starts_with("https://") && !crate::config::is_loopback(url) {
            faults.push((key, "is plain http and not on this machine".to_owned()));
        }
    }
}

/// Whether an address, however it is written, belongs to a gateway whose every order is one of real money.
fn takes_real_money(url: &str) -> bool {
    let Ok(url) = reqwest::Url::parse(url) else { return false };
    let host = url.host_str().unwrap_or_default().trim_end_matches('.');
    REAL.iter().any(|real| host.strip_suffix(real).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')))
}

fn listed(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(ToOwned::to_owned).collect()
}
