//! A public profile with the certificates of its owner.

use domain::rewards::CertificateRow;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use leptos_router::{LazyRoute, lazy_route};

use crate::error::Answer;
use crate::features::accounts::{Profile, person};
use crate::features::rewards::{Shelf, shelf};
use crate::i18n::{t, use_locale};
use crate::load::{Loaded, load};
use crate::parts::{When, page};

/// The page of a person.
pub struct PersonPage {
    person: Loaded<Answer<(Profile, Vec<CertificateRow>)>>,
}

#[lazy_route]
impl LazyRoute for PersonPage {
    fn data() -> Self {
        let params = use_params_map();
        let person = load(
            move || params.read().get("username").unwrap_or_default(),
            |username| async move { Ok((person(username.clone()).await?, shelf(username).await?)) },
        );
        Self { person }
    }

    fn view(this: Self) -> AnyView {
        let locale = use_locale();
        page(this.person, move |(profile, certificates)| {
            let skills: Vec<_> = profile
                .skills
                .iter()
                .map(|skill| view! { <li class="chip">{format!("{} {}/5", skill.name, skill.level)}</li> })
                .collect();
            let interests: Vec<_> = profile
                .interests
                .iter()
                .map(|interest| view! { <li class="chip">{interest.clone()}</li> })
                .collect();
            view! {
                <Title text=profile.display_name.clone()/>
                <section class="wrap section">
                    <div class="page-head">
                        <p class="eyebrow">{format!("@{}", profile.username)}</p>
                        <h1>{profile.display_name.clone()}</h1>
                        <p class="lead">{profile.bio.clone()}</p>
                        <p class="dim small">
                            {(!profile.city.is_empty()).then(|| format!("{}, ", profile.city))}
                            {t::accounts::here_since(locale)}" "<When at=profile.created_at date_only=true/>
                        </p>
                    </div>
                    {(!skills.is_empty()).then(|| view! { <h2 class="small-head">{t::accounts::skills(locale)}</h2><ul class="cluster plain">{skills}</ul> })}
                    {(!interests.is_empty()).then(|| view! { <h2 class="small-head">{t::accounts::interests(locale)}</h2><ul class="cluster plain">{interests}</ul> })}
                    <Shelf certificates/>
                </section>
            }
            .into_any()
        })
    }
}
