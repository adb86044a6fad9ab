//! What the pages ask for, answered.

use app::error::Answer;
use app::features::competitions::{CompetitionPage, CompetitionRow, Competitions, Design, RawQuestion};
use async_trait::async_trait;
use domain::actor::Actor;
use domain::competitions::input::RawCompetition;
use domain::competitions::policy;
use domain::locale::Locale;

use super::Service;
use crate::error::Error;

#[async_trait]
impl Competitions for Service {
    async fn list(&self) -> Answer<Vec<CompetitionRow>> {
        Ok(Self::list(self).await?)
    }
    async fn show(&self, viewer: Option<&Actor>, slug: &str, locale: Locale) -> Answer<CompetitionPage> {
        Ok(Self::show(self, viewer, slug, locale).await?)
    }
    async fn register(&self, actor: &Actor, slug: &str) -> Answer<String> {
        Ok(Self::register(self, actor, slug).await?)
    }
    async fn organised(&self, actor: &Actor) -> Answer<Vec<CompetitionRow>> {
        Ok(Self::organised(self, actor).await?)
    }
    async fn entered(&self, actor: &Actor) -> Answer<Vec<CompetitionRow>> {
        Ok(Self::entered(self, actor).await?)
    }
    async fn create(&self, actor: &Actor, raw: &RawCompetition) -> Answer<String> {
        Ok(Self::create(self, actor, raw).await?)
    }
    async fn update(&self, actor: &Actor, slug: &str, raw: &RawCompetition) -> Answer<String> {
        Ok(Self::update(self, actor, slug, raw).await?)
    }
    async fn design(&self, actor: &Actor, slug: &str) -> Answer<Design> {
        Ok(Self::design(self, actor, slug).await?)
    }
    async fn add_question(&self, actor: &Actor, slug: &str, raw: &RawQuestion) -> Answer<()> {
        Ok(Self::add_question(self, actor, slug, raw).await?)
    }
    async fn remove_question(&self, actor: &Actor, slug: &str, question: &str) -> Answer<()> {
        Ok(Self::remove_question(self, actor, slug, question).await?)
    }
    async fn remove_file(&self, actor: &Actor, slug: &str, file: &str) -> Answer<()> {
        Ok(Self::remove_file(self, actor, slug, file).await?)
    }
    async fn publish(&self, actor: &Actor, slug: &str) -> Answer<()> {
        Ok(Self::publish(self, actor, slug).await?)
    }
    async fn end_now(&self, actor: &Actor, slug: &str) -> Answer<()> {
        Ok(Self::end_now(self, actor, slug).await?)
    }
    async fn finalise(&self, actor: &Actor, slug: &str) -> Answer<()> {
        Ok(Self::finalise(self, actor, slug).await?)
    }
    async fn cancel(&self, actor: &Actor, slug: &str, reason: &str) -> Answer<()> {
        Ok(Self::cancel(self, actor, slug, reason).await?)
    }
    async fn preview(&self, actor: &Actor, text: &str) -> Answer<String> {
        policy::may_create(actor).map_err(Error::from)?;
        let short: String = text.chars().take(40_000).collect();
        Ok(crate::markdown::render_below(&short, pulldown_cmark::HeadingLevel::H2).to_string())
    }
}
