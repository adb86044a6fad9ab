//! The page on which a buyer pays, or waits until the gateway has confirmed.
//!
//! Looking at it changes nothing: it shows what the gateway has told us, and looks again by itself.

use domain::locale::Locale;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use leptos_router::{LazyRoute, lazy_route};
use ui::{Alert, AlertKind, Fact, Facts, PageHead};

use crate::error::Answer;
use crate::features::orders::parts::HeldUntil;
use crate::features::payments::api::{PayStage, PayView, wait};
use crate::features::payments::parts::gateway_name;
use crate::i18n::{href, t, use_locale};
use crate::load::{Loaded, load, reload_without_scripts};
use crate::parts::page;

/// Paying at a gateway.
pub struct PayPage {
    payment: Loaded<Answer<PayView>>,
}

#[lazy_route]
impl LazyRoute for PayPage {
    fn data() -> Self {
        let params = use_params_map();
        let source = move || params.read().get("payment").unwrap_or_default();
        Self { payment: load(source, wait) }
    }

    fn view(this: Self) -> AnyView {
        let payment = this.payment;
        page(payment, move |data| whole(data, payment))
    }
}

/// Whether a payment changes without its reader doing anything, as its page promises.
fn changes_by_itself(stage: &PayStage) -> bool {
    use PayStage::{Go, Outcome, Scan, Unknown, Working};
    matches!(stage, Go { .. } | Scan { .. } | Unknown { .. } | Working | Outcome)
}

fn whole(data: PayView, payment: Loaded<Answer<PayView>>) -> AnyView {
    let locale = use_locale();
    // Leaving for the gateway happens once: whoever comes back finds the page waiting.
    let go = use_query_map().read_untracked().get("go").is_some();
    let leaving = match &data.stage {
        PayStage::Go { address } if go => Some(format!("0;url={}", page_at(locale, address))),
        _ => None,
    };
    let waits = changes_by_itself(&data.stage) && leaving.is_none();
    #[cfg(feature = "hydrate")]
    if waits {
        let id = data.id.to_string();
        let pause = std::time::Duration::from_secs(3);
        crate::load::look_again(payment, data.clone(), move || wait(id.clone()), pause);
    }
    let name = gateway_name(locale, &data.gateway);
    let back = href(locale, &format!("/orders/{}", data.order));
    let again = waits.then(reload_without_scripts);
    let holds = waits && data.stage != PayStage::Outcome;
    let held = holds.then(|| {
        let over = Callback::new(move |()| payment.refetch());
        view! { <Fact term=t::orders::held_until(locale)><HeldUntil at=data.expires_at over/></Fact> }
    });
    let review = data
        .under_review
        .then(|| view! { <Alert kind=AlertKind::Warning>{t::orders::is_under_review(locale)}</Alert> });
    let title = t::payments::pay_title(locale, name.clone());
    view! {
        <Title text=title.clone()/>
        <section class="wrap narrow section stack">
            {leaving.map(|content| view! { <meta http-equiv="refresh" content=content/> })}
            {again}
            <PageHead title=title eyebrow=format!("{} {}", t::orders::order(locale), data.number)/>
            {stage(locale, &data, &name)}
            {review}
            <Facts>
                <Fact term=t::payments::for_what(locale)>{data.title.get(locale).to_owned()}</Fact>
                <Fact term=t::payments::amount(locale)>
                    <strong class="number">{data.amount.to_string()}</strong>
                </Fact>
                {held}
            </Facts>
            <p><a href=back>{t::payments::back(locale)}</a></p>
        </section>
    }
    .into_any()
}

/// Where a payment goes on: an address of the gateway, or a page of ours.
fn page_at(locale: Locale, address: &str) -> String {
    if address.starts_with('/') { href(locale, address) } else { address.to_owned() }
}

fn note(kind: AlertKind, text: &str) -> AnyView {
    let text = text.to_owned();
    view! { <Alert kind=kind>{text}</Alert> }.into_any()
}

fn stage(locale: Locale, data: &PayView, name: &str) -> AnyView {
    let go = |address: &str, text: String, class: &'static str| {
        let address = page_at(locale, address);
        view! { <p><a class=class rel="external" href=address>{text}</a></p> }.into_any()
    };
    match &data.stage {
        PayStage::Confirmed => note(AlertKind::Success, t::payments::confirmed(locale)),
        PayStage::Working => note(AlertKind::Note, &t::payments::working(locale, name)),
        PayStage::Silent => note(AlertKind::Warning, t::orders::is_silent(locale)),
        PayStage::Declined => note(AlertKind::Warning, t::orders::is_declined(locale)),
        PayStage::Closed => note(AlertKind::Note, t::payments::closed(locale)),
        PayStage::Stale => note(AlertKind::Note, &t::payments::stale(locale, name)),
        PayStage::Outcome => note(AlertKind::Note, t::orders::is_outcome(locale)),
        PayStage::Expired => note(AlertKind::Note, t::orders::is_expired(locale)),
        PayStage::Cancelled => note(AlertKind::Note, t::orders::is_cancelled(locale)),
        // Below it says that the money is safe with us: nothing else may be said of it.
        PayStage::Unused if data.under_review => note(AlertKind::Note, t::orders::is_over(locale)),
        PayStage::Unused => note(AlertKind::Note, t::orders::event_sent_back(locale)),
        PayStage::Unknown { address } => {
            let on = address.as_ref().map(|at| go(at, t::payments::go_if_not(locale, name), "button"));
            view! { {note(AlertKind::Warning, &t::orders::is_unknown(locale, name))} {on} }.into_any()
        }
        PayStage::Go { address } => view! {
            {note(AlertKind::Note, &t::payments::pay_there(locale, name))}
            {go(address, t::payments::go(locale, name), "button primary")}
        }
        .into_any(),
        PayStage::Scan { square, code } => scan(locale, square, code, name),
    }
}

/// The code, for a phone.
fn scan(locale: Locale, square: &str, code: &str, name: &str) -> AnyView {
    let code = code.to_owned();
    view! {
        {note(AlertKind::Note, &t::payments::waiting_for(locale, name))}
        <div class="pay-code">
            <div class="qr" role="img" aria-label=t::payments::square(locale) inner_html=square.to_owned()></div>
            <p>{t::payments::scan(locale)}</p>
            <details>
                <summary>{t::payments::code(locale)}</summary>
                <code>{code}</code>
            </details>
        </div>
    }
    .into_any()
}
