//! What people changed about money without moving any.

use domain::locale::Locale;
use domain::page::Page;
use domain::payments::LogEvent;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use leptos_router::{LazyRoute, lazy_route};
use ui::PageHead;

use crate::error::Answer;
use crate::features::finance::api::{LogEntry, load_log};
use crate::i18n::{t, use_locale};
use crate::load::{Loaded, load};
use crate::parts::{When, older, page};

/// The log of changes.
pub struct LogPage {
    log: Loaded<Answer<Page<LogEntry>>>,
}

#[lazy_route]
impl LazyRoute for LogPage {
    fn data() -> Self {
        let query = use_query_map();
        Self { log: load(move || query.read().get("after"), load_log) }
    }

    fn view(this: Self) -> AnyView {
        page(this.log, whole)
    }
}

fn event_text(locale: Locale, event: LogEvent) -> &'static str {
    match event {
        LogEvent::CouponWithdrawn => t::finance::log_coupon_withdrawn(locale),
        LogEvent::CouponAllowed => t::finance::log_coupon_allowed(locale),
        LogEvent::PlanChanged => t::finance::log_plan_changed(locale),
        LogEvent::PlanOffered => t::finance::log_plan_offered(locale),
        LogEvent::PlanWithdrawn => t::finance::log_plan_withdrawn(locale),
        LogEvent::SharesWritten => t::finance::log_shares_written(locale),
        LogEvent::SharesRemoved => t::finance::log_shares_removed(locale),
        LogEvent::PrizesWritten => t::finance::log_prizes_written(locale),
        LogEvent::PromiseBound => t::finance::log_promise_bound(locale),
        LogEvent::PromiseUnbound => t::finance::log_promise_unbound(locale),
        LogEvent::PaymentAsked => t::finance::log_payment_asked(locale),
        LogEvent::NoticeRetried => t::finance::log_notice_retried(locale),
    }
}

fn row(locale: Locale, entry: LogEntry) -> AnyView {
    let detail = (!entry.detail.is_empty()).then(|| view! { " · " {entry.detail} });
    view! {
        <li>
            <div>
                <p class="title">{event_text(locale, entry.event)} " " <span class="said">{entry.about}</span></p>
                <p class="dim small">{format!("@{}", entry.username)} {detail}</p>
            </div>
            <div class="dim small"><When at=entry.at/></div>
        </li>
    }
    .into_any()
}

fn whole(log: Page<LogEntry>) -> AnyView {
    let locale = use_locale();
    let title = t::finance::log(locale);
    let next = older(locale, "/admin/finance/log", log.next);
    let none = log.items.is_empty().then(|| {
        view! { <p class="dim">{t::finance::log_nothing(locale)}</p> }
    });
    let rows: Vec<_> = log.items.into_iter().map(|entry| row(locale, entry)).collect();
    view! {
        <Title text=title/>
        <section class="wrap section stack">
            <PageHead title=title lead=t::finance::log_lead(locale)/>
            {none}
            <ul class="rows">{rows}</ul>
            {next}
        </section>
    }
    .into_any()
}
