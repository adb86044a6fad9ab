//! The profile and settings of an account.

use app::cx::Origin;
use app::error::Fault;
use app::features::accounts::{ProfileInput, Settings, Skill};
use domain::accounts::input;
use domain::actor::Actor;
use domain::invalid::Invalid;
use domain::locale::Locale;
use domain::text::{block, line};

use super::service::{Service, username_key};
use super::{sessions, store};
use crate::bus::Tag;
use crate::db::Lock;
use crate::error::{Error, Result};

impl Service {
    pub(super) async fn own_settings(&self, actor: &Actor, origin: &Origin) -> Result<Settings> {
        let own =
            store::profile(&self.kit.db, &username_key(&actor.username)).await?.ok_or(Fault::NotFound)?;
        let token = origin.token.as_deref().unwrap_or_default();
        let sessions = sessions::list(&self.kit.db, actor.account, token, self.kit.now()).await?;
        Ok(Settings { profile: own.profile, email: own.email, locale: own.locale, sessions })
    }

    pub(super) async fn change_profile(&self, actor: &Actor, input: ProfileInput) -> Result<()> {
        let change = parse(input)?;
        let name = change.display_name.clone();
        let mut tx = self.kit.db.begin().await?;
        tx.lock(Lock::Account(actor.account)).await?;
        let before = store::display_name(&mut tx, actor.account).await?;
        store::update_profile(&mut tx, actor.account, change).await?;
        if name != before {
            self.standings.rename(&mut tx, actor.account, &name).await?;
        }
        tx.touch(Tag::People);
        tx.commit().await?;
        Ok(())
    }
}

/// Checks every field of a profile and reports all faults at once.
fn parse(input: ProfileInput) -> Result<store::ProfileChange> {
    let mut invalid = Invalid::default();
    let display_name = invalid.check(input::display_name(&input.display_name));
    let city = invalid.check(line("city", &input.city, 0..=80));
    let bio = invalid.check(block("bio", &input.bio, 0..=2_000));
    let career_goal = invalid.check(line("career_goal", &input.career_goal, 0..=200));
    let skills = invalid.check(input::skills(&input.skills));
    let interests = invalid.check(input::interests(&input.interests));
    let locale = Locale::parse(&input.locale);
    if locale.is_none() {
        invalid.add("locale", "locale_unknown", &[]);
    }
    invalid.into_result()?;
    let json = |error: serde_json::Error| Error::bug(error.to_string());
    let skills: Vec<Skill> =
        skills.unwrap_or_default().into_iter().map(|(name, level)| Skill { name, level }).collect();
    Ok(store::ProfileChange {
        display_name: display_name.unwrap_or_default(),
        city: city.unwrap_or_default(),
        bio: bio.unwrap_or_default(),
        career_goal: career_goal.unwrap_or_default(),
        skills: serde_json::to_value(skills).map_err(json)?,
        interests: serde_json::to_value(interests.unwrap_or_default()).map_err(json)?,
        locale: locale.unwrap_or_default(),
    })
}
