//! Coupons: made and withdrawn by staff.

use domain::actor::{Actor, Role};
use domain::invalid::Invalid;
use domain::offers::input::{self, CouponForm};
use domain::offers::{BundleId, CouponId};
use domain::payments::LogEvent;
use uuid::Uuid;

use super::{Service, store};
use crate::db::Tx;
use crate::error::{Error, OrDuplicate, Result};
use crate::features::finance::log;

/// To how many things a coupon may be bound.
const MAX_BOUND: usize = 50;

impl Service {
    /// Makes a coupon, bound to things named by a line each: `course:<slug>`, `competition:<slug>` or `bundle:<id>`.
    pub async fn make_coupon(
        &self,
        actor: &Actor,
        form: &CouponForm,
        stacks: bool,
        bound: &str,
    ) -> Result<CouponId> {
        if !actor.is(Role::Admin) {
            return Err(Error::not_found());
        }
        let now = self.kit.now();
        let mut invalid = Invalid::default();
        let new = invalid.check(input::coupon(form, now));
        let mut tx = self.kit.db.begin().await?;
        let mut things: Vec<(&str, Uuid)> = Vec::new();
        let words: Vec<&str> =
            bound.split([',', '\n', ' ']).map(str::trim).filter(|word| !word.is_empty()).collect();
        // Without a thing the coupon counts for everything: only an empty field means that.
        if words.is_empty() && !bound.trim().is_empty() {
            invalid.add("bound", "coupon_bound_to_nothing", &[]);
        }
        if words.len() > MAX_BOUND {
            invalid.add("bound", "coupon_bound_to_many", &[&MAX_BOUND]);
        }
        for word in words.into_iter().take(MAX_BOUND) {
            match Self::bound_thing(&mut tx, word).await? {
                Some(thing) => things.push(thing),
                None => invalid.add("bound", "no_such_course", &[&word.chars().take(64).collect::<String>()]),
            }
        }
        let Some(new) = new.filter(|_| invalid.0.is_empty()) else { return Err(invalid.into()) };
        let id: CouponId = self.kit.id();
        store::coupons::add(&mut tx, id, &new, stacks, actor.account, now)
            .await
            .or_duplicate("coupons.code", Invalid::field("code", "coupon_taken"))?;
        for (kind, thing) in things {
            store::coupons::bind(&mut tx, id, kind, thing).await?;
        }
        tx.commit().await?;
        Ok(id)
    }

    async fn bound_thing(tx: &mut Tx, word: &str) -> Result<Option<(&'static str, Uuid)>> {
        Ok(match word.split_once(':') {
            Some(("bundle", id)) => match id.parse::<BundleId>() {
                Ok(id) => store::bundles::one_in(tx, id).await?.map(|bundle| ("bundle", bundle.id.0)),
                Err(_) => None,
            },
            Some(("course", slug)) => {
                store::bundles::course(tx, slug).await?.map(|part| ("course", part.course.0))
            }
            Some(("competition", slug)) => {
                store::coupons::competition(tx, slug).await?.map(|competition| ("competition", competition))
            }
            Some(_) => None,
            None => store::bundles::course(tx, word).await?.map(|part| ("course", part.course.0)),
        })
    }

    /// Withdraws a coupon, or allows it again.
    pub async fn set_coupon(&self, actor: &Actor, id: CouponId, active: bool) -> Result<()> {
        if !actor.is(Role::Admin) {
            return Err(Error::not_found());
        }
        let mut tx = self.kit.db.begin().await?;
        let Some(code) = store::coupons::set_active(&mut tx, id, active).await? else {
            return Err(Error::not_found());
        };
        let event = if active { LogEvent::CouponAllowed } else { LogEvent::CouponWithdrawn };
        log::write(&mut tx, &self.kit, actor, event, &code, "").await?;
        Ok(tx.commit().await?)
    }
}
