//! The own settings: profile, password, logged-in browsers.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;
use leptos_router::{LazyRoute, lazy_route};

use crate::error::Answer;
use crate::features::accounts::{
    ChangePassword, EndSessions, SessionRow, Settings, UpdateProfile, load_settings,
};
use crate::form::{FormAlert, FormState, Select, TextArea, TextInput};
use crate::i18n::{t, use_locale};
use crate::load::{Loaded, load};
use crate::parts::{When, page};

/// The settings page.
pub struct SettingsPage {
    profile_form: FormState,
    password_form: FormState,
    settings: Loaded<Answer<Settings>>,
}

#[lazy_route]
impl LazyRoute for SettingsPage {
    fn data() -> Self {
        Self {
            profile_form: FormState::plain(UpdateProfile::PATH),
            password_form: FormState::plain(ChangePassword::PATH),
            settings: load(|| (), |()| load_settings()),
        }
    }

    fn view(this: Self) -> AnyView {
        let locale = use_locale();
        let (profile_form, password_form) = (this.profile_form, this.password_form);
        page(this.settings, move |settings| {
            let sessions = settings.sessions.clone();
            view! {
                <Title text=t::common::settings(locale)/>
                <section class="wrap section narrow">
                    <div class="page-head"><h1>{t::common::settings(locale)}</h1></div>
                    <ProfileForm form=profile_form settings/>
                    <PasswordForm form=password_form/>
                    <Sessions sessions/>
                </section>
            }
            .into_any()
        })
    }
}

#[component]
fn ProfileForm(form: FormState, settings: Settings) -> impl IntoView {
    let locale = use_locale();
    let profile = settings.profile;
    let skills: Vec<String> =
        profile.skills.iter().map(|skill| format!("{}: {}", skill.name, skill.level)).collect();
    let languages = vec![("en".to_owned(), "English".to_owned()), ("zh".to_owned(), "简体中文".to_owned())];
    view! {
        <section class="section" aria-labelledby="profile-title">
            <h2 id="profile-title">{t::accounts::profile(locale)}</h2>
            <form class="stack" method="post" action=UpdateProfile::url()>
                <FormAlert form/>
                <TextInput form name="display_name" maxlength=60 label=t::accounts::display_name(locale) value=profile.display_name autocomplete="name" required=true/>
                <TextInput form name="city" maxlength=80 label=t::accounts::city(locale) value=profile.city/>
                <TextArea form name="bio" maxlength=2000 label=t::accounts::bio(locale) value=profile.bio rows=4/>
                <TextArea form name="skills" maxlength=2000 label=t::accounts::skills(locale) value=skills.join("\n") hint=t::accounts::skills_hint(locale) rows=4/>
                <TextInput form name="interests" maxlength=1000 label=t::accounts::interests(locale) value=profile.interests.join(", ") hint=t::accounts::interests_hint(locale)/>
                <TextInput form name="career_goal" maxlength=200 label=t::accounts::career_goal(locale) value=profile.career_goal hint=t::accounts::career_goal_hint(locale)/>
                <Select form name="locale" label=t::accounts::language(locale) options=languages value=settings.locale/>
                <button class="button primary">{t::accounts::save_profile(locale)}</button>
            </form>
        </section>
    }
}

#[component]
fn PasswordForm(form: FormState) -> impl IntoView {
    let locale = use_locale();
    view! {
        <section class="section" aria-labelledby="password-title">
            <h2 id="password-title">{t::accounts::password(locale)}</h2>
            <form class="stack" method="post" action=ChangePassword::url()>
                <FormAlert form/>
                <TextInput form name="current_password" kind="password" label=t::accounts::current_password(locale) autocomplete="current-password" required=true/>
                <TextInput form name="new_password" maxlength=256 kind="password" label=t::accounts::new_password(locale) hint=t::accounts::password_hint(locale) autocomplete="new-password" required=true/>
                <button class="button">{t::accounts::change_password(locale)}</button>
            </form>
        </section>
    }
}

#[component]
fn Sessions(sessions: Vec<SessionRow>) -> impl IntoView {
    let locale = use_locale();
    let others = sessions.len() > 1;
    let rows: Vec<_> = sessions.into_iter().map(|session| view! { <SessionItem session/> }).collect();
    view! {
        <section class="section" aria-labelledby="sessions-title">
            <h2 id="sessions-title">{t::accounts::sessions(locale)}</h2>
            <ul class="rows">{rows}</ul>
            {others.then(|| view! {
                <form method="post" action=EndSessions::url()>
                    <button class="button">{t::accounts::end_others(locale)}</button>
                </form>
            })}
        </section>
    }
}

#[component]
fn SessionItem(session: SessionRow) -> impl IntoView {
    let locale = use_locale();
    view! {
        <li>
            <div>
                <h3>{session.agent}</h3>
                <p class="dim small">{session.address}", "<When at=session.last_seen_at/></p>
            </div>
            {if session.current {
                view! { <span class="chip done">{t::accounts::this_browser(locale)}</span> }.into_any()
            } else {
                view! {
                    <form method="post" action=EndSessions::url()>
                        <input type="hidden" name="session" value=session.id.to_string()/>
                        <button class="button small">{t::accounts::end_session(locale)}</button>
                    </form>
                }
                .into_any()
            }}
        </li>
    }
}
