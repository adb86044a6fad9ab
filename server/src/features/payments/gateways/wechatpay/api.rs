//! Requests to WeChat Pay; an answer counts only with its signature.

use super::super::wire::Member;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use serde_json::Value;

use super::super::super::gateway::Unsure;
use super::super::wire::Answer;
use super::WechatPay;

/// What WeChat Pay made of a request.
#[derive(Debug)]
pub enum Reply {
    /// An object, or nothing to say.
    Ok(Value),
    /// A refusal that will stay one.
    Refused {
        /// The status.
        status: u16,
        /// The code, such as `ORDER_NOT_EXIST`.
        code: String,
    },
}

impl WechatPay {
    /// Sends a signed request.
    pub(super) async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Reply, Unsure> {
        let answer = self.send(method, path, body).await?;
        // Refusals before the signature of a request was accepted may be unsigned: they say nothing.
        if !self.is_theirs(&answer.headers, &answer.body, self.outside.clock.now()) {
            return Err(Unsure(format!("answered {} without a valid signature", answer.status)));
        }
        match answer.status {
            204 => Ok(Reply::Ok(Value::Null)),
            200..=299 => Ok(Reply::Ok(answer.json()?)),
            400..=499 if !matches!(answer.status, 401 | 403 | 429) => {
                let code = answer.json()?.member("code").as_str().unwrap_or_default().to_owned();
                Ok(Reply::Refused { status: answer.status, code })
            }
            status => Err(Unsure(format!("answered {status}"))),
        }
    }

    /// Sends a signed request and gives the answer as it came.
    pub(super) async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Answer, Unsure> {
        let body = body.map(ToString::to_string).unwrap_or_default();
        let headers = self.signed(&method, path, &body)?;
        let url = format!("{}{path}", self.url);
        Ok(self.outside.client.send(method, &url, headers, body.into_bytes()).await?)
    }

    /// Fetches the list of a day as it comes.
    pub(super) async fn list(&self, path: &str) -> Result<Answer, Unsure> {
        let headers = self.signed(&Method::GET, path, "")?;
        Ok(self.outside.client.list(&format!("{}{path}", self.url), headers).await?)
    }

    fn signed(&self, method: &Method, path: &str, body: &str) -> Result<HeaderMap, Unsure> {
        let (nonce, now) = (self.outside.nonce(), self.outside.clock.now());
        let authorization = self
            .authorization(method.as_str(), path, body, &nonce, now)
            .and_then(|text| HeaderValue::from_str(&text).ok())
            .ok_or_else(|| Unsure("cannot sign".to_owned()))?;
        let json = HeaderValue::from_static("application/json");
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, authorization);
        headers.insert(header::ACCEPT, json.clone());
        headers.insert(header::CONTENT_TYPE, json);
        Ok(headers)
    }
}
