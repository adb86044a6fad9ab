//! How revenue is shared and which places win: rules that people of the platform and organisers write.
//!
//! A rule counts for what is ordered from now on: the shares of a line were frozen when it was ordered.

use app::features::payouts::api::{RuleInput, RuleView};
use domain::accounts::AccountId;
use domain::actor::Actor;
use domain::competitions::{CompetitionId, State, policy};
use domain::courses::CourseId;
use domain::invalid::{Denied, Invalid};
use domain::locale::Bilingual;
use domain::orders::Thing;
use domain::payments::{LogEvent, Party, Share, Shares};
use domain::payouts::rules::{basis_points, places};
use domain::subscriptions::PlanId;
use domain::time::Timestamp;
use uuid::Uuid;

use super::Service;
use super::service::staff;
use crate::bus::Tag;
use crate::db::{Lock, Tx};
use crate::error::{Error, Result};
use crate::features::accounts::username_key;
use crate::features::finance::log;
use crate::features::subscriptions::store as subscriptions;
use crate::sql;

#[derive(sqlx::FromRow)]
struct Product {
    id: Uuid,
    owner: Uuid,
}

#[derive(sqlx::FromRow)]
struct RuleRow {
    thing_kind: String,
    thing_id: Uuid,
    slug: Option<String>,
    title_en: Option<String>,
    title_zh: Option<String>,
    #[sqlx(try_from = "String")]
    party: Party,
    username: Option<String>,
    basis_points: i64,
}

#[derive(sqlx::FromRow)]
struct Competition {
    id: Uuid,
    organiser_id: Uuid,
    #[sqlx(try_from = "String")]
    state: State,
    #[sqlx(try_from = "i64")]
    starts: Timestamp,
}

/// What a rule is for: a product, or by the id of only zeros every product of its kind.
struct Target {
    thing: Thing,
    owner: Option<AccountId>,
}

/// What a rule is written for, by the name of the product.
async fn target(tx: &mut Tx, kind: &str, slug: &str) -> Result<Target> {
    let slug = slug.trim().to_lowercase();
    let thing = |id: Uuid| match kind {
        "course" => Ok(Thing::Course(CourseId(id))),
        "competition" => Ok(Thing::Competition(CompetitionId(id))),
        "plan" => Ok(Thing::Plan(PlanId(id))),
        _ => Err(Error::from(Invalid::field("kind", "unknown_choice"))),
    };
    if slug.is_empty() {
        return Ok(Target { thing: thing(Uuid::nil())?, owner: None });
    }
    let unknown = || Error::from(Invalid::field("product", "unknown_product"));
    let found: Option<Product> = match thing(Uuid::nil())? {
        Thing::Course(_) => {
            tx.maybe(sql!("select id, author_id as owner from courses where slug = $1", &slug)).await?
        }
        Thing::Competition(_) => {
            tx.maybe(sql!("select id, organiser_id as owner from competitions where slug = $1", &slug))
                .await?
        }
        // Nobody is the author of a plan; it is named as on its desk, by its id.
        Thing::Plan(_) => {
            let id: PlanId = slug.parse().map_err(|_| unknown())?;
            subscriptions::plan_in(tx, id).await?.ok_or_else(unknown)?;
            return Ok(Target { thing: Thing::Plan(id), owner: None });
        }
    };
    let found = found.ok_or_else(unknown)?;
    Ok(Target { thing: thing(found.id)?, owner: Some(AccountId(found.owner)) })
}

/// The product that a kind and a name mean; without a name every product of the kind.
pub async fn product(tx: &mut Tx, kind: &str, slug: &str) -> Result<Thing> {
    Ok(target(tx, kind, slug).await?.thing)
}

/// The account of a sponsor, where one is named.
async fn sponsor(tx: &mut Tx, username: &str) -> Result<Option<AccountId>> {
    let key = username_key(username.trim().trim_start_matches('@'));
    if key.is_empty() {
        return Ok(None);
    }
    #[derive(sqlx::FromRow)]
    struct Row {
        id: Uuid,
    }
    let row: Option<Row> = tx.maybe(sql!("select id from accounts where username_key = $1", &key)).await?;
    let row = row.ok_or_else(|| Invalid::field("sponsor_name", "unknown_account"))?;
    Ok(Some(AccountId(row.id)))
}

impl Service {
    /// Every rule, those of whole kinds first.
    pub async fn rules(&self, actor: &Actor) -> Result<Vec<RuleView>> {
        staff(actor)?;
        let rows: Vec<RuleRow> = self
            .kit
            .db
            .all(sql!(
                "select r.thing_kind, r.thing_id, coalesce(c.slug, k.slug) as slug, p.title_en, p.title_zh, r.party,
                        a.username, r.basis_points
                 from revenue_rules r
                 left join plans p on r.thing_kind = 'plan' and p.id = r.thing_id
                 left join courses c on r.thing_kind = 'course' and c.id = r.thing_id
                 left join competitions k on r.thing_kind = 'competition' and k.id = r.thing_id
                 left join accounts a on a.id = r.account_id
                 order by r.thing_kind desc, r.thing_id, r.position"
            ))
            .await?;
        let mut rules: Vec<(Uuid, RuleView)> = Vec::new();
        for row in rows {
            let share = (row.party, u32::try_from(row.basis_points).unwrap_or_default(), row.username);
            match rules.last_mut() {
                Some((id, rule)) if *id == row.thing_id && rule.kind == row.thing_kind => {
                    rule.shares.push(share);
                }
                _ => {
                    let plan = row.title_en.zip(row.title_zh).map(|(en, zh)| Bilingual::new(en, zh));
                    let product = match &plan {
                        Some(_) => row.thing_id.to_string(),
                        None => row.slug.unwrap_or_default(),
                    };
                    let rule = RuleView { kind: row.thing_kind, product, plan, shares: vec![share] };
                    rules.push((row.thing_id, rule));
                }
            }
        }
        Ok(rules.into_iter().map(|(_, rule)| rule).collect())
    }

