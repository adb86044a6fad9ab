//! Requests to Stripe: forms, keys of idempotence, and repeating as its own libraries do.

use super::super::wire::Member;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, Method, header};
use serde_json::Value;

use super::super::super::gateway::Unsure;
use super::super::form;
use super::super::wire::{Answer, Silence};
use super::{NAME, Stripe, text};

/// The header with which Stripe says that it repeats what it answered before under a key.
const REPLAYED: &str = "idempotent-replayed";
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
    key: Key,
    form: Vec<(&'static str, String)>,
}

/// Under which key of idempotence something is wanted.
enum Key {
    /// None: it only asks.
    None,
    /// This one, for ever: what may be done must be found out otherwise.
    One(String),
    /// The first one of this name that no failure of Stripe's is saved under. Where `twice` does no harm the
    /// next one is used at once; else what the last one may have done is looked for first.
    Fresh { name: String, twice: bool },
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
        Self { method: Method::GET, path: path.into(), key: Key::None, form: Vec::new() }
    }
    /// Wants something done, once for a key and for ever.
    pub fn once(path: impl Into<String>, key: String) -> Self {
        Self { method: Method::POST, path: path.into(), key: Key::One(key), form: Vec::new() }
    }
    /// Wants something done that does no harm when it is done twice.
    pub fn harmless(path: impl Into<String>, name: String) -> Self {
        Self {
            method: Method::POST,
            path: path.into(),
            key: Key::Fresh { name, twice: true },
            form: Vec::new(),
        }
    }
    /// Wants something done once that can be looked for; after a failure it must be, before it is wanted again.
    pub fn looked_for(path: impl Into<String>, name: String) -> Self {
        Self {
            method: Method::POST,
            path: path.into(),
            key: Key::Fresh { name, twice: false },
            form: Vec::new(),
        }
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
        let mut spent = match &call.key {
            Key::Fresh { name, .. } => self.outside.keys.spent(NAME, name).await?,
            Key::None | Key::One(_) => 0,
        };
        let mut last = Unsure("no answer".to_owned());
        for round in 0..=REPEATS {
            if round > 0 {
                tokio::time::sleep(self.pause(round)).await;
            }
            let answer = match self.once(&call, spent).await {
                Ok(answer) if self.again(&answer) => answer,
                Ok(answer) => return read(&answer),
                Err(silence) if silence.again => {
                    last = silence.into();
                    continue;
                }
                Err(silence) => return Err(silence.into()),
            };
            last = Unsure(format!("answered {}", answer.status));
            if let Key::Fresh { name, twice } = &call.key
                && answer.status >= 500
                && (answer.header(REPLAYED) == Some("true") || round == REPEATS)
            {
                spent = spent.saturating_add(1);
                self.outside.keys.spend(NAME, name, spent).await?;
                if !twice {
                    break;
                }
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

    async fn once(&self, call: &Call, spent: u32) -> Result<Answer, Silence> {
        let value = |text: &str| HeaderValue::from_str(text).map_err(|_| Silence::for_good("a bad header"));
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, value(&format!("Bearer {}", self.key))?);
        headers.insert("stripe-version", HeaderValue::from_static(VERSION));
        let key = match &call.key {
            Key::None => None,
            Key::One(key) => Some(key.clone()),
            Key::Fresh { name, .. } if spent == 0 => Some(name.clone()),
            Key::Fresh { name, .. } => Some(format!("{name}-{spent}")),
        };
        if let Some(key) = key {
            headers.insert("idempotency-key", value(&key)?);
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
