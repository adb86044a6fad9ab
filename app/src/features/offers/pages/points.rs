//! The points of an account.

use domain::locale::Locale;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use leptos_router::{LazyRoute, lazy_route};
use ui::{EmptyState, Fact, Facts, PageHead};

use crate::error::Answer;
use crate::features::offers::api::{PointsEntry, PointsView, load_points};
use crate::i18n::{href, t, use_locale};
use crate::load::{Loaded, load};
use crate::parts::{When, older, page};

/// What was earned and spent.
pub struct PointsPage {
    points: Loaded<Answer<PointsView>>,
}

#[lazy_route]
impl LazyRoute for PointsPage {
    fn data() -> Self {
        let query = use_query_map();
        Self { points: load(move || query.read().get("after"), load_points) }
    }

    fn view(this: Self) -> AnyView {
        page(this.points, whole)
    }
}

fn kind_text(locale: Locale, kind: &str) -> &'static str {
    match kind {
        "paid" => t::offers::kind_paid(locale),
        "completed" => t::offers::kind_completed(locale),
        "spent" => t::offers::kind_spent(locale),
        "returned" => t::offers::kind_returned(locale),
        "reversed" => t::offers::kind_reversed(locale),
        _ => t::offers::kind_given(locale),
    }
}

fn whole(points: PointsView) -> AnyView {
    let locale = use_locale();
    let title = t::offers::points(locale);
    let rates: Vec<_> = points
        .rates
        .currencies
        .iter()
        .map(|(currency, rate)| {
            view! { <li>{t::offers::rate(locale, currency.code(), rate.per_unit, rate.worth)}</li> }
        })
        .collect();
    let next = older(locale, "/points", points.entries.next);
    let rows: Vec<_> = points
        .entries
        .items
        .into_iter()
        .map(|entry| {
            let PointsEntry { at, kind, amount, order, reason } = entry;
            let text = match &reason {
                Some(_) => t::offers::kind_granted(locale),
                None => kind_text(locale, &kind),
            };
            let reason = reason.map(|reason| view! { " " <span class="said">{reason}</span> });
            let text = match order {
                Some(order) => {
                    view! { <a href=href(locale, &format!("/orders/{order}"))>{text}</a> }.into_any()
                }
                None => text.into_any(),
            };
            let amount =
                if amount > 0 { format!("+{amount}") } else { format!("−{}", amount.unsigned_abs()) };
            view! {
                <li>
                    <div>{text} {reason} <p class="dim small"><When at/></p></div>
                    <div><span class="number">{amount}</span></div>
                </li>
            }
        })
        .collect();
    let none = rows.is_empty().then(|| {
        view! {
            <EmptyState title=t::offers::no_points(locale) text=t::offers::no_points_text(locale)>
                <a class="button" href=href(locale, "/courses")>{t::orders::to_courses(locale)}</a>
            </EmptyState>
        }
    });
    let owed = (points.owed > 0).then(
        || view! { <Fact term=t::offers::owed(locale)><span class="number">{points.owed}</span></Fact> },
    );
    view! {
        <Title text=title/>
        <section class="wrap narrow section stack">
            <PageHead title=title lead=t::offers::points_lead(locale)/>
            <ul class="small dim">
                <li>{t::offers::rate_completed(locale, points.rates.completed)}</li>
                {rates}
            </ul>
            <Facts>
                <Fact term=t::offers::balance(locale)><strong class="number">{points.balance}</strong></Fact>
                {owed}
            </Facts>
            {none}
            <ul class="rows compact">{rows}</ul>
            {next}
        </section>
    }
    .into_any()
}
