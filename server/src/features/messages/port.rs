//! The port of messages.

use app::error::Answer;
use app::features::messages::{MessageView, Messages};
use async_trait::async_trait;
use domain::actor::Actor;

use super::Service;
use crate::error::Error;

/// How many messages a page shows.
const SHOWN: i64 = 100;

#[async_trait]
impl Messages for Service {
    async fn mine(&self, actor: &Actor) -> Answer<Vec<MessageView>> {
        let stored = super::of_account(&self.kit.db, actor.account, SHOWN).await?;
        let view = |one: super::Stored| MessageView { said: one.said, at: one.at, read: one.read };
        Ok(stored.into_iter().map(view).collect())
    }
    async fn read(&self, actor: &Actor) -> Answer<()> {
        let mut tx = self.kit.db.begin().await.map_err(Error::from)?;
        super::mark_read(&mut tx, actor.account, self.kit.now()).await.map_err(Error::from)?;
        tx.commit().await.map_err(Error::from)?;
        Ok(())
    }
}
