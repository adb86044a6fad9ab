//! The desk of plans: written, changed, offered and withdrawn by staff.

use domain::subscriptions::input::PlanInput;
use domain::subscriptions::{Interval, Tier};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use leptos_router::{LazyRoute, lazy_route};
use ui::{Breadcrumbs, Chip, ChipKind, Crumb, EmptyState, PageHead};

use crate::error::Answer;
use crate::features::subscriptions::api::{AddPlan, ChangePlan, OfferPlan, PlanRow, load_plan, load_plans};
use crate::features::subscriptions::parts::{interval_text, tier_text};
use crate::form::{FormAlert, FormState, Select, TextArea, TextInput};
use crate::i18n::{href, t, use_locale};
use crate::load::{Loaded, load};
use crate::parts::page;

/// Every plan.
pub struct PlansPage {
    plans: Loaded<Answer<Vec<PlanRow>>>,
    form: FormState,
}

#[lazy_route]
impl LazyRoute for PlansPage {
    fn data() -> Self {
        Self { plans: load(|| (), |()| load_plans()), form: FormState::plain(OfferPlan::PATH) }
    }

    fn view(this: Self) -> AnyView {
        let l = use_locale();
        let form = this.form;
        view! {
            <Title text=t::subscriptions::plans(l)/>
            <section class="wrap section">
                <PageHead title=t::subscriptions::plans(l) lead=t::subscriptions::plans_lead(l)/>
                <FormAlert form/>
                {page(this.plans, list)}
            </section>
        }
        .into_any()
    }
}

fn list(plans: Vec<PlanRow>) -> AnyView {
    let l = use_locale();
    let new = view! {
        <p class="button-row"><a class="button primary" href=href(l, "/admin/plans/new")>{t::subscriptions::new_plan(l)}</a></p>
    };
    if plans.is_empty() {
        return view! {
            <EmptyState title=t::subscriptions::no_plans(l) text=t::subscriptions::desk_empty(l)>{new}</EmptyState>
        }
        .into_any();
    }
    let rows: Vec<_> = plans.into_iter().map(|plan| view! { <PlanItem plan/> }).collect();
    view! {
        <div class="stack">{new} <ul class="rows">{rows}</ul></div>
    }
    .into_any()
}

#[component]
fn PlanItem(plan: PlanRow) -> impl IntoView {
    let l = use_locale();
    let prices: Vec<String> = plan.prices.iter().map(ToString::to_string).collect();
    let kind = t::subscriptions::named(l, tier_text(l, plan.tier), interval_text(l, plan.interval));
    let prices =
        (!prices.is_empty()).then(|| view! { <span class="number">{prices.join(" / ")}</span> " · " });
    let (chip, state, label) = if plan.active {
        (ChipKind::Done, t::subscriptions::offered(l), t::subscriptions::withdraw(l))
    } else {
        (ChipKind::Plain, t::subscriptions::withdrawn(l), t::subscriptions::offer(l))
    };
    view! {
        <li>
            <div>
                <h2 class="title"><a href=href(l, &format!("/admin/plans/{}", plan.id))>{plan.title.get(l).to_owned()}</a></h2>
                <p class="dim small">
                    {kind} " · " {prices} {t::subscriptions::subscribers(l, plan.subscribers)}
                </p>
            </div>
            <div class="cluster">
                <Chip kind=chip>{state}</Chip>
                <form method="post" action=OfferPlan::url()>
                    <input type="hidden" name="plan" value=plan.id.to_string()/>
                    <input type="hidden" name="active" value=(!plan.active).to_string()/>
                    <button class="button small">{label}</button>
                </form>
            </div>
        </li>
    }
}

/// The form of a new plan.
pub struct NewPlanPage {
    form: FormState,
}

#[lazy_route]
impl LazyRoute for NewPlanPage {
    fn data() -> Self {
        Self { form: FormState::plain(AddPlan::PATH) }
    }

    fn view(this: Self) -> AnyView {
        let l = use_locale();
        let form = this.form;
        let raw = PlanInput {
            tier: "basic".to_owned(),
            interval: "month".to_owned(),
            trial_days: "7".to_owned(),
            grace_days: "3".to_owned(),
            retry_days: "1, 3, 5".to_owned(),
            ..PlanInput::default()
        };
        let crumbs = vec![
            Crumb::to(t::subscriptions::plans(l), href(l, "/admin/plans")),
            Crumb::here(t::subscriptions::new_plan(l)),
        ];
        view! {
            <Title text=t::subscriptions::new_plan(l)/>
            <section class="wrap narrow section">
                <Breadcrumbs items=crumbs label=t::subscriptions::plans(l)/>
                <PageHead title=t::subscriptions::new_plan(l) lead=t::subscriptions::new_plan_lead(l)/>
                <form class="stack" method="post" action=AddPlan::url()>
                    <FormAlert form/>
                    <PlanFields form raw fixed=false/>
                    <button class="button primary">{t::subscriptions::save(l)}</button>
                </form>
            </section>
        }
        .into_any()
    }
}

