//! The page of messages.

use domain::locale::Locale;
use domain::messages::{MessageKind, Said};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;
use leptos_router::{LazyRoute, lazy_route};
use ui::{Chip, ChipKind, EmptyState, PageHead};

use super::{MarkRead, MessageView, my_messages};
use crate::error::Answer;
use crate::i18n::{href, t, use_locale};
use crate::load::{Loaded, load};
use crate::parts::{HERE, When, around, date_text, page};

/// What the platform wrote to the reader.
pub struct MessagesPage {
    messages: Loaded<Answer<Vec<MessageView>>>,
}

#[lazy_route]
impl LazyRoute for MessagesPage {
    fn data() -> Self {
        Self { messages: load(|| (), |()| my_messages()) }
    }

    fn view(this: Self) -> AnyView {
        let l = use_locale();
        view! {
            <Title text=t::messages::title(l)/>
            <section class="wrap narrow section">
                <PageHead title=t::messages::title(l) lead=t::messages::lead(l)/>
                {page(this.messages, list)}
            </section>
        }
        .into_any()
    }
}

fn list(messages: Vec<MessageView>) -> AnyView {
    let l = use_locale();
    if messages.is_empty() {
        return view! { <EmptyState title=t::messages::none_title(l) text=t::messages::none_text(l)/> }
            .into_any();
    }
    let unread = messages.iter().any(|message| !message.read);
    let rows: Vec<_> = messages
        .into_iter()
        .map(|message| {
            let (title, text) = words_with(l, &message.said, HERE);
            let text = match message.said.at {
                Some(at) => around(&text, at, true),
                None => text.into_any(),
            };
            let to = href(l, &message.said.link);
            view! {
                <li>
                    <div>
                        <h2 class="title"><a href=to>{title}</a></h2>
                        <p>{text}</p>
                        <p class="dim small"><When at=message.at/></p>
                    </div>
                    <div>{(!message.read).then(|| view! { <Chip kind=ChipKind::Warning>{t::messages::unread(l)}</Chip> })}</div>
                </li>
            }
        })
        .collect();
    let mark = unread.then(|| {
        view! {
            <form class="button-row" method="post" action=MarkRead::url()>
                <button class="button">{t::messages::mark_read(l)}</button>
            </form>
        }
    });
    view! {
        <div class="stack"><ul class="rows">{rows}</ul> {mark}</div>
    }
    .into_any()
}

/// A message in words: its heading and its sentence, with the day as it is in UTC.
pub fn words(l: Locale, said: &Said) -> (String, String) {
    let at = said.at.map(|at| date_text(at, l)).unwrap_or_default();
    words_with(l, said, &at)
}

/// A message in words, with a text in place of its day.
fn words_with(l: Locale, said: &Said, at: &str) -> (String, String) {
    let plan = said.title.get(l).to_owned();
    let amount = said.amount.map(|amount| amount.to_string()).unwrap_or_default();
    match said.kind {
        MessageKind::TrialBegan => (t::messages::trial_began(l, plan), t::messages::trial_began_text(l, at)),
        MessageKind::PeriodPaid => {
            (t::messages::period_paid(l, plan), t::messages::period_paid_text(l, amount, at))
        }
        MessageKind::BillSoon => {
            (t::messages::bill_soon(l, plan), t::messages::bill_soon_text(l, at, amount))
        }
        MessageKind::PastDue => (t::messages::past_due(l, plan), t::messages::past_due_text(l, amount, at)),
        MessageKind::StillUnpaid => {
            (t::messages::still_unpaid(l, plan), t::messages::still_unpaid_text(l, amount, at))
        }
        MessageKind::WillEnd => (t::messages::will_end(l, plan), t::messages::will_end_text(l, at)),
        MessageKind::Ended => (t::messages::ended(l, plan), t::messages::ended_text(l, at)),
        MessageKind::PaidLate => (t::messages::paid_late(l, plan), t::messages::paid_late_text(l, amount)),
        MessageKind::TooLate => (t::messages::too_late(l, plan), t::messages::too_late_text(l, amount)),
        MessageKind::RefundDone => {
            (t::messages::refund_done(l, amount), t::messages::refund_done_text(l, plan))
        }
        MessageKind::RefundToBalance => {
            (t::messages::refund_done(l, amount), t::messages::refund_to_balance_text(l, plan))
        }
        MessageKind::RefundFailed => {
            (t::messages::refund_failed(l, amount), t::messages::refund_failed_text(l, plan))
        }
        MessageKind::PayoutPaid => {
            (t::messages::payout_paid(l, amount), t::messages::payout_paid_text(l).to_owned())
        }
        MessageKind::PayoutFailed => {
            (t::messages::payout_failed(l, amount), t::messages::payout_failed_text(l).to_owned())
        }
        MessageKind::PayoutRejected => {
            (t::messages::payout_rejected(l, amount), t::messages::payout_rejected_text(l).to_owned())
        }
        MessageKind::CalledOffHeld => {
            (t::messages::called_off(l, plan), t::messages::called_off_held_text(l).to_owned())
        }
        MessageKind::CalledOff => {
            let text = match said.amount {
                Some(amount) => t::messages::called_off_text(l, amount),
                None => t::messages::called_off_free_text(l).to_owned(),
            };
            (t::messages::called_off(l, plan), text)
        }
        MessageKind::PaidTwice => (t::messages::paid_twice(l, plan), t::messages::paid_twice_text(l, amount)),
    }
}
