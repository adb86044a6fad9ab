//! The port: what buyers and staff see of refunds.

use std::collections::BTreeSet;

use app::error::{Answer, Fault};
use app::features::refunds::Refunds;
use app::features::refunds::api::{
    BoundProduct, Granting, PolicyView, QuoteLine, QuoteView, RefundDesk, RefundView,
};
use async_trait::async_trait;
use domain::actor::Actor;
use domain::invalid::Invalid;
use domain::locale::Bilingual;
use domain::money::Money;
use domain::offers::BundleId;
use domain::orders::{OrderId, Thing};
use domain::page::Page;
use domain::payments::LogEvent;
use domain::refunds::{Destination, Policy, PolicyForm, RefundId, RefundState};

use super::Service;
use super::service::{Quoted, staff};
use super::store::{self, Refund, policies};
use crate::bus::Tag;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::features::finance::log;
use crate::features::offers::store::bundles;
use crate::features::orders::port::id_of;
use crate::features::orders::store::{self as orders, Order, number};
use crate::features::payouts::product;

/// How many policies a page shows.
const SHOWN: i64 = 100;
/// How many products with a policy of their own it shows.
const BOUND: i64 = 1_000;

/// Of how many things the promises are told at once.
const THINGS: usize = 50;

/// How many refunds a page shows.
const PAGE: usize = 50;

fn view(refund: Refund) -> RefundView {
    RefundView {
        id: refund.id,
        order: refund.order,
        number: number(refund.order),
        amount: refund.amount,
        state: refund.state,
        destination: refund.destination,
        gateway: refund.gateway,
        reason: refund.reason,
        requested_at: refund.requested_at,
    }
}

/// Promises, each once, in the order in which they were found.
pub(crate) fn each_once(found: Vec<Policy>) -> Vec<Policy> {
    let mut once: Vec<Policy> = Vec::new();
    for policy in found {
        if !once.contains(&policy) {
            once.push(policy);
        }
    }
    once
}

fn destination(wallet: bool) -> Destination {
    if wallet { Destination::Wallet } else { Destination::Gateway }
}

impl Service {
    async fn quote_view(&self, order: &Order, username: Option<String>) -> Result<QuoteView> {
        let db = &self.kit.db;
        let mut tx = db.read().await?;
        let quoted = self.quote(&mut tx, order, self.kit.now()).await?;
        let gateway = store::charge_of(&mut tx, order.id).await?.map(|charge| charge.gateway);
        drop(tx);
        let line = |quoted: Quoted| QuoteLine {
            id: quoted.line.id,
            title: quoted.line.title,
            price: quoted.line.price,
            returned: quoted.facts.returned,
            left: Money::new(quoted.facts.left().max(0), quoted.line.price.currency),
            open: quoted.facts.is_open(),
            policy: quoted.policy,
            verdict: quoted.verdict,
            points: quoted.points,
        };
        Ok(QuoteView {
            order: order.id,
            number: number(order.id),
            state: order.state,
            username,
            lines: quoted.into_iter().map(line).collect(),
            refunds: store::of_order(db, order.id).await?.into_iter().map(view).collect(),
            gateway,
        })
    }

    async fn own_quote(&self, actor: &Actor, id: OrderId) -> Result<QuoteView> {
        let order = orders::own_order(&self.kit.db, id, actor.account).await?.ok_or_else(Error::not_found)?;
        self.quote_view(&order, None).await
    }

    async fn any_quote(&self, actor: &Actor, id: OrderId) -> Result<QuoteView> {
        staff(actor)?;
        let db = &self.kit.db;
        let username = store::username_of_buyer(db, id).await?;
        let order = orders::order(db, id).await?.ok_or_else(Error::not_found)?;
        self.quote_view(&order, username).await
    }

    async fn list_view(
        &self,
        actor: &Actor,
        state: Option<String>,
        after: Option<String>,
    ) -> Result<RefundDesk> {
        staff(actor)?;
        let db = &self.kit.db;
        let state = state.and_then(|state| RefundState::try_from(state).ok());
        let after: Option<RefundId> = after.and_then(|cursor| cursor.parse().ok());
        let limit = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
        let refunds = match state {
            // What waits longest is looked at first.
            Some(state) if !state.is_settled() => store::oldest(db, state.as_str(), after, limit).await?,
            other => store::newest(db, other.map(RefundState::as_str), after, limit).await?,
        };
        let page = Page::cut(refunds, PAGE, |refund| refund.id.to_string());
        Ok(RefundDesk { refunds: page.map(view), waiting: store::waiting(db).await? })
    }

    /// What is promised to whoever buys things now; of a bundle, with each of its courses.
    async fn promised_now(&self, things: &str) -> Result<Vec<Policy>> {
        let db = &self.kit.db;
        let mut asked = BTreeSet::new();
        for text in things.split(',').collect::<BTreeSet<_>>().into_iter().take(THINGS) {
            match text.strip_prefix("bundle:").and_then(|id| id.parse::<BundleId>().ok()) {
                Some(id) if asked.len() < THINGS => {
                    let sold = bundles::one(db, id).await?.is_some_and(|bundle| bundle.state == "published");
                    let parts = if sold { bundles::parts(db, id).await? } else { Vec::new() };
                    asked.extend(parts.into_iter().map(|part| Thing::Course(part.course)));
                }
                _ => asked.extend(Thing::parse(text)),
            }
        }
        let mut found = Vec::new();
        for thing in asked.into_iter().take(THINGS) {
            let policy = policies::of_thing(db, &thing).await?;
            let over = policy.until_start && policies::has_started(db, &thing, self.kit.now()).await?;
            found.push(if over { Policy::staff() } else { policy });
        }
        Ok(each_once(found))
    }

