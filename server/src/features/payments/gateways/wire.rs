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
/// The largest list of a day that is read: some hundred thousand payments.
const LIST_LIMIT: usize = 128 * 1024 * 1024;

/// Why there was no answer, and whether the same request may find one a moment later.
#[derive(Debug)]
pub struct Silence {
    /// Why, for the log.
    pub why: String,
    /// Whether it is worth another try: never where the other side is not who it should be, or says too much.
    pub again: bool,
}

impl Silence {
    /// No answer, and none to come.
    pub fn for_good(why: impl Into<String>) -> Self {
        Self { why: why.into(), again: false }
    }
}

impl From<Silence> for Unsure {
    fn from(silence: Silence) -> Self {
        Self(silence.why)
    }
}

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
    ) -> Result<Answer, Silence> {
        self.send_for(method, url, headers, body, LIMIT).await
    }

    /// Asks for the list of a day, which is as long as the day was busy.
    pub async fn list(&self, url: &str, headers: HeaderMap) -> Result<Answer, Silence> {
        self.send_for(Method::GET, url, headers, Vec::new(), LIST_LIMIT).await
    }

    async fn send_for(
        &self,
        method: Method,
        url: &str,
        headers: HeaderMap,
        body: Vec<u8>,
        limit: usize,
    ) -> Result<Answer, Silence> {
        let request = self.http.request(method, url).headers(headers).body(body);
        let mut response = request.send().await.map_err(|error| silence(&error))?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| silence(&error))? {
            if body.len() + chunk.len() > limit {
                return Err(Silence::for_good("an answer too large"));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status, headers, body })
    }
}

/// Why there was no answer, without the address: its query may hold signatures.
fn silence(error: &reqwest::Error) -> Silence {
    let what = if is_tls(error) {
        return Silence::for_good("no secure connection");
    } else if error.is_timeout() {
        "no answer in time"
    } else if error.is_connect() {
        "no connection"
    } else {
        "the answer broke off"
    };
    Silence { why: what.to_owned(), again: true }
}

/// Whether the other side could not prove who it is, or does not speak TLS: another try changes nothing.
fn is_tls(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if error.is::<rustls::Error>() {
            return true;
        }
        // An error of input and output does not name the one that it holds as its source.
        let held = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        next = held.map(|held| held as &(dyn std::error::Error + 'static)).or_else(|| error.source());
    }
    false
}
