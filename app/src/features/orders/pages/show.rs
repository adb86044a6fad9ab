//! One order: where it stands, for what it waits, what happened to it.

use domain::locale::Locale;
use domain::money::Money;
use domain::orders::{OrderState, Purpose, ReductionKind, Thing};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use leptos_router::{LazyRoute, lazy_route};
use ui::{Alert, AlertKind, Chip, Fact, Facts, PageHead};

use crate::error::Answer;
use crate::features::offers::parts::{Again, AgainAlert, gift_code, reduction_text};
use crate::features::orders::api::{Cancel, LineView, OrderView, Waits, show};
use crate::features::orders::parts::{HeldUntil, StateChip, event_text};
use crate::features::payments::api::Begin;
use crate::features::payments::parts::gateway_name;
use crate::form::{FormAlert, FormState};
use crate::i18n::{href, t, use_locale};
use crate::load::{Loaded, load};
use crate::parts::{When, page};

/// One order.
pub struct OrderPage {
    order: Loaded<Answer<OrderView>>,
}

#[lazy_route]
impl LazyRoute for OrderPage {
    fn data() -> Self {
        let params = use_params_map();
        let source = move || params.read().get("id").unwrap_or_default();
        Self { order: load(source, show) }
    }

    fn view(this: Self) -> AnyView {
        let order = this.order;
        page(order, move |data| whole(data, order))
    }
}

/// Looks again in two seconds; the page is drawn anew with what is found, and so on.
#[cfg(feature = "hydrate")]
fn look_again_soon(order: Loaded<Answer<OrderView>>) {
    Effect::new(move || {
        let look = move || order.refetch();
        if let Ok(handle) = set_timeout_with_handle(look, std::time::Duration::from_secs(2)) {
            on_cleanup(move || handle.clear());
        }
    });
}

fn whole(data: OrderView, order: Loaded<Answer<OrderView>>) -> AnyView {
    let locale = use_locale();
    #[cfg(feature = "hydrate")]
    if data.waits == Waits::Gateway {
        look_again_soon(order);
    }
    let title = data.lines.first().map(|line| line.title.get(locale).to_owned()).unwrap_or_default();
    let held = (data.waits != Waits::Nobody).then(|| {
        let over = Callback::new(move |()| order.refetch());
        view! { <Fact term=t::orders::held_until(locale)><HeldUntil at=data.expires_at over/></Fact> }
    });
    let (sums, total) = (sums(locale, &data), data.total.to_string());
    let paid = data.paid_at.map(|at| view! { <Fact term=t::orders::paid_at(locale)><When at/></Fact> });
    view! {
        <Title text=format!("{} {}", t::orders::order(locale), data.number)/>
        <section class="wrap narrow section order">
            <PageHead title=title eyebrow=format!("{} {}", t::orders::order(locale), data.number)>
                <StateChip state=data.state locale/>
            </PageHead>
            {notices(locale, &data)}
            <Facts>
                {sums}
                <Fact term=t::orders::total(locale)><strong class="number">{total}</strong></Fact>
                {held}
                {paid}
            </Facts>
            {words(locale, &data)}
            {data.gift.as_ref().map(|gift| gift_code(locale, gift))}
            {actions(locale, &data)}
            {lines(locale, &data)}
            {history(locale, &data)}
        </section>
    }
    .into_any()
}

/// What was said with a gift, or why something was given.
pub(super) fn words(locale: Locale, data: &OrderView) -> AnyView {
    let term = match data.purpose {
        Purpose::Grant => t::orders::why(locale),
        Purpose::Redeemed => t::orders::from_giver(locale),
        _ => t::orders::to_taker(locale),
    };
    let note = data.note.clone();
    (!note.is_empty())
        .then(|| view! { <p class="note">{term} " " <span class="said">{note}</span></p> })
        .into_any()
}

/// The list price and what makes it smaller; nothing where the whole price is demanded.
pub(super) fn sums(locale: Locale, data: &OrderView) -> AnyView {
    if data.reductions.is_empty() {
        return ().into_any();
    }
    let list = data
        .lines
        .iter()
        .fold(Money::zero(data.total.currency), |sum, line| sum.plus(line.list_price).unwrap_or(sum));
    let less: Vec<_> = data
        .reductions
        .iter()
        .map(|(kind, amount)| {
            let (term, amount) = (reduction_text(locale, *kind), format!("− {amount}"));
            view! { <Fact term=term><span class="number">{amount}</span></Fact> }
        })
        .collect();
    view! {
        <Fact term=t::offers::list_price(locale)><span class="number">{list.to_string()}</span></Fact>
        {less}
    }
    .into_any()
}