    async fn policy_views(&self, actor: &Actor) -> Result<Vec<PolicyView>> {
        staff(actor)?;
        let bound = policies::bound(&self.kit.db, BOUND).await?;
        let kinds = |code: &str| {
            let of_kind = bound.iter().filter(|bound| bound.policy == code && bound.thing_id.is_nil());
            of_kind.map(|bound| bound.thing_kind.clone()).collect()
        };
        let products = |code: &str| {
            let own = bound.iter().filter(|bound| bound.policy == code && !bound.thing_id.is_nil());
            own.map(|bound| BoundProduct {
                kind: bound.thing_kind.clone(),
                product: bound.slug.clone().unwrap_or_else(|| bound.thing_id.to_string()),
                title: Bilingual::new(
                    bound.title_en.clone().unwrap_or_default(),
                    bound.title_zh.clone().unwrap_or_default(),
                ),
            })
            .collect()
        };
        let all = policies::all(&self.kit.db, SHOWN).await?.into_iter().map(|(policy, name)| PolicyView {
            kinds: kinds(&policy.code),
            products: products(&policy.code),
            name,
            policy,
        });
        Ok(all.collect())
    }

    async fn bind_policy(&self, actor: &Actor, kind: &str, name: &str, policy: &str) -> Result<()> {
        staff(actor)?;
        let mut tx = self.kit.db.begin().await?;
        let thing = product(&mut tx, kind, name).await?;
        let unknown = || Error::from(Invalid::field("policy", "unknown_choice"));
        let found = policies::of_code(&mut tx, policy).await?.ok_or_else(unknown)?;
        if kind != "competition" && found.needs_start() {
            return Err(Invalid::field("policy", "policy_needs_start").into());
        }
        policies::bind(&mut tx, thing, policy).await?;
        let about = format!("{kind} {name}");
        log::write(&mut tx, &self.kit, actor, LogEvent::PromiseBound, about.trim(), policy).await?;
        self.commit_promise(tx).await
    }

    async fn unbind_policy(&self, actor: &Actor, kind: &str, name: &str) -> Result<()> {
        staff(actor)?;
        let mut tx = self.kit.db.begin().await?;
        let thing = product(&mut tx, kind, name).await?;
        policies::unbind(&mut tx, thing).await?;
        let about = format!("{kind} {name}");
        log::write(&mut tx, &self.kit, actor, LogEvent::PromiseUnbound, about.trim(), "").await?;
        self.commit_promise(tx).await
    }

    /// Pages say what is promised before anybody buys.
    async fn commit_promise(&self, mut tx: Tx) -> Result<()> {
        tx.touch(Tag::Courses);
        tx.touch(Tag::Competitions);
        Ok(tx.commit().await?)
    }

    async fn make_policy(&self, actor: &Actor, form: &PolicyForm) -> Result<()> {
        staff(actor)?;
        let (policy, name) = form.check()?;
        let mut tx = self.kit.db.begin().await?;
        if !policies::add(&mut tx, &policy, &name, actor.account, self.kit.now()).await? {
            return Err(Invalid::field("code", "policy_taken").into());
        }
        Ok(tx.commit().await?)
    }
}

#[async_trait]
impl Refunds for Service {
    async fn quote(&self, actor: &Actor, order: String) -> Answer<QuoteView> {
        Ok(self.own_quote(actor, id_of(&order)?).await?)
    }
    async fn request(&self, actor: &Actor, order: String, lines: Vec<String>, wallet: bool) -> Answer<()> {
        let lines = lines.iter().map(|line| id_of(line)).collect::<Result<Vec<_>, Fault>>()?;
        Self::request(self, actor, id_of(&order)?, &lines, destination(wallet)).await?;
        Ok(())
    }
    async fn staff_quote(&self, actor: &Actor, order: String) -> Answer<QuoteView> {
        Ok(self.any_quote(actor, id_of(&order)?).await?)
    }
    async fn grant(&self, actor: &Actor, order: String, asked: Granting) -> Answer<()> {
        let (id, to) = (id_of(&order)?, destination(asked.wallet));
        self.grant_seen(actor, id, &asked.amounts, to, &asked.reason, asked.seen).await?;
        Ok(())
    }
    async fn send_back(&self, actor: &Actor, alert: String) -> Answer<()> {
        Ok(Self::send_back(self, actor, id_of(&alert)?).await?)
    }
    async fn list(&self, actor: &Actor, state: Option<String>, after: Option<String>) -> Answer<RefundDesk> {
        Ok(self.list_view(actor, state, after).await?)
    }
    async fn promises(&self, things: String) -> Answer<Vec<Policy>> {
        Ok(self.promised_now(&things).await?)
    }
    async fn policies(&self, actor: &Actor) -> Answer<Vec<PolicyView>> {
        Ok(self.policy_views(actor).await?)
    }
    async fn bind(&self, actor: &Actor, kind: String, product: String, policy: String) -> Answer<()> {
        Ok(self.bind_policy(actor, &kind, &product, &policy).await?)
    }
    async fn unbind(&self, actor: &Actor, kind: String, product: String) -> Answer<()> {
        Ok(self.unbind_policy(actor, &kind, &product).await?)
    }
    async fn new_policy(&self, actor: &Actor, form: PolicyForm) -> Answer<()> {
        Ok(self.make_policy(actor, &form).await?)
    }
}
