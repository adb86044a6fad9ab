//! Notices of Alipay: signed forms.

use domain::payments::Told;

use super::super::super::gateway::{Hint, Of, Rejected};
use super::super::{form, payment_of, yuan};
use super::{Alipay, sign};

fn field<'a>(pairs: &'a [(String, String)], name: &str) -> &'a str {
    pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str()).unwrap_or_default()
}

impl Alipay {
    /// Lets a notice in: its signature, its application, its seller, amounts that are amounts.
    pub(super) fn admit(&self, body: &[u8]) -> Result<String, Rejected> {
        let pairs = form::decode(body).ok_or(Rejected::Unreadable)?;
        // No weaker signature is looked at, whatever the notice says of itself.
        if field(&pairs, "sign_type") != "RSA2" {
            return Err(Rejected::Signature);
        }
        let text = sign::text(&pairs, &["sign", "sign_type", "alipay_cert_sn"]);
        if !self.verifier.accepts(text.as_bytes(), field(&pairs, "sign")) {
            return Err(Rejected::Signature);
        }
        let ours = field(&pairs, "app_id") == self.app_id && field(&pairs, "seller_id") == self.seller_id;
        let amounts = ["total_amount", "refund_fee"];
        let exact = amounts.iter().all(|name| {
            let amount = field(&pairs, name);
            amount.is_empty() || yuan::read(amount).is_some()
        });
        let id = field(&pairs, "notify_id");
        if ours && exact && (1..=200).contains(&id.len()) {
            Ok(id.to_owned())
        } else {
            Err(Rejected::Unreadable)
        }
    }
}

/// Reads a notice that was let in.
pub fn read(body: &[u8]) -> Option<Hint> {
    let pairs = form::decode(body)?;
    let payment = payment_of(field(&pairs, "out_trade_no"));
    // Refunds are told with the status of a sale: they are no second payment.
    let refunded = !field(&pairs, "gmt_refund").is_empty() || !field(&pairs, "refund_fee").is_empty();
    if refunded {
        // A refund that was asked for without a number has that of its trade.
        let number = Some(field(&pairs, "out_biz_no")).filter(|number| !number.is_empty());
        let number = number.unwrap_or_else(|| field(&pairs, "out_trade_no"));
        let of = Of::named(payment, field(&pairs, "trade_no"))?;
        return Some(Hint::Reversal { of, reference: number.to_owned() });
    }
    let charge = field(&pairs, "trade_no").to_owned();
    let claimed = match field(&pairs, "trade_status") {
        "TRADE_SUCCESS" | "TRADE_FINISHED" => {
            Told::Confirmed { charge, amount: yuan::read(field(&pairs, "total_amount"))? }
        }
        "TRADE_CLOSED" => Told::Closed,
        "WAIT_BUYER_PAY" => Told::Pending,
        _ => return None,
    };
    Some(Hint::Payment { payment, claimed })
}
