//! Bundles: the list, and one of them.

use domain::locale::Locale;
use domain::page::Page;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use leptos_router::{LazyRoute, lazy_route};
use ui::{EmptyState, PageHead};

use crate::error::Answer;
use crate::features::offers::api::{BundleView, OrderBundle, load_bundle, load_bundles};
use crate::features::offers::parts::OtherWays;
use crate::features::refunds::parts::Promised;
use crate::form::{FormAlert, FormState};
use crate::i18n::{href, t, use_locale};
use crate::load::{Loaded, load};
use crate::parts::{older, page};

/// The bundles that are sold.
pub struct BundlesPage {
    bundles: Loaded<Answer<Page<BundleView>>>,
}

#[lazy_route]
impl LazyRoute for BundlesPage {
    fn data() -> Self {
        let query = use_query_map();
        Self { bundles: load(move || query.read().get("after"), load_bundles) }
    }

    fn view(this: Self) -> AnyView {
        let locale = use_locale();
        let title = t::offers::bundles(locale);
        view! {
            <Title text=title/>
            <section class="wrap narrow section stack">
                <PageHead title=title lead=t::offers::bundles_lead(locale)/>
                {page(this.bundles, list)}
            </section>
        }
        .into_any()
    }
}

fn list(bundles: Page<BundleView>) -> AnyView {
    let locale = use_locale();
    if bundles.items.is_empty() {
        return view! {
            <EmptyState title=t::offers::no_bundles(locale) text=t::offers::no_bundles_text(locale) icon="book-open"/>
        }
        .into_any();
    }
    let next = older(locale, "/bundles", bundles.next);
    let rows: Vec<_> = bundles
        .items
        .into_iter()
        .map(|bundle| {
            let to = href(locale, &format!("/bundles/{}", bundle.id));
            view! {
                <li>
                    <div>
                        <h2 class="title"><a href=to>{bundle.title.get(locale).to_owned()}</a></h2>
                        <p class="dim small">{t::offers::courses_in(locale, bundle.parts.len())}</p>
                    </div>
                    <div><span class="number">{bundle.price.to_string()}</span></div>
                </li>
            }
        })
        .collect();
    view! {
        <ul class="rows">{rows}</ul>
        {next}
    }
    .into_any()
}

/// One bundle.
pub struct BundlePage {
    bundle: Loaded<Answer<BundleView>>,
}

#[lazy_route]
impl LazyRoute for BundlePage {
    fn data() -> Self {
        let params = use_params_map();
        Self { bundle: load(move || params.read().get("id").unwrap_or_default(), load_bundle) }
    }

    fn view(this: Self) -> AnyView {
        page(this.bundle, whole)
    }
}

/// The courses of a bundle, as rows.
pub(super) fn parts(locale: Locale, bundle: &BundleView) -> AnyView {
    let rows: Vec<_> = bundle
        .parts
        .iter()
        .map(|part| {
            let to = href(locale, &format!("/courses/{}", part.slug));
            view! {
                <li>
                    <div><a href=to>{part.title.get(locale).to_owned()}</a></div>
                    <div><span class="number">{part.price.to_string()}</span></div>
                </li>
            }
        })
        .collect();
    view! { <ul class="rows compact">{rows}</ul> }.into_any()
}

fn whole(bundle: BundleView) -> AnyView {
    let locale = use_locale();
    let form = FormState::plain(OrderBundle::PATH);
    let title = bundle.title.get(locale).to_owned();
    view! {
        <Title text=title.clone()/>
        <section class="wrap narrow section stack">
            <PageHead title=title lead=bundle.about.get(locale).to_owned() eyebrow=t::offers::bundle(locale)/>
            <h2>{t::offers::in_it(locale)}</h2>
            {parts(locale, &bundle)}
            <FormAlert form/>
            <form method="post" action=OrderBundle::url()>
                <input type="hidden" name="id" value=bundle.id.to_string()/>
                <button class="button primary">{t::offers::buy_for(locale, bundle.price)}</button>
            </form>
            <Promised things=format!("bundle:{}", bundle.id)/>
            <OtherWays thing=format!("bundle:{}", bundle.id) giftable=true/>
            <p class="note">{t::offers::credit_note(locale)}</p>
        </section>
    }
    .into_any()
}
