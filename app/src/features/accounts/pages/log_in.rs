//! Logging in.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use leptos_router::{LazyRoute, lazy_route};

use crate::features::accounts::LogIn;
use crate::form::{FormAlert, FormState, TextInput};
use crate::i18n::{href, t, use_locale};
use crate::parts::encode;

/// The page on which one logs in.
pub struct LogInPage {
    form: FormState,
}

#[lazy_route]
impl LazyRoute for LogInPage {
    fn data() -> Self {
        Self { form: FormState::plain(LogIn::PATH) }
    }

    fn view(this: Self) -> AnyView {
        let (locale, form) = (use_locale(), this.form);
        let next = use_query_map().read_untracked().get("next").unwrap_or_default();
        let register = match next.as_str() {
            "" => href(locale, "/register"),
            next => format!("{}?next={}", href(locale, "/register"), encode(next)),
        };
        view! {
            <Title text=t::accounts::log_in(locale)/>
            <section class="wrap section narrow">
                <div class="page-head"><h1>{t::accounts::log_in(locale)}</h1></div>
                <form class="stack" method="post" action=LogIn::url()>
                    <FormAlert form/>
                    <TextInput form name="name" label=t::accounts::name(locale) autocomplete="username" required=true/>
                    <TextInput form name="password" kind="password" label=t::accounts::password(locale) autocomplete="current-password" required=true/>
                    <input type="hidden" name="next" value=next/>
                    <button class="button primary">{t::accounts::log_in(locale)}</button>
                </form>
                <p class="dim">{t::accounts::no_account(locale)}" "<a href=register>{t::accounts::register(locale)}</a></p>
            </section>
        }
        .into_any()
    }
}