/// The form of a plan.
pub struct EditPlanPage {
    plan: Loaded<Answer<(PlanRow, PlanInput)>>,
    form: FormState,
}

#[lazy_route]
impl LazyRoute for EditPlanPage {
    fn data() -> Self {
        let params = use_params_map();
        let source = move || params.read().get("id").unwrap_or_default();
        Self { plan: load(source, load_plan), form: FormState::plain(ChangePlan::PATH) }
    }

    fn view(this: Self) -> AnyView {
        let l = use_locale();
        let form = this.form;
        page(this.plan, move |(plan, raw)| {
            let title = plan.title.get(l).to_owned();
            let crumbs = vec![
                Crumb::to(t::subscriptions::plans(l), href(l, "/admin/plans")),
                Crumb::here(title.clone()),
            ];
            view! {
                <Title text=title.clone()/>
                <section class="wrap narrow section">
                    <Breadcrumbs items=crumbs label=t::subscriptions::plans(l)/>
                    <PageHead title=title lead=t::subscriptions::edit_plan_lead(l)/>
                    <form class="stack" method="post" action=ChangePlan::url()>
                        <FormAlert form/>
                        <input type="hidden" name="plan" value=plan.id.to_string()/>
                        <PlanFields form raw fixed=true/>
                        <button class="button primary">{t::subscriptions::save(l)}</button>
                    </form>
                </section>
            }
            .into_any()
        })
    }
}

/// Every field of a plan; tier and interval of a plan that exists stay as they are.
#[component]
fn PlanFields(form: FormState, raw: PlanInput, fixed: bool) -> impl IntoView {
    let l = use_locale();
    let tiers = Tier::ALL.iter().filter(|tier| !fixed || tier.as_str() == raw.tier);
    let tiers =
        tiers.map(|tier| (tier.as_str().to_owned(), tier_text(l, *tier).to_owned())).collect::<Vec<_>>();
    let intervals = Interval::ALL.iter().filter(|interval| !fixed || interval.as_str() == raw.interval);
    let intervals = intervals
        .map(|interval| (interval.as_str().to_owned(), interval_text(l, *interval).to_owned()))
        .collect::<Vec<_>>();
    view! {
        <div class="fields">
            <Select form name="tier" label=t::subscriptions::field_tier(l) options=tiers value=raw.tier/>
            <Select form name="interval" label=t::subscriptions::field_interval(l) options=intervals value=raw.interval/>
        </div>
        <TextInput form name="title_en" maxlength=60 label=t::subscriptions::field_title_en(l) value=raw.title_en required=true/>
        <TextInput form name="title_zh" maxlength=60 label=t::subscriptions::field_title_zh(l) value=raw.title_zh required=true/>
        <TextInput form name="summary_en" maxlength=200 label=t::subscriptions::field_summary_en(l) value=raw.summary_en/>
        <TextInput form name="summary_zh" maxlength=200 label=t::subscriptions::field_summary_zh(l) value=raw.summary_zh/>
        <div class="fields">
            <TextInput form name="price_cny" maxlength=20 label=t::subscriptions::field_price_cny(l) value=raw.price_cny inputmode="decimal"/>
            <TextInput form name="price_usd" maxlength=20 label=t::subscriptions::field_price_usd(l) value=raw.price_usd inputmode="decimal"/>
        </div>
        <div class="fields">
            <TextInput form name="trial_days" maxlength=3 label=t::subscriptions::field_trial(l) value=raw.trial_days inputmode="numeric"/>
            <TextInput form name="grace_days" maxlength=3 label=t::subscriptions::field_grace(l) value=raw.grace_days inputmode="numeric"/>
            <TextInput form name="retry_days" maxlength=40 label=t::subscriptions::field_retries(l) value=raw.retry_days/>
        </div>
        <TextArea form name="opens" label=t::subscriptions::field_opens(l) value=raw.opens hint=t::subscriptions::field_opens_hint(l) rows=6/>
    }
}
