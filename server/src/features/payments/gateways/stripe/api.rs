//! Requests to Stripe: forms, keys of idempotence, and repeating as its own libraries do.

use super::super::wire::Member;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, Method, header};
use serde_json::Value;

use super::super::super::gateway::Unsure;
use super::super::form;
use super::super::wire::Answer;
use super::{Stripe, text};

/// The version of the interface that this code was written for.
const VERSION: &str = "2025-03-31.basil";
/// How often a request is repeated.
const REPEATS: u32 = 2;
/// The first pause before repeating; it doubles.
const PAUSE: Duration = Duration::from_millis(250);

/// A request.
pub struct Call {
    method: Method,
    path: String,
    key: Option<String>,
    form: Vec<(&'static str, String)>,
}

/// What Stripe made of it.
#[derive(Debug)]
pub enum Reply {
    /// An object.
    Ok(Value),
    /// A refusal that will stay one.
    Refused {
        /// The status.
        status: u16,
        /// The code, or the type where there is none.
        code: String,
    },
}

impl Call {
    /// Asks for something.
    pub fn get(path: impl Into<String>) -> Self {
        Self { method: Method::GET, path: path.into(), key: None, form: Vec::new() }
    }
    /// Wants something done, once for each key.
    pub fn post(path: impl Into<String>, key: String) -> Self {
        Self { method: Method::POST, path: path.into(), key: Some(key), form: Vec::new() }
    }
    /// With these fields.
    pub fn form(mut self, form: Vec<(&'static str, String)>) -> Self {
        self.form = form;
        self
    }
}

impl Stripe {
    /// Sends a request and repeats it where that is safe and promising.
    pub(super) async fn call(&self, call: Call) -> Result<Reply, Unsure> {
        let mut last = Unsure("no answer".to_owned());
        for round in 0..=REPEATS {
            if round > 0 {
                tokio::time::sleep(self.pause(round)).await;
            }
            match self.once(&call).await {
                Ok(answer) if self.again(&answer) => last = Unsure(format!("answered {}", answer.status)),
                Ok(answer) => return read(&answer),
                Err(unsure) => last = unsure,
            }
        }
        Err(last)
    }

    /// A pause that doubles, with 75 to 100 % of it by chance.
    fn pause(&self, round: u32) -> Duration {
        let mut chance = [0; 1];
        self.outside.entropy.fill(&mut chance);
        let part = 75 + u32::from(chance[0]) % 26;
        PAUSE.saturating_mul(1 << (round - 1)).saturating_mul(part) / 100
    }

    async fn once(&self, call: &Call) -> Result<Answer, Unsure> {
        let value = |text: &str| HeaderValue::from_str(text).map_err(|_| Unsure("a bad header".to_owned()));
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, value(&format!("Bearer {}", self.key))?);
        headers.insert("stripe-version", HeaderValue::from_static(VERSION));
        if let Some(key) = &call.key {
            headers.insert("idempotency-key", value(key)?);
            headers
                .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        }
        let url = format!("{}{}", self.url, call.path);
        let body = form::encode(&call.form).into_bytes();
        self.outside.client.send(call.method.clone(), &url, headers, body).await
    }

    /// Whether an answer is worth another try: what Stripe says itself, else conflicts and its own faults.
    fn again(&self, answer: &Answer) -> bool {
        match answer.header("stripe-should-retry") {
            Some("true") => true,
            Some("false") => false,
            _ => answer.status == 409 || answer.status == 429 || answer.status >= 500,
        }
    }
}

fn read(answer: &Answer) -> Result<Reply, Unsure> {
    let object = answer.json()?;
    match answer.status {
        200..=299 => Ok(Reply::Ok(object)),
        // A key that Stripe does not know, or too many requests, says nothing about the payment.
        400..=499 if !matches!(answer.status, 401 | 403 | 409 | 429) => {
            let error = object.member("error");
            let code = if text(error, "code").is_empty() { text(error, "type") } else { text(error, "code") };
            Ok(Reply::Refused { status: answer.status, code: code.to_owned() })
        }
        status => Err(Unsure(format!("answered {status}"))),
    }
}