/// Whether points alone paid for the order.
pub(super) fn paid_with_points(data: &OrderView) -> bool {
    data.total.is_zero() && data.reductions.iter().any(|(kind, _)| *kind == ReductionKind::Points)
}

/// What happened to an order, in words.
pub(super) fn happened(locale: Locale, data: &OrderView, event: &str) -> String {
    match event {
        "given" if paid_with_points(data) => t::orders::event_paid_with_points(locale).to_owned(),
        _ => event_text(locale, event),
    }
}

/// What there is to say about the state.
fn notices(locale: Locale, data: &OrderView) -> AnyView {
    let ended_by = |how: &str| data.history.iter().any(|(_, event)| event == how);
    let went_back = ended_by("sent_back");
    let (kind, text) = match (data.state, data.waits) {
        (OrderState::Paid | OrderState::PartiallyRefunded, _) if data.lines.iter().all(|line| line.ended) => {
            (AlertKind::Note, t::orders::is_given_back(locale))
        }
        (OrderState::Paid | OrderState::PartiallyRefunded, _) => {
            let text = match data.purpose {
                Purpose::Gift => t::orders::is_paid_gift(locale),
                Purpose::Grant | Purpose::Redeemed => t::orders::is_given(locale),
                _ if paid_with_points(data) => t::orders::is_paid_with_points(locale),
                _ if data.total.is_zero() => t::orders::is_given(locale),
                _ => t::orders::is_paid(locale),
            };
            (AlertKind::Success, text)
        }
        (OrderState::Refunded, _) if paid_with_points(data) => {
            (AlertKind::Note, t::orders::is_refunded_in_points(locale))
        }
        (OrderState::Refunded, _) if data.total.is_zero() => {
            (AlertKind::Note, t::orders::is_given_up(locale))
        }
        (OrderState::Refunded, _) => (AlertKind::Note, t::orders::is_refunded(locale)),
        (OrderState::Expired | OrderState::Cancelled, _) if went_back => {
            (AlertKind::Note, t::orders::event_sent_back(locale))
        }
        // Below it says that the money is safe with us: nothing else may be said of it.
        (OrderState::Expired | OrderState::Cancelled, _) if data.under_review => {
            (AlertKind::Note, t::orders::is_over(locale))
        }
        (OrderState::Expired, _) => (AlertKind::Note, t::orders::is_expired(locale)),
        (OrderState::Cancelled, _) if ended_by("replaced_by_grant") => {
            (AlertKind::Note, t::orders::event_replaced_by_grant(locale))
        }
        (OrderState::Cancelled, _) if ended_by("replaced") => {
            (AlertKind::Note, t::orders::event_replaced(locale))
        }
        (OrderState::Cancelled, _) => (AlertKind::Note, t::orders::is_cancelled(locale)),
        (_, Waits::Gateway) => (AlertKind::Note, t::orders::is_pending(locale)),
        _ if data.declined => (AlertKind::Warning, t::orders::is_declined(locale)),
        _ => (AlertKind::Note, t::orders::is_held(locale)),
    };
    let review = data
        .under_review
        .then(|| view! { <Alert kind=AlertKind::Warning>{t::orders::is_under_review(locale)}</Alert> });
    view! {
        <Alert kind=kind>{text}</Alert>
        {review}
    }
    .into_any()
}

