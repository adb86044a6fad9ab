//! WeChat Pay, version 3: Native (a QR code that we draw), query, close, refund, and sealed notices.

mod api;
mod bill;
mod funds;
mod notice;
mod sign;

use super::wire::Member;
use async_trait::async_trait;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::money::{Currency, Money};
use domain::payments::{RefundId, Told};
use domain::time::{Span, Timestamp};
use ring::aead::{AES_256_GCM, LessSafeKey, UnboundKey};
use serde_json::{Value, json};

use self::api::Reply;
use super::super::gateway::{
    Checkout, Demand, Gateway, Hint, Opened, RefundDemand, RefundTold, Rejected, Reversal, ReversalKind,
    Unsure,
};
use super::super::list::Listing;
use super::super::store::Attempt;
use super::rsa::{Signer, Verifier};
use super::settings::WechatPaySettings;
use super::{Outside, payment_of};

/// WeChat Pay.
pub struct WechatPay {
    app_id: String,
    merchant: String,
    serial: String,
    platform_serial: String,
    url: String,
    signer: Signer,
    verifier: Verifier,
    seal: LessSafeKey,
    outside: Outside,
}

impl WechatPay {
    /// WeChat Pay with these settings.
    pub fn new(settings: &WechatPaySettings, outside: Outside) -> Result<Self, (&'static str, String)> {
        let signer = Signer::parse(&settings.private_key);
        let verifier = Verifier::parse(&settings.platform_key);
        Ok(Self {
            app_id: settings.app_id.clone(),
            merchant: settings.merchant.clone(),
            serial: settings.merchant_serial.clone(),
            platform_serial: settings.platform_serial.clone(),
            url: settings.url.clone(),
            signer: signer.map_err(|why| ("WECHATPAY_PRIVATE_KEY", why.to_owned()))?,
            verifier: verifier.map_err(|why| ("WECHATPAY_PLATFORM_KEY", why.to_owned()))?,
            seal: seal(&settings.api_key)
                .ok_or_else(|| ("WECHATPAY_API_KEY", "is not 32 bytes long".to_owned()))?,
            outside,
        })
    }

    /// What is wrong with settings.
    pub fn check(settings: &WechatPaySettings) -> Vec<(&'static str, String)> {
        let mut faults = Vec::new();
        if let Err(why) = Signer::parse(&settings.private_key) {
            faults.push(("WECHATPAY_PRIVATE_KEY", why.to_owned()));
        }
        if let Err(why) = Verifier::parse(&settings.platform_key) {
            faults.push(("WECHATPAY_PLATFORM_KEY", why.to_owned()));
        }
        if seal(&settings.api_key).is_none() {
            faults.push(("WECHATPAY_API_KEY", "is not 32 bytes long".to_owned()));
        }
        let needed = [
            ("WECHATPAY_APP_ID", &settings.app_id),
            ("WECHATPAY_MERCHANT_SERIAL", &settings.merchant_serial),
            ("WECHATPAY_PLATFORM_SERIAL", &settings.platform_serial),
        ];
        let plain = |text: &str| {
            !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        };
        let missing = needed.iter().filter(|(_, value)| !plain(value));
        faults.extend(missing.map(|(key, _)| (*key, "is missing, or holds odd letters".to_owned())));
        faults
    }

    fn path_of(&self, number: &str) -> String {
        format!("/v3/pay/transactions/out-trade-no/{number}")
    }

    /// What a transaction says of the attempt with a number.
    fn told(&self, transaction: &Value, number: &str) -> Result<Told, Unsure> {
        let part = |name: &str| transaction[name].as_str().unwrap_or_default();
        if part("out_trade_no") != number || part("mchid") != self.merchant || part("appid") != self.app_id {
            return Err(Unsure("a transaction of somebody else".to_owned()));
        }
        match part("trade_state") {
            "NOTPAY" | "USERPAYING" | "ACCEPT" => Ok(Told::Pending),
            "CLOSED" | "REVOKED" => Ok(Told::Closed),
            "PAYERROR" => Ok(Told::Declined),
            // What was refunded had been paid.
            "SUCCESS" | "REFUND" => {
                let charge = part("transaction_id").to_owned();
                let amount = fen(&transaction["amount"], "total");
                match amount {
                    Some(amount) if !charge.is_empty() => Ok(Told::Confirmed { charge, amount }),
                    _ => Err(Unsure("money without a name or an amount".to_owned())),
                }
            }
            other => Err(Unsure(format!("a transaction is {other:?}"))),
        }
    }

