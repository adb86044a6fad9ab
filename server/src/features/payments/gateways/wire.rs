//! Calling a gateway: one request, a bounded time, a bounded answer, never a redirect.

use std::time::Duration;

use axum::http::{HeaderMap, Method};
use reqwest::redirect::Policy;
use serde_json::Value;

use super::super::gateway::Unsure;

/// Members of objects that somebody else wrote: what is missing reads as null.
pub trait Member {
    /// The member of a name; null when there is none, or when this is no object.
    fn member(&self, name: &str) -> &Value;
}

impl Member for Value {
    fn member(&self, name: &str) -> &Value {
        self.get(name).unwrap_or(&Value::Null)
    }
}

/// How long a gateway may take to accept a connection.
const CONNECT: Duration = Duration::from_secs(5);
/// How long a gateway may take to answer.
const PATIENCE: Duration = Duration::from_secs(15);
/// The largest answer that is read.
const LIMIT: usize = 8 * 1024 * 1024;

/// Calls gateways.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
}

/// What a gateway answered.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The raw bytes.
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Result<Value, Unsure> {
        serde_json::from_slice(&self.body).map_err(|_| Unsure(format!("{} with no JSON", self.status)))
    }
    /// The text of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

impl Client {
    /// A client; only a test installation may speak plain http.
    pub fn new(test: bool, patience: Option<Duration>) -> Result<Self, String> {
        // Whoever was first has installed the same provider.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .redirect(Policy::none())
            .connect_timeout(CONNECT)
            .timeout(patience.unwrap_or(PATIENCE))
            .https_only(!test)
            .user_agent(concat!("leitai/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| error.to_string())?;
        Ok(Self { http })
    }

    /// Sends a request; whatever stands in the way of an answer means that nobody knows.
    pub async fn send(
        &self,
        method: Method,
        url: &str,
        headers: HeaderMap,
        body: Vec<u8>,
    ) -> Result<Answer, Unsure> {
        let request = self.http.request(method, url).headers(headers).body(body);
        let mut response = request.send().await.map_err(|error| unsure(&error))?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| unsure(&error))? {
            if body.len() + chunk.len() > LIMIT {
                return Err(Unsure("an answer too large".to_owned()));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status, headers, body })
    }
}

/// Why there was no answer, without the address: its query may hold signatures.
fn unsure(error: &reqwest::Error) -> Unsure {
    let what = if error.is_timeout() {
        "no answer in time"
    } else if error.is_connect() {
        "no connection"
    } else {
        "the answer broke off"
    };
    Unsure(what.to_owned())
}
