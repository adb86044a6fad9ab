//! Alipay: page pay by a signed address, query, close, refund, and notices (RSA2).
//!
//! A trade comes into being when the buyer opens the address, not when we write it: a trade that does not
//! exist has not been paid, and one that is to be closed needs no closing.

mod api;
mod notice;
mod sign;

use super::wire::Member;
use async_trait::async_trait;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::money::Currency;
use domain::payments::{RefundId, Told};
use domain::time::Timestamp;
use serde_json::{Value, json};

use self::api::Reply;
use super::super::gateway::{
    Checkout, Demand, Gateway, Hint, Opened, RefundDemand, RefundTold, Rejected, Reversal, ReversalKind,
    Unsure,
};
use super::super::store::Attempt;
use super::rsa::{Signer, Verifier};
use super::settings::AlipaySettings;
use super::{Outside, payment_of, yuan};

/// The code of a trade that nobody has opened yet.
const NO_TRADE: &str = "ACQ.TRADE_NOT_EXIST";

/// Alipay.
pub struct Alipay {
    app_id: String,
    seller_id: String,
    url: String,
    signer: Signer,
    verifier: Verifier,
    outside: Outside,
}

impl Alipay {
    /// Alipay with these settings.
    pub fn new(settings: &AlipaySettings, outside: Outside) -> Result<Self, (&'static str, String)> {
        let signer = Signer::parse(&settings.private_key);
        let verifier = Verifier::parse(&settings.public_key);
        Ok(Self {
            app_id: settings.app_id.clone(),
            seller_id: settings.seller_id.clone(),
            url: settings.url.clone(),
            signer: signer.map_err(|why| ("ALIPAY_PRIVATE_KEY", why.to_owned()))?,
            verifier: verifier.map_err(|why| ("ALIPAY_PUBLIC_KEY", why.to_owned()))?,
            outside,
        })
    }

    /// What is wrong with settings.
    pub fn check(settings: &AlipaySettings) -> Vec<(&'static str, String)> {
        let mut faults = Vec::new();
        if let Err(why) = Signer::parse(&settings.private_key) {
            faults.push(("ALIPAY_PRIVATE_KEY", why.to_owned()));
        }
        if let Err(why) = Verifier::parse(&settings.public_key) {
            faults.push(("ALIPAY_PUBLIC_KEY", why.to_owned()));
        }
        if settings.seller_id.is_empty() {
            faults
                .push(("ALIPAY_SELLER_ID", "is missing: notices name the account that was paid".to_owned()));
        }
        faults
    }

    /// Where the trade with our number stands.
    async fn trade(&self, number: &str) -> Result<(Told, Option<String>), Unsure> {
        let reply = self.call("alipay.trade.query", &json!({ "out_trade_no": number })).await?;
        let trade = match reply {
            Reply::Ok(trade) => trade,
            Reply::Refused { code, .. } if code == NO_TRADE => return Ok((Told::Pending, None)),
            Reply::Refused { code, .. } => return Err(Unsure(format!("a query is refused: {code}"))),
        };
        if trade.member("out_trade_no") != number {
            return Err(Unsure("a trade of somebody else".to_owned()));
        }
        let name = trade.member("trade_no").as_str().unwrap_or_default().to_owned();
        let told = match trade.member("trade_status").as_str().unwrap_or_default() {
            "WAIT_BUYER_PAY" => Told::Pending,
            "TRADE_CLOSED" => Told::Closed,
            "TRADE_SUCCESS" | "TRADE_FINISHED" if !name.is_empty() => {
                let amount = yuan::read(trade.member("total_amount").as_str().unwrap_or_default());
                let amount = amount.ok_or_else(|| Unsure("a trade without an amount".to_owned()))?;
                Told::Confirmed { charge: name.clone(), amount }
            }
            other => return Err(Unsure(format!("a trade is {other:?}"))),
        };
        Ok((told, Some(name)))
    }

