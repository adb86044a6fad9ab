//! The port: what people see of their earnings, and staff of payouts.

use app::error::Answer;
use app::features::payouts::Payouts;
use app::features::payouts::api::{EarnedView, EarningsView, PayoutView, RuleInput, RuleView};
use async_trait::async_trait;
use domain::actor::Actor;
use domain::invalid::Invalid;
use domain::payments::LedgerAccount;
use domain::payouts::{PayoutState, PayoutStep, Wish};

use super::Service;
use super::service::staff;
use super::store::{self, Payout};
use crate::error::Result;
use crate::features::finance::store as books;
use crate::features::orders::port::id_of;

/// How many payouts a page shows.
const SHOWN: i64 = 100;

fn view(payout: Payout) -> PayoutView {
    PayoutView {
        id: payout.id,
        username: payout.username,
        amount: payout.amount,
        holder: payout.holder,
        bank: payout.bank,
        state: payout.state,
        approvals: payout.approvals,
        requested_at: payout.requested_at,
        own: true,
        approved: false,
    }
}

impl Service {
    async fn earnings_view(&self, actor: &Actor, after: Option<&str>) -> Result<EarningsView> {
        let earned = self.earned(actor.account).await?.into_iter();
        let payable = LedgerAccount::Payable(actor.account);
        let payouts = store::payouts(&self.kit.db, Some(actor.account), None, SHOWN).await?;
        Ok(EarningsView {
            earned: earned
                .map(|one| EarnedView { owed: one.owed, held: one.held, available: one.available })
                .collect(),
            payouts: payouts.into_iter().map(view).collect(),
            statement: books::statement(&self.kit.db, &payable, actor.account, after).await?,
        })
    }

    async fn list_view(&self, actor: &Actor, state: Option<String>) -> Result<Vec<PayoutView>> {
        staff(actor)?;
        let state = state.and_then(|state| PayoutState::try_from(state).ok()).map(PayoutState::as_str);
        let payouts = store::payouts(&self.kit.db, None, state, SHOWN).await?;
        let approved = store::approved_by(&self.kit.db, actor.account, SHOWN).await?;
        let seen = |payout: Payout| {
            let (own, approved) = (payout.account == actor.account, approved.contains(&payout.id));
            PayoutView { own, approved, ..view(payout) }
        };
        Ok(payouts.into_iter().map(seen).collect())
    }

    async fn move_on(&self, actor: &Actor, payout: &str, step: &str) -> Result<()> {
        let id = id_of(payout)?;
        let step = match step {
            "approve" => return self.approve(actor, id).await,
            "pay" => PayoutStep::Pay,
            "fail" => PayoutStep::Fail,
            "reject" => PayoutStep::Reject,
            "cancel" => PayoutStep::Cancel,
            _ => return Err(Invalid::field("step", "unknown_choice").into()),
        };
        self.step(actor, id, step).await
    }
}

#[async_trait]
impl Payouts for Service {
    async fn earnings(&self, actor: &Actor, after: Option<String>) -> Answer<EarningsView> {
        Ok(self.earnings_view(actor, after.as_deref()).await?)
    }
    async fn request(
        &self,
        actor: &Actor,
        amount: String,
        currency: String,
        holder: String,
        bank: String,
    ) -> Answer<()> {
        let wish = Wish::parse(&amount, &currency, &holder, &bank)?;
        Self::request(self, actor, wish).await?;
        Ok(())
    }
    async fn list(&self, actor: &Actor, state: Option<String>) -> Answer<Vec<PayoutView>> {
        Ok(self.list_view(actor, state).await?)
    }
    async fn step(&self, actor: &Actor, payout: String, step: String) -> Answer<()> {
        Ok(self.move_on(actor, &payout, &step).await?)
    }
    async fn rules(&self, actor: &Actor) -> Answer<Vec<RuleView>> {
        Ok(Self::rules(self, actor).await?)
    }
    async fn set_rule(&self, actor: &Actor, rule: RuleInput) -> Answer<()> {
        Ok(Self::set_rule(self, actor, &rule).await?)
    }
    async fn remove_rule(&self, actor: &Actor, kind: String, product: String) -> Answer<()> {
        Ok(Self::remove_rule(self, actor, &kind, &product).await?)
    }
    async fn set_prizes(&self, actor: &Actor, competition: String, prizes: String) -> Answer<()> {
        Ok(Self::set_prizes(self, actor, &competition, &prizes).await?)
    }
}
