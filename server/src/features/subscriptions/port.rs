//! The port: texts of the wire become ids, records become what pages show.

use app::error::{Answer, Fault};
use app::features::subscriptions::Subscriptions;
use app::features::subscriptions::api::{Mine, PlanRow, Pricing};
use async_trait::async_trait;
use domain::actor::Actor;
use domain::invalid::Invalid;
use domain::locale::Bilingual;
use domain::money::Currency;
use domain::orders::{OrderId, Thing};
use domain::subscriptions::PlanId;
use domain::subscriptions::input::PlanInput;

use super::Service;
use super::service::Changed;
use super::store;
use crate::features::orders::port::id_of;

#[async_trait]
impl Subscriptions for Service {
    async fn pricing(&self, viewer: Option<&Actor>, interval: &str, currency: &str) -> Answer<Pricing> {
        Ok(self.price_list(viewer, interval, currency).await?)
    }
    async fn opening(&self, thing: &str) -> Answer<Vec<Bilingual>> {
        let thing = Thing::parse(thing).ok_or(Fault::NotFound)?;
        let plans = store::opening(&self.kit.db, &thing).await?;
        Ok(plans.into_iter().map(|(_, title)| title).collect())
    }
    async fn mine(&self, actor: &Actor) -> Answer<Mine> {
        Ok(self.my_page(actor).await?)
    }
    async fn subscribe(
        &self,
        actor: &Actor,
        plan: &str,
        currency: &str,
        trial: bool,
        wallet: bool,
    ) -> Answer<String> {
        let plan: PlanId = id_of(plan)?;
        let currency =
            Currency::parse(currency).ok_or_else(|| Invalid::field("currency", "plan_not_in_currency"))?;
        let order = Self::subscribe(self, actor, plan, currency, trial, wallet).await?;
        Ok(if trial { "/subscription".to_owned() } else { format!("/orders/{order}") })
    }
    async fn change(&self, actor: &Actor, plan: &str) -> Answer<String> {
        let plan: PlanId = id_of(plan)?;
        Ok(match Self::change(self, actor, plan).await? {
            Changed::ByOrder(order) => format!("/orders/{order}"),
            Changed::At(_) => "/subscription".to_owned(),
        })
    }
    async fn cancel(&self, actor: &Actor) -> Answer<()> {
        Ok(Self::cancel(self, actor).await?)
    }
    async fn resume(&self, actor: &Actor) -> Answer<()> {
        Ok(Self::resume(self, actor).await?)
    }
    async fn set_wallet(&self, actor: &Actor, wallet: bool) -> Answer<()> {
        Ok(Self::set_wallet(self, actor, wallet).await?)
    }
    async fn next_order(&self, actor: &Actor) -> Answer<OrderId> {
        Ok(Self::next_order(self, actor).await?)
    }
    async fn plans(&self, actor: &Actor) -> Answer<Vec<PlanRow>> {
        Ok(self.desk_list(actor).await?)
    }
    async fn plan(&self, actor: &Actor, plan: &str) -> Answer<(PlanRow, PlanInput)> {
        Ok(self.desk_plan(actor, id_of(plan)?).await?)
    }
    async fn add_plan(&self, actor: &Actor, input: &PlanInput) -> Answer<PlanId> {
        Ok(Self::add_plan(self, actor, input).await?)
    }
    async fn change_plan(&self, actor: &Actor, plan: &str, input: &PlanInput) -> Answer<()> {
        Ok(Self::change_plan(self, actor, id_of(plan)?, input).await?)
    }
    async fn offer_plan(&self, actor: &Actor, plan: &str, active: bool) -> Answer<()> {
        Ok(Self::offer_plan(self, actor, id_of(plan)?, active).await?)
    }
}
