//! My subscription: where it stands, until when things stay open and why, what may change.

use domain::locale::Locale;
use domain::subscriptions::SubscriptionState;
use domain::subscriptions::change::When as ChangeWhen;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;
use leptos_router::{LazyRoute, lazy_route};
use ui::{Alert, AlertKind, EmptyState, Fact, Facts, PageHead};

use crate::confirm::Confirm;
use crate::error::Answer;
use crate::features::orders::parts::StateChip as OrderChip;
use crate::features::payments::api::ForgetCard;
use crate::features::subscriptions::api::{
    CancelSubscription, ChangeOffer, ChangeSubscription, InvoiceRow, Mine, PaySubscription, RenewFromWallet,
    ResumeSubscription, SubscriptionView, my_subscription,
};
use crate::features::subscriptions::parts::{StateChip, event_text, interval_text, kind_text, per_text};
use crate::form::{FormAlert, FormState};
use crate::i18n::{href, t, use_locale};
use crate::load::{Loaded, load};
use crate::parts::{When, page};

/// The page of the own subscription.
pub struct SubscriptionPage {
    mine: Loaded<Answer<Mine>>,
    forms: [FormState; 6],
}

#[lazy_route]
impl LazyRoute for SubscriptionPage {
    fn data() -> Self {
        let mine = load(|| (), |()| my_subscription());
        let forms = [
            FormState::plain(PaySubscription::PATH),
            FormState::plain(ChangeSubscription::PATH),
            FormState::plain(CancelSubscription::PATH),
            FormState::plain(ResumeSubscription::PATH),
            FormState::plain(ForgetCard::PATH),
            FormState::plain(RenewFromWallet::PATH),
        ];
        Self { mine, forms }
    }

    fn view(this: Self) -> AnyView {
        let l = use_locale();
        let alerts: Vec<_> = this.forms.into_iter().map(|form| view! { <FormAlert form/> }).collect();
        view! {
            <Title text=t::subscriptions::mine(l)/>
            <section class="wrap narrow section">
                {alerts}
                {page(this.mine, whole)}
            </section>
        }
        .into_any()
    }
}

fn whole(mine: Mine) -> AnyView {
    let l = use_locale();
    let Some(sub) = mine.subscription else {
        return view! {
            <PageHead title=t::subscriptions::mine(l)/>
            <EmptyState title=t::subscriptions::none_title(l) text=t::subscriptions::none_text(l)>
                <a class="button primary" href=href(l, "/pricing")>{t::subscriptions::see_plans(l)}</a>
            </EmptyState>
            {card(l, mine.card)}
            {invoices(l, mine.invoices)}
        }
        .into_any();
    };
    view! {
        <PageHead title=sub.title.get(l).to_owned() eyebrow=t::subscriptions::mine(l)>
            <StateChip state=sub.state/>
        </PageHead>
        <div class="stack">{notice(l, &sub)} {facts(l, &sub)} {actions(l, &sub)}</div>
        {card(l, mine.card)}
        {balance(l, &sub)}
        {changes(l, &sub)}
        {invoices(l, mine.invoices)}
        {history(l, &sub)}
    }
    .into_any()
}

/// What there is to say about the state.
fn notice(l: Locale, sub: &SubscriptionView) -> AnyView {
    let (kind, text) = match sub.state {
        SubscriptionState::Trialing => (AlertKind::Note, t::subscriptions::is_trialing(l)),
        SubscriptionState::Active => (AlertKind::Success, t::subscriptions::is_active(l)),
        SubscriptionState::PastDue => (AlertKind::Warning, t::subscriptions::is_past_due(l)),
        SubscriptionState::Canceled => (AlertKind::Note, t::subscriptions::is_canceled(l)),
        SubscriptionState::Expired => (AlertKind::Note, t::subscriptions::is_expired(l)),
    };
    view! { <Alert kind=kind>{text}</Alert> }.into_any()
}

