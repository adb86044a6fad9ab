//! Bundles: made by experts of their own courses or by staff of any, sold whole.

use std::collections::BTreeSet;

use domain::accounts::AccountId;
use domain::actor::{Actor, Role};
use domain::courses::CourseId;
use domain::invalid::Invalid;
use domain::money::Money;
use domain::offers::input::{self, BundleForm};
use domain::offers::{self, BundleId, Paid};
use domain::orders::{How, OrderId, Thing, Wanted};

use super::Service;
use super::store::bundles::{self as store, Bundle, Part};
use crate::error::{Error, Result};

/// How many courses a bundle holds.
const MAX_PARTS: usize = 20;

impl Service {
    pub(super) async fn course_at(&self, slug: &str) -> Result<Option<CourseId>> {
        let mut tx = self.kit.db.read().await?;
        Ok(store::course(&mut tx, slug).await?.map(|part| part.course))
    }

    /// Makes a bundle of courses named by their addresses, one a line; it is a draft at first.
    pub async fn make_bundle(&self, actor: &Actor, form: &BundleForm, courses: &str) -> Result<BundleId> {
        if !actor.is(Role::Expert) {
            return Err(Error::not_found());
        }
        let mut invalid = Invalid::default();
        let new = invalid.check(input::bundle(form));
        let mut tx = self.kit.db.begin().await?;
        let mut parts: Vec<Part> = Vec::new();
        let slugs: Vec<&str> =
            courses.split([',', '\n', ' ']).map(str::trim).filter(|slug| !slug.is_empty()).collect();
        for slug in slugs.iter().take(MAX_PARTS + 1) {
            match store::course(&mut tx, slug).await? {
                Some(part) if actor.is(Role::Admin) || part.author == actor.account => parts.push(part),
                _ => invalid.add("courses", "no_such_course", &[&slug.chars().take(64).collect::<String>()]),
            }
        }
        let mut seen = BTreeSet::new();
        parts.retain(|part| seen.insert(part.course));
        if invalid.0.is_empty() && (parts.len() < 2 || slugs.len() > MAX_PARTS) {
            invalid.add("courses", "bundle_size", &[&MAX_PARTS]);
        }
        if let Some(new) = &new
            && parts.iter().any(|part| part.price.currency != new.price.currency)
        {
            invalid.add("currency", "bundle_currency", &[]);
        }
        let Some(new) = new.filter(|_| invalid.0.is_empty()) else { return Err(invalid.into()) };
        let id: BundleId = self.kit.id();
        store::add(&mut tx, id, actor.account, &new, self.kit.now()).await?;
        for (position, part) in (0_i64..).zip(&parts) {
            store::put(&mut tx, id, part.course, position).await?;
        }
        tx.commit().await?;
        Ok(id)
    }

    /// Publishes a bundle, or closes it.
    pub async fn set_bundle_state(&self, actor: &Actor, id: BundleId, state: &str) -> Result<()> {
        let mut tx = self.kit.db.begin().await?;
        let bundle = store::one_in(&mut tx, id).await?;
        // Who is no author any more may close a bundle, and sells nothing new.
        let author =
            |bundle: &Bundle| bundle.author == actor.account && (actor.is(Role::Expert) || state == "closed");
        let ours = |bundle: &Bundle| actor.is(Role::Admin) || author(bundle);
        let bundle = bundle.filter(ours).ok_or_else(Error::not_found)?;
        if !matches!(state, "published" | "closed") {
            return Err(Error::not_found());
        }
        let parts = store::parts_in(&mut tx, id).await?;
        if state == "published" && parts.iter().any(|part| !part.open) {
            return Err(Error::denied("bundle_course_closed"));
        }
        if state == "published" && parts.iter().any(|part| part.price.currency != bundle.price.currency) {
            return Err(Error::denied("bundle_currency"));
        }
        store::set_state(&mut tx, id, state, self.kit.now()).await?;
        Ok(tx.commit().await?)
    }

    /// What of a bundle an account has not yet.
    pub(super) async fn missing(&self, account: AccountId, id: BundleId) -> Result<Vec<Wanted>> {
        let now = self.kit.now();
        let mut wanted = Vec::new();
        for part in store::parts(&self.kit.db, id).await? {
            let thing = Thing::Course(part.course);
            if !self.orders.has(account, &thing, now).await? {
                wanted.push(Wanted { bundle: Some(id), ..Wanted::one(thing) });
            }
        }
        Ok(wanted)
    }

    /// Orders a bundle: what the account has already is not ordered again, and what was paid for it counts.
    pub async fn buy_bundle(&self, actor: &Actor, id: BundleId) -> Result<OrderId> {
        store::one(&self.kit.db, id).await?.ok_or_else(Error::not_found)?;
        let wanted = self.missing(actor.account, id).await?;
        if wanted.is_empty() {
            return Err(Error::denied("already_yours"));
        }
        self.orders.place_many(actor, wanted, How::default()).await
    }

    /// A bundle as its price is shown to an account.
    pub(super) async fn priced(
        &self,
        account: AccountId,
        bundle: &Bundle,
        wanted: &[Wanted],
    ) -> Result<offers::Bundle> {
        let mut paid = Vec::new();
        let currency = bundle.price.currency;
        for part in store::parts(&self.kit.db, bundle.id).await? {
            if wanted.iter().any(|one| one.thing == Thing::Course(part.course)) {
                continue;
            }
            for line in store::paid(&self.kit.db, account, part.course, currency).await? {
                let open = line.worth.open();
                if open > 0 {
                    paid.push(Paid { line: line.id, amount: Money::new(open, currency) });
                }
            }
        }
        Ok(offers::Bundle { id: bundle.id, price: bundle.price, paid })
    }
}
