//! The control door: `/control/<act>?name=value`, for tests in another process and for people.
//!
//! `/control` shows every act. An act of which something is missing or wrong is answered with 400 and why; a
//! payment, refund or dispute that is not there with 404.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::Shared;
use crate::notices::Notice;
use crate::spoil::Part;
use crate::trouble::{Plan, Trouble};
use crate::world::{Kind, Stage, Step, World};

/// Every act, what it takes, and what it does. A name in brackets may be left out.
pub const ACTS: &[(&str, &str, &str)] = &[
    (
        "pay",
        "number [amount] [currency] [stranger=1]",
        "the buyer pays; another amount or currency is taken; the gateway, when asked, names another merchant",
    ),
    ("slow-payment", "number", "the buyer pays by a slow method (Stripe); `pay` or `decline` ends it"),
    ("decline", "number", "the payment is declined"),
    (
        "tell",
        "number event",
        "another event about it, such as payment_intent.succeeded or charge.refunded (Stripe)",
    ),
    (
        "refund",
        "number amount [unnamed=1]",
        "money goes back from the gateway's console; without a number of its own (Alipay)",
    ),
    (
        "refunds-are",
        "step [times]",
        "the next refunds that are asked for are pending, succeeded, failed or stuck",
    ),
    ("move-refund", "id step", "a refund goes on, by the gateway's name or the merchant's number"),
    ("dispute", "number [amount]", "the buyer's bank takes the money back (Stripe)"),
    ("end-dispute", "id [won=1]", "a dispute ends"),
    (
        "card-declines",
        "number [no=1]",
        "the bank of the kept card says no from now on, or yes again (Stripe)",
    ),
    (
        "pay-out",
        "gateway amount [currency]",
        "the gateway sends money to the merchant's bank; a negative amount comes back",
    ),
    ("fees-back", "[no=1]", "refunds give their part of the fee back from now on (WeChat Pay)"),
    (
        "fault",
        "is [millis] [times] [path]",
        "the next requests meet: down, slow, drips, cut, fails, spoils, fails-and-spoils",
    ),
    ("mend", "", "no fault is waiting any more"),
    ("pages", "of", "pages of lists hold so many things at most (Stripe); 0 as many as are asked for"),
    ("clock", "seconds", "the clock of the gateways moves on"),
    ("hold", "", "waiting notices wait"),
    ("release", "", "and go on"),
    ("delay", "seconds [number]", "waiting notices are late; those about one payment alone"),
    ("drop", "", "waiting notices are lost"),
    ("twice", "", "each comes once more"),
    ("reverse", "", "the last comes first"),
    ("corrupt", "part", "waiting notices are spoilt: signature, body, time, serial, nonce, tag, seal-nonce"),
    (
        "say",
        "field value",
        "waiting notices say something else, well signed: app_id, data.object.currency, amount.total",
    ),
    ("truth", "", "what the gateways took and let go"),
];

type Wishes = BTreeMap<String, String>;

/// Why an act was not done.
enum Wrong {
    /// Something is missing, or cannot be meant.
    Wish(&'static str),
    /// There is no such thing.
    Missing,
}

impl IntoResponse for Wrong {
    fn into_response(self) -> Response {
        match self {
            Self::Wish(why) => (StatusCode::BAD_REQUEST, format!("{why}\n")).into_response(),
            Self::Missing => (StatusCode::NOT_FOUND, "there is none\n").into_response(),
        }
    }
}

/// The table of acts.
pub async fn acts() -> Response {
    let rows = ACTS.iter().map(|(act, takes, does)| format!("{:<14} {takes:<38} {does}\n", act));
    let kind = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
    (kind, format!("/control/<act>?name=value&name=value\n\n{}", rows.collect::<String>())).into_response()
}

/// Does an act.
pub async fn door(
    State(fake): State<Arc<Shared>>,
    Path(act): Path<String>,
    Query(wishes): Query<Wishes>,
) -> Response {
    let wishes = Wanted(&wishes);
    let done = match act.as_str() {
        "truth" => return truth(&fake).into_response(),
        "hold" | "release" | "drop" | "twice" | "reverse" | "delay" | "corrupt" | "say" => {
            notices(&fake, &act, &wishes)
        }
        "fault" | "mend" | "pages" | "clock" | "refunds-are" | "fees-back" => settings(&fake, &act, &wishes),
        _ => deeds(&fake, &act, &wishes),
    };
    match done {
        Ok(Some(name)) => format!("{name}\n").into_response(),
        Ok(None) => StatusCode::NO_CONTENT.into_response(),
        Err(wrong) => wrong.into_response(),
    }
}

/// What an act was called with.
struct Wanted<'a>(&'a Wishes);

impl Wanted<'_> {
    fn text(&self, name: &str) -> &str {
        self.0.get(name).map(String::as_str).unwrap_or_default()
    }
    fn flag(&self, name: &str) -> bool {
        self.text(name) == "1"
    }
    /// A number, where one is given.
    fn number<T: std::str::FromStr>(&self, name: &str) -> Result<Option<T>, Wrong> {
        match self.text(name) {
            "" => Ok(None),
            text => text.parse().map(Some).map_err(|_| Wrong::Wish("a number cannot be read")),
        }
    }
    fn needed<T: std::str::FromStr>(&self, name: &str) -> Result<T, Wrong> {
        self.number(name)?.ok_or(Wrong::Wish("a number is missing"))
    }
    fn step(&self) -> Result<Step, Wrong> {
        Step::parse(self.text("step")).ok_or(Wrong::Wish("a step is pending, succeeded, failed or stuck"))
    }
}

