//! Jobs of accounts.

use async_trait::async_trait;
use domain::time::Span;
use serde::{Deserialize, Serialize};

use crate::jobs::{Job, JobError};
use crate::services::Services;
use crate::sql;

/// Forgets sessions that have expired and login failures that no limit counts any more.
#[derive(Serialize, Deserialize)]
pub struct ForgetExpired {}

#[async_trait]
impl Job for ForgetExpired {
    const KIND: &'static str = "accounts.forget_expired";

    async fn run(self, services: &Services) -> Result<(), JobError> {
        let now = services.kit.now();
        let mut tx = services.kit.db.begin().await?;
        tx.run(sql!("delete from sessions where expires_at < $1", now)).await?;
        tx.run(sql!("delete from login_failures where at < $1", now.minus(Span::days(1)))).await?;
        tx.run(sql!("delete from form_drafts where expires_at < $1", now)).await?;
        let tomorrow = now.plus(Span::days(1));
        let key = (tomorrow.seconds() / 86_400).to_string();
        tx.enqueue_once_at(&ForgetExpired {}, &key, tomorrow).await?;
        tx.commit().await?;
        Ok(())
    }
}
