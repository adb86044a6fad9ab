//! The payment page of the sandbox gateway: a person chooses what happens.

use domain::payments::AttemptState;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use leptos_router::{LazyRoute, lazy_route};
use ui::{Alert, AlertKind, Fact, Facts, PageHead};

use crate::error::Answer;
use crate::features::payments::api::{AttemptView, Choose, show};
use crate::form::{FormAlert, FormState};
use crate::i18n::{href, t, use_locale};
use crate::load::{Loaded, load};
use crate::parts::page;

/// One attempt in the sandbox.
pub struct SandboxPage {
    attempt: Loaded<Answer<AttemptView>>,
}

#[lazy_route]
impl LazyRoute for SandboxPage {
    fn data() -> Self {
        let params = use_params_map();
        let source = move || params.read().get("payment").unwrap_or_default();
        Self { attempt: load(source, show) }
    }

    fn view(this: Self) -> AnyView {
        page(this.attempt, whole)
    }
}

fn whole(attempt: AttemptView) -> AnyView {
    let locale = use_locale();
    let back = href(locale, &format!("/orders/{}", attempt.order));
    let title = t::payments::sandbox(locale);
    let body = match attempt.state {
        AttemptState::Confirmed => {
            view! { <Alert kind=AlertKind::Success>{t::payments::confirmed(locale)}</Alert> }.into_any()
        }
        AttemptState::Superseded => view! {
            <Alert kind=AlertKind::Warning>{t::payments::superseded(locale)}</Alert>
            {choices(&attempt)}
        }
        .into_any(),
        _ => choices(&attempt),
    };
    view! {
        <Title text=title/>
        <section class="wrap narrow section stack">
            <PageHead title=title eyebrow=t::payments::play_money(locale) lead=t::payments::sandbox_lead(locale)/>
            <Facts>
                <Fact term=t::payments::for_what(locale)>{attempt.title.get(locale).to_owned()}</Fact>
                <Fact term=t::orders::order(locale)><span class="number">{attempt.number.clone()}</span></Fact>
                <Fact term=t::payments::amount(locale)>
                    <strong class="number">{attempt.amount.to_string()}</strong>
                </Fact>
            </Facts>
            {body}
            <p><a href=back>{t::payments::back(locale)}</a></p>
        </section>
    }
    .into_any()
}

/// What a person may let happen.
fn choices(attempt: &AttemptView) -> AnyView {
    let locale = use_locale();
    let form = FormState::plain(Choose::PATH);
    let (id, amount) = (attempt.id.to_string(), attempt.amount);
    let choice = move |value: &'static str, class: &'static str, text: String, hint: &'static str| {
        view! {
            <li>
                <button class=class name="choice" value=value>{text}</button>
                <span class="dim small">{hint}</span>
            </li>
        }
    };
    view! {
        <FormAlert form/>
        <form method="post" action=Choose::url()>
            <input type="hidden" name="payment" value=id/>
            <ul class="sandbox-choices">
                {choice(
                    "paid",
                    "button primary",
                    t::payments::choose_paid(locale, amount),
                    t::payments::hint_paid(locale),
                )}
                {choice(
                    "declined",
                    "button",
                    t::payments::choose_declined(locale).to_owned(),
                    t::payments::hint_declined(locale),
                )}
                {choice(
                    "delayed",
                    "button",
                    t::payments::choose_delayed(locale).to_owned(),
                    t::payments::hint_delayed(locale),
                )}
                {choice(
                    "twice",
                    "button",
                    t::payments::choose_twice(locale).to_owned(),
                    t::payments::hint_twice(locale),
                )}
            </ul>
        </form>
    }
    .into_any()
}
