//! Payouts as staff sees them: two approve, the bank gets a file, somebody says what became of it.

use domain::locale::Locale;
use domain::payouts::PayoutState;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use leptos_router::{LazyRoute, lazy_route};
use ui::{PageHead, Tab, Tabs};

use crate::error::Answer;
use crate::features::payouts::api::{PayoutView, StepPayout, list_payouts};
use crate::features::payouts::parts::{state_chip, state_text};
use crate::form::{FormAlert, FormState};
use crate::i18n::{href, t, use_locale};
use crate::load::{Loaded, load};
use crate::parts::{When, page};

/// Payouts for staff.
pub struct PayoutsPage {
    payouts: Loaded<Answer<Vec<PayoutView>>>,
    state: Memo<Option<String>>,
}

#[lazy_route]
impl LazyRoute for PayoutsPage {
    fn data() -> Self {
        let query = use_query_map();
        let state = Memo::new(move |_| query.read().get("state"));
        Self { payouts: load(move || state.get(), list_payouts), state }
    }

    fn view(this: Self) -> AnyView {
        let state = this.state;
        page(this.payouts, move |payouts| whole(state.get_untracked().as_deref(), payouts))
    }
}

fn row(locale: Locale, payout: PayoutView) -> AnyView {
    let steps: &[(&str, &str)] = match payout.state {
        _ if payout.own => &[],
        PayoutState::Requested if !payout.approved => {
            &[("approve", t::payouts::approve(locale)), ("reject", t::payouts::reject(locale))]
        }
        PayoutState::Requested | PayoutState::Approved => &[("reject", t::payouts::reject(locale))],
        PayoutState::Exported => &[("pay", t::payouts::paid(locale)), ("fail", t::payouts::failed(locale))],
        PayoutState::Paid => &[("fail", t::payouts::returned(locale))],
        PayoutState::Failed | PayoutState::Rejected | PayoutState::Cancelled => &[],
    };
    let id = payout.id.to_string();
    let buttons: Vec<_> = steps
        .iter()
        .map(|(step, text)| {
            let (step, text) = ((*step).to_owned(), (*text).to_owned());
            view! {
                <form method="post" action=StepPayout::url()>
                    <input type="hidden" name="payout" value=id.clone()/>
                    <input type="hidden" name="step" value=step/>
                    <button class="button small">{text}</button>
                </form>
            }
        })
        .collect();
    let approvals = t::payouts::approvals(locale, payout.approvals);
    let why = match (payout.own, payout.approved) {
        (true, _) => Some(t::payouts::is_own(locale)),
        (false, true) => Some(t::payouts::needs_another(locale)),
        (false, false) => None,
    };
    view! {
        <li>
            <div>
                <p class="title">{payout.username} " " <span class="number">{payout.amount.to_string()}</span></p>
                <p class="dim small"><When at=payout.requested_at/> " · " {payout.holder} " · " {payout.bank} " · " {approvals}</p>
                {why.map(|text| view! { <p class="small">{text}</p> })}
            </div>
            <div class="cluster">{state_chip(locale, payout.state)} {buttons}</div>
        </li>
    }
    .into_any()
}

fn whole(state: Option<&str>, payouts: Vec<PayoutView>) -> AnyView {
    let locale = use_locale();
    let title = t::payouts::staff_title(locale);
    let form = FormState::plain(StepPayout::PATH);
    let path = href(locale, "/admin/payouts");
    let all = Tab { label: t::payouts::all(locale).to_owned(), href: path.clone(), current: state.is_none() };
    let of = |one: PayoutState| Tab {
        label: state_text(locale, one).to_owned(),
        href: format!("{path}?state={}", one.as_str()),
        current: state == Some(one.as_str()),
    };
    let tabs: Vec<Tab> = std::iter::once(all).chain(PayoutState::ALL.into_iter().map(of)).collect();
    let none = payouts.is_empty().then(|| view! { <p class="dim">{t::payouts::none(locale)}</p> });
    let rows: Vec<_> = payouts.into_iter().map(|payout| row(locale, payout)).collect();
    view! {
        <Title text=title/>
        <section class="wrap section stack">
            <PageHead title=title lead=t::payouts::staff_lead(locale)/>
            <FormAlert form/>
            <Tabs label=title items=tabs/>
            <form method="post" action="/api/payouts/export.csv">
                <button class="button">{t::payouts::export(locale)}</button>
            </form>
            <p><a href="/api/payouts/exported.csv" download=true rel="external">{t::payouts::exported_again(locale)}</a></p>
            {none}
            <ul class="rows">{rows}</ul>
        </section>
    }
    .into_any()
}
