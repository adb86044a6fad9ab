//! What the pages ask for, answered.

use std::collections::BTreeMap;

use app::error::Answer;
use app::features::judging::{Judging, MySubmissions, QuizView};
use async_trait::async_trait;
use domain::actor::Actor;
use domain::time::Timestamp;

use super::Service;

#[async_trait]
impl Judging for Service {
    async fn submissions(&self, actor: &Actor, slug: &str) -> Answer<MySubmissions> {
        Ok(Self::submissions(self, actor, slug).await?)
    }
    async fn choose(&self, actor: &Actor, slug: &str, submission: &str) -> Answer<()> {
        Ok(Self::choose(self, actor, slug, submission).await?)
    }
    async fn quiz(&self, actor: &Actor, slug: &str) -> Answer<QuizView> {
        Ok(Self::quiz(self, actor, slug).await?)
    }
    async fn start_quiz(&self, actor: &Actor, slug: &str) -> Answer<()> {
        Ok(Self::start_quiz(self, actor, slug).await?)
    }
    async fn answer_quiz(
        &self,
        actor: &Actor,
        slug: &str,
        answers: &BTreeMap<String, Vec<String>>,
        received_at: Timestamp,
    ) -> Answer<()> {
        Ok(Self::answer_quiz(self, actor, slug, answers, received_at).await?)
    }
}