    async fn refund_numbered(&self, number: &str) -> Result<Option<Value>, Unsure> {
        match self.call(Method::GET, &format!("/v3/refund/domestic/refunds/{number}"), None).await? {
            Reply::Ok(refund) => Ok(Some(refund)),
            Reply::Refused { status: 404, .. } => Ok(None),
            Reply::Refused { code, .. } => Err(Unsure(format!("a query of a refund is refused: {code}"))),
        }
    }
}

impl WechatPay {
    /// A refund by its number, of a payment that it must name.
    async fn reversal_numbered(
        &self,
        (name, of): (&str, &str),
        reference: &str,
    ) -> Result<Option<Reversal>, Unsure> {
        let Some(refund) = self.refund_numbered(reference).await? else {
            return Ok(Some(Reversal::not_found(reference, Currency::Cny)));
        };
        if refund.member(name) != of {
            return Err(Unsure("a refund of somebody else".to_owned()));
        }
        let amount = fen(refund.member("amount"), "refund");
        let amount = amount.ok_or_else(|| Unsure("a refund without an amount".to_owned()))?;
        let ours = payment_of(reference).map(|id| RefundId(id.0));
        let kind = ReversalKind::Refund { ours, told: refund_told(&refund)? };
        Ok(Some(Reversal { reference: reference.to_owned(), kind, amount }))
    }
}

/// The key of the envelope: 32 bytes and not one less, whatever older examples show.
fn seal(key: &str) -> Option<LessSafeKey> {
    UnboundKey::new(&AES_256_GCM, key.as_bytes()).ok().map(LessSafeKey::new)
}

/// An amount in fen, in an object that names its currency.
fn fen(amount: &Value, name: &str) -> Option<Money> {
    let currency = amount["currency"].as_str().unwrap_or("CNY");
    let currency = Currency::try_from(currency.to_owned()).ok()?;
    amount[name].as_i64().filter(|fen| *fen > 0).map(|fen| Money::new(fen, currency))
}

fn refund_told(refund: &Value) -> Result<RefundTold, Unsure> {
    Ok(match refund["status"].as_str().unwrap_or_default() {
        "SUCCESS" => RefundTold::Succeeded,
        "PROCESSING" => RefundTold::Pending,
        "CLOSED" => RefundTold::Failed("CLOSED".to_owned()),
        // The card of the buyer cannot take it: in the console it can be sent in another way, or given up.
        "ABNORMAL" => RefundTold::Stuck("ABNORMAL".to_owned()),
        other => return Err(Unsure(format!("a refund is {other:?}"))),
    })
}

