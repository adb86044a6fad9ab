//! What any order gives back, and what staff gives beyond that.

use domain::locale::Locale;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use leptos_router::{LazyRoute, lazy_route};
use ui::PageHead;

use crate::error::Answer;
use crate::features::orders::parts::StateChip;
use crate::features::refunds::api::{GrantRefund, QuoteLine, QuoteView, staff_quote};
use crate::features::refunds::parts::{destinations, policy_text, refund_row, refused, verdict_text};
use crate::form::{FormAlert, FormState, TextInput};
use crate::i18n::{href, t, use_locale};
use crate::load::{Loaded, load};
use crate::parts::page;

/// A refund that staff gives.
pub struct GrantPage {
    quote: Loaded<Answer<QuoteView>>,
}

#[lazy_route]
impl LazyRoute for GrantPage {
    fn data() -> Self {
        let params = use_params_map();
        let source = move || params.read().get("id").unwrap_or_default();
        Self { quote: load(source, staff_quote) }
    }

    fn view(this: Self) -> AnyView {
        page(this.quote, whole)
    }
}

fn line_row(locale: Locale, form: FormState, line: &QuoteLine, open: bool) -> AnyView {
    let left = line.left;
    let id = format!("amount-{}", line.id);
    let name = format!("amounts[l{}]", line.id);
    let typed = form.kept(&name, "");
    view! {
        <li>
            <div>
                <p class="title">{line.title.get(locale).to_owned()}</p>
                <p class="small">{verdict_text(locale, line, true)}</p>
                <p class="dim small sentence">{policy_text(locale, &line.policy)} " · " {t::refunds::left(locale, left, line.price)}</p>
            </div>
            {(open && line.open).then(|| match line.price.is_zero() {
                true => view! {
                    <label for=id.clone() class="check">
                        <input type="checkbox" id=id.clone() name=name value="0" checked=typed == "0"/>
                        <span>{t::refunds::without_money(locale)}</span>
                    </label>
                }
                .into_any(),
                false => view! {
                    <div class="field">
                        <label for=id.clone()>{t::refunds::amount(locale, line.price.currency.code())}</label>
                        <input id=id name=name inputmode="decimal" value=typed placeholder=left.decimal()/>
                    </div>
                }
                .into_any(),
            })}
        </li>
    }
    .into_any()
}

fn whole(data: QuoteView) -> AnyView {
    let locale = use_locale();
    let title = t::refunds::grant_title(locale);
    let form = FormState::plain(GrantRefund::PATH);
    let open = data.state.entitles() && data.lines.iter().any(|line| line.open);
    let money = data.lines.iter().any(|line| !line.left.is_zero());
    let lines: Vec<_> = data.lines.iter().map(|line| line_row(locale, form, line, open)).collect();
    let refunds: Vec<_> = data.refunds.into_iter().map(|refund| refund_row(locale, refund, true)).collect();
    let closed = (!open).then(|| view! { <p class="note">{t::refunds::nothing_left(locale)}</p> });
    let (back, order) = (t::refunds::back(locale), href(locale, &format!("/admin/orders/{}", data.order)));
    let send = open.then(|| {
        view! {
            {money.then(|| destinations(locale, form, data.gateway.as_deref(), true))}
            <TextInput form name="reason" label=t::refunds::reason(locale) required=true/>
            <p class="button-row"><button class="button primary">{t::refunds::grant(locale)}</button></p>
        }
    });
    let head = format!("{} {}", t::refunds::order(locale), data.number);
    view! {
        <Title text=title/>
        <section class="wrap narrow section stack">
            <PageHead title=title eyebrow=head lead=data.username.unwrap_or_default()>
                <StateChip state=data.state locale/>
            </PageHead>
            <FormAlert form/>
            <form method="post" action=GrantRefund::url() class="stack">
                <input type="hidden" name="order" value=data.order.to_string()/>
                <ul class="rows">{lines}</ul>
                {closed}
                {refused(form, "amounts")}
                {send}
            </form>
            {(!refunds.is_empty()).then(|| view! {
                <h2>{t::refunds::before(locale)}</h2>
                <ul class="rows">{refunds}</ul>
            })}
            <p><a class="button quiet" href=order>{back}</a></p>
        </section>
    }
    .into_any()
}