    /// Where a refund with a number stands, and how much it is.
    async fn refund_of(
        &self,
        trade: (&'static str, &str),
        number: &str,
    ) -> Result<(RefundTold, Value), Unsure> {
        let query = json!({ trade.0: trade.1, "out_request_no": number });
        match self.call("alipay.trade.fastpay.refund.query", &query).await? {
            Reply::Ok(refund) => {
                // A refund that was never asked for is answered without an amount; one that did not arrive, or
                // came to nothing, without a status. Either may be asked for again under its number.
                let known = refund.member("refund_amount").as_str().is_some_and(|amount| !amount.is_empty());
                let told = match refund.member("refund_status").as_str().unwrap_or_default() {
                    "REFUND_SUCCESS" if known => RefundTold::Succeeded,
                    status if known && !status.is_empty() => RefundTold::Pending,
                    _ => RefundTold::NotFound,
                };
                Ok((told, refund))
            }
            Reply::Refused { code, .. } if code == NO_TRADE => Ok((RefundTold::NotFound, Value::Null)),
            Reply::Refused { code, .. } => Err(Unsure(format!("a query of a refund is refused: {code}"))),
        }
    }
}

impl Alipay {
    /// A refund by its number. One without a number of its own goes by that of its trade; where Alipay does not
    /// know it by that either, a person must look.
    async fn reversal_numbered(
        &self,
        trade: (&'static str, &str),
        reference: &str,
    ) -> Result<Option<Reversal>, Unsure> {
        let (told, refund) = self.refund_of(trade, reference).await?;
        let unnamed = reference == trade.1 || refund.member("out_trade_no") == reference;
        if told == RefundTold::NotFound {
            let mut reversal = Reversal::not_found(reference, Currency::Cny);
            if unnamed {
                reversal.kind = ReversalKind::Unnamed;
            }
            return Ok(Some(reversal));
        }
        let amount = yuan::read(refund.member("refund_amount").as_str().unwrap_or_default());
        let amount = amount.ok_or_else(|| Unsure("a refund without an amount".to_owned()))?;
        let ours = payment_of(reference).map(|id| RefundId(id.0)).filter(|_| !unnamed);
        let kind = ReversalKind::Refund { ours, told };
        Ok(Some(Reversal { reference: reference.to_owned(), kind, amount }))
    }
}

#[async_trait]
impl Gateway for Alipay {
    fn name(&self) -> &'static str {
        "alipay"
    }

    fn takes(&self, currency: Currency) -> bool {
        currency == Currency::Cny
    }

    async fn create(&self, demand: &Demand) -> Result<Opened, Unsure> {
        let content = json!({
            "out_trade_no": demand.number,
            "product_code": "FAST_INSTANT_TRADE_PAY",
            "subject": sign::subject(&demand.title),
            "total_amount": yuan::write(demand.amount),
            "time_expire": api::beijing(demand.expires_at),
            "goods_type": "0",
        });
        let back = self.outside.back_to(demand);
        let address = self.page_pay(&content, &back).ok_or_else(|| Unsure("cannot sign".to_owned()))?;
        Ok(Checkout::Redirect(address).into())
    }

    fn verify(&self, _headers: &HeaderMap, body: &[u8], _now: Timestamp) -> Result<String, Rejected> {
        self.admit(body)
    }

    fn read(&self, body: &[u8]) -> Option<Hint> {
        notice::read(body)
    }

    async fn query(&self, attempt: &Attempt) -> Result<Told, Unsure> {
        Ok(self.trade(&attempt.number()).await?.0)
    }

    async fn close(&self, attempt: &Attempt) -> Result<Told, Unsure> {
        let number = attempt.number();
        match self.trade(&number).await? {
            (Told::Pending, Some(_)) => {}
            (Told::Pending, None) => return Ok(Told::Closed),
            (settled, _) => return Ok(settled),
        }
        match self.call("alipay.trade.close", &json!({ "out_trade_no": number })).await? {
            Reply::Ok(_) => Ok(Told::Closed),
            Reply::Refused { code, .. } if code == NO_TRADE => Ok(Told::Closed),
            // It was paid meanwhile, or closed by itself.
            Reply::Refused { .. } => Ok(self.trade(&number).await?.0),
        }
    }

    async fn refund(&self, refund: &RefundDemand) -> Result<RefundTold, Unsure> {
        let content = json!({
            "trade_no": refund.charge,
            "refund_amount": yuan::write(refund.amount),
            "out_request_no": refund.number(),
        });
        match self.call("alipay.trade.refund", &content).await? {
            Reply::Ok(made) if made.member("fund_change") == "Y" => Ok(RefundTold::Succeeded),
            // No money moved by this request: an earlier one may have moved it.
            Reply::Ok(_) => self.query_refund(refund).await,
            Reply::Refused { code, .. } if code == "ACQ.SYSTEM_ERROR" => Err(Unsure(code)),
            Reply::Refused { code, .. } => Ok(RefundTold::Failed(code)),
        }
    }

    async fn query_refund(&self, refund: &RefundDemand) -> Result<RefundTold, Unsure> {
        Ok(self.refund_of(("trade_no", &refund.charge), &refund.number()).await?.0)
    }

    async fn reversal(&self, attempt: &Attempt, reference: &str) -> Result<Option<Reversal>, Unsure> {
        let number = attempt.number();
        self.reversal_numbered(("out_trade_no", &number), reference).await
    }

    async fn reversal_of_charge(&self, charge: &str, reference: &str) -> Result<Option<Reversal>, Unsure> {
        self.reversal_numbered(("trade_no", charge), reference).await
    }

    fn acknowledge(&self, stored: bool) -> Response {
        let (status, word) =
            if stored { (StatusCode::OK, "success") } else { (StatusCode::BAD_REQUEST, "failure") };
        (status, [(header::CONTENT_TYPE, "text/plain")], word).into_response()
    }
}

#[cfg(test)]
mod tests;
