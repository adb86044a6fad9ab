//! What any order gives back, and what staff gives beyond that: typed, looked at once more, and given.

use domain::locale::Locale;
use domain::money::Money;
use domain::orders::OrderLineId;
use domain::refunds::{Left, NotGranted, granted};
use domain::text;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use leptos_router::{LazyRoute, lazy_route};
use ui::{Alert, AlertKind, Fact, Facts, PageHead};

use crate::error::{Answer, Fault};
use crate::features::orders::parts::StateChip;
use crate::features::payments::parts::gateway_name;
use crate::features::refunds::api::{GrantRefund, QuoteLine, QuoteView, staff_quote};
use crate::features::refunds::parts::{destinations, policy_text, refund_row, refused, verdict_text};
use crate::form::{FormAlert, FormState, TextInput};
use crate::i18n::{href, t, use_locale};
use crate::load::{Loaded, load};
use crate::parts::{encode, page};

/// What was typed, as it stands in the address.
type Typed = Vec<(String, String)>;

/// A refund that staff gives.
pub struct GrantPage {
    quote: Loaded<Answer<QuoteView>>,
    typed: Memo<Typed>,
}

#[lazy_route]
impl LazyRoute for GrantPage {
    fn data() -> Self {
        let (params, query) = (use_params_map(), use_query_map());
        let source = move || params.read().get("id").unwrap_or_default();
        let pairs = move |_: Option<&Typed>| {
            let query = query.read();
            let pairs = query.clone().into_iter();
            pairs.map(|(name, value)| (name.into_owned(), value)).collect()
        };
        Self { quote: load(source, staff_quote), typed: Memo::new(pairs) }
    }

    fn view(this: Self) -> AnyView {
        let typed = this.typed;
        page(this.quote, move |quote| whole(quote, typed.get_untracked()))
    }
}

/// The name of the field of a line.
fn field_of(line: OrderLineId) -> String {
    format!("amounts[l{line}]")
}

/// What was typed under a name.
fn typed_as<'a>(typed: &'a [(String, String)], name: &str) -> Option<&'a str> {
    typed.iter().find(|(one, _)| one == name).map(|(_, value)| value.as_str())
}

/// What would be given, or why it cannot be; what the server decides when it is.
fn chosen(data: &QuoteView, typed: &[(String, String)]) -> Result<Vec<(OrderLineId, Money)>, Fault> {
    let left = data.lines.iter().map(|line| Left {
        line: line.id,
        money: line.left,
        is_free: line.open && line.price.is_zero(),
    });
    let parts = granted(left, |line| typed_as(typed, &field_of(line))).map_err(|why| match why {
        NotGranted::Invalid(invalid) => Fault::from(invalid),
        NotGranted::Denied(denied) => Fault::from(denied),
    })?;
    text::line("reason", typed_as(typed, "reason").unwrap_or_default(), 3..=300).map_err(Fault::from)?;
    Ok(parts)
}

fn line_row(locale: Locale, form: FormState, line: &QuoteLine, open: bool) -> AnyView {
    let left = line.left;
    let id = format!("amount-{}", line.id);
    let name = field_of(line.id);
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
                        <input id=id name=name inputmode="decimal" maxlength="20" value=typed placeholder=left.decimal()/>
                    </div>
                }
                .into_any(),
            })}
        </li>
    }
    .into_any()
}

/// The form: it leads to the same page, which asks once more.
fn typing(locale: Locale, data: &QuoteView, form: FormState) -> AnyView {
    let open = data.state.entitles() && data.lines.iter().any(|line| line.open);
    let money = data.lines.iter().any(|line| !line.left.is_zero());
    let lines: Vec<_> = data.lines.iter().map(|line| line_row(locale, form, line, open)).collect();
    let closed = (!open).then(|| view! { <p class="note">{t::refunds::nothing_left(locale)}</p> });
    let send = open.then(|| {
        view! {
            {money.then(|| destinations(locale, form, data.gateway.as_deref(), true))}
            <TextInput form name="reason" label=t::refunds::reason(locale) hint=t::refunds::reason_hint(locale)
                required=true maxlength=300/>
            <p class="button-row"><button class="button primary">{t::refunds::look_once_more(locale)}</button></p>
        }
    });
    view! {
        <FormAlert form/>
        <form method="get" action=href(locale, &format!("/admin/refunds/{}", data.order)) class="stack">
            <ul class="rows">{lines}</ul>
            {closed}
            {refused(form, "amounts")}
            {send}
        </form>
    }
    .into_any()
}

