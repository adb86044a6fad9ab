//! What the pages of subscriptions show.

use app::features::subscriptions::api::{
    ChangeOffer, InvoiceRow, Mine, Opened, PlanCard, PlanRow, Pricing, SubscriptionView,
};
use domain::actor::Actor;
use domain::courses::category::CATEGORIES;
use domain::locale::{Bilingual, Locale};
use domain::money::{Currency, Money};
use domain::subscriptions::change::When;
use domain::subscriptions::input::PlanInput;
use domain::subscriptions::{Interval, InvoiceKind, Opens, PlanId, Tier, access_end};

use super::Service;
use super::store::{self, Billed, Plan, Subscription};
use crate::db::{Count, Db};
use crate::error::{Error, Result};
use crate::features::orders::store::number;
use crate::features::payments::store::kept_card;
use crate::sql;

/// How many invoices a page shows.
const INVOICES: i64 = 100;

impl Service {
    /// The offered plans of an interval in a currency; what is not known falls back to the first.
    pub(super) async fn price_list(
        &self,
        viewer: Option<&Actor>,
        interval: &str,
        currency: &str,
    ) -> Result<Pricing> {
        let db = &self.kit.db;
        let offered: Vec<Plan> = store::plans(db).await?.into_iter().filter(|plan| plan.active).collect();
        let paid = offered.iter().filter(|plan| plan.rank.tier != Tier::Free);
        let mut intervals: Vec<Interval> = paid.map(|plan| plan.rank.interval).collect();
        intervals.sort();
        intervals.dedup();
        let interval = Interval::parse(interval)
            .filter(|wanted| intervals.contains(wanted))
            .or_else(|| intervals.first().copied())
            .unwrap_or(Interval::Month);
        let currency = Currency::parse(currency).unwrap_or_default();
        let mine = match viewer {
            Some(actor) => store::latest(db, actor.account).await?.filter(|sub| sub.state.is_live()),
            None => None,
        };
        let had_trial = match viewer {
            Some(actor) => store::had_trial(db, actor.account).await?,
            None => false,
        };
        let mut plans = Vec::new();
        for plan in offered {
            let shown = plan.rank.tier == Tier::Free || plan.rank.interval == interval;
            let free = (plan.rank.tier == Tier::Free).then_some(Money::zero(currency));
            let Some(price) = plan.price(currency).or(free).filter(|_| shown) else { continue };
            plans.push(PlanCard {
                opens: named(db, store::opens_of(db, plan.id).await?).await?,
                mine: mine.as_ref().is_some_and(|sub| sub.plan == plan.id),
                trial_days: if had_trial { 0 } else { plan.terms.trial_days },
                id: plan.id,
                tier: plan.rank.tier,
                interval: plan.rank.interval,
                title: plan.title,
                summary: plan.summary,
                price,
            });
        }
        let wallet = self.purse().is_some();
        Ok(Pricing { interval, intervals, currency, plans, subscribed: mine.is_some(), wallet })
    }

    /// The page of the own subscription.
    pub(super) async fn my_page(&self, actor: &Actor) -> Result<Mine> {
        let db = &self.kit.db;
        let plans = store::plans(db).await?;
        let billed = store::invoices(db, actor.account, INVOICES).await?;
        let subscription = match store::latest(db, actor.account).await? {
            Some(sub) => Some(self.view(&sub, &plans, &billed).await?),
            None => None,
        };
        let title = |id: PlanId| plans.iter().find(|plan| plan.id == id).map(|plan| plan.title.clone());
        let invoices = billed
            .into_iter()
            .map(|bill| InvoiceRow {
                order: bill.order,
                number: number(bill.order),
                state: bill.state,
                kind: bill.kind,
                title: title(bill.plan).unwrap_or_default(),
                period: bill.period,
                total: bill.total,
            })
            .collect();
        let card = kept_card(db, actor.account).await?.map(|card| card.label);
        Ok(Mine { subscription, invoices, card })
    }

    async fn view(&self, sub: &Subscription, plans: &[Plan], billed: &[Billed]) -> Result<SubscriptionView> {
        let find = |id: PlanId| plans.iter().find(|plan| plan.id == id).ok_or_else(Error::not_found);
        let plan = find(sub.plan)?;
        let next = sub.next_plan.map(find).transpose()?;
        let paid: Vec<&Billed> = billed
            .iter()
            .filter(|bill| bill.state.entitles() && !bill.carried_on && !bill.given_back)
            .collect();
        let ends = |bill: &&Billed| {
            let grace = plans.iter().find(|plan| plan.id == bill.plan).map(|plan| plan.terms.grace());
            access_end(&[bill.period.1], grace.unwrap_or_default())
        };
        let because = paid.iter().copied().max_by_key(ends);
        let open = billed.iter().find(|bill| bill.state.is_open() && bill.kind == InvoiceKind::Renewal);
        Ok(SubscriptionView {
            state: sub.state,
            title: plan.title.clone(),
            interval: plan.rank.interval,
            period: sub.period,
            next_price: sub.state.renews().then(|| next.unwrap_or(plan).price(sub.currency)).flatten(),
            next_title: next.map(|plan| plan.title.clone()),
            access_until: because.and_then(|bill| ends(&bill)),
            because: because.map(|bill| bill.order),
            grace_days: plan.terms.grace_days,
            open_order: open.map(|bill| bill.order).filter(|_| sub.state.renews()),
            wallet: sub.wallet,
            plan: plan.id,
            changes: if sub.state.is_live() { self.changes(sub, plans).await? } else { Vec::new() },
            ended_at: sub.ended_at,
            history: store::history(&self.kit.db, sub.id).await?,
        })
    }

