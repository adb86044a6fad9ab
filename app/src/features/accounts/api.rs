//! What the pages of accounts ask of the server.

#[cfg(feature = "ssr")]
use async_trait::async_trait;
use domain::accounts::{AccountId, SessionId};
#[cfg(feature = "ssr")]
use domain::actor::Actor;
use domain::actor::Role;
use domain::time::Timestamp;
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::cx::{Cx, Origin};
use crate::error::Answer;

/// A skill and how well its owner says to know it, 1 to 5.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skill {
    /// What.
    pub name: String,
    /// How well: 1 beginner to 5 expert.
    pub level: u8,
}

/// What everybody may read of an account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// The account.
    pub account: AccountId,
    /// The name in addresses.
    pub username: String,
    /// The name that others read.
    pub display_name: String,
    /// Where the person lives, as they write it.
    pub city: String,
    /// What they say of themselves.
    pub bio: String,
    /// What they can.
    pub skills: Vec<Skill>,
    /// What they like.
    pub interests: Vec<String>,
    /// What they want to become; shown to themselves alone.
    pub career_goal: String,
    /// Platform-wide roles.
    pub roles: Vec<Role>,
    /// Since when they are here.
    pub created_at: Timestamp,
}

/// A logged-in browser.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SessionRow {
    /// The session.
    pub id: SessionId,
    /// What the browser calls itself.
    pub agent: String,
    /// Where it came from.
    pub address: String,
    /// Since when.
    pub created_at: Timestamp,
    /// When it was last seen.
    pub last_seen_at: Timestamp,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// What the settings page shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// The own profile.
    pub profile: Profile,
    /// The e-mail address.
    pub email: String,
    /// The language of mails and of bare addresses.
    pub locale: String,
    /// Every logged-in browser, latest first; at most 50.
    pub sessions: Vec<SessionRow>,
}

/// An account as an administrator sees it in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AccountRow {
    /// The account.
    pub account: AccountId,
    /// The name in addresses.
    pub username: String,
    /// The name that others read.
    pub display_name: String,
    /// Platform-wide roles.
    pub roles: Vec<Role>,
    /// Whether the account is banned.
    pub banned: bool,
}

/// What somebody typed to register.
#[derive(Clone, Debug, Default)]
pub struct Registration {
    /// The wanted username.
    pub username: String,
    /// The e-mail address.
    pub email: String,
    /// The password.
    pub password: String,
    /// The name that others read; the username where empty.
    pub display_name: String,
}

/// What somebody typed into their profile.
#[derive(Clone, Debug, Default)]
pub struct ProfileInput {
    /// The name that others read.
    pub display_name: String,
    /// Where they live.
    pub city: String,
    /// What they say of themselves.
    pub bio: String,
    /// One skill a line, with a level after a colon: `SQL: 3`.
    pub skills: String,
    /// Interests, separated by commas.
    pub interests: String,
    /// What they want to become.
    pub career_goal: String,
    /// `en` or `zh`.
    pub locale: String,
}

/// What the pages need from the server. A `String` answer is a ready `Set-Cookie` value.
#[cfg(feature = "ssr")]
#[async_trait]
pub trait Accounts: Send + Sync {
    /// Whether the one-time set-up page is open.
    async fn set_up_is_open(&self) -> Answer<bool>;
    /// Makes the first administrator.
    async fn set_up(
        &self,
        token: &str,
        input: Registration,
        origin: &Origin,
        locale: domain::locale::Locale,
    ) -> Answer<String>;
    /// Registers and logs in.
    async fn register(
        &self,
        input: Registration,
        origin: &Origin,
        locale: domain::locale::Locale,
    ) -> Answer<String>;
    /// Logs in with username or e-mail address.
    async fn log_in(&self, name: &str, password: &str, origin: &Origin) -> Answer<String>;
    /// Ends the session that asks.
    async fn log_out(&self, origin: &Origin) -> Answer<String>;
    /// The own settings.
    async fn settings(&self, actor: &Actor, origin: &Origin) -> Answer<Settings>;
    /// Changes the own profile.
    async fn update_profile(&self, actor: &Actor, input: ProfileInput) -> Answer<()>;
    /// Changes the own password and ends every other session; a new session for this browser.
    async fn change_password(
        &self,
        actor: &Actor,
        current: &str,
        new: &str,
        origin: &Origin,
    ) -> Answer<String>;
    /// Ends one of the own sessions, or all but the one that asks.
    async fn end_sessions(&self, actor: &Actor, session: Option<&str>, origin: &Origin) -> Answer<()>;
    /// Remembers the theme.
    async fn set_theme(&self, actor: Option<&Actor>, theme: &str) -> Answer<String>;
    /// A public profile.
    async fn person(&self, viewer: Option<&Actor>, username: &str) -> Answer<Profile>;
    /// Accounts for administrators, by name.
    async fn list(&self, actor: &Actor, search: &str) -> Answer<Vec<AccountRow>>;
    /// Gives or takes a role.
    async fn set_role(&self, actor: &Actor, username: &str, role: &str, granted: bool) -> Answer<()>;
    /// Bans an account, or lifts the ban.
    async fn set_ban(&self, actor: &Actor, username: &str, banned: bool) -> Answer<()>;
}

/// Whether the one-time set-up page is open.
#[server(endpoint = "accounts/set_up_is_open", input = GetUrl)]
pub async fn set_up_is_open() -> Answer<bool> {
    Cx::current().ports.accounts.set_up_is_open().await
}

