//! Requests to Alipay, and answers whose signature covers their raw text.

use super::super::wire::Member;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use chrono::{DateTime, FixedOffset};
use domain::time::Timestamp;
use serde_json::Value;

use super::super::super::gateway::Unsure;
use super::super::form;
use super::{Alipay, sign};

/// What Alipay made of a request.
#[derive(Debug)]
pub enum Reply {
    /// It did it.
    Ok(Value),
    /// A refusal of the business: the code, and the words for the log.
    Refused {
        /// The code, such as `ACQ.TRADE_NOT_EXIST`.
        code: String,
    },
}

/// An instant as Alipay writes it: the clock of Beijing.
pub fn beijing(at: Timestamp) -> String {
    let time = DateTime::from_timestamp_micros(at.micros()).unwrap_or_default();
    let zone = FixedOffset::east_opt(8 * 3_600);
    zone.map(|zone| time.with_timezone(&zone).format("%Y-%m-%d %H:%M:%S").to_string()).unwrap_or_default()
}

impl Alipay {
    /// The parameters of a request with their signature.
    fn signed(&self, method: &str, content: &Value, more: &[(&str, &str)]) -> Option<Vec<(String, String)>> {
        let (content, now) = (content.to_string(), beijing(self.outside.clock.now()));
        let common = [
            ("app_id", self.app_id.as_str()),
            ("method", method),
            ("format", "JSON"),
            ("charset", "utf-8"),
            ("sign_type", "RSA2"),
            ("timestamp", &now),
            ("version", "1.0"),
            ("biz_content", &content),
        ];
        let pairs: Vec<(&str, &str)> = common.iter().chain(more).copied().collect();
        let signature = self.signer.sign(sign::text(&pairs, &["sign"]).as_bytes())?;
        let own = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        let mut pairs: Vec<_> = pairs.into_iter().map(own).collect();
        pairs.push(("sign".to_owned(), signature));
        Some(pairs)
    }

    /// The signed address at which a buyer pays.
    pub(super) fn page_pay(&self, content: &Value, back: &str) -> Option<String> {
        let notify = self.outside.notify_url("alipay");
        let more = [("notify_url", notify.as_str()), ("return_url", back)];
        let pairs = self.signed("alipay.trade.page.pay", content, &more)?;
        Some(format!("{}?{}", self.url, form::encode(&pairs)))
    }

    /// Asks for something and believes the answer only with its signature.
    pub(super) async fn call(&self, method: &str, content: &Value) -> Result<Reply, Unsure> {
        let pairs = self.signed(method, content, &[]).ok_or_else(|| Unsure("cannot sign".to_owned()))?;
        let mut headers = HeaderMap::new();
        let kind = HeaderValue::from_static("application/x-www-form-urlencoded;charset=utf-8");
        headers.insert(header::CONTENT_TYPE, kind);
        let url = format!("{}?charset=utf-8", self.url);
        let body = form::encode(&pairs).into_bytes();
        let answer = self.outside.client.send(Method::POST, &url, headers, body).await?;
        if answer.status != 200 {
            return Err(Unsure(format!("answered {}", answer.status)));
        }
        self.read(method, &answer.body)
    }

    /// Reads an answer: what was signed is what is parsed, whatever else stands in the body.
    pub(super) fn read(&self, method: &str, body: &[u8]) -> Result<Reply, Unsure> {
        let text = std::str::from_utf8(body).map_err(|_| Unsure("an answer of no text".to_owned()))?;
        let whole: Value =
            serde_json::from_str(text).map_err(|_| Unsure("an answer without JSON".to_owned()))?;
        let name = format!("{}_response", method.replace('.', "_"));
        let raw = sign::raw_object(text, &name).ok_or_else(|| Unsure(format!("an answer without {name}")))?;
        let signature = whole.member("sign").as_str().unwrap_or_default();
        // Some answers are signed with their slashes escaped.
        let signed = [raw.to_owned(), raw.replace('/', "\\/")];
        let signed = signed.iter().find(|text| self.verifier.accepts(text.as_bytes(), signature));
        let signed = signed.ok_or_else(|| Unsure("an answer with a wrong signature".to_owned()))?;
        let object: Value =
            serde_json::from_str(signed).map_err(|_| Unsure("an answer without JSON".to_owned()))?;
        let part = |name: &str| object.member(name).as_str().unwrap_or_default().to_owned();
        match part("code").as_str() {
            "10000" => Ok(Reply::Ok(object)),
            "40004" => Ok(Reply::Refused { code: part("sub_code") }),
            code => Err(Unsure(format!("answered {code} {}", part("sub_code")))),
        }
    }
}
