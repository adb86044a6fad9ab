//! What staff sees of orders: everybody's, who moved them, and every try to pay.

use domain::locale::Locale;
use domain::orders::{OrderState, Purpose};
use domain::page::Page;
use domain::payments::AttemptState;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use leptos_router::{LazyRoute, lazy_route};
use ui::{Chip, ChipKind, EmptyState, Fact, Facts, PageHead};

use super::notices::happened;
use super::show::{lines, sums, words};
use crate::error::Answer;
use crate::features::orders::api::{OrderView, StaffOrder, StaffRow, Trace, Tried, TryStep, every, look};
use crate::features::orders::parts::{StateChip, row_title, state_text};
use crate::features::payments::parts::{alert_text, gateway_name};
use crate::i18n::{href, t, use_locale};
use crate::load::{Loaded, load};
use crate::parts::{When, encode, page};

/// The orders of everybody, newest first.
pub struct EveryOrderPage {
    orders: Loaded<Answer<Page<StaffRow>>>,
}

#[lazy_route]
impl LazyRoute for EveryOrderPage {
    fn data() -> Self {
        let query = use_query_map();
        let asked = move || {
            let of = |name: &str| query.read().get(name).unwrap_or_default();
            (of("search"), of("state"), query.read().get("after"))
        };
        Self { orders: load(asked, |(search, state, after)| every(search, state, after)) }
    }

    fn view(this: Self) -> AnyView {
        page(this.orders, list)
    }
}

fn purpose_text(locale: Locale, purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Purchase => t::orders::purpose_purchase(locale),
        Purpose::Gift => t::orders::purpose_gift(locale),
        Purpose::Redeemed => t::orders::purpose_redeemed(locale),
        Purpose::Grant => t::orders::purpose_grant(locale),
        Purpose::Renewal => t::orders::purpose_renewal(locale),
    }
}

fn try_text(locale: Locale, state: AttemptState) -> &'static str {
    match state {
        AttemptState::Created => t::orders::try_created(locale),
        AttemptState::Pending => t::orders::try_pending(locale),
        AttemptState::Confirmed => t::orders::try_confirmed(locale),
        AttemptState::Failed => t::orders::try_failed(locale),
        AttemptState::Unknown => t::orders::try_unknown(locale),
        AttemptState::Superseded => t::orders::try_superseded(locale),
    }
}

fn filters(locale: Locale, search: &str, chosen: &str) -> AnyView {
    let states: Vec<_> = OrderState::ALL
        .into_iter()
        .map(|state| {
            let value = state.as_str();
            view! { <option value=value selected=chosen == value>{state_text(locale, state)}</option> }
        })
        .collect();
    view! {
        <form class="filters" method="get" role="search">
            <div class="field search">
                <label for="search">{t::orders::search(locale)}</label>
                <input id="search" name="search" type="search" value=search.to_owned() maxlength="100"/>
            </div>
            <div class="field">
                <label for="state">{t::orders::state(locale)}</label>
                <select id="state" name="state">
                    <option value="">{t::orders::every_state(locale)}</option>
                    {states}
                </select>
            </div>
            <button class="button">{t::orders::look(locale)}</button>
        </form>
    }
    .into_any()
}

fn list(orders: Page<StaffRow>) -> AnyView {
    let locale = use_locale();
    let query = use_query_map().get_untracked();
    let of = |name: &str| query.get(name).unwrap_or_default();
    let (search, state) = (of("search"), of("state"));
    let title = t::orders::every_title(locale);
    let none = orders.items.is_empty().then(|| {
        view! { <EmptyState title=t::orders::nothing_found(locale) text=t::orders::nothing_found_text(locale) icon="search"/> }
    });
    let rows: Vec<_> = orders.items.into_iter().map(|order| row(locale, order)).collect();
    let next = orders.next.map(|next| {
        let (search, state, next) = (encode(&search), encode(&state), encode(&next));
        let address = format!("{}?search={search}&state={state}&after={next}", href(locale, "/admin/orders"));
        view! { <p class="button-row"><a class="button" href=address>{t::orders::older(locale)}</a></p> }
    });
    view! {
        <Title text=title/>
        <section class="wrap section">
            <PageHead title=title lead=t::orders::every_lead(locale)/>
            {filters(locale, &search, &state)}
            {none}
            <ul class="rows">{rows}</ul>
            {next}
        </section>
    }
    .into_any()
}

fn row(locale: Locale, order: StaffRow) -> AnyView {
    let to = href(locale, &format!("/admin/orders/{}", order.row.id));
    view! {
        <li>
            <div>
                <h2 class="title"><a href=to>{row_title(locale, &order.row)}</a></h2>
                <p class="dim small">
                    <span class="number">{order.row.number}</span> " · @" {order.username} " · "
                    {purpose_text(locale, order.purpose)} " · " <When at=order.row.placed_at/>
                </p>
            </div>
            <div class="cluster">
                <StateChip state=order.row.state locale/>
                <span class="number">{order.row.total.to_string()}</span>
            </div>
        </li>
    }
    .into_any()
}

