//! The catalogue: search, filters, cards; everything chosen stands in the address.

use domain::courses::category::CATEGORIES;
use domain::courses::{Level, PriceFilter, Sort};
use domain::locale::Locale;
use leptos::prelude::*;
use leptos::web_sys::{HtmlInputElement, HtmlSelectElement};
use leptos_meta::Title;
use leptos_router::hooks::{use_navigate, use_query_map};
use leptos_router::params::ParamsMap;
use leptos_router::{LazyRoute, NavigateOptions, lazy_route};
use ui::EmptyState;

use crate::error::Answer;
use crate::features::courses::load_catalogue;
use crate::features::courses::parts::{Card, language_text, level_text};
use crate::features::courses::view::Catalogue;
use crate::i18n::{href, t, use_locale};
use crate::load::{Loaded, load};
use crate::parts::{encode, page};

/// The names of what stands in the address.
const NAMES: [&str; 6] = ["q", "category", "level", "language", "price", "sort"];

/// The catalogue page.
pub struct CataloguePage {
    catalogue: Loaded<Answer<Catalogue>>,
    query: Memo<ParamsMap>,
}

fn chosen(query: &ParamsMap, name: &str) -> String {
    query.get(name).unwrap_or_default()
}

#[lazy_route]
impl LazyRoute for CataloguePage {
    fn data() -> Self {
        let query = use_query_map();
        let catalogue = load(
            move || query.get(),
            |query| {
                let of = |name: &str| chosen(&query, name);
                load_catalogue(
                    of("q"),
                    of("category"),
                    of("level"),
                    of("language"),
                    of("price"),
                    of("sort"),
                    of("after"),
                )
            },
        );
        Self { catalogue, query }
    }

    fn view(this: Self) -> AnyView {
        let locale = use_locale();
        let query = this.query;
        view! {
            <Title text=t::courses::catalogue(locale)/>
            <section class="wrap">
                <div class="page-head">
                    <h1>{t::courses::catalogue(locale)}</h1>
                    <p class="lead">{t::courses::catalogue_lead(locale)}</p>
                    <p><a href=href(locale, "/bundles")>{t::offers::to_bundles(locale)}</a></p>
                </div>
                <Filters query/>
                {page(this.catalogue, move |catalogue| view! { <Found catalogue query/> }.into_any())}
            </section>
        }
        .into_any()
    }
}

/// The address of the catalogue with what is chosen.
fn address(locale: Locale, query: &ParamsMap, after: Option<&str>) -> String {
    let mut parts: Vec<String> = NAMES
        .iter()
        .filter_map(|name| query.get(name).filter(|value| !value.is_empty()).map(|value| (name, value)))
        .map(|(name, value)| format!("{name}={}", encode(&value)))
        .collect();
    parts.extend(after.map(|after| format!("after={}", encode(after))));
    let path = href(locale, "/courses");
    if parts.is_empty() { path } else { format!("{path}?{}", parts.join("&")) }
}

/// One select of the filter form; it sends the form when scripts run.
fn select(name: &'static str, label: &'static str, options: Vec<(String, String)>, value: &str) -> AnyView {
    let options: Vec<_> = options
        .into_iter()
        .map(|(option, text)| {
            let selected = option == value;
            view! { <option value=option selected=selected>{text}</option> }
        })
        .collect();
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <select id=name name=name>{options}</select>
        </div>
    }
    .into_any()
}

fn options<T: Copy>(
    any: &str,
    values: &[T],
    value: impl Fn(T) -> &'static str,
    text: impl Fn(T) -> String,
) -> Vec<(String, String)> {
    let first = (String::new(), any.to_owned());
    std::iter::once(first).chain(values.iter().map(|one| (value(*one).to_owned(), text(*one)))).collect()
}

fn category_options(locale: Locale) -> Vec<(String, String)> {
    let all: Vec<&'static domain::courses::category::Category> = CATEGORIES.iter().collect();
    options(
        t::courses::any(locale),
        &all,
        |category| category.slug,
        |category| {
            let indent = if category.parent.is_some() { "\u{2003}" } else { "" };
            format!("{indent}{}", category.name(locale))
        },
    )
}

