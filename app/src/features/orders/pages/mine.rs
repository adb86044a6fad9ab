//! My orders.

use domain::page::Page;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use leptos_router::{LazyRoute, lazy_route};
use ui::{EmptyState, PageHead};

use crate::error::Answer;
use crate::features::orders::api::{OrderRow, mine};
use crate::features::orders::parts::{StateChip, row_title};
use crate::i18n::{href, t, use_locale};
use crate::load::{Loaded, load};
use crate::parts::{When, encode, page};

/// The orders of the account, newest first.
pub struct OrdersPage {
    orders: Loaded<Answer<Page<OrderRow>>>,
}

#[lazy_route]
impl LazyRoute for OrdersPage {
    fn data() -> Self {
        let query = use_query_map();
        Self { orders: load(move || query.read().get("after"), mine) }
    }

    fn view(this: Self) -> AnyView {
        let locale = use_locale();
        let title = t::orders::mine_title(locale);
        view! {
            <Title text=title/>
            <section class="wrap narrow section">
                <PageHead title=title lead=t::orders::mine_lead(locale)/>
                {page(this.orders, list)}
            </section>
        }
        .into_any()
    }
}

fn list(orders: Page<OrderRow>) -> AnyView {
    let locale = use_locale();
    if orders.items.is_empty() {
        return view! {
            <EmptyState title=t::orders::none_title(locale) text=t::orders::none_text(locale)>
                <a class="button" href=href(locale, "/courses")>{t::orders::to_courses(locale)}</a>
                <a class="button" href=href(locale, "/competitions")>{t::orders::to_competitions(locale)}</a>
            </EmptyState>
        }
        .into_any();
    }
    let rows: Vec<_> = orders
        .items
        .into_iter()
        .map(|order| {
            view! {
                <li>
                    <div>
                        <h2 class="title">
                            <a href=href(locale, &format!("/orders/{}", order.id))>{row_title(locale, &order)}</a>
                        </h2>
                        <p class="dim small">
                            <span class="number">{order.number}</span> " · " <When at=order.placed_at/>
                        </p>
                    </div>
                    <div class="cluster">
                        <StateChip state=order.state locale/>
                        <span class="number">{order.total.to_string()}</span>
                    </div>
                </li>
            }
        })
        .collect();
    let next = orders.next.map(|next| {
        let address = format!("{}?after={}", href(locale, "/orders"), encode(&next));
        view! { <p class="button-row"><a class="button" href=address>{t::orders::older(locale)}</a></p> }
    });
    view! {
        <ul class="rows">{rows}</ul>
        {next}
    }
    .into_any()
}
