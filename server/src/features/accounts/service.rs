//! Registering, logging in and out, roles.

use std::sync::Arc;

use app::cx::Origin;
use app::error::{Answer, Fault};
use app::features::accounts::{AccountRow, Accounts, Profile, ProfileInput, Registration, Settings};
use async_trait::async_trait;
use domain::accounts::{AccountId, input};
use domain::actor::{Actor, Role};
use domain::invalid::{Denied, Invalid};
use domain::locale::Locale;
use domain::time::Span;
use unicode_normalization::UnicodeNormalization;
use unicode_security::MixedScript;
use unicode_security::skeleton;

use super::passwords::Passwords;
use super::{sessions, store, throttle};
use crate::bus::Tag;
use crate::config::is_loopback;
use crate::demo;
use crate::error::{Error, OrDuplicate, Result};
use crate::features::standings;
use crate::kit::Kit;

/// Failed logins of one account within an hour.
const LOGINS_PER_ACCOUNT: i64 = 25;

/// Accounts.
pub struct Service {
    pub(super) kit: Kit,
    pub(super) standings: Arc<standings::Service>,
    /// Password hashing.
    pub passwords: Passwords,
}

/// The form by which usernames are compared: look-alikes have the same (Unicode TS 39 skeleton).
pub fn username_key(username: &str) -> String {
    let folded: String = username.nfkc().flat_map(char::to_lowercase).collect();
    skeleton(&folded).flat_map(char::to_lowercase).collect()
}

fn email_key(email: &str) -> String {
    email.trim().nfkc().flat_map(char::to_lowercase).collect()
}

impl Service {
    /// The service of a kit; a new name also goes to the boards on which an account stands.
    pub fn new(kit: Kit, standings: Arc<standings::Service>) -> Self {
        let passwords = Passwords::new(kit.config.cheap_passwords);
        Self { kit, standings, passwords }
    }

    /// The actor of a session's token, with the theme that the account remembers.
    pub async fn identify(&self, token: &str) -> Result<Option<(Actor, String)>> {
        let now = self.kit.now();
        let Some(found) = store::identify(&self.kit.db, &sessions::hash(token), now).await? else {
            return Ok(None);
        };
        sessions::see(&self.kit.db, found.session, found.last_seen_at, now).await?;
        Ok(Some((found.actor, found.theme)))
    }

    /// The account of a username as rules see it: for commands and the demonstration world.
    pub async fn actor(&self, username: &str) -> Result<Option<Actor>> {
        Ok(store::actor(&self.kit.db, &username_key(username)).await?)
    }

    /// Makes an account.
    pub async fn create(&self, input: Registration, locale: Locale) -> Result<AccountId> {
        let new = self.checked(input, locale).await?;
        let mut tx = self.kit.db.begin().await?;
        add(&mut tx, &new, self.kit.now()).await?;
        tx.commit().await?;
        Ok(new.id)
    }

    /// Checks what was typed and hashes the password.
    async fn checked(&self, input: Registration, locale: Locale) -> Result<store::NewAccount> {
        let mut invalid = Invalid::default();
        let username = invalid.check(input::username(&input.username)).unwrap_or_default();
        if !username.is_single_script() {
            invalid.add("username", "username_mixed", &[]);
        }
        let email = invalid.check(input::email(&input.email)).unwrap_or_default();
        let password = invalid.check(input::password("password", &input.password)).unwrap_or_default();
        let display_name = match input.display_name.trim() {
            "" => username.clone(),
            typed => invalid.check(input::display_name(typed)).unwrap_or_default(),
        };
        invalid.into_result()?;
        let password_hash = self.passwords.hash(&password, self.kit.bytes()).await?;
        Ok(store::NewAccount {
            id: self.kit.id(),
            username_key: username_key(&username),
            username,
            email_key: email_key(&email),
            email,
            password_hash,
            display_name,
            locale,
        })
    }

    /// Gives or takes a role; `by` is nobody when the operator does it on the command line.
    pub async fn change_role(
        &self,
        by: Option<&Actor>,
        username: &str,
        role: Role,
        granted: bool,
    ) -> Result<()> {
        let account = self.actor(username).await?.ok_or(Fault::NotFound)?.account;
        let now = self.kit.now();
        let by = by.map(|actor| actor.account);
        let mut tx = self.kit.db.begin().await?;
        let changed = if granted {
            store::grant(&mut tx, account, role, by, now).await?
        } else {
            store::revoke(&mut tx, account, role).await?
        };
        if !granted && role == Role::Admin && store::administrators(&mut tx).await? == 0 {
            return Err(Error::denied("last_admin"));
        }
        if changed > 0 {
            let change = store::RoleChange { id: self.kit.id(), account, role, granted, by };
            store::add_role_change(&mut tx, &change, now).await?;
            tx.touch(Tag::People);
        }
        tx.commit().await?;
        Ok(())
    }

