//! A post that keeps every mail, for a test.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use server::Services;
use server::mail::{Mail, Post, Unsent};

use super::TestApp;

/// A mail server that keeps what it is given, and refuses some of it first.
#[derive(Default)]
pub struct Outbox {
    pub sent: Mutex<Vec<Mail>>,
    pub refusals: AtomicU32,
}

#[async_trait]
impl Post for Outbox {
    async fn send(&self, mail: &Mail) -> Result<(), Unsent> {
        let refused =
            self.refusals.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        if refused.is_ok() {
            return Err(Unsent::Later("the mail server sleeps".to_owned()));
        }
        self.sent.lock().unwrap().push(mail.clone());
        Ok(())
    }
}

impl Outbox {
    /// The subjects of the mails to somebody.
    pub fn subjects(&self, to: &str) -> Vec<String> {
        let sent = self.sent.lock().unwrap();
        sent.iter().filter(|mail| mail.to == to).map(|mail| mail.subject.clone()).collect()
    }
    /// The texts of the mails to somebody.
    pub fn texts(&self, to: &str) -> Vec<String> {
        let sent = self.sent.lock().unwrap();
        sent.iter().filter(|mail| mail.to == to).map(|mail| mail.text.clone()).collect()
    }
}

/// The same application with a mail server.
pub fn with_post(app: &TestApp, post: Arc<Outbox>) -> TestApp {
    let mut kit = app.services.kit.clone();
    kit.mail = Some(post);
    let services = Services::new(kit);
    TestApp { router: server::http::router(&services), services, ..app.clone() }
}
