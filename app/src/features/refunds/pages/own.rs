//! What my order gives back, and why.

use domain::locale::Locale;
use domain::refunds::Refundable;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use leptos_router::{LazyRoute, lazy_route};
use ui::PageHead;

use crate::error::Answer;
use crate::features::refunds::api::{QuoteLine, QuoteView, RequestRefund, quote};
use crate::features::refunds::parts::{destinations, gap, policy_text, refund_row, refused, verdict_text};
use crate::form::{FormAlert, FormState};
use crate::i18n::{href, t, use_locale};
use crate::load::{Loaded, load};
use crate::parts::page;

/// What an own order gives back.
pub struct RefundPage {
    quote: Loaded<Answer<QuoteView>>,
}

#[lazy_route]
impl LazyRoute for RefundPage {
    fn data() -> Self {
        let params = use_params_map();
        let source = move || params.read().get("id").unwrap_or_default();
        Self { quote: load(source, quote) }
    }

    fn view(this: Self) -> AnyView {
        page(this.quote, whole)
    }
}

fn line_row(locale: Locale, form: FormState, line: QuoteLine) -> AnyView {
    let gives = matches!(line.verdict, Refundable::Yes { .. });
    let id = format!("line-{}", line.id);
    let name = format!("lines[l{}]", line.id);
    // Everything at first; after a refusal what was chosen.
    let ticked = !form.is_kept() || form.kept(&name, "") == "true";
    let title = line.title.get(locale).to_owned();
    let label = if gives {
        view! {
            <label for=id.clone() class="check">
                <input type="checkbox" id=id.clone() name=name value="true" checked=ticked/> <span class="title">{title}</span>
            </label>
        }
        .into_any()
    } else {
        view! { <p class="title">{title}</p> }.into_any()
    };
    view! {
        <li>
            <div>
                {label}
                <p>{verdict_text(locale, &line, false)}</p>
                <p class="dim small">{t::refunds::promise(locale)} {gap(locale)} {policy_text(locale, &line.policy)}</p>
            </div>
            <span class="number">{line.price.to_string()}</span>
        </li>
    }
    .into_any()
}

fn whole(data: QuoteView) -> AnyView {
    let locale = use_locale();
    let title = t::refunds::own_title(locale);
    let form = FormState::plain(RequestRefund::PATH);
    let any = data.lines.iter().any(|line| matches!(line.verdict, Refundable::Yes { .. }));
    let money = data
        .lines
        .iter()
        .any(|line| matches!(line.verdict, Refundable::Yes { amount, .. } if !amount.is_zero()));
    let order = data.order.to_string();
    let lines: Vec<_> = data.lines.into_iter().map(|line| line_row(locale, form, line)).collect();
    let refunds: Vec<_> = data.refunds.into_iter().map(|refund| refund_row(locale, refund, false)).collect();
    let send = any.then(|| {
        view! {
            {money.then(|| destinations(locale, form, data.gateway.as_deref(), false))}
            <p class="dim small">{t::refunds::ends(locale)}</p>
            <p class="button-row"><button class="button primary">{t::refunds::give(locale)}</button></p>
        }
    });
    view! {
        <Title text=title/>
        <section class="wrap narrow section stack">
            <PageHead title=title eyebrow=format!("{} {}", t::refunds::order(locale), data.number) lead=t::refunds::own_lead(locale)/>
            <FormAlert form/>
            <form method="post" action=RequestRefund::url() class="stack">
                <input type="hidden" name="order" value=order.clone()/>
                <ul class="rows">{lines}</ul>
                {refused(form, "lines")}
                {send}
            </form>
            {(!refunds.is_empty()).then(|| view! {
                <h2>{t::refunds::before(locale)}</h2>
                <ul class="rows">{refunds}</ul>
            })}
            <p><a class="button quiet" href=href(locale, &format!("/orders/{order}"))>{t::refunds::back(locale)}</a></p>
        </section>
    }
    .into_any()
}
