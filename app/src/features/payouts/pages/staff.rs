//! Payouts as staff sees them: two approve, the bank gets a file, somebody says what became of it.

use domain::locale::Locale;
use domain::payouts::PayoutState;
use domain::time::Timestamp;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use leptos_router::{LazyRoute, lazy_route};
use ui::{PageHead, Tab, Tabs};

use crate::confirm::Confirm;
use crate::error::Answer;
use crate::features::payouts::api::{PayoutDesk, PayoutView, StepPayout, list_payouts};
use crate::features::payouts::parts::{reason_line, state_chip, state_text};
use crate::form::{FieldAlert, FormAlert, FormState};
use crate::i18n::{href, t, use_locale};
use crate::load::{Loaded, load};
use crate::parts::{When, count_of, counted, more, page};

/// Where the file for the bank is made: a plain route, not a server function.
const EXPORT: &str = "/api/payouts/export.csv";

/// Payouts for staff.
pub struct PayoutsPage {
    desk: Loaded<Answer<PayoutDesk>>,
    state: Memo<Option<String>>,
}

#[lazy_route]
impl LazyRoute for PayoutsPage {
    fn data() -> Self {
        let query = use_query_map();
        let state = Memo::new(move |_| query.read().get("state"));
        let asked = move || (state.get(), query.read().get("after"));
        Self { desk: load(asked, |(state, after)| list_payouts(state, after)), state }
    }

    fn view(this: Self) -> AnyView {
        let state = this.state;
        page(this.desk, move |desk| whole(state.get_untracked().as_deref(), desk))
    }
}

/// A button that moves a payout at once.
fn step(payout: &PayoutView, step: &'static str, text: &'static str) -> AnyView {
    view! {
        <form method="post" action=StepPayout::url()>
            <input type="hidden" name="payout" value=payout.id.to_string()/>
            <input type="hidden" name="step" value=step/>
            <button class="button small">{text}</button>
        </form>
    }
    .into_any()
}

/// A button that gives the money back to its owner's earnings, and asks why.
fn release(
    locale: Locale,
    form: FormState,
    payout: &PayoutView,
    step: &'static str,
    text: &'static str,
) -> AnyView {
    let refused = form.kept("payout", "") == payout.id.to_string() && form.kept("step", "") == step;
    let typed = if refused { form.kept("reason", "") } else { String::new() };
    let title = t::payouts::release_title(locale, text, payout.amount, &payout.username);
    let says = match (step, payout.state) {
        ("reject", _) => t::payouts::reject_text(locale),
        (_, PayoutState::Paid) => t::payouts::returned_text(locale),
        _ => t::payouts::failed_text(locale),
    };
    let field = format!("reason-{}", payout.id);
    let label = field.clone();
    view! {
        <Confirm
            id=format!("{step}-{}", payout.id)
            label=text
            class="small"
            title=title
            text=says
            deed=text
            action=StepPayout::url()
            fields=vec![("payout", payout.id.to_string()), ("step", step.to_owned())]
        >
            <div class="field">
                <label for=label>{t::payouts::reason(locale)}</label>
                <input id=field name="reason" required=true minlength="3" maxlength="300" value=typed/>
                <p class="field-hint">{t::payouts::reason_hint(locale)}</p>
            </div>
        </Confirm>
    }
    .into_any()
}

/// What one may do with a payout.
fn steps(locale: Locale, form: FormState, payout: &PayoutView) -> AnyView {
    let reject = || release(locale, form, payout, "reject", t::payouts::reject(locale));
    match payout.state {
        _ if payout.own => ().into_any(),
        PayoutState::Requested if !payout.approved => {
            view! { {step(payout, "approve", t::payouts::approve(locale))} {reject()} }.into_any()
        }
        PayoutState::Requested | PayoutState::Approved => reject(),
        PayoutState::Exported => view! {
            {step(payout, "pay", t::payouts::paid(locale))}
            {release(locale, form, payout, "fail", t::payouts::failed(locale))}
        }
        .into_any(),
        PayoutState::Paid => release(locale, form, payout, "fail", t::payouts::returned(locale)),
        PayoutState::Failed | PayoutState::Rejected | PayoutState::Cancelled => ().into_any(),
    }
}

