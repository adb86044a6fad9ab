//! What staff and experts do: coupons, bundles, places given for nothing.

use domain::locale::Locale;
use domain::page::Page;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use leptos_router::{LazyRoute, lazy_route};
use ui::{Chip, ChipKind, EmptyState, PageHead};

use super::bundle::parts;
use crate::error::Answer;
use crate::features::offers::api::BundleView;
use crate::features::offers::desk::{
    BundleState, CouponRow, CouponState, GrantRow, NewBundle, NewCoupon, NewGrant, load_coupons,
    load_desk_bundles, load_grants,
};
use crate::form::{Checkbox, FormAlert, FormState, Select, TextArea, TextInput};
use crate::i18n::{href, t, use_locale};
use crate::load::{Loaded, load};
use crate::parts::{When, older, page};

/// The coupons.
pub struct CouponsPage {
    coupons: Loaded<Answer<Page<CouponRow>>>,
}

#[lazy_route]
impl LazyRoute for CouponsPage {
    fn data() -> Self {
        Self { coupons: load(after(), load_coupons) }
    }

    fn view(this: Self) -> AnyView {
        page(this.coupons, coupons)
    }
}

/// The cursor in the address.
fn after() -> impl Fn() -> Option<String> + Send + Sync + 'static {
    let query = use_query_map();
    move || query.read().get("after")
}

fn currencies() -> Vec<(String, String)> {
    domain::money::Currency::ALL.map(|one| (one.code().to_owned(), one.code().to_owned())).to_vec()
}

fn coupons(page: Page<CouponRow>) -> AnyView {
    let locale = use_locale();
    let form = FormState::plain(NewCoupon::PATH);
    let changing = FormState::plain(CouponState::PATH);
    let title = t::offers::coupons(locale);
    let next = older(locale, "/admin/coupons", page.next);
    let none = page.items.is_empty().then(|| {
        view! { <EmptyState title=t::offers::no_coupons(locale) text=t::offers::no_coupons_text(locale)/> }
    });
    let rows: Vec<_> = page.items.into_iter().map(|row| coupon_row(locale, row)).collect();
    let mut units = vec![("percent".to_owned(), "%".to_owned())];
    units.extend(currencies());
    view! {
        <Title text=title/>
        <section class="wrap section stack">
            <PageHead title=title lead=t::offers::coupons_lead(locale)/>
            <FormAlert form=changing/>
            {none}
            <ul class="rows">{rows}</ul>
            {next}
            <h2>{t::offers::new_coupon(locale)}</h2>
            <form class="stack narrow" method="post" action=NewCoupon::url()>
                <FormAlert form/>
                <TextInput form name="code" maxlength=40 label=t::offers::coupon(locale) required=true/>
                <TextInput form name="value" maxlength=20 label=t::offers::value(locale) inputmode="decimal" required=true/>
                <Select form name="unit" label=t::offers::unit(locale) options=units/>
                <TextInput form name="from" label=t::offers::from(locale) kind="date" hint=t::offers::day_hint(locale)/>
                <TextInput form name="until" label=t::offers::until(locale) kind="date"/>
                <TextInput form name="limit" maxlength=9 label=t::offers::limit(locale) inputmode="numeric"/>
                <TextInput form name="account_limit" maxlength=9 label=t::offers::account_limit(locale) inputmode="numeric"/>
                <Checkbox form name="stacks" label=t::offers::stacks(locale)/>
                <TextArea form name="bound" label=t::offers::bound(locale) hint=t::offers::bound_hint(locale) rows=2/>
                <TextInput form name="note" maxlength=200 label=t::offers::note(locale)/>
                <button class="button primary">{t::offers::make(locale)}</button>
            </form>
        </section>
    }
    .into_any()
}

fn coupon_row(locale: Locale, row: CouponRow) -> AnyView {
    let coupon = row.coupon;
    let used = match coupon.limit {
        Some(limit) => t::offers::uses(locale, row.uses, limit),
        None => t::offers::uses_unlimited(locale, row.uses),
    };
    let things = coupon.things.len() + coupon.bundles.len();
    let rules = [
        Some(used),
        coupon.account_limit.map(|count| t::offers::per_account(locale, count)),
        coupon.stacks.then(|| t::offers::beside_others(locale).to_owned()),
        (things > 0).then(|| t::offers::for_some_things(locale, things)),
        (!row.note.is_empty()).then_some(row.note),
    ];
    let rules = rules.into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let (kind, state, text) = if coupon.active {
        (ChipKind::Done, t::offers::coupon_usable(locale), t::offers::withdraw(locale))
    } else {
        (ChipKind::Plain, t::offers::coupon_withdrawn(locale), t::offers::allow(locale))
    };
    // Days are written in UTC; here stands when they begin and end where the reader is.
    let until = coupon.until.map(|at| view! { " – " <When at/> });
    view! {
        <li>
            <div>
                <h2 class="title"><code>{coupon.code}</code>" −"<span class="number">{coupon.cut.to_string()}</span></h2>
                <p class="dim small"><When at=coupon.from/>{until}" · "{rules}</p>
            </div>
            <div class="cluster">
                <Chip kind=kind>{state}</Chip>
                <form method="post" action=CouponState::url()>
                    <input type="hidden" name="id" value=coupon.id.to_string()/>
                    <input type="hidden" name="active" value=(!coupon.active).to_string()/>
                    <button class="button small">{text}</button>
                </form>
            </div>
        </li>
    }
    .into_any()
}

/// The bundles that the caller may change.
pub struct BundleDeskPage {
    bundles: Loaded<Answer<Page<BundleView>>>,
}