fn facts(l: Locale, sub: &SubscriptionView) -> AnyView {
    let (from, until) = sub.period;
    let next = sub.next_price.map(|price| {
        let title = sub.next_title.as_ref().map(|title| format!("{}: ", title.get(l)));
        view! {
            <Fact term=t::subscriptions::next_period(l)>
                {title.clone()} <span class="number">{price.to_string()}</span> ", " <When at=until date_only=true/>
            </Fact>
        }
    });
    let grace = sub.grace_days;
    let access = sub.access_until.map(|at| {
        let order = sub.because.map(|order| {
            let to = href(l, &format!("/orders/{order}"));
            view! { <a href=to>{t::subscriptions::by_order(l)}</a> }
        });
        view! {
            <Fact term=t::subscriptions::open_until(l)>
                <When at/> " · " {order}
                <span class="dim small">" "{t::subscriptions::why_until(l, grace)}</span>
            </Fact>
        }
    });
    let interval = sub.interval;
    let ended = sub.ended_at.map(|at| view! { <Fact term=t::subscriptions::ended_at(l)><When at/></Fact> });
    view! {
        <Facts>
            <Fact term=t::subscriptions::paid_by(l)>{interval_text(l, interval)}</Fact>
            <Fact term=t::subscriptions::period(l)>
                <When at=from date_only=true/> " – " <When at=until date_only=true/>
            </Fact>
            {next}
            {access}
            {ended}
        </Facts>
    }
    .into_any()
}

/// What one may do now.
fn actions(l: Locale, sub: &SubscriptionView) -> AnyView {
    let due = sub.state == SubscriptionState::PastDue || sub.open_order.is_some();
    let pay = due.then(|| {
        view! {
            <form method="post" action=PaySubscription::url()>
                <button class="button primary">{t::subscriptions::pay_now(l)}</button>
            </form>
        }
    });
    let cancel = sub.state.renews().then(|| cancel(l, sub));
    let resume = (sub.state == SubscriptionState::Canceled).then(|| {
        view! {
            <form method="post" action=ResumeSubscription::url()>
                <button class="button primary">{t::subscriptions::resume(l)}</button>
            </form>
        }
    });
    let again = (sub.state == SubscriptionState::Expired).then(|| {
        view! { <a class="button primary" href=href(l, "/pricing")>{t::subscriptions::see_plans(l)}</a> }
    });
    let forget = sub.next_title.is_some().then(|| {
        view! {
            <form method="post" action=ChangeSubscription::url()>
                <input type="hidden" name="plan" value=sub.plan.to_string()/>
                <button class="button">{t::subscriptions::keep_plan(l, sub.title.get(l))}</button>
            </form>
        }
    });
    view! { <div class="button-row">{pay}{resume}{again}{forget}{cancel}</div> }.into_any()
}

/// Cancelling: at the end of a paid period one may still resume; what is overdue ends at once.
fn cancel(l: Locale, sub: &SubscriptionView) -> AnyView {
    if sub.state == SubscriptionState::PastDue {
        return view! {
            <Confirm
                id="end-subscription"
                label=t::subscriptions::end_now(l)
                title=t::subscriptions::end_title(l, sub.title.get(l))
                text=t::subscriptions::end_text(l)
                deed=t::subscriptions::end_now(l)
                action=CancelSubscription::url()
                fields=Vec::new()
            />
        }
        .into_any();
    }
    view! {
        <form method="post" action=CancelSubscription::url()>
            <button class="button">{t::subscriptions::cancel(l)}</button>
        </form>
    }
    .into_any()
}

/// The card to which renewals are charged, and how to be rid of it.
fn card(l: Locale, card: Option<String>) -> AnyView {
    let Some(label) = card else { return ().into_any() };
    view! {
        <h2>{t::subscriptions::card(l)}</h2>
        <ul class="rows compact">
            <li>
                <div>
                    <h3>{label}</h3>
                    <p class="small dim">{t::subscriptions::card_note(l)}</p>
                </div>
                <form method="post" action=ForgetCard::url()>
                    <button class="button small">{t::subscriptions::forget_card(l)}</button>
                </form>
            </li>
        </ul>
    }
    .into_any()
}

