//! The points of an account.

use domain::locale::Locale;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{LazyRoute, lazy_route};
use ui::{EmptyState, Fact, Facts, PageHead};

use crate::error::Answer;
use crate::features::offers::api::{PointsView, load_points};
use crate::i18n::{href, t, use_locale};
use crate::load::{Loaded, load};
use crate::parts::{When, page};

/// What was earned and spent.
pub struct PointsPage {
    points: Loaded<Answer<PointsView>>,
}

#[lazy_route]
impl LazyRoute for PointsPage {
    fn data() -> Self {
        Self { points: load(|| (), |()| load_points()) }
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
    let (per_unit, completed, worth) = points.rates;
    let rows: Vec<_> = points
        .entries
        .into_iter()
        .map(|(at, kind, amount, order)| {
            let text = kind_text(locale, &kind);
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
                    <div>{text} <p class="dim small"><When at/></p></div>
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
            <PageHead title=title lead=t::offers::points_lead(locale, per_unit, completed, worth)/>
            <Facts>
                <Fact term=t::offers::balance(locale)><strong class="number">{points.balance}</strong></Fact>
                {owed}
            </Facts>
            {none}
            <ul class="rows compact">{rows}</ul>
        </section>
    }
    .into_any()
}