/// Anybody's order.
pub struct StaffOrderPage {
    order: Loaded<Answer<StaffOrder>>,
}

#[lazy_route]
impl LazyRoute for StaffOrderPage {
    fn data() -> Self {
        let params = use_params_map();
        Self { order: load(move || params.read().get("id").unwrap_or_default(), look) }
    }

    fn view(this: Self) -> AnyView {
        page(this.order, whole)
    }
}

fn whole(order: StaffOrder) -> AnyView {
    let locale = use_locale();
    let data = &order.view;
    let title = format!("{} {}", t::orders::order(locale), data.number);
    let (sums, total, buyer) = (sums(locale, data), data.total.to_string(), format!("@{}", order.username));
    let (purpose, state) = (purpose_text(locale, data.purpose), data.state);
    let paid = data.paid_at.map(|at| view! { <Fact term=t::orders::paid_at(locale)><When at/></Fact> });
    let person = href(locale, &format!("/people/{}", order.username));
    let review = data
        .under_review
        .then(|| view! { <Chip kind=ChipKind::Warning>{t::orders::under_review(locale)}</Chip> });
    let alerts: Vec<_> =
        order.alerts.iter().map(|alert| view! { <li>{alert_text(locale, alert)}</li> }).collect();
    let traces: Vec<_> = order.traces.iter().map(|trace| traced(locale, data, trace)).collect();
    let tries: Vec<_> = order.tries.iter().map(|tried| tried_row(locale, tried)).collect();
    view! {
        <Title text=title.clone()/>
        <section class="wrap narrow section order">
            <PageHead title=title eyebrow=t::orders::every_title(locale)>
                <StateChip state locale/> {review}
            </PageHead>
            <Facts>
                <Fact term=t::orders::buyer(locale)><a href=person>{buyer}</a></Fact>
                <Fact term=t::orders::purpose(locale)>{purpose}</Fact>
                {sums}
                <Fact term=t::orders::total(locale)><strong class="number">{total}</strong></Fact>
                {paid}
            </Facts>
            {words(locale, data)}
            {lines(locale, data)}
            {(!alerts.is_empty()).then(|| view! {
                <h2>{t::orders::alerts(locale)}</h2>
                <ul class="rows compact">{alerts}</ul>
            })}
            {(!tries.is_empty()).then(|| view! {
                <h2>{t::orders::tries(locale)}</h2>
                <ul class="rows compact">{tries}</ul>
            })}
            <h2>{t::orders::history(locale)}</h2>
            <ol class="rows compact">{traces}</ol>
            {onward(locale, &order)}
        </section>
    }
    .into_any()
}

/// Where staff goes from an order.
fn onward(locale: Locale, order: &StaffOrder) -> AnyView {
    let data = &order.view;
    let refund = data.paid_at.is_some().then(|| {
        let page = href(locale, &format!("/admin/refunds/{}", data.id));
        view! { <a class="button" href=page>{t::orders::to_refunds(locale)}</a> }
    });
    let receipt = (data.paid_at.is_some() && !data.total.is_zero()).then(|| {
        let file = href(locale, &format!("/orders/{}/receipt.pdf", data.id));
        view! { <a class="button" href=file download=true rel="external">{t::receipts::load(locale)}</a> }
    });
    let waits = order.alerts.iter().any(|alert| alert.closed.is_none()).then(|| {
        view! { <a class="button" href=href(locale, "/admin/payments")>{t::orders::to_alerts(locale)}</a> }
    });
    view! {
        <p class="button-row">
            {refund}
            {receipt}
            {waits}
            <a class="button" href=href(locale, "/admin/orders")>{t::orders::to_every(locale)}</a>
        </p>
    }
    .into_any()
}

fn traced(locale: Locale, data: &OrderView, trace: &Trace) -> AnyView {
    let by = trace.by.as_ref().map(|by| format!("@{by} · "));
    view! {
        <li>
            <div>{happened(locale, data, &trace.event)} <p class="dim small">{by} <code>{trace.cause.clone()}</code></p></div>
            <div class="dim small"><When at=trace.at/></div>
        </li>
    }
    .into_any()
}

fn try_step(locale: Locale, step: &TryStep) -> AnyView {
    let text = try_text(locale, step.state);
    view! { <li>{text} " · " <When at=step.at/> " · " <code>{step.cause.clone()}</code></li> }.into_any()
}

fn tried_row(locale: Locale, tried: &Tried) -> AnyView {
    let reference = tried.reference.clone().map(|reference| view! { <code>{reference}</code> " · " });
    let steps: Vec<_> = tried.steps.iter().map(|step| try_step(locale, step)).collect();
    view! {
        <li>
            <div>
                {gateway_name(locale, &tried.gateway)} " " <span class="number">{tried.amount.to_string()}</span>
                <p class="dim small">{reference} <When at=tried.at/></p>
                <ol class="dim small">{steps}</ol>
            </div>
            <div>{try_text(locale, tried.state)}</div>
        </li>
    }
    .into_any()
}
