//! What staff sees: money that fits no order, notices that were not applied, the accounts of the house.

use domain::locale::Locale;
use domain::orders::OrderId;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;
use leptos_router::{LazyRoute, lazy_route};
use ui::{EmptyState, PageHead};

use crate::error::Answer;
use crate::features::payments::api::{
    AlertView, AskNow, CloseAlert, ComparedView, Retry, ReviewView, StuckView, UnknownView, review,
};
use crate::features::payments::parts::{advice, gateway_name, reason_text};
use crate::features::refunds::api::SendBack;
use crate::form::{FormAlert, FormState};
use crate::i18n::{href, t, use_locale};
use crate::load::{Loaded, load};
use crate::parts::{When, page};

/// Money and notices that wait for a person.
pub struct ReviewPage {
    review: Loaded<Answer<ReviewView>>,
}

#[lazy_route]
impl LazyRoute for ReviewPage {
    fn data() -> Self {
        Self { review: load(|| (), |()| review()) }
    }

    fn view(this: Self) -> AnyView {
        page(this.review, whole)
    }
}

fn whole(data: ReviewView) -> AnyView {
    let locale = use_locale();
    let title = t::payments::review_title(locale);
    let calm = data.alerts.is_empty() && data.stuck.is_empty() && data.unknown.is_empty();
    let (closing, retrying) = (FormState::plain(CloseAlert::PATH), FormState::plain(Retry::PATH));
    let asking = FormState::plain(AskNow::PATH);
    let sending = FormState::plain(SendBack::PATH);
    let alerts: Vec<_> = data.alerts.into_iter().map(|alert| alert_row(locale, alert)).collect();
    let stuck: Vec<_> = data.stuck.into_iter().map(|notice| stuck_row(locale, notice)).collect();
    let unknown: Vec<_> = data.unknown.into_iter().map(|payment| unknown_row(locale, payment)).collect();
    let accounts: Vec<_> = data
        .accounts
        .into_iter()
        .map(|(name, holds)| {
            view! {
                <tr>
                    <td data-label=t::payments::account(locale)><code>{name}</code></td>
                    <td data-label=t::payments::holds(locale) class="number">{holds.to_string()}</td>
                </tr>
            }
        })
        .collect();
    let compared = data.compared.into_iter().map(|gateway| compared_row(locale, gateway));
    view! {
        <Title text=title/>
        <section class="wrap section stack">
            <PageHead title=title lead=t::payments::review_lead(locale)/>
            <FormAlert form=closing/>
            <FormAlert form=retrying/>
            <FormAlert form=asking/>
            <FormAlert form=sending/>
            {calm.then(|| view! {
                <EmptyState title=t::payments::calm_title(locale) text=t::payments::calm_text(locale) icon="check"/>
            })}
            {(!alerts.is_empty()).then(|| view! {
                <h2>{t::payments::alerts(locale)}</h2>
                <ul class="rows">{alerts}</ul>
            })}
            {(!unknown.is_empty()).then(|| view! {
                <h2>{t::payments::unknown_title(locale)}</h2>
                <ul class="rows">{unknown}</ul>
            })}
            {(!stuck.is_empty()).then(|| view! {
                <h2>{t::payments::stuck(locale)}</h2>
                <ul class="rows">{stuck}</ul>
            })}
            {(!accounts.is_empty()).then(|| view! {
            <h2>{t::payments::accounts(locale)}</h2>
            <table class="table cards-on-phone">
                <thead>
                    <tr><th>{t::payments::account(locale)}</th><th class="number">{t::payments::holds(locale)}</th></tr>
                </thead>
                <tbody>{accounts}</tbody>
            </table>
            })}
            {compared.collect_view()}
            <p class="dim small">{t::payments::rejected(locale, data.rejected)}</p>
        </section>
    }
    .into_any()
}

fn alert_row(locale: Locale, alert: AlertView) -> AnyView {
    let id = alert.id.to_string();
    let field = format!("note-{id}");
    let back = alert.parked.then(|| {
        view! {
            <form method="post" action=SendBack::url()>
                <input type="hidden" name="alert" value=id.clone()/>
                <button class="button small primary">{t::payments::send_back(locale)}</button>
            </form>
        }
    });
    let amount = (!alert.amount.is_zero()).then(|| alert.amount.to_string());
    let order = alert.order.map(|(id, number)| {
        let name = alert.username.unwrap_or_default();
        view! { " · " {order_link(locale, id, number)} " · " {name} }
    });
    view! {
        <li>
            <div>
                <p class="title">{reason_text(locale, &alert.reason)} " " <span class="number">{amount}</span></p>
                <p class="dim small"><When at=alert.opened_at/> {order} " · " <code>{alert.event}</code></p>
                {advice(locale, &alert.reason).map(|text| view! { <p class="small">{text}</p> })}
            </div>
            {back}
            <form class="cluster" method="post" action=CloseAlert::url()>
                <input type="hidden" name="alert" value=id/>
                <label class="visually-hidden" for=field.clone()>{t::payments::note(locale)}</label>
                <input id=field name="note" required=true maxlength="500" placeholder=t::payments::note(locale)/>
                <button class="button small">{t::payments::close(locale)}</button>
            </form>
        </li>
    }
    .into_any()
}

/// The page of an order for staff, where everything that happened to it stands.
fn order_link(locale: Locale, id: OrderId, number: String) -> AnyView {
    let address = href(locale, &format!("/admin/orders/{id}"));
    view! { <a href=address>{t::orders::order(locale)} " " <span class="number">{number}</span></a> }
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
                    {order_link(locale, payment.order, payment.number)} " · " {payment.username}
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
