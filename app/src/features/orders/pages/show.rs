//! One order: where it stands, for what it waits, what happened to it.

use domain::locale::Locale;
use domain::money::Money;
use domain::orders::{OrderState, Purpose, Thing};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use leptos_router::{LazyRoute, lazy_route};
use ui::{Chip, Fact, Facts, PageHead};

use super::notices::{happened, notices};
use crate::confirm::Confirm;
use crate::error::Answer;
use crate::features::offers::parts::{Again, AgainAlert, gift_code, reduction_text};
use crate::features::orders::api::{Before, Cancel, LineView, OrderView, Waits, show};
use crate::features::orders::parts::{HeldUntil, StateChip};
use crate::features::payments::api::Begin;
use crate::features::payments::parts::gateway_name;
use crate::features::refunds::parts::promise_line;
use crate::form::{FormAlert, FormState};
use crate::i18n::{href, t, use_locale};
use crate::load::{Loaded, load, reload_without_scripts};
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

/// Whether an order changes without its reader doing anything, as its page promises.
fn changes_by_itself(waits: &Waits) -> bool {
    matches!(waits, Waits::Outcome | Waits::End | Waits::Answer(_) | Waits::Gateway)
}

/// Looks again as long as something may change that the reader did not do.
#[cfg(feature = "hydrate")]
fn look_again_soon(data: &OrderView, order: Loaded<Answer<OrderView>>) {
    let begun = matches!(data.waits, Waits::Buyer(_));
    // Where the clocks differ, the time may be over here and not yet there.
    let over = data.waits != Waits::Nothing && crate::clock::has_passed(data.expires_at);
    if begun || over || changes_by_itself(&data.waits) {
        let id = data.id.to_string();
        let pause = std::time::Duration::from_secs(2);
        crate::load::look_again(order, data.clone(), move || show(id.clone()), pause);
    }
}

fn whole(data: OrderView, order: Loaded<Answer<OrderView>>) -> AnyView {
    let locale = use_locale();
    #[cfg(feature = "hydrate")]
    look_again_soon(&data, order);
    let again = changes_by_itself(&data.waits).then(reload_without_scripts);
    let title = data.lines.first().map(|line| line.title.get(locale).to_owned()).unwrap_or_default();
    let waits = !matches!(data.waits, Waits::Nothing | Waits::Outcome | Waits::End);
    let held = waits.then(|| {
        let over = Callback::new(move |()| order.refetch());
        view! { <Fact term=t::orders::held_until(locale)><HeldUntil at=data.expires_at over/></Fact> }
    });
    let promise = waits.then(|| promise_line(locale, &data.promises));
    let (sums, total) = (sums(locale, &data), data.total.to_string());
    let paid = data.paid_at.map(|at| view! { <Fact term=t::orders::paid_at(locale)><When at/></Fact> });
    view! {
        <Title text=format!("{} {}", t::orders::order(locale), data.number)/>
        <section class="wrap narrow section order">
            {again}
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
            {promise}
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

/// What one may do now.
fn actions(locale: Locale, data: &OrderView) -> AnyView {
    let look = || {
        let address = href(locale, &format!("/orders/{}", data.id));
        view! { <a class="button" rel="external" href=address>{t::orders::look_again(locale)}</a> }
    };
    let (paying, leaving) = (FormState::plain(Begin::PATH), FormState::plain(Cancel::PATH));
    let doing = match &data.waits {
        Waits::Nothing => return onward(locale, data),
        Waits::Outcome | Waits::End => return view! { <p class="button-row">{look()}</p> }.into_any(),
        Waits::Choice(before) => {
            view! { {kept(locale, data)} <div class="button-row">{ways(locale, data, Some(*before))} {leave(locale, data)}</div> }
                .into_any()
        }
        Waits::Buyer(begun) => {
            let text = t::orders::go_on(locale, gateway_name(locale, &begun.gateway));
            let address = href(locale, &begun.page);
            view! {
                <p class="button-row">
                    <a class="button primary" rel="external" href=address>{text}</a> {look()}
                </p>
                <div class="button-row">{ways(locale, data, None)} {leave(locale, data)}</div>
            }
            .into_any()
        }
        Waits::Answer(begun) => {
            let text = t::orders::go_on(locale, gateway_name(locale, &begun.gateway));
            let address = href(locale, &begun.page);
            view! {
                <div class="button-row">{look()} {leave(locale, data)}</div>
                <details class="more">
                    <summary>{t::orders::not_paid_yet(locale)}</summary>
                    <div class="button-row">
                        <a class="button" rel="external" href=address>{text}</a> {ways(locale, data, None)}
                    </div>
                </details>
            }
            .into_any()
        }
        Waits::Gateway => view! { <div class="button-row">{look()} {leave(locale, data)}</div> }.into_any(),
    };
    view! {
        <FormAlert form=paying/>
        <FormAlert form=leaving/>
        {doing}
    }
    .into_any()
}

/// The ways to pay, less the one that was begun; where none was, the first is the one to take.
fn ways(locale: Locale, data: &OrderView, before: Option<Before>) -> AnyView {
    if data.gateways.is_empty() {
        return view! { <p class="note">{t::orders::no_gateway(locale)}</p> }.into_any();
    }
    let begun = match &data.waits {
        Waits::Buyer(begun) | Waits::Answer(begun) => Some(&begun.gateway),
        _ => None,
    };
    let again = matches!(before, Some(Before::Declined | Before::Silent));
    data.gateways
        .iter()
        .filter(|gateway| begun != Some(gateway))
        .enumerate()
        .map(|(place, gateway)| {
            let name = gateway_name(locale, gateway);
            let text = if again { t::orders::pay_again(locale, name) } else { t::orders::pay(locale, name) };
            let class = if place == 0 && before.is_some() { "button primary" } else { "button" };
            view! {
                <form method="post" action=Begin::url()>
                    <input type="hidden" name="order" value=data.id.to_string()/>
                    <input type="hidden" name="gateway" value=gateway.clone()/>
                    <button class=class>{text}</button>
                </form>
            }
        })
        .collect_view()
        .into_any()
}

/// What is kept of a card: what is paid once is paid by hand; a plan goes on.
fn kept(locale: Locale, data: &OrderView) -> AnyView {
    let plan =
        data.purpose != Purpose::Gift && data.lines.iter().any(|line| matches!(line.thing, Thing::Plan(_)));
    (plan && data.gateways.iter().any(|gateway| gateway == "stripe"))
        .then(|| view! { <p class="note">{t::payments::card_kept(locale)}</p> })
        .into_any()
}

/// Giving the order up: what it holds is gone then.
fn leave(locale: Locale, data: &OrderView) -> AnyView {
    let title = data.lines.first().map(|line| line.title.get(locale)).unwrap_or_default();
    view! {
        <Confirm
            id="cancel-order"
            label=t::orders::cancel(locale)
            class="quiet"
            title=t::orders::cancel_title(locale)
            text=t::orders::cancel_text(locale, title, data.total)
            deed=t::orders::cancel_now(locale)
            action=Cancel::url()
            fields=vec![("order", data.id.to_string())]
        />
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
            let ended = matches!(data.state, OrderState::Expired | OrderState::Cancelled);
            let (text, class) = if entitled {
                (t::orders::open_thing(locale), "button primary")
            } else if ended {
                (t::orders::order_again(locale), "button")
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
