//! Transfers of the ledger, with filters and a file for accountants.

use domain::locale::Locale;
use domain::page::Page;
use domain::payments::Code;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use leptos_router::{LazyRoute, lazy_route};
use ui::PageHead;

use crate::error::Answer;
use crate::features::finance::api::{Filter, TransferView, load_transfers};
use crate::features::finance::parts::{code_text, kind_text};
use crate::i18n::{href, t, use_locale};
use crate::load::{Loaded, load};
use crate::parts::{When, encode, page};

/// Transfers, newest first.
pub struct TransfersPage {
    asked: Memo<(Filter, Option<String>)>,
    transfers: Loaded<Answer<Page<TransferView>>>,
}

#[lazy_route]
impl LazyRoute for TransfersPage {
    fn data() -> Self {
        let query = use_query_map();
        let asked = Memo::new(move |_| {
            let query = query.read();
            let text = |name| query.get(name).unwrap_or_default();
            let filter = Filter {
                account: text("account"),
                code: text("code"),
                from: text("from"),
                until: text("until"),
            };
            (filter, query.get("after"))
        });
        let asking = |(filter, after): (Filter, Option<String>)| {
            load_transfers(filter.account, filter.code, filter.from, filter.until, after)
        };
        Self { asked, transfers: load(move || asked.get(), asking) }
    }

    fn view(this: Self) -> AnyView {
        let asked = this.asked;
        page(this.transfers, move |transfers| whole(&asked.get_untracked().0, transfers))
    }
}

fn query(filter: &Filter) -> String {
    format!(
        "account={}&code={}&from={}&until={}",
        encode(&filter.account),
        encode(&filter.code),
        encode(&filter.from),
        encode(&filter.until)
    )
}

fn filters(locale: Locale, filter: &Filter) -> AnyView {
    let chosen = filter.code.clone();
    let codes: Vec<_> = Code::ALL
        .into_iter()
        .map(|code| {
            let selected = chosen == code.as_str();
            view! { <option value=code.as_str() selected=selected>{code_text(locale, code.as_str())}</option> }
        })
        .collect();
    view! {
        <form class="filters" method="get">
            <div class="field"><label for="account">{t::finance::account(locale)}</label>
                <input id="account" name="account" value=filter.account.clone()/></div>
            <div class="field"><label for="code">{t::finance::why(locale)}</label>
                <select id="code" name="code"><option value="">{t::finance::any(locale)}</option>{codes}</select></div>
            <div class="field"><label for="from">{t::finance::from(locale)}</label>
                <input id="from" name="from" type="date" value=filter.from.clone()/></div>
            <div class="field"><label for="until">{t::finance::until(locale)}</label>
                <input id="until" name="until" type="date" value=filter.until.clone()/></div>
            <button class="button">{t::finance::show(locale)}</button>
            <a class="button" download=true rel="external" href=format!("/api/finance/transfers.csv?{}", query(filter))>
                {t::finance::file(locale)}
            </a>
        </form>
    }
    .into_any()
}

fn row(locale: Locale, transfer: TransferView) -> AnyView {
    let order = transfer.order.map(|order| {
        let address = href(locale, &format!("/admin/orders/{order}"));
        view! { <br/> <a class="small" href=address>{t::finance::order(locale)}</a> }
    });
    let kind = kind_text(locale, &transfer.kind).map(|text| view! { " " <span class="chip">{text}</span> });
    view! {
        <tr>
            <td data-label=t::finance::at(locale)><When at=transfer.at/></td>
            <td data-label=t::finance::why(locale)><div>{code_text(locale, &transfer.code)} {kind} {order}</div></td>
            <td data-label=t::finance::debit(locale)><code>{transfer.debit}</code></td>
            <td data-label=t::finance::credit(locale)><code>{transfer.credit}</code></td>
            <td data-label=t::finance::amount(locale) class="number">{transfer.amount.exact()}</td>
        </tr>
    }
    .into_any()
}

fn whole(filter: &Filter, transfers: Page<TransferView>) -> AnyView {
    let locale = use_locale();
    let title = t::finance::transfers(locale);
    let next = transfers.next.map(|next| {
        let path = href(locale, "/admin/finance/transfers");
        let address = format!("{path}?{}&after={}", query(filter), encode(&next));
        view! { <p class="button-row"><a class="button" href=address>{t::finance::older(locale)}</a></p> }
    });
    let none = transfers.items.is_empty().then(|| view! { <p class="dim">{t::finance::nothing(locale)}</p> });
    let rows: Vec<_> = transfers.items.into_iter().map(|transfer| row(locale, transfer)).collect();
    view! {
        <Title text=title/>
        <section class="wrap section stack">
            <PageHead title=title eyebrow=t::finance::title(locale)/>
            {filters(locale, filter)}
            {none}
            <table class="table cards-on-phone">
                <thead>
                    <tr>
                        <th>{t::finance::at(locale)}</th>
                        <th>{t::finance::why(locale)}</th>
                        <th>{t::finance::debit(locale)}</th>
                        <th>{t::finance::credit(locale)}</th>
                        <th class="number">{t::finance::amount(locale)}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
            {next}
        </section>
    }
    .into_any()
}
