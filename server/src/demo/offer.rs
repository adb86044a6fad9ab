//! What makes courses cheaper in the demonstration.

use domain::actor::Actor;
use domain::offers::input::{BundleForm, CouponForm};

use super::people::{LEARNER, STEWARD};
use super::stage::Stage;
use crate::error::Result;

impl Stage {
    /// A bundle of the paid courses about data, two coupons, and a scholarship for the learner.
    pub(super) async fn offer(&self) -> Result<()> {
        let steward = self.actor(STEWARD.username)?;
        let offers = &self.services.offers;
        let bundle = BundleForm {
            title_en: "From split to score".to_owned(),
            title_zh: "从划分到评分".to_owned(),
            about_en: "Split honestly, model simply, and read the errors for what they are.".to_owned(),
            about_zh: "诚实地划分、简单地建模，并看懂误差真正的含义。".to_owned(),
            price: "79".to_owned(),
            currency: "CNY".to_owned(),
        };
        let courses = "honest-splits nearest-neighbours regression-errors";
        let id = offers.make_bundle(&steward, &bundle, courses).await?;
        offers.set_bundle_state(&steward, id, "published").await?;
        self.coupon(&steward, ("WELCOME10", "10", "percent", "1"), "For newcomers / 新人礼").await?;
        self.coupon(&steward, ("FIVE-OFF", "5", "CNY", ""), "Autumn campaign / 秋季活动").await?;
        offers.grant(&steward, LEARNER.username, "sql-joins", "Scholarship of the spring term").await?;
        Ok(())
    }

    async fn coupon(&self, steward: &Actor, words: (&str, &str, &str, &str), note: &str) -> Result<()> {
        let (code, value, unit, account_limit) = words;
        let form = CouponForm {
            code: code.to_owned(),
            value: value.to_owned(),
            unit: unit.to_owned(),
            account_limit: account_limit.to_owned(),
            note: note.to_owned(),
            ..CouponForm::default()
        };
        self.services.offers.make_coupon(steward, &form, true, "").await?;
        Ok(())
    }
}