/// Whether renewals are paid from the balance, and how to change that.
fn balance(l: Locale, sub: &SubscriptionView) -> AnyView {
    if !sub.state.renews() {
        return ().into_any();
    }
    let (note, text) = if sub.wallet {
        (t::subscriptions::balance_on(l), t::subscriptions::balance_stop(l))
    } else {
        (t::subscriptions::balance_off(l), t::subscriptions::balance_use(l))
    };
    view! {
        <h2>{t::subscriptions::balance(l)}</h2>
        <ul class="rows compact">
            <li>
                <p class="small">{note}</p>
                <form method="post" action=RenewFromWallet::url()>
                    <input type="hidden" name="wallet" value=(!sub.wallet).to_string()/>
                    <button class="button small">{text}</button>
                </form>
            </li>
        </ul>
    }
    .into_any()
}

fn changes(l: Locale, sub: &SubscriptionView) -> AnyView {
    if sub.changes.is_empty() {
        return ().into_any();
    }
    let waits = sub.state == SubscriptionState::Canceled;
    let rows: Vec<_> = sub
        .changes
        .iter()
        .filter(|offer| !(waits && offer.when == ChangeWhen::AtPeriodEnd))
        .cloned()
        .map(|offer| change_row(l, offer))
        .collect();
    view! {
        <h2 id="change">{t::subscriptions::change(l)}</h2>
        <p class="dim">{t::subscriptions::change_lead(l)}</p>
        <ul class="rows">{rows}</ul>
    }
    .into_any()
}

fn change_row(l: Locale, offer: ChangeOffer) -> AnyView {
    let text = match offer.when {
        ChangeWhen::Now if offer.credit.is_zero() => t::subscriptions::now_for(l, offer.due),
        ChangeWhen::Now => t::subscriptions::now_with_credit(l, offer.credit, offer.due),
        ChangeWhen::AtPeriodEnd => t::subscriptions::at_period_end(l).to_owned(),
    };
    let title = t::subscriptions::named(l, offer.title.get(l), interval_text(l, offer.interval));
    let label = t::subscriptions::change_button(l, &title);
    view! {
        <li>
            <div>
                <h3>{title}</h3>
                <p class="small dim">
                    <span class="number">{offer.price.to_string()}</span> " " {per_text(l, offer.interval)}
                </p>
                <p class="small dim">{text}</p>
            </div>
            <form method="post" action=ChangeSubscription::url()>
                <input type="hidden" name="plan" value=offer.plan.to_string()/>
                <button class="button small">{label}</button>
            </form>
        </li>
    }
    .into_any()
}

fn invoices(l: Locale, invoices: Vec<InvoiceRow>) -> AnyView {
    if invoices.is_empty() {
        return ().into_any();
    }
    let rows: Vec<_> = invoices
        .into_iter()
        .map(|invoice| {
            let to = href(l, &format!("/orders/{}", invoice.order));
            view! {
                <li>
                    <div>
                        <h3><a href=to>{t::subscriptions::named(l, invoice.title.get(l), kind_text(l, invoice.kind))}</a></h3>
                        <p class="small dim">
                            <span class="number">{invoice.number}</span> " · "
                            <When at=invoice.period.0 date_only=true/> " – " <When at=invoice.period.1 date_only=true/>
                        </p>
                    </div>
                    <div class="cluster">
                        <OrderChip state=invoice.state locale=l/>
                        <span class="number">{invoice.total.to_string()}</span>
                    </div>
                </li>
            }
        })
        .collect();
    view! {
        <h2>{t::subscriptions::invoices(l)}</h2>
        <ul class="rows compact">{rows}</ul>
    }
    .into_any()
}

fn history(l: Locale, sub: &SubscriptionView) -> AnyView {
    let rows: Vec<_> = sub
        .history
        .iter()
        .map(|(at, event)| {
            view! { <li><div>{event_text(l, event)}</div><div class="dim small"><When at=*at/></div></li> }
        })
        .collect();
    view! {
        <h2>{t::subscriptions::history(l)}</h2>
        <ol class="rows compact">{rows}</ol>
    }
    .into_any()
}
