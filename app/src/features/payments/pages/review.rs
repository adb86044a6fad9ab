//! What staff sees: money that fits no order, payments of which nobody knows, notices that were not applied.

use domain::locale::Locale;
use domain::page::Page;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use leptos_router::{LazyRoute, lazy_route};
use ui::{EmptyState, PageHead, Tab, Tabs};

use crate::error::Answer;
use crate::features::payments::api::{
    AlertView, AskNow, Asked, CloseAlert, ComparedView, Retry, ReviewView, Shown, StuckView, UnknownView,
    review,
};
use crate::features::payments::parts::{REASONS, alert_row, gateway_name, order_link, reason_text};
use crate::features::refunds::api::SendBack;
use crate::form::{FormAlert, FormState};
use crate::i18n::{href, t, use_locale};
use crate::load::{Loaded, load};
use crate::parts::{When, counted, encode, more, page};

/// What waits for a person, or waited.
pub struct ReviewPage {
    asked: Memo<Asked>,
    review: Loaded<Answer<ReviewView>>,
}

#[lazy_route]
impl LazyRoute for ReviewPage {
    fn data() -> Self {
        let query = use_query_map();
        let asked = Memo::new(move |_| {
            let query = query.read();
            let of = |name| query.get(name).unwrap_or_default();
            Asked {
                show: of("show"),
                reason: of("reason"),
                gateway: of("gateway"),
                after: query.get("after"),
            }
        });
        let asking = |asked: Asked| review(asked.show, asked.reason, asked.gateway, asked.after);
        Self { asked, review: load(move || asked.get(), asking) }
    }

    fn view(this: Self) -> AnyView {
        let asked = this.asked;
        page(this.review, move |data| whole(&asked.get_untracked(), data))
    }
}

fn tabs(locale: Locale, asked: &Asked, data: &ReviewView) -> AnyView {
    let path = href(locale, "/admin/payments");
    let open = !matches!(asked.show.as_str(), "closed" | "unknown" | "stuck");
    let tab = |show: &str, label: String| Tab {
        label,
        href: if show.is_empty() { path.clone() } else { format!("{path}?show={show}") },
        current: if show.is_empty() { open } else { asked.show == show },
    };
    let items = vec![
        tab("", counted(t::payments::open(locale), data.open)),
        tab("unknown", counted(t::payments::tab_unknown(locale), data.unknown)),
        tab("stuck", counted(t::payments::tab_stuck(locale), data.stuck)),
        tab("closed", t::payments::closed_alerts(locale).to_owned()),
    ];
    view! { <Tabs label=t::payments::review_title(locale) items=items/> }.into_any()
}

/// By reason and gateway.
fn filters(locale: Locale, asked: &Asked, gateways: &[String]) -> AnyView {
    let reasons: Vec<_> = REASONS
        .into_iter()
        .map(|reason| {
            let text = reason_text(locale, reason);
            view! { <option value=reason selected=asked.reason == reason>{text}</option> }
        })
        .collect();
    let gateways: Vec<_> = gateways
        .iter()
        .map(|gateway| {
            let selected = asked.gateway == *gateway;
            view! { <option value=gateway.clone() selected=selected>{gateway_name(locale, gateway)}</option> }
        })
        .collect();
    view! {
        <form class="filters" method="get">
            <input type="hidden" name="show" value=asked.show.clone()/>
            <div class="field">
                <label for="reason">{t::payments::reason(locale)}</label>
                <select id="reason" name="reason"><option value="">{t::payments::any(locale)}</option>{reasons}</select>
            </div>
            <div class="field">
                <label for="gateway">{t::payments::gateway(locale)}</label>
                <select id="gateway" name="gateway"><option value="">{t::payments::any(locale)}</option>{gateways}</select>
            </div>
            <button class="button">{t::orders::look(locale)}</button>
        </form>
    }
    .into_any()
}

