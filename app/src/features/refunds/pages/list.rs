//! Every refund and every policy, for staff.

use domain::locale::Locale;
use domain::refunds::RefundState;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use leptos_router::{LazyRoute, lazy_route};
use ui::{PageHead, Tab, Tabs};

use crate::error::Answer;
use crate::features::refunds::api::{
    BindPolicy, BoundProduct, NewPolicy, PolicyView, RefundDesk, UnbindPolicy, list_refunds, load_policies,
};
use crate::features::refunds::parts::{policy_text, refund_row, state_text};
use crate::form::{Checkbox, FormAlert, FormState, Select, TextInput};
use crate::i18n::{href, t, use_locale};
use crate::load::{Loaded, load};
use crate::parts::{count_of, counted, more, page};

type Both = (RefundDesk, Vec<PolicyView>);

/// Refunds and policies.
pub struct RefundsPage {
    both: Loaded<Answer<Both>>,
    state: Memo<Option<String>>,
}

#[lazy_route]
impl LazyRoute for RefundsPage {
    fn data() -> Self {
        let query = use_query_map();
        let state = Memo::new(move |_| query.read().get("state"));
        let asked = move || (state.get(), query.read().get("after"));
        let asking =
            |(state, after)| async { Ok((list_refunds(state, after).await?, load_policies().await?)) };
        Self { both: load(asked, asking), state }
    }

    fn view(this: Self) -> AnyView {
        let state = this.state;
        page(this.both, move |both| whole(state.get_untracked().as_deref(), both))
    }
}

fn policy_row(locale: Locale, view: PolicyView) -> AnyView {
    let kinds: Vec<_> = ["course", "competition", "plan"]
        .into_iter()
        .map(|kind| {
            let text = match kind {
                "course" => t::refunds::kind_course(locale),
                "competition" => t::refunds::kind_competition(locale),
                _ => t::refunds::kind_plan(locale),
            };
            if view.kinds.iter().any(|bound| bound == kind) {
                return view! { <span class="chip done">{text}</span> }.into_any();
            }
            if kind != "competition" && view.policy.needs_start() {
                return ().into_any();
            }
            let code = view.policy.code.clone();
            view! {
                <form method="post" action=BindPolicy::url()>
                    <input type="hidden" name="kind" value=kind/>
                    <input type="hidden" name="policy" value=code/>
                    <button class="button small">{t::refunds::bind(locale, text)}</button>
                </form>
            }
            .into_any()
        })
        .collect();
    let products: Vec<_> = view.products.into_iter().map(|product| bound_row(locale, product)).collect();
    view! {
        <li>
            <div>
                <p class="title">{view.name.get(locale).to_owned()}</p>
                <p class="dim small sentence">{policy_text(locale, &view.policy)}</p>
                {products}
            </div>
            <div class="cluster">{kinds}</div>
        </li>
    }
    .into_any()
}

/// A product with a policy of its own, and the button that takes it away.
fn bound_row(locale: Locale, bound: BoundProduct) -> AnyView {
    let title = bound.title.get(locale).to_owned();
    let title = if title.is_empty() { bound.product.clone() } else { title };
    view! {
        <form class="cluster" method="post" action=UnbindPolicy::url()>
            <input type="hidden" name="kind" value=bound.kind/>
            <input type="hidden" name="product" value=bound.product/>
            <span>{title.clone()}</span>
            <button class="button small quiet">{t::refunds::unbind(locale)} <span class="visually-hidden">{title}</span></button>
        </form>
    }
    .into_any()
}

/// The form that gives one product a policy of its own.
fn product_form(locale: Locale, form: FormState, policies: &[PolicyView]) -> AnyView {
    let kinds = vec![
        ("course".to_owned(), t::payouts::a_course(locale).to_owned()),
        ("competition".to_owned(), t::payouts::a_competition(locale).to_owned()),
        ("plan".to_owned(), t::payouts::a_plan(locale).to_owned()),
    ];
    let choices: Vec<_> =
        policies.iter().map(|view| (view.policy.code.clone(), view.name.get(locale).to_owned())).collect();
    view! {
        <form class="stack narrow" method="post" action=BindPolicy::url()>
            <FormAlert form/>
            <Select form name="kind" label=t::payouts::of_what(locale) options=kinds/>
            <TextInput form name="product" maxlength=64 label=t::payouts::product(locale) hint=t::refunds::product_hint(locale) required=true/>
            <Select form name="policy" label=t::refunds::policy(locale) options=choices/>
            <p><button class="button">{t::refunds::bind_product(locale)}</button></p>
        </form>
    }
    .into_any()
}

fn whole(state: Option<&str>, (desk, policies): Both) -> AnyView {
    let locale = use_locale();
    let title = t::refunds::staff_title(locale);
    let form = FormState::plain(BindPolicy::PATH);
    let (making, unbinding) = (FormState::plain(NewPolicy::PATH), FormState::plain(UnbindPolicy::PATH));
    let path = href(locale, "/admin/refunds");
    let all = Tab { label: t::refunds::all(locale).to_owned(), href: path.clone(), current: state.is_none() };
    let of = |one: RefundState| Tab {
        label: counted(state_text(locale, one), count_of(&desk.waiting, &one)),
        href: format!("{path}?state={}", one.as_str()),
        current: state == Some(one.as_str()),
    };
    let tabs: Vec<Tab> = std::iter::once(all).chain(RefundState::ALL.into_iter().map(of)).collect();
    let next = more(locale, desk.refunds.next, |next| match state {
        Some(state) => format!("{path}?state={state}&after={next}"),
        None => format!("{path}?after={next}"),
    });
    let refunds = desk.refunds.items;
    let none = refunds.is_empty().then(|| view! { <p class="dim">{t::refunds::none(locale)}</p> });
    let rows: Vec<_> = refunds.into_iter().map(|refund| refund_row(locale, refund, true)).collect();
    let of_product = product_form(locale, form, &policies);
    let policies: Vec<_> = policies.into_iter().map(|policy| policy_row(locale, policy)).collect();
    view! {
        <Title text=title/>
        <section class="wrap section stack">
            <PageHead title=title lead=t::refunds::staff_lead(locale)/>
            <FormAlert form=unbinding/>
            <Tabs label=title items=tabs/>
            {none}
            <ul class="rows">{rows}</ul>
            {next}
            <p><a class="button" href=href(locale, "/admin/orders")>{t::orders::every_title(locale)}</a></p>
            <h2>{t::refunds::policies(locale)}</h2>
            <ul class="rows">{policies}</ul>
            <h2>{t::refunds::one_product(locale)}</h2>
            {of_product}
            <h2>{t::refunds::new_policy(locale)}</h2>
            <form class="stack narrow" method="post" action=NewPolicy::url()>
                <FormAlert form=making/>
                <TextInput form=making name="code" maxlength=40 label=t::refunds::code(locale) required=true/>
                <TextInput form=making name="name_en" maxlength=80 label=t::refunds::name_en(locale) required=true/>
                <TextInput form=making name="name_zh" maxlength=80 label=t::refunds::name_zh(locale) required=true/>
                <Checkbox form=making name="self_service" label=t::refunds::self_service(locale)/>
                <TextInput form=making name="hours" maxlength=6 label=t::refunds::hours(locale) inputmode="numeric"/>
                <TextInput form=making name="consumed_percent" maxlength=3 label=t::refunds::consumed_percent(locale) inputmode="numeric"/>
                <Checkbox form=making name="until_start" label=t::refunds::only_until_start(locale)/>
                <p><button class="button primary">{t::refunds::make(locale)}</button></p>
            </form>
        </section>
    }
    .into_any()
}
