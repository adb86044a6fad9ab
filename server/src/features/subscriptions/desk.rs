//! What staff do with plans: write, change, offer and withdraw them.

use domain::actor::{Actor, Role};
use domain::invalid::{Denied, Invalid};
use domain::payments::LogEvent;
use domain::subscriptions::PlanId;
use domain::subscriptions::input::PlanInput;

use super::Service;
use super::store;
use crate::bus::Tag;
use crate::db::DbError;
use crate::error::{Error, Result};
use crate::features::finance::log;

/// Plans belong to administrators; for everybody else their desk is not there.
fn may_plan(actor: &Actor) -> Result<()> {
    if actor.is(Role::Admin) { Ok(()) } else { Err(Error::not_found()) }
}

impl Service {
    /// Writes a new plan; it is not offered before somebody says so.
    pub async fn add_plan(&self, actor: &Actor, input: &PlanInput) -> Result<PlanId> {
        may_plan(actor)?;
        let plan = input.check()?;
        let id: PlanId = self.kit.id();
        let mut tx = self.kit.db.begin().await?;
        store::add_plan(&mut tx, id, &plan, actor.account, self.kit.now()).await?;
        store::set_opens(&mut tx, id, &plan.opens).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Changes a plan: its words, prices, terms and what it opens. Orders keep the price at which they were
    /// placed; what a plan opens changes for everybody who has it, at once.
    pub async fn change_plan(&self, actor: &Actor, id: PlanId, input: &PlanInput) -> Result<()> {
        may_plan(actor)?;
        let plan = input.check()?;
        let mut tx = self.kit.db.begin().await?;
        let known = store::plan_in(&mut tx, id).await?.ok_or_else(Error::not_found)?;
        if known.rank.tier != plan.rank.tier {
            return Err(Invalid::field("tier", "plan_stays").into());
        }
        if known.rank.interval != plan.rank.interval {
            return Err(Invalid::field("interval", "plan_stays").into());
        }
        store::change_plan(&mut tx, id, &plan, self.kit.now()).await?;
        store::set_opens(&mut tx, id, &plan.opens).await?;
        let prices: Vec<String> = plan.prices.iter().map(ToString::to_string).collect();
        let event = LogEvent::PlanChanged;
        log::write(&mut tx, &self.kit, actor, event, &plan.title.en, &prices.join(", ")).await?;
        tx.touch(Tag::Courses);
        tx.touch(Tag::Competitions);
        Ok(tx.commit().await?)
    }

    /// Offers a plan, or withdraws it: who has it keeps it.
    pub async fn offer_plan(&self, actor: &Actor, id: PlanId, active: bool) -> Result<()> {
        may_plan(actor)?;
        let mut tx = self.kit.db.begin().await?;
        let plan = store::plan_in(&mut tx, id).await?.ok_or_else(Error::not_found)?;
        match store::set_active(&mut tx, id, active, self.kit.now()).await {
            Err(DbError::Duplicate(_)) => return Err(Denied::new("plan_offered_already").into()),
            other => other?,
        }
        let event = if active { LogEvent::PlanOffered } else { LogEvent::PlanWithdrawn };
        log::write(&mut tx, &self.kit, actor, event, &plan.title.en, "").await?;
        tx.touch(Tag::Courses);
        tx.touch(Tag::Competitions);
        Ok(tx.commit().await?)
    }

    pub(super) fn check_staff(actor: &Actor) -> Result<()> {
        may_plan(actor)
    }
}