    /// Opens the set-up page of an installation without administrator; the one-time token.
    pub async fn open_set_up(&self) -> Result<Option<String>> {
        if store::has_administrator(&self.kit.db).await? {
            return Ok(None);
        }
        let token = sessions::token(&self.kit);
        let mut tx = self.kit.db.begin().await?;
        store::set_setup_token(&mut tx, Some(sessions::hash(&token))).await?;
        tx.commit().await?;
        Ok(Some(token))
    }

    async fn set_up_first(
        &self,
        token: &str,
        input: Registration,
        origin: &Origin,
        locale: Locale,
    ) -> Result<String> {
        let new = self.checked(input, locale).await?;
        let mut tx = self.kit.db.begin().await?;
        tx.lock(crate::db::Lock::Account(AccountId(uuid::Uuid::nil()))).await?;
        if store::administrators(&mut tx).await? > 0 {
            return Err(Error::not_found());
        }
        if store::setup_token(&mut tx).await? != Some(sessions::hash(token.trim())) {
            return Err(Invalid::field("token", "token_wrong").into());
        }
        let now = self.kit.now();
        add(&mut tx, &new, now).await?;
        store::grant(&mut tx, new.id, Role::Admin, None, now).await?;
        store::set_setup_token(&mut tx, None).await?;
        let token = sessions::begin(&mut tx, &self.kit, new.id, origin).await?;
        tx.commit().await?;
        Ok(sessions::cookie(&self.kit, Some(&token)))
    }

    async fn register_new(&self, input: Registration, origin: &Origin, locale: Locale) -> Result<String> {
        let new = self.checked(input, locale).await?;
        let mut tx = self.kit.db.begin().await?;
        add(&mut tx, &new, self.kit.now()).await?;
        let token = sessions::begin(&mut tx, &self.kit, new.id, origin).await?;
        tx.commit().await?;
        Ok(sessions::cookie(&self.kit, Some(&token)))
    }

    /// Logs in: exactly one verification whether the name is known or not, and the same answer.
    async fn log_in_with(&self, name: &str, password: &str, origin: &Origin) -> Result<String> {
        let keys = [format!("address {}", origin.address), format!("name {}", username_key(name))];
        let limits =
            [(self.kit.config.logins_per_address, Span::minutes(5)), (LOGINS_PER_ACCOUNT, Span::hours(1))];
        for (key, (limit, span)) in keys.iter().zip(limits) {
            if let Some(retry_after) = throttle::wait(&self.kit, key, limit, span).await? {
                return Err(Fault::TooMany { retry_after }.into());
            }
        }
        let found = store::credentials(&self.kit.db, &username_key(name.trim()), &email_key(name)).await?;
        let hash = found.as_ref().map(|found| found.password_hash.as_str());
        let right = self.passwords.verify(password, hash).await?;
        let known_to_all = self.kit.demonstration && password == demo::PASSWORD && !self.is_at_home(origin);
        let Some(account) = found.filter(|found| right && !found.banned && !known_to_all) else {
            throttle::note_failure(&self.kit, &keys).await?;
            return Err(Error::denied("log_in_refused"));
        };
        let mut tx = self.kit.db.begin().await?;
        if let Some(old) = &origin.token {
            sessions::end_token(&mut tx, old).await?;
        }
        let token = sessions::begin(&mut tx, &self.kit, account.id, origin).await?;
        tx.commit().await?;
        Ok(sessions::cookie(&self.kit, Some(&token)))
    }

    /// Whether an installation that is reached on this machine alone is used from this machine.
    ///
    /// The password of a demonstration's people is in its documentation: it must open nothing elsewhere.
    fn is_at_home(&self, origin: &Origin) -> bool {
        let here = origin.address.starts_with("127.") || origin.address == "0:0:0:0::/64";
        here && is_loopback(&self.kit.config.public_url)
    }

    async fn end_session(&self, origin: &Origin) -> Result<String> {
        if let Some(token) = &origin.token {
            let mut tx = self.kit.db.begin().await?;
            sessions::end_token(&mut tx, token).await?;
            tx.commit().await?;
        }
        Ok(sessions::cookie(&self.kit, None))
    }

    async fn replace_password(
        &self,
        actor: &Actor,
        current: &str,
        new: &str,
        origin: &Origin,
    ) -> Result<String> {
        let new = input::password("new_password", new)?;
        let hash = store::password_hash(&self.kit.db, actor.account).await?;
        if !self.passwords.verify(current, hash.as_deref()).await? {
            return Err(Invalid::field("current_password", "password_wrong").into());
        }
        let hash = self.passwords.hash(&new, self.kit.bytes()).await?;
        let mut tx = self.kit.db.begin().await?;
        store::set_password(&mut tx, actor.account, &hash).await?;
        sessions::end_others(&mut tx, actor.account, "").await?;
        let token = sessions::begin(&mut tx, &self.kit, actor.account, origin).await?;
        tx.commit().await?;
        Ok(sessions::cookie(&self.kit, Some(&token)))
    }

    async fn end_some(&self, actor: &Actor, session: Option<&str>, origin: &Origin) -> Result<()> {
        let mut tx = self.kit.db.begin().await?;
        match session.filter(|session| !session.is_empty()) {
            Some(session) => {
                let session = session.parse().map_err(|_| Error::not_found())?;
                if sessions::end_one(&mut tx, actor.account, session).await? == 0 {
                    return Err(Error::not_found());
                }
            }
            None => {
                let own = origin.token.as_deref().unwrap_or_default();
                sessions::end_others(&mut tx, actor.account, own).await?;
            }
        }
        tx.commit().await?;
        Ok(())
    }