/// Makes the first administrator of an empty installation.
#[server(endpoint = "accounts/set_up")]
pub async fn set_up(token: String, username: String, email: String, password: String) -> Answer<()> {
    let cx = Cx::current();
    let input = Registration { username, email, password, display_name: String::new() };
    let cookie = cx.ports.accounts.set_up(&token, input, &cx.origin(), cx.locale).await?;
    cx.set_cookie(&cookie);
    cx.redirect("/admin");
    Ok(())
}

/// Registers an account and logs it in.
#[server(endpoint = "accounts/register")]
pub async fn register(
    username: String,
    email: String,
    password: String,
    display_name: Option<String>,
    next: Option<String>,
) -> Answer<()> {
    let cx = Cx::current();
    let input = Registration { username, email, password, display_name: display_name.unwrap_or_default() };
    let cookie = cx.ports.accounts.register(input, &cx.origin(), cx.locale).await?;
    cx.set_cookie(&cookie);
    go_on(&cx, next);
    Ok(())
}

/// Logs in with username or e-mail address.
#[server(endpoint = "accounts/log_in")]
pub async fn log_in(name: String, password: String, next: Option<String>) -> Answer<()> {
    let cx = Cx::current();
    let cookie = cx.ports.accounts.log_in(&name, &password, &cx.origin()).await?;
    cx.set_cookie(&cookie);
    go_on(&cx, next);
    Ok(())
}

/// Sends the browser where it wanted to go, if that is a page of ours.
#[cfg(feature = "ssr")]
fn go_on(cx: &Cx, next: Option<String>) {
    match next.filter(|next| is_own_page(next)) {
        Some(next) => cx.redirect_to(&next),
        None => cx.redirect("/learning"),
    }
}

/// Whether an address is a page of this installation: a path with a language, not another host.
#[cfg(feature = "ssr")]
fn is_own_page(next: &str) -> bool {
    domain::locale::Locale::of_path(next).is_some()
        && next.starts_with('/')
        && !next.starts_with("//")
        && !next.contains(['\\', '\r', '\n', '\t'])
}

/// Ends the session of this browser.
#[server(endpoint = "accounts/log_out")]
pub async fn log_out() -> Answer<()> {
    let cx = Cx::current();
    let cookie = cx.ports.accounts.log_out(&cx.origin()).await?;
    cx.set_cookie(&cookie);
    cx.redirect("/");
    Ok(())
}

/// The own settings.
#[server(endpoint = "accounts/settings", input = GetUrl)]
pub async fn load_settings() -> Answer<Settings> {
    let cx = Cx::current();
    cx.ports.accounts.settings(cx.actor()?, &cx.origin()).await
}

/// Changes the own profile.
#[server(endpoint = "accounts/update_profile")]
pub async fn update_profile(
    display_name: String,
    city: String,
    bio: String,
    skills: String,
    interests: String,
    career_goal: String,
    locale: String,
) -> Answer<()> {
    let cx = Cx::current();
    let input = ProfileInput { display_name, city, bio, skills, interests, career_goal, locale };
    cx.ports.accounts.update_profile(cx.actor()?, input).await?;
    cx.redirect("/settings");
    Ok(())
}

/// Changes the own password.
#[server(endpoint = "accounts/change_password")]
pub async fn change_password(current_password: String, new_password: String) -> Answer<()> {
    let cx = Cx::current();
    let cookie = cx
        .ports
        .accounts
        .change_password(cx.actor()?, &current_password, &new_password, &cx.origin())
        .await?;
    cx.set_cookie(&cookie);
    cx.redirect("/settings");
    Ok(())
}

/// Ends one of the own sessions, or every other one.
#[server(endpoint = "accounts/end_sessions")]
pub async fn end_sessions(session: Option<String>) -> Answer<()> {
    let cx = Cx::current();
    cx.ports.accounts.end_sessions(cx.actor()?, session.as_deref(), &cx.origin()).await?;
    cx.redirect("/settings");
    Ok(())
}

/// Remembers the theme.
#[server(endpoint = "accounts/set_theme")]
pub async fn set_theme(theme: String) -> Answer<()> {
    let cx = Cx::current();
    let cookie = cx.ports.accounts.set_theme(cx.viewer(), &theme).await?;
    cx.set_cookie(&cookie);
    cx.redirect_back();
    Ok(())
}

/// A public profile.
#[server(endpoint = "accounts/person", input = GetUrl)]
pub async fn person(username: String) -> Answer<Profile> {
    let cx = Cx::current();
    cx.ports.accounts.person(cx.viewer(), &username).await
}

/// Accounts whose name begins with a text, for administrators.
#[server(endpoint = "accounts/list", input = GetUrl)]
pub async fn list_accounts(search: String) -> Answer<Vec<AccountRow>> {
    let cx = Cx::current();
    cx.ports.accounts.list(cx.actor()?, &search).await
}

/// Gives or takes a role.
#[server(endpoint = "accounts/set_role")]
pub async fn set_role(username: String, role: String, granted: bool) -> Answer<()> {
    let cx = Cx::current();
    cx.ports.accounts.set_role(cx.actor()?, &username, &role, granted).await?;
    cx.redirect_back();
    Ok(())
}

/// Bans an account, or lifts the ban.
#[server(endpoint = "accounts/set_ban")]
pub async fn set_ban(username: String, banned: bool) -> Answer<()> {
    let cx = Cx::current();
    cx.ports.accounts.set_ban(cx.actor()?, &username, banned).await?;
    cx.redirect_back();
    Ok(())
}
