//! People who use the application through HTTP, with their own cookies.

use app::error::Fault;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use domain::actor::Actor;
use tower::ServiceExt;

use super::app::TestApp;

/// Where the pages of tests live.
pub const ORIGIN: &str = "http://127.0.0.1:3000";

/// A person with a browser.
#[derive(Clone)]
pub struct Person {
    pub app: TestApp,
    pub username: String,
    pub cookies: Vec<(String, String)>,
}

/// An answer of the application.
#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Person {
    pub fn new(app: TestApp) -> Self {
        Self { app, username: String::new(), cookies: Vec::new() }
    }

    /// The person as rules see them.
    pub async fn actor(&self) -> Actor {
        self.app.services.accounts.actor(&self.username).await.unwrap().expect("the account exists")
    }

    /// Opens an address.
    pub async fn gets(&mut self, path: &str) -> Reply {
        let request = Request::get(path).header(header::ACCEPT, "text/html");
        self.sends(request.body(Body::empty()).unwrap()).await
    }

    /// Calls a server function as the browser's half does; the answer is JSON.
    pub async fn posts(&mut self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ACCEPT, "application/json");
        self.sends(request.body(encode(fields).into()).unwrap()).await
    }

    /// Sends a form of a page without scripts.
    pub async fn submits(&mut self, page: &str, path: &str, fields: &[(&str, &str)]) -> Reply {
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ACCEPT, "text/html,application/xhtml+xml")
            .header(header::REFERER, format!("{ORIGIN}{page}"));
        self.sends(request.body(encode(fields).into()).unwrap()).await
    }

    /// Uploads a form with files, as a page without scripts does; a part is (name, file name, bytes).
    pub async fn uploads(&mut self, page: &str, path: &str, parts: &[(&str, Option<&str>, &[u8])]) -> Reply {
        let boundary = "----test-boundary-6f1d";
        let mut body = Vec::new();
        for (name, file, bytes) in parts {
            let file =
                file.map_or(String::new(), |file| format!("; filename=\"{file}\"\r\nContent-Type: text/csv"));
            body.extend_from_slice(
                format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n")
                    .as_bytes(),
            );
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, format!("multipart/form-data; boundary={boundary}"))
            .header(header::ACCEPT, "text/html")
            .header(header::REFERER, format!("{ORIGIN}{page}"));
        self.sends(request.body(body.into()).unwrap()).await
    }

    /// Opens an address and leaves its body to be read, as slowly as one likes.
    pub async fn opens(&self, address: &str) -> axum::body::BodyDataStream {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = Request::get(address).header(header::COOKIE, cookies.join("; "));
        let response = self.app.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        response.into_body().into_data_stream()
    }

    /// Sends any request with the person's cookies, and keeps the cookies of the answer.
    pub async fn sends(&mut self, mut request: Request<Body>) -> Reply {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            request.headers_mut().insert(header::COOKIE, cookies.join("; ").parse().unwrap());
        }
        if request.method() != Method::GET && !request.headers().contains_key(header::ORIGIN) {
            request.headers_mut().insert(header::ORIGIN, ORIGIN.parse().unwrap());
        }
        let response = self.app.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            self.keep(cookie.to_str().unwrap());
        }
        let body = to_bytes(body, usize::MAX).await.unwrap();
        Reply { status: parts.status, headers: parts.headers, body }
    }

    fn keep(&mut self, cookie: &str) {
        let (pair, rest) = cookie.split_once(';').unwrap_or((cookie, ""));
        let (name, value) = pair.split_once('=').unwrap();
        self.cookies.retain(|(kept, _)| kept != name);
        if !rest.contains("Max-Age=0") {
            self.cookies.push((name.to_owned(), value.to_owned()));
        }
    }
}

impl Reply {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
    /// The body as JSON.
    pub fn json<T: serde::de::DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }
    /// The address that it leads to.
    pub fn location(&self) -> &str {
        self.headers.get(header::LOCATION).map_or("", |value| value.to_str().unwrap())
    }
    /// Demands success or a redirect.
    #[track_caller]
    pub fn ok(self) -> Self {
        let fine = self.status.is_success() || self.status.is_redirection();
        assert!(fine, "{} {}", self.status, self.text());
        self
    }
    /// Demands a status.
    #[track_caller]
    pub fn status(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        self
    }
    /// Demands the refusal of a rule by its code.
    #[track_caller]
    pub fn denied(self, code: &str) -> Self {
        match self.json::<Fault>() {
            Fault::Denied(denied) if denied.code == code => self.status(409),
            other => panic!("not denied with {code} but {other:?}"),
        }
    }
    /// Demands the refusal of a field by its code.
    #[track_caller]
    pub fn invalid(self, field: &str, code: &str) -> Self {
        match self.json::<Fault>() {
            Fault::Invalid(faults)
                if faults.iter().any(|fault| fault.field == field && fault.code == code) =>
            {
                self.status(422)
            }
            other => panic!("{field} not refused with {code} but {other:?}"),
        }
    }
    /// Demands a text on the page.
    #[track_caller]
    pub fn shows(self, text: &str) -> Self {
        assert!(self.text().contains(text), "{text:?} is not on the page:\n{}", self.text());
        self
    }
    /// Demands that a text is nowhere in the answer.
    #[track_caller]
    pub fn hides(self, text: &str) -> Self {
        assert!(!self.text().contains(text), "{text:?} is on the page");
        self
    }
}

/// Fields as a form sends them.
pub fn encode(fields: &[(&str, &str)]) -> String {
    let part = |text: &str| {
        text.bytes()
            .map(|byte| {
                if byte.is_ascii_alphanumeric() {
                    char::from(byte).to_string()
                } else {
                    format!("%{byte:02X}")
                }
            })
            .collect::<String>()
    };
    let pairs: Vec<String> =
        fields.iter().map(|(name, value)| format!("{}={}", part(name), part(value))).collect();
    pairs.join("&")
}