/// The search box and the selects: a plain form, which answers while one types once scripts run.
#[component]
fn Filters(query: Memo<ParamsMap>) -> impl IntoView {
    let locale = use_locale();
    let now = query.get_untracked();
    let navigate = use_navigate();
    let go = move |name: String, value: String| {
        let mut wanted = query.get_untracked();
        wanted.replace(name, value);
        let options = NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() };
        navigate(&address(locale, &wanted, None), options);
    };
    let mut typed = debounce(std::time::Duration::from_millis(250), {
        let go = go.clone();
        move |text: String| go("q".to_owned(), text)
    });
    let on_input = move |event: leptos::ev::Event| {
        let field = event_target::<HtmlInputElement>(&event);
        if field.name() == "q" {
            typed(field.value());
        }
    };
    let on_change = move |event: leptos::ev::Event| {
        let field = event_target::<HtmlSelectElement>(&event);
        // The search box has answered already.
        if field.tag_name() == "SELECT" {
            go(field.name(), field.value());
        }
    };
    let any = t::courses::any(locale);
    let levels = options(any, Level::ALL, Level::as_str, |level| level_text(locale, level).to_owned());
    let languages =
        options(any, &Locale::ALL, Locale::as_str, |language| language_text(locale, language).to_owned());
    let prices = options(any, PriceFilter::ALL, PriceFilter::as_str, |price| {
        let text = match price {
            PriceFilter::Free => t::courses::free(locale),
            PriceFilter::Paid => t::courses::paid(locale),
        };
        text.to_owned()
    });
    let sorts = options(t::courses::sort_best(locale), Sort::ALL, Sort::as_str, |sort| {
        let text = match sort {
            Sort::Newest => t::courses::sort_newest(locale),
            Sort::Popular => t::courses::sort_popular(locale),
            Sort::Price => t::courses::sort_price(locale),
        };
        text.to_owned()
    });
    let of = |name: &str| chosen(&now, name);
    view! {
        <form class="filters" method="get" action=href(locale, "/courses") role="search" on:input=on_input on:change=on_change>
            <div class="field search">
                <label for="q">{t::courses::search(locale)}</label>
                <input type="search" id="q" name="q" value=of("q") placeholder=t::courses::search_hint(locale) maxlength="100"/>
            </div>
            {select("category", t::courses::category(locale), category_options(locale), &of("category"))}
            {select("level", t::courses::level(locale), levels, &of("level"))}
            {select("language", t::courses::language(locale), languages, &of("language"))}
            {select("price", t::courses::price(locale), prices, &of("price"))}
            {select("sort", t::courses::sort(locale), sorts, &of("sort"))}
            <button class="button">{t::courses::show(locale)}</button>
        </form>
    }
}

#[component]
fn Found(catalogue: Catalogue, query: Memo<ParamsMap>) -> impl IntoView {
    let locale = use_locale();
    let now = query.get_untracked();
    if catalogue.items.is_empty() {
        return view! {
            <EmptyState title=t::courses::nothing_found(locale) text=t::courses::nothing_found_text(locale).to_owned() icon="search">
                <a class="button" href=href(locale, "/courses")>{t::courses::all_courses(locale)}</a>
            </EmptyState>
        }
        .into_any();
    }
    let cards: Vec<_> = catalogue.items.into_iter().map(|course| view! { <li><Card course/></li> }).collect();
    let next = catalogue.next.map(|after| address(locale, &now, Some(&after)));
    let first = now.get("after").is_some().then(|| address(locale, &now, None));
    view! {
        <h2 class="visually-hidden">{t::courses::catalogue(locale)}</h2>
        <ul class="grid course-grid">{cards}</ul>
        <p class="cluster course-more">
            {first.map(|address| view! { <a class="button" href=address>{t::courses::to_start(locale)}</a> })}
            {next.map(|address| view! { <a class="button" href=address rel="next">{t::courses::more(locale)}</a> })}
        </p>
    }
    .into_any()
}
