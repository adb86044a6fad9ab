//! The sections of the first page.

use domain::money::Money;
use leptos::prelude::*;

use ui::{Cover, Seal};

use super::{Figures, load_figures};
use crate::features::competitions::{CompetitionRow, Rows, list_competitions};
use crate::features::courses::load_catalogue;
use crate::features::courses::view::CourseCard;
use crate::features::standings::SmallBoard;
use crate::i18n::{href, t, use_locale};
use crate::load::load;

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
            <div class="hero-board"><SmallBoard/><Seal/></div>
        </section>
    }
}

/// The competitions that run, are about to, or ended last; nothing where there is none.
#[component]
pub fn OnStage() -> impl IntoView {
    let competitions = load(|| (), |()| list_competitions());
    view! {
        <Transition fallback=|| ()>
            {move || Suspend::new(async move {
                competitions.await.ok().filter(|rows| !rows.is_empty()).map(|rows| view! { <Stage rows/> })
            })}
        </Transition>
    }
}

#[component]
fn Stage(rows: Vec<CompetitionRow>) -> impl IntoView {
    let l = use_locale();
    let rows = rows.into_iter().take(5).collect();
    view! {
        <section class="section" aria-labelledby="stage-title">
            <div class="split">
                <h2 id="stage-title">{t::home::on_stage(l)}</h2>
                <a href=href(l, "/competitions")>{t::home::all_competitions(l)}</a>
            </div>
            <Rows rows/>
        </section>
    }
}

/// The first courses of the catalogue; nothing where there is none.
#[component]
pub fn Learn() -> impl IntoView {
    let no = String::new;
    let courses = load(|| (), move |()| load_catalogue(no(), no(), no(), no(), no(), no(), no()));
    view! {
        <Transition fallback=|| ()>
            {move || Suspend::new(async move {
                courses.await.ok().filter(|page| !page.items.is_empty()).map(|page| view! { <Covers cards=page.items/> })
            })}
        </Transition>
    }
}

#[component]
fn Covers(cards: Vec<CourseCard>) -> impl IntoView {
    let l = use_locale();
    let covers = cards.into_iter().take(8).map(|card| {
        let title = card.title.get(l).to_owned();
        let price = if card.price.is_zero() { t::common::free(l).to_owned() } else { card.price.to_string() };
        view! {
            <article class="card bare">
                <Cover title=title.clone() seed=card.slug.clone()/>
                <h3><a href=href(l, &format!("/courses/{}", card.slug))>{title}</a></h3>
                <p class="small dim">{t::home::course_line(l, card.author, card.lessons, card.minutes)}</p>
                <p class="price">{price}</p>
            </article>
        }
    });
    view! {
        <section class="section" aria-labelledby="learn-title">
            <div class="split">
                <h2 id="learn-title">{t::home::learn_what_wins(l)}</h2>
                <a href=href(l, "/courses")>{t::home::all_courses(l)}</a>
            </div>
            <div class="grid">{covers.collect_view()}</div>
        </section>
    }
}

/// What has come of it; nothing on a new installation.
#[component]
pub fn Loop() -> impl IntoView {
    let figures = load(|| (), |()| load_figures());
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
                <div><b>{count(figures.lessons)}</b><span>{t::home::figure_lessons(l)}</span></div>
                <div><b>{count(figures.proven)}</b><span>{t::home::figure_proven(l)}</span></div>
            </div>
        </section>
    }
}
