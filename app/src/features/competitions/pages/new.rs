//! The form of a new competition.

use domain::competitions::input::RawCompetition;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;
use leptos_router::{LazyRoute, lazy_route};
use ui::{Breadcrumbs, Crumb, PageHead};

use crate::features::competitions::CreateCompetition;
use crate::features::competitions::parts::form::DesignFields;
use crate::form::{FormAlert, FormState};
use crate::i18n::{href, t, use_locale};

/// The page with the form of a new competition.
pub struct NewPage {
    form: FormState,
}

#[lazy_route]
impl LazyRoute for NewPage {
    fn data() -> Self {
        Self { form: FormState::plain(CreateCompetition::PATH) }
    }

    fn view(this: Self) -> AnyView {
        let l = use_locale();
        let form = this.form;
        let text = str::to_owned;
        let raw = RawCompetition {
            kind: text("prediction"),
            offset: text(match l {
                domain::locale::Locale::En => "0",
                domain::locale::Locale::Zh => "480",
            }),
            currency: text("CNY"),
            counting: text("best"),
            ties: text("earlier"),
            metric: text("f1_macro"),
            public_share: text("40"),
            daily_limit: text("5"),
            time_limit: text("20"),
            ..RawCompetition::default()
        };
        let crumbs = vec![
            Crumb::to(t::competitions::organise(l), href(l, "/organise")),
            Crumb::here(t::competitions::new(l)),
        ];
        view! {
            <Title text=t::competitions::new(l)/>
            <div class="wrap">
                <Breadcrumbs items=crumbs label=t::competitions::organise(l)/>
                <PageHead title=t::competitions::new(l) lead=t::competitions::new_lead(l)/>
                <form class="stack narrow" method="post" action=CreateCompetition::url()>
                    <FormAlert form/>
                    <DesignFields form raw/>
                    <button class="button primary">{t::competitions::create(l)}</button>
                </form>
            </div>
        }
        .into_any()
    }
}
