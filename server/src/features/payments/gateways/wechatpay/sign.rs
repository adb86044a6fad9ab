//! The texts that are signed: of requests, and of answers and notices.

use axum::http::HeaderMap;
use chrono::{DateTime, FixedOffset, SecondsFormat};
use domain::time::Timestamp;

use super::WechatPay;

/// How far the time of an answer or notice may be from ours, in seconds.
const TOLERANCE: u64 = 300;
/// The one scheme that we know.
const SCHEME: &str = "WECHATPAY2-SHA256-RSA2048";

/// An instant in the form of RFC 3339, by the clock of Beijing.
pub fn rfc3339(at: Timestamp) -> String {
    let time = DateTime::from_timestamp_micros(at.micros()).unwrap_or_default();
    let zone = FixedOffset::east_opt(8 * 3_600);
    zone.map(|zone| time.with_timezone(&zone).to_rfc3339_opts(SecondsFormat::Secs, false)).unwrap_or_default()
}

/// The text of a request: five lines, the last one ended too.
pub fn request(method: &str, path: &str, seconds: i64, nonce: &str, body: &str) -> String {
    format!("{method}\n{path}\n{seconds}\n{nonce}\n{body}\n")
}

/// The text of an answer or a notice: three lines, the last one ended too.
pub fn answer(time: &str, nonce: &str, body: &[u8]) -> Vec<u8> {
    let mut text = format!("{time}\n{nonce}\n").into_bytes();
    text.extend_from_slice(body);
    text.push(b'\n');
    text
}

impl WechatPay {
    /// The `Authorization` header of a request.
    pub(super) fn authorization(
        &self,
        method: &str,
        path: &str,
        body: &str,
        nonce: &str,
        now: Timestamp,
    ) -> Option<String> {
        let seconds = now.seconds();
        let signature = self.signer.sign(request(method, path, seconds, nonce, body).as_bytes())?;
        let (merchant, serial) = (&self.merchant, &self.serial);
        Some(format!(
            "{SCHEME} mchid=\"{merchant}\",nonce_str=\"{nonce}\",timestamp=\"{seconds}\",serial_no=\"{serial}\",signature=\"{signature}\""
        ))
    }

    /// Whether an answer or a notice was signed by WeChat Pay, with the key that we know, just now.
    pub(super) fn is_theirs(&self, headers: &HeaderMap, body: &[u8], now: Timestamp) -> bool {
        let part = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let (Some(time), Some(nonce), Some(signature), Some(serial)) = (
            part("wechatpay-timestamp"),
            part("wechatpay-nonce"),
            part("wechatpay-signature"),
            part("wechatpay-serial"),
        ) else {
            return false;
        };
        let Ok(seconds) = time.parse::<i64>() else { return false };
        let known = serial == self.platform_serial
            && part("wechatpay-signature-type").is_none_or(|scheme| scheme == SCHEME);
        if !known || now.seconds().abs_diff(seconds) >= TOLERANCE {
            return false;
        }
        self.verifier.accepts(&answer(time, nonce, body), signature)
    }
}
