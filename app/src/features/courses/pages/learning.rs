//! One's own learning.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{LazyRoute, lazy_route};
use ui::{EmptyState, Progress};

use crate::error::Answer;
use crate::features::courses::load_learning;
use crate::features::courses::view::LearningRow;
use crate::i18n::{href, t, use_locale};
use crate::load::{Loaded, load};
use crate::parts::page;

/// The page of one's own learning.
pub struct LearningPage {
    rows: Loaded<Answer<Vec<LearningRow>>>,
}

#[lazy_route]
impl LazyRoute for LearningPage {
    fn data() -> Self {
        Self { rows: load(|| (), |()| load_learning()) }
    }

    fn view(this: Self) -> AnyView {
        let locale = use_locale();
        page(this.rows, move |rows| {
            let empty = rows.is_empty();
            let rows: Vec<_> = rows.into_iter().map(|row| view! { <li><Row row/></li> }).collect();
            view! {
                <Title text=t::courses::learning(locale)/>
                <section class="wrap">
                    <div class="page-head">
                        <h1>{t::courses::learning(locale)}</h1>
                        <p class="lead">{t::courses::learning_lead(locale)}</p>
                    </div>
                    {if empty {
                        view! {
                            <EmptyState title=t::courses::learning_empty(locale) text=t::courses::learning_empty_text(locale).to_owned() icon="book-open">
                                <a class="button primary" href=href(locale, "/courses")>{t::courses::to_catalogue(locale)}</a>
                            </EmptyState>
                        }
                        .into_any()
                    } else {
                        view! { <h2 class="visually-hidden">{t::courses::catalogue(locale)}</h2><ul class="rows">{rows}</ul> }.into_any()
                    }}
                </section>
            }
            .into_any()
        })
    }
}

#[component]
fn Row(row: LearningRow) -> impl IntoView {
    let locale = use_locale();
    let course = format!("/courses/{}", row.slug);
    let progress = row.progress;
    let figure = t::courses::progress_figure(locale, progress.done, progress.total);
    let way = if let Some(code) = progress.certificate {
        let to = href(locale, &format!("/certificates/{code}"));
        view! { <a class="button" href=to>{t::courses::certificate(locale)}</a> }.into_any()
    } else if let Some(next) = progress.next {
        let to = href(locale, &format!("{course}/lessons/{next}"));
        let label = if progress.done == 0 { t::courses::start(locale) } else { t::courses::go_on(locale) };
        view! { <a class="button" href=to>{label}</a> }.into_any()
    } else {
        ().into_any()
    };
    view! {
        <div class="stack tight">
            <h3><a href=href(locale, &course)>{row.title.get(locale).to_owned()}</a></h3>
            <Progress value=progress.done max=progress.total label=t::courses::progress(locale) figure=figure/>
        </div>
        {way}
    }
}
