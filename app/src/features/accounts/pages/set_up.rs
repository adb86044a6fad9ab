//! The one-time page that makes the first administrator.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use leptos_router::{LazyRoute, lazy_route};

use crate::error::{Answer, Fault};
use crate::features::accounts::{SetUp, set_up_is_open};
use crate::form::{FormAlert, FormState, TextInput};
use crate::i18n::{t, use_locale};
use crate::load::{Loaded, load};
use crate::parts::page;

/// The set-up page.
pub struct SetUpPage {
    form: FormState,
    open: Loaded<Answer<()>>,
}

#[lazy_route]
impl LazyRoute for SetUpPage {
    fn data() -> Self {
        let open =
            load(|| (), |()| async { if set_up_is_open().await? { Ok(()) } else { Err(Fault::NotFound) } });
        Self { form: FormState::plain(SetUp::PATH), open }
    }

    fn view(this: Self) -> AnyView {
        let (locale, form) = (use_locale(), this.form);
        let token = use_query_map().read_untracked().get("token").unwrap_or_default();
        page(this.open, move |()| {
            view! {
                <Title text=t::accounts::set_up_title(locale)/>
                <section class="wrap section narrow">
                    <div class="page-head">
                        <h1>{t::accounts::set_up_title(locale)}</h1>
                        <p class="lead">{t::accounts::set_up_lead(locale)}</p>
                    </div>
                    <form class="stack" method="post" action=SetUp::url()>
                        <FormAlert form/>
                        <TextInput form name="token" label=t::accounts::token(locale) value=token.clone() hint=t::accounts::token_hint(locale) required=true/>
                        <TextInput form name="username" maxlength=32 label=t::accounts::username(locale) hint=t::accounts::username_hint(locale) autocomplete="username" required=true/>
                        <TextInput form name="email" maxlength=254 kind="email" label=t::accounts::email(locale) autocomplete="email" required=true/>
                        <TextInput form name="password" maxlength=256 kind="password" label=t::accounts::password(locale) hint=t::accounts::password_hint(locale) autocomplete="new-password" required=true/>
                        <button class="button primary">{t::accounts::set_up(locale)}</button>
                    </form>
                </section>
            }
            .into_any()
        })
    }
}