#[async_trait]
impl Gateway for WechatPay {
    fn name(&self) -> &'static str {
        "wechatpay"
    }

    fn takes(&self, currency: Currency) -> bool {
        currency == Currency::Cny
    }

    /// A square code is good for two hours; nobody shall be shown one that ends while they look for their phone.
    fn lasts(&self) -> Option<Span> {
        Some(Span::minutes(110))
    }

    async fn create(&self, demand: &Demand) -> Result<Opened, Unsure> {
        let body = json!({
            "appid": self.app_id,
            "mchid": self.merchant,
            "description": demand.title.chars().take(40).collect::<String>(),
            "out_trade_no": demand.number,
            "time_expire": sign::rfc3339(demand.expires_at),
            "notify_url": self.outside.notify_url("wechatpay"),
            "amount": { "total": demand.amount.minor, "currency": "CNY" },
        });
        match self.call(Method::POST, "/v3/pay/transactions/native", Some(&body)).await? {
            Reply::Ok(made) => match made.member("code_url").as_str() {
                Some(code) if !code.is_empty() => Ok(Checkout::Qr(code.to_owned()).into()),
                _ => Err(Unsure("a payment without a code".to_owned())),
            },
            // Somebody was there before us: asking will tell what became of it.
            Reply::Refused { code, .. } if matches!(code.as_str(), "ORDERPAID" | "OUT_TRADE_NO_USED") => {
                Err(Unsure(code))
            }
            Reply::Refused { code, .. } => Ok(Opened::Refused(code)),
        }
    }

    fn verify(&self, headers: &HeaderMap, body: &[u8], now: Timestamp) -> Result<String, Rejected> {
        self.admit(headers, body, now)
    }

    fn read(&self, body: &[u8]) -> Option<Hint> {
        self.hint(body)
    }

    async fn query(&self, attempt: &Attempt) -> Result<Told, Unsure> {
        let number = attempt.number();
        let path = format!("{}?mchid={}", self.path_of(&number), self.merchant);
        match self.call(Method::GET, &path, None).await? {
            Reply::Ok(transaction) => self.told(&transaction, &number),
            // Our request never arrived: nothing can have been paid.
            Reply::Refused { status: 404, .. } => Ok(Told::Pending),
            Reply::Refused { code, .. } => Err(Unsure(format!("a query is refused: {code}"))),
        }
    }

    async fn close(&self, attempt: &Attempt) -> Result<Told, Unsure> {
        match self.query(attempt).await? {
            Told::Pending => {}
            settled => return Ok(settled),
        }
        let path = format!("{}/close", self.path_of(&attempt.number()));
        match self.call(Method::POST, &path, Some(&json!({ "mchid": self.merchant }))).await? {
            Reply::Ok(_) => Ok(Told::Closed),
            Reply::Refused { status: 404, .. } => Ok(Told::Closed),
            // It was paid or closed meanwhile.
            Reply::Refused { .. } => self.query(attempt).await,
        }
    }

    async fn refund(&self, refund: &RefundDemand) -> Result<RefundTold, Unsure> {
        let body = json!({
            "transaction_id": refund.charge,
            "out_refund_no": refund.number(),
            "notify_url": self.outside.notify_url("wechatpay"),
            "amount": {
                "refund": refund.amount.minor,
                "total": refund.charged.minor,
                "currency": refund.amount.currency.code(),
            },
        });
        match self.call(Method::POST, "/v3/refund/domestic/refunds", Some(&body)).await? {
            Reply::Ok(made) => refund_told(&made),
            Reply::Refused { code, .. } => Ok(RefundTold::Failed(code)),
        }
    }

    async fn query_refund(&self, refund: &RefundDemand) -> Result<RefundTold, Unsure> {
        match self.refund_numbered(&refund.number()).await? {
            Some(found) => refund_told(&found),
            None => Ok(RefundTold::NotFound),
        }
    }

    async fn reversal(&self, attempt: &Attempt, reference: &str) -> Result<Option<Reversal>, Unsure> {
        self.reversal_numbered(("out_trade_no", &attempt.number()), reference).await
    }

    async fn reversal_of_charge(&self, charge: &str, reference: &str) -> Result<Option<Reversal>, Unsure> {
        self.reversal_numbered(("transaction_id", charge), reference).await
    }

    async fn movements(&self, from: Timestamp, until: Timestamp) -> Result<Option<Listing>, Unsure> {
        Ok(Some(self.bills(from, until).await?))
    }

    fn acknowledge(&self, stored: bool) -> Response {
        if stored {
            return StatusCode::OK.into_response();
        }
        let answer = json!({ "code": "FAIL", "message": "失败" });
        (StatusCode::BAD_REQUEST, axum::Json(answer)).into_response()
    }
}

#[cfg(test)]
mod tests;
