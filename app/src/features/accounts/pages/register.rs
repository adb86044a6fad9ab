//! Registering.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use leptos_router::{LazyRoute, lazy_route};

use crate::features::accounts::Register;
use crate::form::{FormAlert, FormState, TextInput};
use crate::i18n::{href, t, use_locale};

/// The page on which one registers.
pub struct RegisterPage {
    form: FormState,
}

#[lazy_route]
impl LazyRoute for RegisterPage {
    fn data() -> Self {
        Self { form: FormState::plain(Register::PATH) }
    }

    fn view(this: Self) -> AnyView {
        let (locale, form) = (use_locale(), this.form);
        let next = use_query_map().read_untracked().get("next").unwrap_or_default();
        view! {
            <Title text=t::accounts::register_title(locale)/>
            <section class="wrap section narrow">
                <div class="page-head"><h1>{t::accounts::register_title(locale)}</h1></div>
                <form class="stack" method="post" action=Register::url()>
                    <FormAlert form/>
                    <TextInput form name="username" maxlength=32 label=t::accounts::username(locale) hint=t::accounts::username_hint(locale) autocomplete="username" required=true/>
                    <TextInput form name="email" maxlength=254 kind="email" label=t::accounts::email(locale) autocomplete="email" required=true/>
                    <TextInput form name="password" maxlength=256 kind="password" label=t::accounts::password(locale) hint=t::accounts::password_hint(locale) autocomplete="new-password" required=true/>
                    <input type="hidden" name="next" value=next.clone()/>
                    <button class="button primary">{t::accounts::register(locale)}</button>
                </form>
                <p class="dim">{t::accounts::have_account(locale)}" "<a href=href(locale, "/log-in")>{t::accounts::log_in(locale)}</a></p>
            </section>
        }
        .into_any()
    }
}