/// What one may do now.
fn actions(locale: Locale, data: &OrderView) -> AnyView {
    let id = data.id.to_string();
    if data.waits == Waits::Nobody {
        return onward(locale, data);
    }
    let (paying, leaving) = (FormState::plain(Begin::PATH), FormState::plain(Cancel::PATH));
    let again = data.declined || data.waits == Waits::Gateway;
    let pay: Vec<_> = data
        .gateways
        .iter()
        .enumerate()
        .map(|(place, gateway)| {
            let name = gateway_name(locale, gateway);
            let text = if again { t::orders::pay_again(locale, name) } else { t::orders::pay(locale, name) };
            let first = place == 0 && data.waits != Waits::Gateway;
            let class = if first { "button primary" } else { "button" };
            let (id, gateway) = (id.clone(), gateway.clone());
            view! {
                <form method="post" action=Begin::url()>
                    <input type="hidden" name="order" value=id/>
                    <input type="hidden" name="gateway" value=gateway/>
                    <button class=class>{text}</button>
                </form>
            }
        })
        .collect();
    let look = (data.waits == Waits::Gateway).then(|| {
        let address = href(locale, &format!("/orders/{id}"));
        view! { <a class="button" rel="external" href=address>{t::orders::look_again(locale)}</a> }
    });
    let nowhere =
        data.gateways.is_empty().then(|| view! { <p class="note">{t::orders::no_gateway(locale)}</p> });
    // What is paid once is paid by hand; a plan goes on.
    let plan =
        data.purpose != Purpose::Gift && data.lines.iter().any(|line| matches!(line.thing, Thing::Plan(_)));
    let kept = (plan && data.gateways.iter().any(|gateway| gateway == "stripe"))
        .then(|| view! { <p class="note">{t::payments::card_kept(locale)}</p> });
    view! {
        <FormAlert form=paying/>
        <FormAlert form=leaving/>
        {nowhere}
        {kept}
        <div class="button-row">
            {pay}
            {look}
            <form method="post" action=Cancel::url()>
                <input type="hidden" name="order" value=id.clone()/>
                <button class="button quiet">{t::orders::cancel(locale)}</button>
            </form>
        </div>
    }
    .into_any()
}

/// Where to go from a settled order; several things are opened from their lines.
fn onward(locale: Locale, data: &OrderView) -> AnyView {
    let kept = data.lines.iter().any(|line| !line.ended);
    let entitled = data.state.entitles() && kept;
    let forward = match data.lines.as_slice() {
        _ if data.purpose == Purpose::Gift && entitled => {
            let to = href(locale, "/gifts");
            Some(view! { <a class="button primary" href=to>{t::orders::to_code(locale)}</a> }.into_any())
        }
        [LineView { page: Some(page), .. }] => {
            let (text, class) = if entitled {
                (t::orders::open_thing(locale), "button primary")
            } else {
                (t::orders::to_thing(locale), "button")
            };
            Some(view! { <a class=class href=href(locale, page)>{text}</a> }.into_any())
        }
        _ => None,
    };
    // A gift that was taken is its giver's to give back.
    let refund = (data.state.entitles() && data.purpose != Purpose::Redeemed).then(|| {
        let page = href(locale, &format!("/orders/{}/refund", data.id));
        let text = if kept { t::refunds::give_back(locale) } else { t::refunds::see(locale) };
        view! { <a class="button quiet" href=page>{text}</a> }
    });
    let receipt = (data.paid_at.is_some() && !data.total.is_zero()).then(|| {
        let file = href(locale, &format!("/orders/{}/receipt.pdf", data.id));
        view! { <a class="button quiet" href=file download=true rel="external">{t::receipts::load(locale)}</a> }
    });
    let things = data.lines.iter().any(|line| !matches!(line.thing, Thing::Plan(_)));
    let ended = matches!(data.state, OrderState::Expired | OrderState::Cancelled);
    let again = (ended && things && data.purpose == Purpose::Purchase)
        .then(|| view! { <Again order=data.id.to_string()/> });
    view! {
        <AgainAlert/>
        <div class="button-row">{again} {forward} {receipt} {refund}</div>
    }
    .into_any()
}

pub(super) fn lines(locale: Locale, data: &OrderView) -> AnyView {
    let rows: Vec<_> = data
        .lines
        .iter()
        .map(|line| {
            let title = line.title.get(locale).to_owned();
            let title = match line.page.clone() {
                Some(page) => view! { <a href=href(locale, &page)>{title}</a> }.into_any(),
                None => title.into_any(),
            };
            view! {
                <li>
                    <div>{title}</div>
                    <div class="cluster">
                        {line.ended.then(|| view! { <Chip>{t::orders::line_ended(locale)}</Chip> })}
                        {(line.list_price != line.price).then(|| view! {
                            <s class="number dim">{line.list_price.to_string()}</s>
                        })}
                        <span class="number">{line.price.to_string()}</span>
                    </div>
                </li>
            }
        })
        .collect();
    view! {
        <h2>{t::orders::lines(locale)}</h2>
        <ul class="rows compact">{rows}</ul>
    }
    .into_any()
}

fn history(locale: Locale, data: &OrderView) -> AnyView {
    let rows: Vec<_> = data
        .history
        .iter()
        .map(|(at, event)| {
            view! {
                <li>
                    <div>{happened(locale, data, event)}</div>
                    <div class="dim small"><When at=*at/></div>
                </li>
            }
        })
        .collect();
    view! {
        <h2>{t::orders::history(locale)}</h2>
        <ol class="rows compact">{rows}</ol>
    }
    .into_any()
}
