//! The page of dead jobs.

use domain::page::Page;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use leptos_router::{LazyRoute, lazy_route};
use ui::{EmptyState, PageHead};

use super::api::{DeadJobView, Revive, dead};
use crate::error::Answer;
use crate::form::{FormAlert, FormState};
use crate::i18n::{href, t, use_locale};
use crate::load::{Loaded, load};
use crate::parts::{When, encode, page};

/// Jobs that failed too often, each with a button that tries it again.
pub struct DeadJobsPage {
    jobs: Loaded<Answer<Page<DeadJobView>>>,
}

#[lazy_route]
impl LazyRoute for DeadJobsPage {
    fn data() -> Self {
        let query = use_query_map();
        Self { jobs: load(move || query.read().get("after"), dead) }
    }

    fn view(this: Self) -> AnyView {
        page(this.jobs, whole)
    }
}

fn whole(jobs: Page<DeadJobView>) -> AnyView {
    let locale = use_locale();
    let title = t::jobs::title(locale);
    let form = FormState::plain(Revive::PATH);
    let next = jobs.next.map(|next| {
        let address = format!("{}?after={}", href(locale, "/admin/jobs"), encode(&next));
        view! { <p class="button-row"><a class="button" href=address>{t::jobs::older(locale)}</a></p> }
    });
    let calm = jobs.items.is_empty();
    let rows: Vec<_> = jobs
        .items
        .into_iter()
        .map(|job| {
            view! {
                <li>
                    <div>
                        <h2 class="title"><code>{job.kind}</code></h2>
                        <p class="dim small">
                            <When at=job.created_at/> " · " {t::jobs::attempts(locale, job.attempts)}
                        </p>
                        <p class="small">{job.error}</p>
                    </div>
                    <form method="post" action=Revive::url()>
                        <input type="hidden" name="job" value=job.id/>
                        <button class="button small">{t::jobs::again(locale)}</button>
                    </form>
                </li>
            }
        })
        .collect();
    view! {
        <Title text=title/>
        <section class="wrap section">
            <PageHead title=title lead=t::jobs::lead(locale)/>
            <FormAlert form/>
            {calm.then(|| view! {
                <EmptyState title=t::jobs::calm_title(locale) text=t::jobs::calm_text(locale) icon="check"/>
            })}
            {(!calm).then(|| view! { <ul class="rows">{rows}</ul> })}
            {next}
        </section>
    }
    .into_any()
}