    async fn remember_theme(&self, actor: Option<&Actor>, theme: &str) -> Result<String> {
        let theme = match theme {
            "light" | "dark" => theme,
            _ => "system",
        };
        if let Some(actor) = actor {
            let mut tx = self.kit.db.begin().await?;
            store::set_theme(&mut tx, actor.account, theme).await?;
            tx.commit().await?;
        }
        let secure = if self.kit.config.secure_cookies() { "; Secure" } else { "" };
        Ok(format!("theme={theme}; Path=/; Max-Age=31536000; SameSite=Lax{secure}"))
    }

    async fn ban(&self, actor: &Actor, username: &str, banned: bool) -> Result<()> {
        require_admin(actor)?;
        let account = self.actor(username).await?.ok_or(Fault::NotFound)?;
        if account.account == actor.account {
            return Err(Error::denied("not_allowed"));
        }
        let mut tx = self.kit.db.begin().await?;
        store::set_ban(&mut tx, account.account, banned.then(|| self.kit.now())).await?;
        if banned {
            sessions::end_others(&mut tx, account.account, "").await?;
        }
        tx.touch(Tag::People);
        tx.commit().await?;
        Ok(())
    }
}

/// Staff pages look like nothing to everybody else.
fn require_admin(actor: &Actor) -> Result<()> {
    if actor.is(Role::Admin) { Ok(()) } else { Err(Error::not_found()) }
}

async fn add(tx: &mut crate::db::Tx, new: &store::NewAccount, now: domain::time::Timestamp) -> Result<()> {
    let taken = |field: &str, code: &str| Invalid::field(field, code);
    let added = store::add(tx, new, now).await;
    match added {
        Err(error) if error.duplicates("accounts.email_key") => Err(taken("email", "email_taken").into()),
        other => other.or_duplicate("accounts.username_key", taken("username", "username_taken")),
    }
}

#[async_trait]
impl Accounts for Service {
    async fn set_up_is_open(&self) -> Answer<bool> {
        Ok(!store::has_administrator(&self.kit.db).await.map_err(Error::from)?)
    }
    async fn set_up(
        &self,
        token: &str,
        input: Registration,
        origin: &Origin,
        locale: Locale,
    ) -> Answer<String> {
        Ok(self.set_up_first(token, input, origin, locale).await?)
    }
    async fn register(&self, input: Registration, origin: &Origin, locale: Locale) -> Answer<String> {
        Ok(self.register_new(input, origin, locale).await?)
    }
    async fn log_in(&self, name: &str, password: &str, origin: &Origin) -> Answer<String> {
        Ok(self.log_in_with(name, password, origin).await?)
    }
    async fn log_out(&self, origin: &Origin) -> Answer<String> {
        Ok(self.end_session(origin).await?)
    }
    async fn settings(&self, actor: &Actor, origin: &Origin) -> Answer<Settings> {
        Ok(self.own_settings(actor, origin).await?)
    }
    async fn update_profile(&self, actor: &Actor, input: ProfileInput) -> Answer<()> {
        Ok(self.change_profile(actor, input).await?)
    }
    async fn change_password(
        &self,
        actor: &Actor,
        current: &str,
        new: &str,
        origin: &Origin,
    ) -> Answer<String> {
        Ok(self.replace_password(actor, current, new, origin).await?)
    }
    async fn end_sessions(&self, actor: &Actor, session: Option<&str>, origin: &Origin) -> Answer<()> {
        Ok(self.end_some(actor, session, origin).await?)
    }
    async fn set_theme(&self, actor: Option<&Actor>, theme: &str) -> Answer<String> {
        Ok(self.remember_theme(actor, theme).await?)
    }
    async fn person(&self, viewer: Option<&Actor>, username: &str) -> Answer<Profile> {
        let own = store::profile(&self.kit.db, &username_key(username)).await.map_err(Error::from)?;
        let mut profile = own.ok_or(Fault::NotFound)?.profile;
        if viewer.is_none_or(|viewer| viewer.account != profile.account) {
            profile.career_goal.clear();
        }
        Ok(profile)
    }
    async fn list(&self, actor: &Actor, search: &str) -> Answer<Vec<AccountRow>> {
        require_admin(actor)?;
        Ok(store::list(&self.kit.db, &username_key(search.trim())).await.map_err(Error::from)?)
    }
    async fn set_role(&self, actor: &Actor, username: &str, role: &str, granted: bool) -> Answer<()> {
        require_admin(actor)?;
        let role = Role::parse(role).ok_or_else(|| Denied::new("not_allowed"))?;
        Ok(self.change_role(Some(actor), username, role, granted).await?)
    }
    async fn set_ban(&self, actor: &Actor, username: &str, banned: bool) -> Answer<()> {
        Ok(self.ban(actor, username, banned).await?)
    }
}