/// What an act gave: the name of something new, or nothing to say.
type Done = Result<Option<String>, Wrong>;

fn was(done: bool) -> Done {
    if done { Ok(None) } else { Err(Wrong::Missing) }
}

fn named(name: String) -> Done {
    if name.is_empty() { Err(Wrong::Missing) } else { Ok(Some(name)) }
}

/// What buyers, banks and people at consoles do.
fn deeds(fake: &Shared, act: &str, wishes: &Wanted<'_>) -> Done {
    let number = wishes.text("number");
    match act {
        "pay" => {
            if let (true, Some(trade)) = (wishes.flag("stranger"), fake.world().trades.get_mut(number)) {
                trade.stranger = true;
            }
            let currency = Some(wishes.text("currency")).filter(|currency| !currency.is_empty());
            was(fake.pay(number, wishes.number("amount")?, currency))
        }
        "slow-payment" => was(fake.stage(number, Stage::Slow)),
        "decline" => was(fake.stage(number, Stage::Declined)),
        "tell" => was(fake.tell_event(number, wishes.text("event"))),
        "refund" => {
            let amount = wishes.needed("amount")?;
            named(fake.console_refund(number, amount, !wishes.flag("unnamed")))
        }
        "move-refund" => was(fake.move_refund(wishes.text("id"), wishes.step()?)),
        "dispute" => named(fake.dispute(number, wishes.number("amount")?)),
        "end-dispute" => was(fake.end_dispute(wishes.text("id"), wishes.flag("won"))),
        "card-declines" => was(fake.card_declines(number, !wishes.flag("no"))),
        "pay-out" => {
            let kind = Kind::parse(wishes.text("gateway")).ok_or(Wrong::Wish("there is no such gateway"))?;
            let currency = Some(wishes.text("currency")).filter(|currency| !currency.is_empty());
            named(fake.pay_out(kind, wishes.needed("amount")?, currency.unwrap_or("cny")))
        }
        _ => Err(Wrong::Missing),
    }
}

/// How the gateways answer from now on.
fn settings(fake: &Shared, act: &str, wishes: &Wanted<'_>) -> Done {
    match act {
        "fault" => {
            let trouble = Trouble::parse(wishes.text("is"), wishes.number("millis")?);
            let trouble = trouble.ok_or(Wrong::Wish("there is no such fault; slow and drips want millis"))?;
            let times = wishes.number("times")?.unwrap_or(1);
            fake.world().plans.push(Plan { trouble, times, path: wishes.text("path").to_owned() });
        }
        "mend" => fake.world().plans.clear(),
        "pages" => fake.world().page = Some(wishes.needed("of")?).filter(|of| *of > 0),
        "clock" => fake.wait(wishes.needed("seconds")?),
        "refunds-are" => {
            let plan = (wishes.step()?, wishes.number("times")?.unwrap_or(1));
            fake.world().refunds_as = Some(plan);
        }
        _ => fake.world().fees_back = !wishes.flag("no"),
    }
    Ok(None)
}

/// What becomes of the notices that wait.
fn notices(fake: &Shared, act: &str, wishes: &Wanted<'_>) -> Done {
    let now = fake.now();
    let mut world = fake.world();
    match act {
        "hold" => world.held = true,
        "release" => world.held = false,
        "drop" => world.outbox.clear(),
        "reverse" => world.outbox.make_contiguous().reverse(),
        "twice" => {
            let copies = world.outbox.clone();
            world.outbox.extend(copies);
        }
        "delay" => {
            let seconds: i64 = wishes.needed("seconds")?;
            let number = wishes.text("number");
            let about = |notice: &&mut Notice| notice.is_about(number);
            world.outbox.iter_mut().filter(about).for_each(|notice| notice.after = now + seconds);
        }
        "corrupt" => {
            let part = Part::parse(wishes.text("part")).ok_or(Wrong::Wish("there is no such part"))?;
            change(&mut world, "a waiting notice has no such part", |notice| notice.corrupt(part, now))?;
        }
        _ => {
            let (field, value) = (wishes.text("field"), wishes.text("value"));
            change(&mut world, "a waiting notice has no such field", |notice| {
                notice.says(field, value, now)
            })?;
        }
    }
    Ok(None)
}

/// Changes every waiting notice, or none where one of them cannot be changed so.
fn change(world: &mut World, why: &'static str, by: impl Fn(Notice) -> Option<Notice>) -> Result<(), Wrong> {
    let changed: Option<VecDeque<Notice>> = world.outbox.iter().cloned().map(by).collect();
    world.outbox = changed.ok_or(Wrong::Wish(why))?;
    Ok(())
}

fn truth(fake: &Shared) -> String {
    let world = fake.world();
    let sums: Vec<_> = world
        .truth()
        .into_iter()
        .map(|((gateway, currency), sums)| {
            json!({
                "gateway": gateway, "currency": currency, "captured": sums.captured, "gone": sums.gone,
                "fees": sums.fees, "paid_out": sums.paid_out, "holds": sums.holds(),
            })
        })
        .collect();
    json!({ "sums": sums, "waiting_notices": world.outbox.len(), "refused_requests": world.refused })
        .to_string()
}
