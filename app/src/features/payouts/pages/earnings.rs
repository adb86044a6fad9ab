//! My earnings: what is owed to me, what I may have paid out, and what came and went.

use domain::locale::Locale;
use domain::money::{Currency, Money};
use domain::payouts::{LEAST, PayoutState};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use leptos_router::{LazyRoute, lazy_route};
use ui::{Fact, Facts, PageHead};

use crate::error::Answer;
use crate::features::finance::parts::statement;
use crate::features::payouts::api::{
    CancelPayout, EarnedView, EarningsView, PayoutView, RequestPayout, load_earnings,
};
use crate::features::payouts::parts::{reason_line, state_chip};
use crate::form::{FormAlert, FormState, Select, TextInput};
use crate::i18n::{t, use_locale};
use crate::load::{Loaded, load};
use crate::parts::{When, page};

/// What somebody has earned.
pub struct EarningsPage {
    earnings: Loaded<Answer<EarningsView>>,
}

#[lazy_route]
impl LazyRoute for EarningsPage {
    fn data() -> Self {
        let query = use_query_map();
        Self { earnings: load(move || query.read().get("after"), load_earnings) }
    }

    fn view(this: Self) -> AnyView {
        page(this.earnings, whole)
    }
}

fn payout_row(locale: Locale, payout: PayoutView) -> AnyView {
    let cancel = (payout.state == PayoutState::Requested).then(|| {
        view! {
            <form method="post" action=CancelPayout::url()>
                <input type="hidden" name="payout" value=payout.id.to_string()/>
                <button class="button small">{t::payouts::cancel(locale)}</button>
            </form>
        }
    });
    view! {
        <li>
            <div>
                <p class="title">{payout.bank}</p>
                <p class="dim small"><When at=payout.requested_at/> " · " {payout.holder}</p>
                {reason_line(locale, payout.reason)}
            </div>
            <div class="cluster">
                {state_chip(locale, payout.state)}
                <span class="number">{payout.amount.to_string()}</span>
                {cancel}
            </div>
        </li>
    }
    .into_any()
}

fn request_form(locale: Locale, earned: &[EarnedView]) -> AnyView {
    let form = FormState::plain(RequestPayout::PATH);
    let currencies: Vec<_> = earned.iter().map(|one| one.available.currency).collect();
    let currencies = if currencies.is_empty() { vec![Currency::default()] } else { currencies };
    let least: Vec<String> = currencies.iter().map(|one| Money::new(LEAST, *one).to_string()).collect();
    let least = least.join(" / ");
    let options: Vec<_> = earned
        .iter()
        .filter(|one| one.available.minor >= LEAST)
        .map(|one| {
            let code = one.available.currency.code().to_owned();
            (code.clone(), code)
        })
        .collect();
    if options.is_empty() {
        return view! { <FormAlert form/> <p class="dim">{t::payouts::nothing_yet(locale, least)}</p> }
            .into_any();
    }
    view! {
        <form method="post" action=RequestPayout::url() class="stack">
            <FormAlert form/>
            <TextInput form name="amount" maxlength=20 label=t::payouts::amount(locale) hint=t::payouts::least(locale, least)
                inputmode="decimal" required=true/>
            <Select form name="currency" label=t::payouts::currency(locale) options/>
            <TextInput form name="holder" maxlength=80 label=t::payouts::holder(locale) required=true/>
            <TextInput form name="bank" maxlength=120 label=t::payouts::bank(locale) hint=t::payouts::bank_hint(locale) required=true/>
            <p class="button-row"><button class="button primary">{t::payouts::request(locale)}</button></p>
        </form>
    }
    .into_any()
}

fn whole(data: EarningsView) -> AnyView {
    let locale = use_locale();
    let title = t::payouts::title(locale);
    let facts: Vec<_> = data
        .earned
        .clone()
        .into_iter()
        .map(|one| {
            view! {
                <Fact term=t::payouts::available(locale)><span class="number">{one.available.to_string()}</span></Fact>
                <Fact term=t::payouts::held(locale)><span class="number">{one.held.to_string()}</span></Fact>
                <Fact term=t::payouts::owed(locale)><span class="number">{one.owed.to_string()}</span></Fact>
            }
        })
        .collect();
    let leaving = FormState::plain(CancelPayout::PATH);
    let payouts: Vec<_> = data.payouts.into_iter().map(|payout| payout_row(locale, payout)).collect();
    view! {
        <Title text=title/>
        <section class="wrap reading section stack">
            <PageHead title=title lead=t::payouts::lead(locale)/>
            {(!facts.is_empty()).then(|| view! { <Facts>{facts}</Facts> })}
            <h2>{t::payouts::request_title(locale)}</h2>
            {request_form(locale, &data.earned)}
            {(!payouts.is_empty()).then(|| view! {
                <h2>{t::payouts::mine(locale)}</h2>
                <FormAlert form=leaving/>
                <ul class="rows">{payouts}</ul>
            })}
            <h2>{t::payouts::statement(locale)}</h2>
            {statement(locale, data.statement, "/earnings")}
        </section>
    }
    .into_any()
}
