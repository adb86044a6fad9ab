//! The courses of an author, and beginning one.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;
use leptos_router::{LazyRoute, lazy_route};

use crate::error::Answer;
use crate::features::courses::parts::{StateChip, price_text};
use crate::features::courses::view::TaughtRow;
use crate::features::courses::{CreateCourse, load_taught};
use crate::form::{FormAlert, FormState, TextInput};
use crate::i18n::{href, t, use_locale};
use crate::load::{Loaded, load};
use crate::parts::{When, page};

/// The page of an author's courses.
pub struct TeachPage {
    form: FormState,
    rows: Loaded<Answer<Vec<TaughtRow>>>,
}

#[lazy_route]
impl LazyRoute for TeachPage {
    fn data() -> Self {
        Self { form: FormState::plain(CreateCourse::PATH), rows: load(|| (), |()| load_taught()) }
    }

    fn view(this: Self) -> AnyView {
        let (locale, form) = (use_locale(), this.form);
        page(this.rows, move |rows| {
            let empty = rows.is_empty();
            let rows: Vec<_> = rows.into_iter().map(|row| view! { <li><Row row/></li> }).collect();
            view! {
                <Title text=t::courses::teach(locale)/>
                <section class="wrap">
                    <div class="page-head">
                        <h1>{t::courses::teach(locale)}</h1>
                        <p class="lead">{t::courses::teach_lead(locale)}</p>
                    </div>
                    <div class="columns">
                        <div>
                            <h2 class="visually-hidden">{t::courses::catalogue(locale)}</h2>
                            {if empty {
                                view! { <p class="empty">{t::courses::teach_empty(locale)}". "{t::courses::teach_empty_text(locale)}</p> }.into_any()
                            } else {
                                view! { <ul class="rows">{rows}</ul> }.into_any()
                            }}
                        </div>
                        <aside>
                            <h2>{t::courses::new_course(locale)}</h2>
                            <form class="stack" method="post" action=CreateCourse::url()>
                                <FormAlert form/>
                                <TextInput form name="title_en" maxlength=120 label=t::courses::title_en(locale) hint=t::courses::one_language_enough(locale)/>
                                <TextInput form name="title_zh" maxlength=120 label=t::courses::title_zh(locale)/>
                                <button class="button primary">{t::courses::create(locale)}</button>
                            </form>
                            <p><a href=href(locale, "/admin/bundles")>{t::offers::your_bundles(locale)}</a></p>
                        </aside>
                    </div>
                </section>
            }
            .into_any()
        })
    }
}

#[component]
fn Row(row: TaughtRow) -> impl IntoView {
    let locale = use_locale();
    let facts = format!("{} · {}", price_text(locale, row.price), t::courses::learners(locale, row.learners));
    view! {
        <div>
            <h3><a href=href(locale, &format!("/teach/courses/{}", row.id))>{row.title.get(locale).to_owned()}</a></h3>
            <p class="dim small">{facts}", "<When at=row.updated_at/></p>
        </div>
        <StateChip state=row.state/>
    }
}