fn row(locale: Locale, form: FormState, payout: PayoutView) -> AnyView {
    let buttons = steps(locale, form, &payout);
    let approvals = t::payouts::approvals(locale, payout.approvals);
    let why = match (payout.own, payout.approved) {
        _ if !payout.state.reserves() => None,
        (true, _) => Some(t::payouts::is_own(locale)),
        (false, true) => Some(t::payouts::needs_another(locale)),
        (false, false) => None,
    };
    view! {
        <li>
            <div>
                <p class="title">"@" {payout.username} " " <span class="number">{payout.amount.to_string()}</span></p>
                <p class="dim small"><When at=payout.requested_at/> " · " {payout.holder} " · " {payout.bank} " · " {approvals}</p>
                {reason_line(locale, payout.reason)}
                {why.map(|text| view! { <p class="small">{text}</p> })}
            </div>
            <div class="cluster">{state_chip(locale, payout.state)} {buttons}</div>
        </li>
    }
    .into_any()
}

/// The files that the bank has not answered yet, each to be had once more.
fn files(locale: Locale, files: Vec<(Timestamp, i64)>) -> AnyView {
    let one = |(at, count): (Timestamp, i64)| {
        let address = format!("/api/payouts/exported.csv?at={}", at.micros());
        view! {
            <li>
                <div><When at/> " · " {t::payouts::file_holds(locale, count)}</div>
                <a class="button small" href=address download=true rel="external">{t::payouts::exported_again(locale)}</a>
            </li>
        }
    };
    (!files.is_empty())
        .then(|| {
            view! {
                <h2>{t::payouts::files(locale)}</h2>
                <ul class="rows compact">{files.into_iter().map(one).collect_view()}</ul>
            }
        })
        .into_any()
}

fn whole(state: Option<&str>, desk: PayoutDesk) -> AnyView {
    let locale = use_locale();
    let title = t::payouts::staff_title(locale);
    let form = FormState::plain(StepPayout::PATH);
    let exporting = FormState::plain(EXPORT);
    let path = href(locale, "/admin/payouts");
    let all = Tab { label: t::payouts::all(locale).to_owned(), href: path.clone(), current: state.is_none() };
    let of = |one: PayoutState| Tab {
        label: counted(state_text(locale, one), count_of(&desk.waiting, &one)),
        href: format!("{path}?state={}", one.as_str()),
        current: state == Some(one.as_str()),
    };
    let tabs: Vec<Tab> = std::iter::once(all).chain(PayoutState::ALL.into_iter().map(of)).collect();
    let next = more(locale, desk.payouts.next, |next| match state {
        Some(state) => format!("{path}?state={state}&after={next}"),
        None => format!("{path}?after={next}"),
    });
    let payouts = desk.payouts.items;
    let none = payouts.is_empty().then(|| view! { <p class="dim">{t::payouts::none(locale)}</p> });
    let rows: Vec<_> = payouts.into_iter().map(|payout| row(locale, form, payout)).collect();
    view! {
        <Title text=title/>
        <section class="wrap section stack">
            <PageHead title=title lead=t::payouts::staff_lead(locale)/>
            <FormAlert form/>
            <FieldAlert form field="reason"/>
            <FormAlert form=exporting/>
            <Tabs label=title items=tabs/>
            <form method="post" action=EXPORT>
                <button class="button">{t::payouts::export(locale)}</button>
            </form>
            {none}
            <ul class="rows">{rows}</ul>
            {next}
            {files(locale, desk.files)}
        </section>
    }
    .into_any()
}
