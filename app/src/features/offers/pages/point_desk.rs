//! What staff does about points: the rules, and giving them to somebody.

use domain::locale::Locale;
use domain::offers::PointRule;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use leptos_router::{LazyRoute, lazy_route};
use ui::PageHead;

use crate::error::Answer;
use crate::features::offers::desk::{
    GivePoints, PointDesk, PointGrantRow, PointRuleRow, SetPointRule, load_point_desk,
};
use crate::form::{FormAlert, FormState, Select, TextInput};
use crate::i18n::{t, use_locale};
use crate::load::{Loaded, load};
use crate::parts::{When, older, page};

/// The desk of points.
pub struct PointDeskPage {
    desk: Loaded<Answer<PointDesk>>,
}

#[lazy_route]
impl LazyRoute for PointDeskPage {
    fn data() -> Self {
        let query = use_query_map();
        Self { desk: load(move || query.read().get("after"), load_point_desk) }
    }

    fn view(this: Self) -> AnyView {
        page(this.desk, whole)
    }
}

fn rule_text(locale: Locale, rule: PointRule) -> String {
    match rule {
        PointRule::Completed => t::offers::rule_completed(locale).to_owned(),
        PointRule::PerUnit(currency) => t::offers::rule_per_unit(locale, currency.code()),
        PointRule::Worth(currency) => t::offers::rule_worth(locale, currency.code()),
    }
}

fn rule_row(locale: Locale, row: PointRuleRow) -> AnyView {
    let changed = row.changed_at.zip(row.changed_by).map(|(at, by)| {
        view! { <p class="dim small">{t::offers::rule_changed(locale, by)} " · " <When at/></p> }
    });
    view! {
        <li>
            <div>{rule_text(locale, row.rule)} {changed}</div>
            <div><strong class="number">{row.points}</strong></div>
        </li>
    }
    .into_any()
}

fn grant_row(locale: Locale, row: PointGrantRow) -> AnyView {
    view! {
        <li>
            <div>
                <p class="title"><span class="number">{format!("+{}", row.points)}</span> " " {t::offers::granted(locale, row.granter, row.username)}</p>
                <p class="dim small"><span class="said">{row.reason}</span> " · " <When at=row.at/></p>
            </div>
        </li>
    }
    .into_any()
}

fn whole(desk: PointDesk) -> AnyView {
    let locale = use_locale();
    let (ruling, giving) = (FormState::plain(SetPointRule::PATH), FormState::plain(GivePoints::PATH));
    let title = t::offers::points(locale);
    let choices: Vec<_> =
        desk.rules.iter().map(|row| (row.rule.to_string(), rule_text(locale, row.rule))).collect();
    let rules: Vec<_> = desk.rules.into_iter().map(|row| rule_row(locale, row)).collect();
    let once = desk.next;
    let next = older(locale, "/admin/points", desk.grants.next);
    let grants: Vec<_> = desk.grants.items.into_iter().map(|row| grant_row(locale, row)).collect();
    let none = grants.is_empty().then(|| view! { <p class="dim">{t::offers::no_points_given(locale)}</p> });
    view! {
        <Title text=title/>
        <section class="wrap section stack">
            <PageHead title=title lead=t::offers::point_desk_lead(locale)/>
            <h2>{t::offers::rules(locale)}</h2>
            <ul class="rows compact">{rules}</ul>
            <form class="stack narrow" method="post" action=SetPointRule::url()>
                <FormAlert form=ruling/>
                <Select form=ruling name="rule" label=t::offers::rule(locale) options=choices/>
                <TextInput form=ruling name="points" label=t::offers::points(locale) inputmode="numeric" required=true/>
                <button class="button">{t::offers::change_rule(locale)}</button>
            </form>
            <h2>{t::offers::give_points(locale)}</h2>
            <form class="stack narrow" method="post" action=GivePoints::url()>
                <FormAlert form=giving/>
                <input type="hidden" name="once" value=once/>
                <TextInput form=giving name="username" label=t::offers::username(locale) required=true/>
                <TextInput form=giving name="given" label=t::offers::points(locale) inputmode="numeric" required=true/>
                <TextInput form=giving name="reason" label=t::offers::why(locale) required=true/>
                <button class="button primary">{t::offers::give_points_now(locale)}</button>
            </form>
            <h2>{t::offers::points_given(locale)}</h2>
            {none}
            <ul class="rows">{grants}</ul>
            {next}
        </section>
    }
    .into_any()
}
