//! Messages by mail: each once, in the language of its reader.

use app::features::messages::words;
use async_trait::async_trait;
use domain::locale::Locale;
use domain::messages::{MessageId, Said};
use serde::{Deserialize, Serialize};

use super::Service;
use crate::error::Result;
use crate::jobs::{Job, JobError};
use crate::mail::{Mail, Unsent};
use crate::services::Services;
use crate::sql;

/// Mails a message, where mails are sent.
#[derive(Debug, Serialize, Deserialize)]
pub struct MailMessage {
    /// The message.
    pub message: MessageId,
}

#[async_trait]
impl Job for MailMessage {
    const KIND: &'static str = "messages.mail";
    async fn run(self, services: &Services) -> Result<(), JobError> {
        services.messages.mail(self.message).await
    }
}

#[derive(sqlx::FromRow)]
struct Letter {
    params: sqlx::types::Json<Said>,
    #[sqlx(try_from = "i64")]
    created_at: domain::time::Timestamp,
    email: String,
    #[sqlx(try_from = "String")]
    locale: Locale,
}

impl Service {
    /// Mails a message that was not mailed yet; nothing where no mails are sent.
    ///
    /// Where the process dies between the sending and the note of it, the mail goes out again under the same
    /// `Message-ID`.
    async fn mail(&self, id: MessageId) -> Result<(), JobError> {
        let Some(post) = &self.kit.mail else { return Ok(()) };
        let Some(letter) = self.letter(id).await? else { return Ok(()) };
        match post.send(&self.mail_of(id, letter)).await {
            Ok(()) => Ok(self.mailed(id).await?),
            Err(Unsent::Later(why)) => Err(JobError::Retry(why)),
            Err(Unsent::Never(why)) => Err(JobError::GiveUp(why)),
        }
    }

    async fn letter(&self, id: MessageId) -> Result<Option<Letter>> {
        Ok(self
            .kit
            .db
            .maybe(sql!(
                "select m.params, m.created_at, a.email, a.locale
                 from messages m join accounts a on a.id = m.account_id
                 where m.id = $1 and m.mailed_at is null",
                id
            ))
            .await?)
    }

    fn mail_of(&self, id: MessageId, letter: Letter) -> Mail {
        let l = letter.locale;
        let (subject, text) = words(l, &letter.params.0);
        let site = &self.kit.config.public_url;
        let (tongue, link) = (l.as_str(), &letter.params.0.link);
        let host = site.split_once("://").map_or(site.as_str(), |(_, rest)| rest);
        let host = host.split(['/', ':']).next().unwrap_or_default();
        let all = app::i18n::t::messages::mail_footer(l, format!("{site}/{tongue}/messages"));
        Mail {
            id: format!("{id}@{host}"),
            to: letter.email,
            subject,
            text: format!("{text}\n\n{site}/{tongue}{link}\n\n-- \n{all}\n"),
            at: letter.created_at,
        }
    }

    async fn mailed(&self, id: MessageId) -> Result<()> {
        let mut tx = self.kit.db.begin().await?;
        tx.run(sql!(
            "update messages set mailed_at = $2 where id = $1 and mailed_at is null",
            id,
            self.kit.now()
        ))
        .await?;
        Ok(tx.commit().await?)
    }
}
