//! Rows, tables, facts, cards, and the ways between pages.
use leptos::prelude::*;
use ui::{
    Avatar, Breadcrumbs, Chip, ChipKind, Column, Cover, Crumb, DataTable, Fact, Facts, Pagination, Tab, Tabs,
};

use super::Family;
use crate::i18n::{href, t, use_locale};

/// Lists in all their shapes.
#[component]
pub fn Lists() -> impl IntoView {
    let l = use_locale();
    let paid = || view! { <Chip kind=ChipKind::Done>{t::gallery::paid(l)}</Chip> }.into_any();
    let waiting = || view! { <Chip kind=ChipKind::Warning>{t::gallery::waiting(l)}</Chip> }.into_any();
    let columns = vec![
        Column::text(t::gallery::order(l)),
        Column::text(t::gallery::state(l)),
        Column::number(t::gallery::price(l)),
    ];
    let rows = vec![
        vec![t::gallery::course_one(l).into_any(), paid(), "¥39.00".into_any()],
        vec![t::gallery::enter(l).into_any(), waiting(), "¥60.00".into_any()],
    ];
    view! {
        <Family id="lists" title=t::gallery::lists(l)>
            <ul class="rows">
                <li>
                    <div><h3><a href="#lists">{t::gallery::certificate_title(l)}</a></h3><p>{t::gallery::row_text(l)}</p></div>
                    <span class="fact">{t::gallery::row_time(l)}</span>
                    <Chip kind=ChipKind::Live>{t::gallery::live(l)}</Chip>
                </li>
                <li>
                    <div><h3><a href="#lists">{t::gallery::course_two(l)}</a></h3><p>{t::gallery::author(l)}</p></div>
                    <Chip>{t::gallery::open(l)}</Chip>
                </li>
            </ul>
            <DataTable caption=t::gallery::order(l) columns rows/>
            <div class="columns even">
                <Facts>
                    <Fact term=t::gallery::facts_fee(l)>"¥60.00"</Fact>
                    <Fact term=t::gallery::facts_seats(l)>{t::gallery::facts_seats_value(l)}</Fact>
                </Facts>
                <div class="figures">
                    <div><b>"¥184,220"</b><span>{t::gallery::figures_paid(l)}</span></div>
                    <div><b>"3,071"</b><span>{t::gallery::figures_proven(l)}</span></div>
                </div>
            </div>
            <Covers/>
        </Family>
    }
}

#[component]
fn Covers() -> impl IntoView {
    let l = use_locale();
    let courses = [
        ("confusion-matrix", t::gallery::course_one(l), "¥39"),
        ("sql-joins", t::gallery::course_two(l), "¥0"),
        ("clear-brief", t::gallery::course_three(l), "¥59"),
        ("splitting-data", t::gallery::course_four(l), "¥29"),
    ];
    view! {
        <div class="grid">
            {courses
                .map(|(seed, title, price)| {
                    view! {
                        <article class="card bare">
                            <Cover title seed/>
                            <h3><a href="#lists">{title}</a></h3>
                            <p class="small dim">{t::gallery::author(l)}</p>
                            <p class="price">{price}</p>
                        </article>
                    }
                })
                .collect_view()}
        </div>
    }
}

/// Tabs, crumbs, pages, people.
#[component]
pub fn Finding() -> impl IntoView {
    let l = use_locale();
    let tab = |label: &str, current| Tab { label: label.to_owned(), href: "#finding".to_owned(), current };
    let crumbs = vec![
        Crumb::to(t::common::courses(l), href(l, "/courses")),
        Crumb::to(t::gallery::course_one(l), "#finding"),
        Crumb::here(t::gallery::answer_one(l)),
    ];
    let people = ["Lin Qiaoyu", "周一鸣", "Okonkwo & Daughter", "Marta Ilves", "wei"];
    view! {
        <Family id="finding" title=t::gallery::finding(l)>
            <Breadcrumbs items=crumbs label=t::gallery::finding(l)/>
            <Tabs
                label=t::gallery::title(l)
                items=vec![
                    tab(t::gallery::tab_overview(l), false),
                    tab(t::gallery::tab_board(l), true),
                    tab(t::gallery::tab_submissions(l), false),
                ]
            />
            <div class="switch">
                <a href="#finding" aria-current="true">{t::gallery::live(l)}</a>
                <a href="#finding">{t::gallery::open(l)}</a>
            </div>
            <Pagination
                current=4
                pages=9
                href=|_| "#finding".to_owned()
                label=t::gallery::pages(l)
                previous=t::gallery::previous(l)
                next=t::gallery::next(l)
            />
            <p class="cluster">
                {people
                    .map(|name| view! { <span class="person"><Avatar name/><span>{name}</span></span> })
                    .collect_view()}
            </p>
            <details class="more">
                <summary>{t::gallery::more_title(l)}</summary>
                <p>{t::gallery::more_text(l)}</p>
            </details>
        </Family>
    }
}