    /// Writes the rule of a product, or of every product of a kind without its own.
    pub async fn set_rule(&self, actor: &Actor, input: &RuleInput) -> Result<()> {
        staff(actor)?;
        let now = self.kit.now();
        let mut tx = self.kit.db.begin().await?;
        let target = target(&mut tx, &input.kind, &input.product).await?;
        let sponsor = sponsor(&mut tx, &input.sponsor_name).await?;
        let shares = shares_of(input, target.thing, sponsor)?;
        // Who made a product is not written into its rule, but known when a line is frozen.
        let owner = target.owner.unwrap_or(AccountId(Uuid::nil()));
        let whole = shares.iter().map(|share| match share.party {
            Party::Author | Party::Organiser => Share { account: Some(owner), ..*share },
            _ => *share,
        });
        Shares::of(whole.collect(), target.thing).map_err(beside_the_first)?;
        drop_rule(&mut tx, target.thing).await?;
        for (position, share) in (0_i64..).zip(&shares) {
            let sql = sql!(
                "insert into revenue_rules
                     (thing_kind, thing_id, position, party, account_id, basis_points, changed_at, changed_by)
                 values ($1, $2, $3, $4, $5, $6, $7, $8)",
                target.thing.kind(),
                target.thing.uuid(),
                position,
                share.party.as_str(),
                share.account,
                i64::from(share.basis_points),
                now,
                actor.account
            );
            tx.exactly(1, sql).await?;
        }
        let parts: Vec<String> = shares
            .iter()
            .map(|share| {
                format!(
                    "{} {}.{:02} %",
                    share.party.as_str(),
                    share.basis_points / 100,
                    share.basis_points % 100
                )
            })
            .collect();
        let about = format!("{} {}", input.kind, input.product);
        log::write(&mut tx, &self.kit, actor, LogEvent::SharesWritten, about.trim(), &parts.join(", "))
            .await?;
        Ok(tx.commit().await?)
    }

    /// Takes a rule away: its products are shared as those of their kind, or as the settings say.
    pub async fn remove_rule(&self, actor: &Actor, kind: &str, product: &str) -> Result<()> {
        staff(actor)?;
        let mut tx = self.kit.db.begin().await?;
        let target = target(&mut tx, kind, product).await?;
        drop_rule(&mut tx, target.thing).await?;
        let about = format!("{kind} {product}");
        log::write(&mut tx, &self.kit, actor, LogEvent::SharesRemoved, about.trim(), "").await?;
        Ok(tx.commit().await?)
    }

    /// Says which places win which part of the entry fees; fixed from the start of the competition on.
    pub async fn set_prizes(&self, actor: &Actor, slug: &str, text: &str) -> Result<()> {
        let places = places(text)?;
        let now = self.kit.now();
        let mut tx = self.kit.db.begin().await?;
        let found: Option<Competition> = tx
            .maybe(sql!("select id, organiser_id, state, starts from competitions where slug = $1", slug))
            .await?;
        let found = found
            .filter(|found| policy::organises(actor, AccountId(found.organiser_id)))
            .ok_or_else(Error::not_found)?;
        tx.lock(Lock::Competition(found.id)).await?;
        if found.state != State::Draft && now >= found.starts {
            return Err(Denied::new("prizes_fixed").into());
        }
        tx.run(sql!("delete from competition_prizes where competition_id = $1", found.id)).await?;
        for (place, points) in (1_i64..).zip(places) {
            let sql = sql!(
                "insert into competition_prizes (competition_id, place, basis_points) values ($1, $2, $3)",
                found.id,
                place,
                i64::from(points)
            );
            tx.exactly(1, sql).await?;
        }
        log::write(&mut tx, &self.kit, actor, LogEvent::PrizesWritten, slug, text.trim()).await?;
        tx.touch(Tag::Competition(found.id));
        Ok(tx.commit().await?)
    }
}

/// Shares are refused as a whole; the page says so beside the first of their fields.
fn beside_the_first(mut invalid: Invalid) -> Invalid {
    invalid.0.iter_mut().for_each(|fault| "platform".clone_into(&mut fault.field));
    invalid
}

/// The shares that a form asks for, those of nothing left out.
fn shares_of(input: &RuleInput, thing: Thing, sponsor: Option<AccountId>) -> Result<Vec<Share>> {
    let owner = if matches!(thing, Thing::Competition(_)) { Party::Organiser } else { Party::Author };
    let mut shares = Vec::new();
    for (field, party, account, text) in [
        ("platform", Party::Platform, None, &input.platform),
        ("owner", owner, None, &input.owner),
        ("sponsor", Party::Sponsor, sponsor, &input.sponsor),
        ("prize_pool", Party::PrizePool, None, &input.prize_pool),
    ] {
        let basis_points = basis_points(field, text)?;
        if party == owner && basis_points > 0 && matches!(thing, Thing::Plan(_)) {
            return Err(Invalid::field("owner", "plan_has_no_author").into());
        }
        if party == Party::Sponsor && basis_points > 0 && account.is_none() {
            return Err(Invalid::field("sponsor_name", "required").into());
        }
        if basis_points > 0 {
            shares.push(Share { party, account, basis_points });
        }
    }
    Ok(shares)
}

async fn drop_rule(tx: &mut Tx, thing: Thing) -> Result<()> {
    let sql =
        sql!("delete from revenue_rules where thing_kind = $1 and thing_id = $2", thing.kind(), thing.uuid());
    tx.run(sql).await?;
    Ok(())
}
