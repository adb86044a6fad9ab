//! The sections of the first page.

use domain::money::Money;
use leptos::prelude::*;

use super::{Figures, load_figures};
use crate::features::standings::SmallBoard;
use crate::i18n::{href, t, use_locale};

/// What the house is, beside the board that matters most now.
#[component]
pub fn Hero() -> impl IntoView {
    let l = use_locale();
    view! {
        <section class="hero">
            <div>
                <h1><span>{t::home::headline_one(l)}</span>" "<span>{t::home::headline_two(l)}</span></h1>
                <p class="lead">{t::home::lead(l)}</p>
                <div class="button-row">
                    <a class="button primary" href=href(l, "/competitions")>{t::home::enter(l)}</a>
                    <a class="button" href=href(l, "/courses")>{t::home::learn(l)}</a>
                </div>
            </div>
            <div class="hero-board"><SmallBoard/></div>
        </section>
    }
}

/// What has come of it; nothing on a new installation.
#[component]
pub fn Loop() -> impl IntoView {
    let figures = Resource::new_blocking(|| (), |()| load_figures());
    view! {
        <Transition fallback=|| ()>
            {move || Suspend::new(async move {
                figures.await.ok().filter(|figures| figures.proven > 0).map(|figures| view! { <Shown figures/> })
            })}
        </Transition>
    }
}

#[component]
fn Shown(figures: Figures) -> impl IntoView {
    let l = use_locale();
    let count = |number: i64| domain::money::grouped(number.unsigned_abs());
    let paid = figures.paid.iter().map(Money::to_string).collect::<Vec<_>>().join(" + ");
    view! {
        <section class="section" aria-labelledby="loop-title">
            <h2 id="loop-title">{t::home::loop_title(l)}</h2>
            <div class="figures">
                {(!paid.is_empty()).then(|| view! { <div><b>{paid}</b><span>{t::home::figure_paid(l)}</span></div> })}
                <div><b>{count(figures.people)}</b><span>{t::home::figure_people(l)}</span></div>
                <div><b>{count(figures.proven)}</b><span>{t::home::figure_proven(l)}</span></div>
            </div>
        </section>
    }
}
