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
use crate::load::{Loaded, load};
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

/// Looks again in three seconds; the page is drawn anew with what is found, and so on.
#[cfg(feature = "hydrate")]
fn look_again_soon(payment: Loaded<Answer<PayView>>) {
    Effect::new(move || {
        let look = move || payment.refetch();
        if let Ok(handle) = set_timeout_with_handle(look, std::time::Duration::from_secs(3)) {
            on_cleanup(move || handle.clear());
        }
    });
}

fn whole(data: PayView, payment: Loaded<Answer<PayView>>) -> AnyView {
    let locale = use_locale();
    // Leaving for the gateway happens once: whoever comes back finds the page waiting.
    let go = use_query_map().read_untracked().get("go").is_some();
    let waits = matches!(data.stage, PayStage::Go { .. } | PayStage::Scan { .. } | PayStage::Unknown);
    let leaving = match &data.stage {
        PayStage::Go { address } if go => Some(format!("0;url={address}")),
        _ => None,
    };
    #[cfg(feature = "hydrate")]
    if waits && leaving.is_none() {
        look_again_soon(payment);
    }
    let name = gateway_name(locale, &data.gateway);
    let back = href(locale, &format!("/orders/{}", data.order));
    // Without scripts the page is loaded again instead.
    let again = (waits && leaving.is_none())
        .then(|| view! { <noscript inner_html="<meta http-equiv=\"refresh\" content=\"6\">"></noscript> });
    let held = waits.then(|| {
        let over = Callback::new(move |()| payment.refetch());
        view! { <Fact term=t::orders::held_until(locale)><HeldUntil at=data.expires_at over/></Fact> }
    });
    let review = data
        .under_review
        .then(|| view! { <Alert kind=AlertKind::Warning>{t::orders::is_under_review(locale)}</Alert> });
    let title = t::payments::pay_title(locale, name.clone());
    view! {
        <Title text=title.clone()/>
        <section class="wrap narrow section pay">
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

fn stage(locale: Locale, data: &PayView, name: &str) -> AnyView {
    let waiting = t::payments::waiting_for(locale, name.to_owned());
    let note = |kind, text: String| view! { <Alert kind=kind>{text}</Alert> }.into_any();
    match &data.stage {
        PayStage::Confirmed => note(AlertKind::Success, t::payments::confirmed(locale).to_owned()),
        PayStage::Declined => note(AlertKind::Warning, t::orders::is_declined(locale).to_owned()),
        PayStage::Expired => note(AlertKind::Note, t::orders::is_expired(locale).to_owned()),
        PayStage::Closed => note(AlertKind::Note, t::payments::closed(locale).to_owned()),
        PayStage::Unknown => note(AlertKind::Warning, t::payments::unknown(locale).to_owned()),
        PayStage::Go { address } => {
            let text = t::payments::go(locale, name.to_owned());
            view! {
                <Alert kind=AlertKind::Note>{waiting}</Alert>
                <p><a class="button primary" rel="external" href=address.clone()>{text}</a></p>
            }
            .into_any()
        }
        PayStage::Scan { square, code } => view! {
            <Alert kind=AlertKind::Note>{waiting}</Alert>
            <div class="pay-code">
                <div class="qr" role="img" aria-label=t::payments::square(locale) inner_html=square.clone()></div>
                <p>{t::payments::scan(locale)}</p>
                <details>
                    <summary>{t::payments::code(locale)}</summary>
                    <code>{code.clone()}</code>
                </details>
            </div>
        }
        .into_any(),
    }
}