    /// What each change would cost; read in a transaction of its own, as the change itself reads it.
    async fn changes(&self, sub: &Subscription, plans: &[Plan]) -> Result<Vec<ChangeOffer>> {
        let now = self.kit.now();
        let mut tx = self.kit.db.begin().await?;
        let mut offers = Vec::new();
        for plan in plans {
            let wanted = plan.active && plan.rank.tier != Tier::Free && plan.id != sub.plan;
            if !wanted || Some(plan.id) == sub.next_plan {
                continue;
            }
            let Ok(quoted) = self.quote_change(&mut tx, sub, plan, now).await else { continue };
            let none = Money::zero(sub.currency);
            let credit = quoted.credit.map_or(none, |(amount, _)| amount);
            let due =
                if quoted.when == When::Now { quoted.price.minus(credit).unwrap_or(none) } else { none };
            offers.push(ChangeOffer {
                plan: plan.id,
                title: plan.title.clone(),
                interval: plan.rank.interval,
                price: quoted.price,
                when: quoted.when,
                credit,
                due,
            });
        }
        Ok(offers)
    }

    /// Every plan with the number of those who have it.
    pub(super) async fn desk_list(&self, actor: &Actor) -> Result<Vec<PlanRow>> {
        Self::check_staff(actor)?;
        let mut rows = Vec::new();
        for plan in store::plans(&self.kit.db).await? {
            rows.push(row(&self.kit.db, plan).await?);
        }
        Ok(rows)
    }

    /// A plan as its form shows it.
    pub(super) async fn desk_plan(&self, actor: &Actor, id: PlanId) -> Result<(PlanRow, PlanInput)> {
        Self::check_staff(actor)?;
        let db = &self.kit.db;
        let plan = store::plan(db, id).await?.ok_or_else(Error::not_found)?;
        let price = |currency| plan.price(currency).map(Money::decimal).unwrap_or_default();
        let lines = |opens: Vec<Opens>| opens.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        let days: Vec<String> = plan.terms.retry_days.iter().map(ToString::to_string).collect();
        let input = PlanInput {
            tier: plan.rank.tier.as_str().to_owned(),
            interval: plan.rank.interval.as_str().to_owned(),
            title_en: plan.title.en.clone(),
            title_zh: plan.title.zh.clone(),
            summary_en: plan.summary.en.clone(),
            summary_zh: plan.summary.zh.clone(),
            price_cny: price(Currency::Cny),
            price_usd: price(Currency::Usd),
            trial_days: plan.terms.trial_days.to_string(),
            grace_days: plan.terms.grace_days.to_string(),
            retry_days: days.join(", "),
            opens: lines(store::opens_of(db, id).await?),
        };
        Ok((row(db, plan).await?, input))
    }
}

async fn row(db: &Db, plan: Plan) -> Result<PlanRow> {
    let count: Count = db
        .one(sql!(
            "select count(*) as n from subscriptions where plan_id = $1 and state <> 'expired'",
            plan.id
        ))
        .await?;
    Ok(PlanRow {
        id: plan.id,
        title: plan.title,
        tier: plan.rank.tier,
        interval: plan.rank.interval,
        prices: plan.prices,
        active: plan.active,
        subscribers: count.n,
    })
}

#[derive(sqlx::FromRow)]
struct Named {
    slug: String,
    title_en: String,
    title_zh: String,
}

/// What a plan opens, with names; a course or competition that is not public has none and is left out.
async fn named(db: &Db, opens: Vec<Opens>) -> Result<Vec<Opened>> {
    let mut named = Vec::new();
    for one in opens {
        let (name, page) = match &one {
            Opens::Courses => (None, Some("/courses".to_owned())),
            Opens::Competitions => (None, Some("/competitions".to_owned())),
            Opens::Category(slug) => {
                let known = CATEGORIES.iter().find(|category| category.slug == slug.as_str());
                let name = known
                    .map(|category| Bilingual::new(category.name(Locale::En), category.name(Locale::Zh)));
                (name, Some(format!("/courses?category={slug}")))
            }
            Opens::Course(id) => {
                let row: Option<Named> = db
                    .maybe(sql!(
                        "select slug, title_en, title_zh from courses where id = $1 and state = 'published'",
                        *id
                    ))
                    .await?;
                let Some(row) = row else { continue };
                (Some(Bilingual::new(row.title_en, row.title_zh)), Some(format!("/courses/{}", row.slug)))
            }
            Opens::Competition(id) => {
                let row: Option<Named> = db
                    .maybe(sql!(
                        "select slug, title_en, title_zh from competitions where id = $1 and state <> 'draft'",
                        *id
                    ))
                    .await?;
                let Some(row) = row else { continue };
                (
                    Some(Bilingual::new(row.title_en, row.title_zh)),
                    Some(format!("/competitions/{}", row.slug)),
                )
            }
        };
        named.push(Opened { opens: one, name, page });
    }
    Ok(named)
}
