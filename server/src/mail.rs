//! Mails: plain text, sent by SMTP, or written as files where somebody tries it.

use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use async_trait::async_trait;
use domain::time::Timestamp;
use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::{AsyncFileTransport, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

use crate::error::{Error, Result};

/// How long a mail server may take to answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// A mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// Its own name in the world, without brackets: the same when it is sent again.
    pub id: String,
    /// The address.
    pub to: String,
    /// The subject.
    pub subject: String,
    /// The text.
    pub text: String,
    /// When it was written.
    pub at: Timestamp,
}

/// Why a mail did not leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unsent {
    /// It may leave later.
    Later(String),
    /// It will never leave as it is.
    Never(String),
}

/// What sends mails.
#[async_trait]
pub trait Post: Send + Sync {
    /// Sends a mail.
    async fn send(&self, mail: &Mail) -> Result<(), Unsent>;
}

/// How mails are sent. The address may hold a password, so that it is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Settings {
    url: String,
    from: String,
}

impl Settings {
    /// Reads where mails go and from whom they come; nothing where none are sent.
    pub fn read(url: &str, from: &str) -> Result<Option<Self>, (&'static str, &'static str)> {
        if url.is_empty() {
            return Ok(None);
        }
        if !["smtp://", "smtps://", "file:"].iter().any(|begin| url.starts_with(begin)) {
            return Err(("MAIL_URL", "begins with none of smtp://, smtps:// and file:"));
        }
        if from.parse::<Mailbox>().is_err() {
            return Err(("MAIL_FROM", "is no address such as Leitai <no-reply@example.org>"));
        }
        Ok(Some(Self { url: url.to_owned(), from: from.to_owned() }))
    }
}

/// Opens what sends mails.
pub fn open(settings: &Settings) -> Result<Arc<dyn Post>> {
    let outside = |what: String| Error::Outside { who: "the mail server", what };
    let from: Mailbox = settings.from.parse().map_err(|_| outside("the sender is no address".to_owned()))?;
    if let Some(folder) = settings.url.strip_prefix("file:") {
        std::fs::create_dir_all(folder).map_err(|error| outside(error.to_string()))?;
        return Ok(Arc::new(Folder { from, files: AsyncFileTransport::new(folder) }));
    }
    let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(&settings.url)
        .map_err(|error| outside(error.to_string()))?;
    Ok(Arc::new(Smtp { from, server: builder.timeout(Some(PATIENCE)).build() }))
}

fn compose(from: &Mailbox, mail: &Mail) -> Result<Message, Unsent> {
    let never = |error: String| Unsent::Never(error);
    let to: Mailbox = mail.to.parse().map_err(|_| never("the address cannot be read".to_owned()))?;
    let seconds = u64::try_from(mail.at.seconds()).unwrap_or(0);
    Message::builder()
        .message_id(Some(format!("<{}>", mail.id)))
        .date(UNIX_EPOCH + Duration::from_secs(seconds))
        .from(from.clone())
        .to(to)
        .subject(&mail.subject)
        .header(ContentType::TEXT_PLAIN)
        .body(mail.text.clone())
        .map_err(|error| never(error.to_string()))
}

struct Smtp {
    from: Mailbox,
    server: AsyncSmtpTransport<Tokio1Executor>,
}

#[async_trait]
impl Post for Smtp {
    async fn send(&self, mail: &Mail) -> Result<(), Unsent> {
        match self.server.send(compose(&self.from, mail)?).await {
            Ok(_) => Ok(()),
            Err(error) if error.is_permanent() => Err(Unsent::Never(error.to_string())),
            Err(error) => Err(Unsent::Later(error.to_string())),
        }
    }
}

struct Folder {
    from: Mailbox,
    files: AsyncFileTransport<Tokio1Executor>,
}

#[async_trait]
impl Post for Folder {
    async fn send(&self, mail: &Mail) -> Result<(), Unsent> {
        let sent = self.files.send(compose(&self.from, mail)?).await;
        sent.map(|_| ()).map_err(|error| Unsent::Later(error.to_string()))
    }
}
