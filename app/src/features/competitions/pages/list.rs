//! Every public competition.

use domain::competitions::rules::Phase;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{LazyRoute, lazy_route};
use ui::{EmptyState, PageHead};

use crate::context::use_viewer;
use crate::error::Answer;
use crate::features::competitions::parts::Rows;
use crate::features::competitions::{CompetitionRow, entered, list_competitions};
use crate::i18n::{t, use_locale};
use crate::load::{Loaded, load};
use crate::parts::page;

/// The list of competitions.
pub struct ListPage {
    lists: Loaded<Answer<(Vec<CompetitionRow>, Vec<CompetitionRow>)>>,
}

#[lazy_route]
impl LazyRoute for ListPage {
    fn data() -> Self {
        let known = use_viewer().is_some();
        let fetch = move |()| async move {
            let own = if known { entered().await? } else { Vec::new() };
            Ok((list_competitions().await?, own))
        };
        Self { lists: load(|| (), fetch) }
    }

    fn view(this: Self) -> AnyView {
        let l = use_locale();
        page(this.lists, move |(all, own)| {
            let empty = all.is_empty();
            let (mut running, mut upcoming, mut past) = (Vec::new(), Vec::new(), Vec::new());
            for row in all {
                match row.phase {
                    Phase::Running | Phase::Frozen => running.push(row),
                    Phase::Ended | Phase::Finalised | Phase::Cancelled => past.push(row),
                    _ => upcoming.push(row),
                }
            }
            // What starts next stands first.
            upcoming.reverse();
            view! {
                <Title text=t::competitions::title(l)/>
                <div class="wrap">
                    <PageHead title=t::competitions::title(l) lead=t::competitions::lead(l)/>
                    {empty.then(|| view! {
                        <EmptyState title=t::competitions::none(l) text=t::competitions::none_hint(l) icon="trophy"/>
                    })}
                    <Part title=t::competitions::yours(l) id="yours" rows=own/>
                    <Part title=t::competitions::running(l) id="running" rows=running/>
                    <Part title=t::competitions::upcoming(l) id="upcoming" rows=upcoming/>
                    <Part title=t::competitions::past(l) id="past" rows=past/>
                </div>
            }
            .into_any()
        })
    }
}

#[component]
fn Part(title: &'static str, id: &'static str, rows: Vec<CompetitionRow>) -> impl IntoView {
    (!rows.is_empty()).then(|| {
        view! {
            <section class="section" aria-labelledby=id>
                <h2 id=id>{title}</h2>
                <Rows rows/>
            </section>
        }
    })
}
