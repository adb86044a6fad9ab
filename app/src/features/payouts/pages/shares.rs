//! Who shares what products bring: the rules of staff.

use domain::locale::Locale;
use domain::payments::Party;
use domain::payouts::rules::per_cent;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;
use leptos_router::{LazyRoute, lazy_route};
use ui::PageHead;

use crate::error::Answer;
use crate::features::payouts::api::{RemoveRule, RuleView, SetRule, load_rules};
use crate::form::{FormAlert, FormState, Select, TextInput};
use crate::i18n::{t, use_locale};
use crate::load::{Loaded, load};
use crate::parts::page;

/// The rules of sharing.
pub struct SharesPage {
    form: FormState,
    rules: Loaded<Answer<Vec<RuleView>>>,
}

#[lazy_route]
impl LazyRoute for SharesPage {
    fn data() -> Self {
        Self { form: FormState::plain(SetRule::PATH), rules: load(|| (), |()| load_rules()) }
    }

    fn view(this: Self) -> AnyView {
        let form = this.form;
        page(this.rules, move |rules| whole(form, rules))
    }
}

fn party_text(locale: Locale, party: Party) -> &'static str {
    match party {
        Party::Platform => t::payouts::party_platform(locale),
        Party::Author => t::payouts::party_author(locale),
        Party::Organiser => t::payouts::party_organiser(locale),
        Party::Sponsor => t::payouts::party_sponsor(locale),
        Party::PrizePool => t::payouts::party_prize_pool(locale),
    }
}

fn kind_text(locale: Locale, kind: &str) -> &'static str {
    match kind {
        "competition" => t::payouts::every_competition(locale),
        "plan" => t::payouts::every_plan(locale),
        _ => t::payouts::every_course(locale),
    }
}

fn rule_row(locale: Locale, rule: RuleView) -> AnyView {
    let title = match &rule.plan {
        Some(plan) => plan.get(locale).to_owned(),
        None if rule.product.is_empty() => kind_text(locale, &rule.kind).to_owned(),
        None => rule.product.clone(),
    };
    let share = |(party, points, name): (Party, u32, Option<String>)| {
        let name = name.map(|name| format!(" ({name})")).unwrap_or_default();
        format!("{}{name} {} %", party_text(locale, party), per_cent(points))
    };
    let shares: Vec<String> = rule.shares.into_iter().map(share).collect();
    view! {
        <li>
            <div>
                <p class="title">{title.clone()}</p>
                <p class="dim small">{shares.join(" · ")}</p>
            </div>
            <form method="post" action=RemoveRule::url()>
                <input type="hidden" name="kind" value=rule.kind/>
                <input type="hidden" name="product" value=rule.product/>
                <button class="button small">{t::payouts::remove_rule(locale, title)}</button>
            </form>
        </li>
    }
    .into_any()
}

fn whole(form: FormState, rules: Vec<RuleView>) -> AnyView {
    let locale = use_locale();
    let title = t::payouts::shares_title(locale);
    let removing = FormState::plain(RemoveRule::PATH);
    let none = rules.is_empty().then(|| view! { <p class="dim">{t::payouts::no_rules(locale)}</p> });
    let rows: Vec<_> = rules.into_iter().map(|rule| rule_row(locale, rule)).collect();
    let kinds = vec![
        ("course".to_owned(), t::payouts::a_course(locale).to_owned()),
        ("competition".to_owned(), t::payouts::a_competition(locale).to_owned()),
        ("plan".to_owned(), t::payouts::a_plan(locale).to_owned()),
    ];
    view! {
        <Title text=title/>
        <section class="wrap narrow section stack">
            <PageHead title=title lead=t::payouts::shares_lead(locale)/>
            <FormAlert form=removing/>
            {none}
            <ul class="rows">{rows}</ul>
            <h2>{t::payouts::write_rule(locale)}</h2>
            <form method="post" action=SetRule::url() class="stack">
                <FormAlert form/>
                <Select form name="kind" label=t::payouts::of_what(locale) options=kinds/>
                <TextInput form name="product" maxlength=64 label=t::payouts::product(locale) hint=t::payouts::product_hint(locale)/>
                <div class="fields">
                    <TextInput form name="platform" maxlength=8 label=t::payouts::platform_share(locale) inputmode="decimal"/>
                    <TextInput form name="owner" maxlength=8 label=t::payouts::owner_share(locale) inputmode="decimal"/>
                    <TextInput form name="prize_pool" maxlength=8 label=t::payouts::pool_share(locale) inputmode="decimal"/>
                </div>
                <div class="fields">
                    <TextInput form name="sponsor" maxlength=8 label=t::payouts::sponsor_share(locale) inputmode="decimal"/>
                    <TextInput form name="sponsor_name" maxlength=32 label=t::payouts::sponsor_name(locale)/>
                </div>
                <p class="button-row"><button class="button primary">{t::payouts::save_rule(locale)}</button></p>
            </form>
        </section>
    }
    .into_any()
}