/// What will happen, and the button that does it.
fn asking(locale: Locale, data: &QuoteView, typed: &Typed, parts: &[(OrderLineId, Money)]) -> AnyView {
    let currency = parts.first().map(|(_, amount)| amount.currency).unwrap_or_default();
    let sum = parts.iter().fold(Money::zero(currency), |sum, (_, amount)| sum.plus(*amount).unwrap_or(sum));
    let facts: Vec<_> = parts
        .iter()
        .filter_map(|(id, amount)| {
            let line = data.lines.iter().find(|line| line.id == *id)?;
            let (title, amount) = (line.title.get(locale).to_owned(), amount.to_string());
            Some(view! { <Fact term=title><span class="number">{amount}</span></Fact> })
        })
        .collect();
    let wallet = data.gateway.as_deref() == Some("wallet") || typed_as(typed, "to") == Some("wallet");
    let way = match &data.gateway {
        _ if wallet => t::refunds::to_buyer(locale).to_owned(),
        Some(gateway) => t::refunds::way_back(locale, gateway_name(locale, gateway)),
        None => t::refunds::to_gateway(locale).to_owned(),
    };
    let reason = typed_as(typed, "reason").unwrap_or_default().to_owned();
    let names = parts.iter().map(|(id, _)| field_of(*id)).chain(["to", "reason"].map(str::to_owned));
    let fields: Vec<(String, String)> = names
        .filter_map(|name| typed_as(typed, &name).map(str::to_owned).map(|value| (name, value)))
        .collect();
    let query: Vec<String> =
        fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    let change =
        format!("{}?change=1&{}", href(locale, &format!("/admin/refunds/{}", data.order)), query.join("&"));
    let hidden: Vec<_> = fields
        .into_iter()
        .map(|(name, value)| view! { <input type="hidden" name=name value=value/> })
        .collect();
    let name = data.username.clone().unwrap_or_default();
    let (text, give) = if sum.is_zero() {
        (t::refunds::give_free_text(locale, name), t::refunds::give_back(locale).to_owned())
    } else {
        (t::refunds::give_text(locale, sum, name), t::refunds::give_now(locale, sum))
    };
    view! {
        <Alert kind=AlertKind::Warning>{text}</Alert>
        <Facts>
            {facts}
            <Fact term=t::refunds::destination(locale)>{way}</Fact>
            <Fact term=t::refunds::reason(locale)>{reason}</Fact>
        </Facts>
        <form method="post" action=GrantRefund::url() class="button-row">
            <input type="hidden" name="order" value=data.order.to_string()/>
            // What was left when this was asked: a button that is pressed two times gives once.
            <input type="hidden" name="seen" value=data.left().to_string()/>
            {hidden}
            <button class="button primary">{give}</button>
            <a class="button quiet" rel="external" href=change>{t::refunds::change(locale)}</a>
        </form>
    }
    .into_any()
}

fn whole(data: QuoteView, typed: Typed) -> AnyView {
    let locale = use_locale();
    let title = t::refunds::grant_title(locale);
    let posted = FormState::plain(GrantRefund::PATH);
    let changing = typed_as(&typed, "change").is_some();
    let body = if posted.is_kept() || typed_as(&typed, "reason").is_none() {
        typing(locale, &data, posted)
    } else {
        match chosen(&data, &typed) {
            Ok(parts) if !changing => asking(locale, &data, &typed, &parts),
            Ok(_) => typing(locale, &data, FormState::given(typed, None)),
            Err(fault) => typing(locale, &data, FormState::given(typed, Some(fault))),
        }
    };
    let refunds: Vec<_> = data.refunds.into_iter().map(|refund| refund_row(locale, refund, true)).collect();
    let (back, order) = (t::refunds::back(locale), href(locale, &format!("/admin/orders/{}", data.order)));
    let head = format!("{} {}", t::refunds::order(locale), data.number);
    let buyer = data.username.map(|name| format!("@{name}")).unwrap_or_default();
    view! {
        <Title text=title/>
        <section class="wrap narrow section stack">
            <PageHead title=title eyebrow=head lead=buyer>
                <StateChip state=data.state locale/>
            </PageHead>
            {body}
            {(!refunds.is_empty()).then(|| view! {
                <h2>{t::refunds::before(locale)}</h2>
                <ul class="rows">{refunds}</ul>
            })}
            <p><a class="button quiet" href=order>{back}</a></p>
        </section>
    }
    .into_any()
}
