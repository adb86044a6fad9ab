//! Prices: plans side by side; interval and currency stand in the address.

use domain::locale::Locale;
use domain::money::Currency;
use domain::orders::Thing;
use domain::subscriptions::{Interval, Tier};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::{Meta, Title};
use leptos_router::hooks::use_query_map;
use leptos_router::{LazyRoute, lazy_route};
use ui::{Chip, ChipKind, EmptyState, PageHead};

use crate::context::use_viewer;
use crate::error::Answer;
use crate::features::refunds::parts::Promised;
use crate::features::subscriptions::api::{PlanCard, Pricing, Subscribe, load_pricing};
use crate::features::subscriptions::parts::{interval_text, opened_item, per_text};
use crate::form::{FormAlert, FormState};
use crate::i18n::{href, t, use_locale};
use crate::load::{Loaded, load};
use crate::parts::page;

/// The pricing page.
pub struct PricingPage {
    pricing: Loaded<Answer<Pricing>>,
    form: FormState,
}

#[lazy_route]
impl LazyRoute for PricingPage {
    fn data() -> Self {
        let query = use_query_map();
        let source = move || {
            let query = query.read();
            (query.get("interval").unwrap_or_default(), query.get("currency").unwrap_or_default())
        };
        let pricing = load(source, |(interval, currency)| load_pricing(interval, currency));
        Self { pricing, form: FormState::plain(Subscribe::PATH) }
    }

    fn view(this: Self) -> AnyView {
        let l = use_locale();
        let form = this.form;
        view! {
            <Title text=t::subscriptions::pricing(l)/>
            <Meta name="description" content=t::subscriptions::pricing_lead(l)/>
            <section class="wrap section">
                <PageHead title=t::subscriptions::pricing(l) lead=t::subscriptions::pricing_lead(l)/>
                <FormAlert form/>
                {page(this.pricing, list)}
            </section>
        }
        .into_any()
    }
}

fn address(l: Locale, interval: Interval, currency: Currency) -> String {
    let path = href(l, "/pricing");
    format!("{path}?interval={}&currency={}", interval.as_str(), currency.code())
}

fn list(pricing: Pricing) -> AnyView {
    let l = use_locale();
    if pricing.plans.is_empty() {
        return view! {
            <EmptyState title=t::subscriptions::no_plans(l) text=t::subscriptions::no_plans_text(l)>
                <a class="button" href=href(l, "/courses")>{t::common::courses(l)}</a>
            </EmptyState>
        }
        .into_any();
    }
    let (interval, currency) = (pricing.interval, pricing.currency);
    let intervals: Vec<_> = pricing
        .intervals
        .iter()
        .map(|one| {
            let current = (*one == interval).then_some("true");
            view! { <a href=address(l, *one, currency) aria-current=current>{interval_text(l, *one)}</a> }
        })
        .collect();
    let currencies: Vec<_> = Currency::ALL
        .into_iter()
        .map(|one| {
            let current = (one == currency).then_some("true");
            view! { <a href=address(l, interval, one) aria-current=current>{format!("{} {}", one.sign(), one.code())}</a> }
        })
        .collect();
    let best = pricing.plans.iter().map(|plan| plan.tier).max();
    let (subscribed, wallet) = (pricing.subscribed, pricing.wallet);
    let priced = pricing.plans.iter().filter(|plan| plan.tier != Tier::Free);
    let priced = priced.map(|plan| Thing::Plan(plan.id).to_string()).collect::<Vec<_>>().join(",");
    let cards: Vec<_> = pricing
        .plans
        .into_iter()
        .map(|plan| {
            let first = Some(plan.tier) == best;
            view! { <Column plan currency subscribed wallet first/> }
        })
        .collect();
    view! {
        <nav class="cluster section-head" aria-label=t::subscriptions::choose(l)>
            <div class="switch">{intervals}</div>
            <div class="switch">{currencies}</div>
        </nav>
        <div class="plans">{cards}</div>
        <div class="stack tight">
            <Promised things=priced/>
            <p class="note">{t::subscriptions::pricing_note(l)}</p>
        </div>
    }
    .into_any()
}

#[component]
fn Column(plan: PlanCard, currency: Currency, subscribed: bool, wallet: bool, first: bool) -> impl IntoView {
    let l = use_locale();
    let free = plan.tier == Tier::Free;
    let heading = format!("plan-{}", plan.id);
    let label = heading.clone();
    let opens: Vec<_> = plan.opens.iter().cloned().map(|opened| opened_item(l, opened)).collect();
    let per = (!free).then(|| view! { <span class="unit">{per_text(l, plan.interval)}</span> });
    view! {
        <article class="card plan" aria-labelledby=label>
            <h2 id=heading>{plan.title.get(l).to_owned()}</h2>
            <p class="figure">{plan.price.to_string()} " " {per}</p>
            <p class="dim">{plan.summary.get(l).to_owned()}</p>
            <ul class="opens">{opens}</ul>
            <footer class="stack">{doing(l, &plan, currency, subscribed, wallet, first)}</footer>
        </article>
    }
}

/// What one may do with a plan.
fn doing(
    l: Locale,
    plan: &PlanCard,
    currency: Currency,
    subscribed: bool,
    wallet: bool,
    first: bool,
) -> AnyView {
    if plan.mine {
        return view! {
            <Chip kind=ChipKind::Done>{t::subscriptions::yours(l)}</Chip>
            <a class="button full" href=href(l, "/subscription")>{t::subscriptions::to_mine(l)}</a>
        }
        .into_any();
    }
    if plan.tier == Tier::Free {
        return view! { <p class="small dim">{t::subscriptions::free_for_all(l)}</p> }.into_any();
    }
    if subscribed {
        return view! { <a class="button full" href=href(l, "/subscription#change")>{t::subscriptions::change_to(l)}</a> }
            .into_any();
    }
    if use_viewer().is_none() {
        let to = format!(
            "{}?next={}",
            href(l, "/log-in"),
            crate::parts::encode(&address(l, plan.interval, currency))
        );
        let class = if first { "button primary full" } else { "button full" };
        return view! { <a class=class href=to>{t::subscriptions::log_in_to_subscribe(l)}</a> }.into_any();
    }
    let class = if first { "button primary full" } else { "button full" };
    let balance = wallet.then(|| {
        let id = format!("wallet-{}", plan.id);
        let label = id.clone();
        view! {
            <div class="field check">
                <label for=label>
                    <input type="checkbox" id=id name="wallet" value="true"/>
                    <span>{t::subscriptions::wallet(l)}</span>
                </label>
            </div>
        }
    });
    let form = |trial: bool, label: String, class: &'static str, extra: AnyView| {
        view! {
            <form class="stack" method="post" action=Subscribe::url()>
                <input type="hidden" name="plan" value=plan.id.to_string()/>
                <input type="hidden" name="currency" value=currency.code()/>
                <input type="hidden" name="trial" value=trial.to_string()/>
                {extra}
                <button class=class>{label}</button>
            </form>
        }
        .into_any()
    };
    let enters = plan.opens.iter().any(|opened| opened.opens.is_entry());
    let (trial, pay_class) = if plan.trial_days > 0 {
        let hint = enters.then(|| view! { <p class="small dim">{t::subscriptions::trial_entries(l)}</p> });
        let hint = hint.into_any();
        (Some(form(true, t::subscriptions::try_free(l, plan.trial_days), class, hint)), "button full")
    } else {
        (None, class)
    };
    view! {
        {trial}
        {form(false, t::subscriptions::subscribe(l, plan.price), pay_class, balance.into_any())}
    }
    .into_any()
}
