//! Paying an order from credit.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use leptos_router::{LazyRoute, lazy_route};
use ui::{Alert, AlertKind, Fact, Facts, PageHead};

use crate::error::Answer;
use crate::features::wallet::api::{PayFromWallet, WalletPayView, load_payment};
use crate::form::{FormAlert, FormState};
use crate::i18n::{href, t, use_locale};
use crate::load::{Loaded, load};
use crate::parts::page;

/// An attempt to pay from credit.
pub struct WalletPayPage {
    payment: Loaded<Answer<WalletPayView>>,
}

#[lazy_route]
impl LazyRoute for WalletPayPage {
    fn data() -> Self {
        let params = use_params_map();
        let source = move || params.read().get("payment").unwrap_or_default();
        Self { payment: load(source, load_payment) }
    }

    fn view(this: Self) -> AnyView {
        page(this.payment, whole)
    }
}

fn whole(data: WalletPayView) -> AnyView {
    let locale = use_locale();
    let title = t::wallet::pay_title(locale);
    let form = FormState::plain(PayFromWallet::PATH);
    let enough = data.balance.minor >= data.amount.minor;
    let back = href(locale, &format!("/orders/{}", data.order));
    let action = if data.open && enough {
        view! {
            <form method="post" action=PayFromWallet::url()>
                <input type="hidden" name="payment" value=data.payment.clone()/>
                <button class="button primary">{t::wallet::pay(locale, data.amount)}</button>
            </form>
        }
        .into_any()
    } else {
        let text = if data.open { t::wallet::too_little(locale) } else { t::wallet::over(locale) };
        view! { <Alert kind=AlertKind::Note>{text}</Alert> }.into_any()
    };
    view! {
        <Title text=title/>
        <section class="wrap narrow section stack">
            <PageHead title=title lead=data.title.get(locale).to_owned()/>
            <FormAlert form/>
            <Facts>
                <Fact term=t::wallet::amount(locale)><span class="number">{data.amount.to_string()}</span></Fact>
                <Fact term=t::wallet::have(locale)><span class="number">{data.balance.to_string()}</span></Fact>
            </Facts>
            {action}
            <p><a class="button quiet" href=back>{t::wallet::back(locale)}</a></p>
        </section>
    }
    .into_any()
}