#[lazy_route]
impl LazyRoute for BundleDeskPage {
    fn data() -> Self {
        Self { bundles: load(after(), load_desk_bundles) }
    }

    fn view(this: Self) -> AnyView {
        page(this.bundles, bundles)
    }
}

fn bundles(page: Page<BundleView>) -> AnyView {
    let locale = use_locale();
    let form = FormState::plain(NewBundle::PATH);
    let changing = FormState::plain(BundleState::PATH);
    let title = t::offers::bundles(locale);
    let next = older(locale, "/admin/bundles", page.next);
    let none = page.items.is_empty().then(|| {
        view! { <EmptyState title=t::offers::no_bundles(locale) text=t::offers::no_own_bundles(locale) icon="book-open"/> }
    });
    let rows: Vec<_> = page.items.into_iter().map(|row| bundle_row(locale, row)).collect();
    view! {
        <Title text=title/>
        <section class="wrap section stack">
            <PageHead title=title lead=t::offers::desk_lead(locale)/>
            <FormAlert form=changing/>
            {none}
            <div class="stack">{rows}</div>
            {next}
            <h2>{t::offers::new_bundle(locale)}</h2>
            <form class="stack narrow" method="post" action=NewBundle::url()>
                <FormAlert form/>
                <TextInput form name="title_en" maxlength=120 label=t::offers::title_en(locale) required=true/>
                <TextInput form name="title_zh" maxlength=120 label=t::offers::title_zh(locale) required=true/>
                <TextArea form name="about_en" maxlength=1000 label=t::offers::about_en(locale) rows=3/>
                <TextArea form name="about_zh" maxlength=1000 label=t::offers::about_zh(locale) rows=3/>
                <TextInput form name="price" maxlength=20 label=t::courses::price(locale) inputmode="decimal" required=true/>
                <Select form name="currency" label=t::payouts::currency(locale) options=currencies()/>
                <TextArea form name="courses" label=t::offers::course_addresses(locale) hint=t::offers::courses_hint(locale) rows=4/>
                <button class="button primary">{t::offers::make(locale)}</button>
            </form>
        </section>
    }
    .into_any()
}

fn bundle_row(locale: Locale, bundle: BundleView) -> AnyView {
    let sold = bundle.state == "published";
    let (state, text) =
        if sold { ("closed", t::offers::close(locale)) } else { ("published", t::offers::publish(locale)) };
    let (kind, word) = match bundle.state.as_str() {
        "published" => (ChipKind::Done, t::offers::bundle_sold(locale)),
        "closed" => (ChipKind::Plain, t::offers::bundle_is_closed(locale)),
        _ => (ChipKind::Warning, t::offers::bundle_draft(locale)),
    };
    let link = sold.then(|| href(locale, &format!("/bundles/{}", bundle.id)));
    let address = format!("bundle:{}", bundle.id);
    view! {
        <section>
            <h2 class="title">{bundle.title.get(locale).to_owned()}" "<span class="number">{bundle.price.to_string()}</span></h2>
            <p class="cluster"><Chip kind=kind>{word}</Chip> <code class="dim small">{address}</code></p>
            {parts(locale, &bundle)}
            <div class="button-row">
                <form method="post" action=BundleState::url()>
                    <input type="hidden" name="id" value=bundle.id.to_string()/>
                    <input type="hidden" name="state" value=state/>
                    <button class="button small">{text}</button>
                </form>
                {link.map(|to| view! { <a class="button small quiet" href=to>{t::orders::to_thing(locale)}</a> })}
            </div>
        </section>
    }
    .into_any()
}

/// Places that the platform gives for nothing.
pub struct GrantsPage {
    grants: Loaded<Answer<Page<GrantRow>>>,
}

#[lazy_route]
impl LazyRoute for GrantsPage {
    fn data() -> Self {
        Self { grants: load(after(), load_grants) }
    }

    fn view(this: Self) -> AnyView {
        page(this.grants, grants)
    }
}

fn grants(page: Page<GrantRow>) -> AnyView {
    let locale = use_locale();
    let form = FormState::plain(NewGrant::PATH);
    let title = t::offers::grants(locale);
    let next = older(locale, "/admin/grants", page.next);
    let none = page.items.is_empty().then(|| {
        view! { <EmptyState title=t::offers::no_grants(locale) text=t::offers::no_grants_text(locale)/> }
    });
    let rows: Vec<_> = page
        .items
        .into_iter()
        .map(|row| {
            view! {
                <li>
                    <div>
                        <h2 class="title">{row.title.get(locale).to_owned()}</h2>
                        <p class="dim small">{t::offers::granted(locale, row.granter, row.username)}" · "{row.note}</p>
                    </div>
                    <div class="dim small"><When at=row.at/></div>
                </li>
            }
        })
        .collect();
    view! {
        <Title text=title/>
        <section class="wrap section stack">
            <PageHead title=title lead=t::offers::grants_lead(locale)/>
            <form class="stack narrow" method="post" action=NewGrant::url()>
                <FormAlert form/>
                <TextInput form name="username" maxlength=33 label=t::offers::username(locale) required=true/>
                <TextInput form name="course" maxlength=64 label=t::offers::course_address(locale) required=true/>
                <TextInput form name="note" maxlength=300 label=t::offers::why(locale) hint=t::offers::why_hint(locale) required=true/>
                <button class="button primary">{t::offers::grant(locale)}</button>
            </form>
            <h2>{t::offers::given(locale)}</h2>
            {none}
            <ul class="rows">{rows}</ul>
            {next}
        </section>
    }
    .into_any()
}
