//! What the viewer organises.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{LazyRoute, lazy_route};
use ui::{EmptyState, PageHead};

use crate::error::Answer;
use crate::features::competitions::parts::Rows;
use crate::features::competitions::{CompetitionRow, organised};
use crate::i18n::{href, t, use_locale};
use crate::load::{Loaded, load};
use crate::parts::page;

/// The desk of an organiser.
pub struct OrganisePage {
    rows: Loaded<Answer<Vec<CompetitionRow>>>,
}

#[lazy_route]
impl LazyRoute for OrganisePage {
    fn data() -> Self {
        Self { rows: load(|| (), |()| organised()) }
    }

    fn view(this: Self) -> AnyView {
        let l = use_locale();
        page(this.rows, move |rows| {
            let list = if rows.is_empty() {
                view! { <EmptyState title=t::competitions::organise_none(l) icon="trophy"/> }.into_any()
            } else {
                view! { <Rows rows to="/organise"/> }.into_any()
            };
            view! {
                <Title text=t::competitions::organise(l)/>
                <div class="wrap">
                    <PageHead title=t::competitions::organise(l) lead=t::competitions::organise_lead(l)>
                        <a class="button primary" href=href(l, "/organise/new")>{t::competitions::new(l)}</a>
                    </PageHead>
                    <section class="section" aria-labelledby="organised">
                        <h2 id="organised" class="visually-hidden">{t::common::competitions(l)}</h2>
                        {list}
                    </section>
                </div>
            }
            .into_any()
        })
    }
}
