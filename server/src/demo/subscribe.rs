//! Plans and subscribers of the demonstration.

use domain::money::Currency;
use domain::subscriptions::input::PlanInput;
use domain::subscriptions::{Interval, PlanId};

use super::people::{Person, STEWARD};
use super::plan::{Subscribes, number_of};
use super::stage::Stage;
use crate::error::{Error, Result};

/// A plan of the demonstration: tier, names, sentences, what it opens, and the prices of its intervals.
struct PlanScript {
    tier: &'static str,
    title: (&'static str, &'static str),
    summary: (&'static str, &'static str),
    opens: &'static str,
    prices: &'static [(Interval, &'static str, &'static str)],
}

const SCRIPTS: [PlanScript; 3] = [
    PlanScript {
        tier: "free",
        title: ("Free", "免费"),
        summary: ("Free courses, free competitions, every live board.", "免费课程、免费竞赛、全部实时榜单。"),
        opens: "",
        prices: &[(Interval::Month, "", "")],
    },
    PlanScript {
        tier: "basic",
        title: ("Basic", "基础"),
        summary: (
            "The courses on data and machine learning, for as long as you subscribe.",
            "订阅期间开放数据与机器学习课程。",
        ),
        opens: "category:data",
        prices: &[
            (Interval::Month, "39", "5.90"),
            (Interval::Quarter, "99", "14.90"),
            (Interval::Year, "348", "49"),
        ],
    },
    PlanScript {
        tier: "premium",
        title: ("Premium", "高级"),
        summary: ("Every course, and the entry to every competition.", "全部课程，以及全部竞赛的参赛资格。"),
        opens: "courses\ncompetitions",
        prices: &[
            (Interval::Month, "89", "12.90"),
            (Interval::Quarter, "239", "34.90"),
            (Interval::Year, "828", "119"),
        ],
    },
];

impl Stage {
    /// The steward writes the plans and offers them.
    pub(super) async fn offer_plans(&mut self) -> Result<()> {
        let steward = self.actor(STEWARD.username)?;
        for script in &SCRIPTS {
            for (interval, cny, usd) in script.prices {
                let text = str::to_owned;
                let trial = if script.tier == "premium" { "7" } else { "0" };
                let input = PlanInput {
                    tier: text(script.tier),
                    interval: text(interval.as_str()),
                    title_en: text(script.title.0),
                    title_zh: text(script.title.1),
                    summary_en: text(script.summary.0),
                    summary_zh: text(script.summary.1),
                    price_cny: text(cny),
                    price_usd: text(usd),
                    trial_days: text(trial),
                    grace_days: text("3"),
                    retry_days: text("1, 3, 5"),
                    opens: text(script.opens),
                };
                let plan = self.services.subscriptions.add_plan(&steward, &input).await?;
                self.services.subscriptions.offer_plan(&steward, plan, true).await?;
                self.plans.push((script.tier, *interval, plan));
            }
        }
        Ok(())
    }

    fn plan(&self, tier: &str, interval: Interval) -> Result<PlanId> {
        let found = self.plans.iter().find(|(known, every, _)| *known == tier && *every == interval);
        found.map(|(.., plan)| *plan).ok_or_else(|| Error::bug("no such plan"))
    }

    /// Somebody does something with their subscription.
    pub(super) async fn subscribe(&self, deed: Subscribes, person: &Person) -> Result<()> {
        let actor = self.actor(person.username)?;
        let subscriptions = &self.services.subscriptions;
        match deed {
            Subscribes::Begins(tier, interval) => {
                let plan = self.plan(tier, interval)?;
                let order = subscriptions.subscribe(&actor, plan, Currency::Cny, false, false).await?;
                self.pay(&actor, order, number_of(person)).await
            }
            Subscribes::Tries(tier) => {
                let plan = self.plan(tier, Interval::Month)?;
                subscriptions.subscribe(&actor, plan, Currency::Cny, true, false).await.map(|_| ())
            }
            Subscribes::Renews => {
                let order = subscriptions.next_order(&actor).await?;
                self.pay(&actor, order, number_of(person)).await
            }
            Subscribes::Cancels => subscriptions.cancel(&actor).await,
        }
    }
}
