//! The port: what people see of their earnings, and staff of payouts.

use app::error::Answer;
use app::features::payouts::Payouts;
use app::features::payouts::api::{EarnedView, EarningsView, PayoutDesk, PayoutView, RuleInput, RuleView};
use async_trait::async_trait;
use domain::actor::Actor;
use domain::invalid::Invalid;
use domain::page::Page;
use domain::payments::LedgerAccount;
use domain::payouts::{self, PayoutId, PayoutState, PayoutStep, Wish};

use super::Service;
use super::service::staff;
use super::store::{self, Payout};
use crate::error::Result;
use crate::features::finance::store as books;
use crate::features::orders::port::id_of;

/// How many of the own payouts a page shows.
const SHOWN: i64 = 100;

/// How many payouts a page of staff shows.
const PAGE: usize = 50;

fn view(payout: Payout) -> PayoutView {
    PayoutView {
        id: payout.id,
        username: payout.username,
        amount: payout.amount,
        holder: payout.holder,
        bank: payout.bank,
        state: payout.state,
        reason: payout.reason,
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

    async fn list_view(
        &self,
        actor: &Actor,
        state: Option<String>,
        after: Option<String>,
    ) -> Result<PayoutDesk> {
        staff(actor)?;
        let db = &self.kit.db;
        let state = state.and_then(|state| PayoutState::try_from(state).ok());
        let after: Option<PayoutId> = after.and_then(|cursor| cursor.parse().ok());
        let limit = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
        let payouts = match state {
            // What waits longest is done first.
            Some(state) if state.reserves() => store::oldest(db, state.as_str(), after, limit).await?,
            other => store::newest(db, other.map(PayoutState::as_str), after, limit).await?,
        };
        let page = Page::cut(payouts, PAGE, |payout| payout.id.to_string());
        let ids = || page.items.iter().map(|payout| payout.id);
        let approved = match ids().min().zip(ids().max()) {
            Some((first, last)) => store::approved_between(db, actor.account, first, last).await?,
            None => Vec::new(),
        };
        let seen = |payout: Payout| {
            let (own, approved) = (payout.account == actor.account, approved.contains(&payout.id));
            PayoutView { own, approved, ..view(payout) }
        };
        Ok(PayoutDesk {
            payouts: page.map(seen),
            waiting: store::waiting(db).await?,
            files: store::files(db).await?,
        })
    }

    async fn move_on(&self, actor: &Actor, payout: &str, step: &str, reason: &str) -> Result<()> {
        let id = id_of(payout)?;
        let step = match step {
            "approve" => return self.approve(actor, id).await,
            "pay" => PayoutStep::Pay,
            "fail" => PayoutStep::Fail,
            "reject" => PayoutStep::Reject,
            "cancel" => PayoutStep::Cancel,
            _ => return Err(Invalid::field("step", "unknown_choice").into()),
        };
        let reason = payouts::reason(step, reason)?;
        self.step_because(actor, id, step, reason.as_deref()).await
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
    async fn list(&self, actor: &Actor, state: Option<String>, after: Option<String>) -> Answer<PayoutDesk> {
        Ok(self.list_view(actor, state, after).await?)
    }
    async fn step(&self, actor: &Actor, payout: String, step: String, reason: String) -> Answer<()> {
        Ok(self.move_on(actor, &payout, &step, &reason).await?)
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