fn whole(asked: &Asked, data: ReviewView) -> AnyView {
    let locale = use_locale();
    let title = t::payments::review_title(locale);
    let (closing, retrying) = (FormState::plain(CloseAlert::PATH), FormState::plain(Retry::PATH));
    let asking = FormState::plain(AskNow::PATH);
    let sending = FormState::plain(SendBack::PATH);
    let tabs = tabs(locale, asked, &data);
    let compared = data.compared.into_iter().map(|gateway| compared_row(locale, gateway));
    let list = match data.shown {
        Shown::Alerts(alerts) => {
            view! { {filters(locale, asked, &data.gateways)} {alerts_list(locale, asked, alerts)} }.into_any()
        }
        Shown::Unknown(rows) => list(locale, asked, rows, |row| unknown_row(locale, row)),
        Shown::Stuck(rows) => list(locale, asked, rows, |row| stuck_row(locale, row)),
    };
    view! {
        <Title text=title/>
        <section class="wrap section stack">
            <PageHead title=title lead=t::payments::review_lead(locale)/>
            <FormAlert form=closing/>
            <FormAlert form=retrying/>
            <FormAlert form=asking/>
            <FormAlert form=sending/>
            {tabs}
            {list}
            {compared.collect_view()}
            <p class="dim small">{t::payments::rejected(locale, data.rejected)}</p>
        </section>
    }
    .into_any()
}

fn alerts_list(locale: Locale, asked: &Asked, alerts: Page<AlertView>) -> AnyView {
    let form = FormState::plain(CloseAlert::PATH);
    list(locale, asked, alerts, |alert| alert_row(locale, form, alert))
}

/// A page of rows with a way to the next one; says so where there is nothing.
fn list<T>(locale: Locale, asked: &Asked, rows: Page<T>, row: impl FnMut(T) -> AnyView) -> AnyView {
    if rows.items.is_empty() {
        let chosen = !asked.reason.is_empty() || !asked.gateway.is_empty();
        let text = match asked.show.as_str() {
            _ if chosen => t::payments::nothing_chosen(locale),
            "closed" => t::payments::none_closed(locale),
            _ => t::payments::calm_text(locale),
        };
        return view! { <EmptyState title=t::payments::calm_title(locale) text=text icon="check"/> }
            .into_any();
    }
    let next = more(locale, rows.next, |next| {
        let path = href(locale, "/admin/payments");
        let (show, reason) = (encode(&asked.show), encode(&asked.reason));
        format!("{path}?show={show}&reason={reason}&gateway={}&after={next}", encode(&asked.gateway))
    });
    let rows: Vec<_> = rows.items.into_iter().map(row).collect();
    view! {
        <ul class="rows">{rows}</ul>
        {next}
    }
    .into_any()
}

/// Until when a gateway was compared with what was booked.
fn compared_row(locale: Locale, compared: ComparedView) -> AnyView {
    let name = gateway_name(locale, &compared.gateway);
    let late = compared.late.then(|| t::payments::compared_late(locale));
    view! {
        <p class="dim small">
            {t::payments::compared(locale, name)} " " <When at=compared.until/> {late.map(|text| format!(" · {text}"))}
        </p>
    }
    .into_any()
}

fn unknown_row(locale: Locale, payment: UnknownView) -> AnyView {
    let name = gateway_name(locale, &payment.gateway);
    view! {
        <li>
            <div>
                <p class="title">{name} " " <span class="number">{payment.amount.to_string()}</span></p>
                <p class="dim small">
                    {t::payments::since(locale)} " " <When at=payment.since/> " · "
                    {order_link(locale, payment.order, &payment.number)} " · @" {payment.username}
                </p>
            </div>
            <form method="post" action=AskNow::url()>
                <input type="hidden" name="payment" value=payment.id.to_string()/>
                <button class="button small">{t::payments::ask_now(locale)}</button>
            </form>
        </li>
    }
    .into_any()
}

fn stuck_row(locale: Locale, notice: StuckView) -> AnyView {
    let what = if notice.waiting { t::payments::waiting(locale) } else { t::payments::unreadable(locale) };
    let again = notice.waiting.then(|| {
        view! {
            <form method="post" action=Retry::url()>
                <input type="hidden" name="notice" value=notice.id.to_string()/>
                <button class="button small">{t::payments::retry(locale)}</button>
            </form>
        }
    });
    view! {
        <li>
            <div>
                <p class="title">{what}</p>
                <p class="dim small"><When at=notice.received_at/> " · " <code>{notice.event}</code></p>
            </div>
            {again}
        </li>
    }
    .into_any()
}
