//! What may happen in a step, and how it is drawn.

use domain::orders::{OrderId, Thing};
use domain::payments::PaymentId;
use domain::payouts::PayoutStep;
use domain::refunds::Destination;
use domain::time::Span;

use super::bank::{Bank, Letter, Trouble};
use super::draw::Draw;
use super::people::Cast;
use super::town::{COUPONS, CUP, GALA};

/// One thing that somebody does.
#[derive(Clone, Debug)]
pub enum Deed {
    /// Things, coupons, points.
    Place(usize, Vec<Thing>, Vec<&'static str>, i64),
    BuyBundle(usize),
    BuyGift(usize, Thing),
    /// Somebody takes what somebody else bought.
    Redeem(usize, usize),
    GiveAway(usize),
    Subscribe(usize, usize, bool),
    ChangePlan(usize, usize),
    EndPlan(usize),
    ResumePlan(usize),
    NextPeriod(usize),
    Begin(usize, OrderId, &'static str),
    PayFromWallet(usize, OrderId),
    Cancel(usize, OrderId),
    AskBack(usize, OrderId, Destination),
    Grant(OrderId, i64, Destination),
    SendBack,
    /// Of money that does not fit: allowed only once it is gone.
    CloseAlert,
    CallOff,
    Finalise,
    AskForPayout(i64),
    Approve(usize),
    Step(PayoutStep),
    /// It comes again where its sender overhears that it has arrived.
    Deliver(Letter, bool),
    DeliverSpoilt(Letter),
    Jobs,
}

/// One thing that happens without us.
#[derive(Clone, Debug)]
pub enum Outside {
    Pays(PaymentId, i64),
    PaysAnyway(PaymentId),
    Declines(PaymentId),
    TakesBack(PaymentId, bool),
    Decides(bool),
    SendsToUs(i64),
    Strays(i64),
    StrayGoesBack(usize, bool),
    Loses(usize),
    Spoils(Trouble),
    Waits(Span),
}

/// What happens at the bank or with the clock; nothing where somebody does something with us instead.
pub fn outside(draw: &mut Draw, bank: &Bank) -> Option<Outside> {
    Some(match draw.of(100) {
        0..=23 => Outside::Pays(*draw.one(&bank.open())?, if draw.of(40) == 0 { 1 } else { 0 }),
        24 if draw.of(2) == 0 => Outside::PaysAnyway(*draw.one(&bank.closed())?),
        24..=26 => Outside::Declines(*draw.one(&bank.open())?),
        27 => Outside::TakesBack(*draw.one(&bank.paid())?, draw.of(2) == 0),
        28 => Outside::Decides(draw.of(2) == 0),
        29 if draw.of(4) == 0 => Outside::SendsToUs(number(draw, 5_000)),
        29 if draw.of(4) == 0 => Outside::Strays(number(draw, 5_000)),
        29 if draw.of(4) == 0 => Outside::StrayGoesBack(draw.of(100), draw.of(3) == 0),
        30..=33 => Outside::Loses(draw.of(1_000)),
        34..=40 => Outside::Spoils(*draw.one(&[
            Trouble::Deaf,
            Trouble::LosesAnswer,
            Trouble::Refuses,
            Trouble::Slow,
        ])?),
        41..=46 => Outside::Waits(Span::seconds(number(draw, 120))),
        47 if draw.of(3) == 0 => Outside::Waits(Span::minutes(20)),
        48 if draw.of(6) == 0 => Outside::Waits(Span::hours(12)),
        49 if draw.of(6) == 0 => Outside::Waits(Span::days(8)),
        _ => return None,
    })
}

/// A number from one to a limit.
fn number(draw: &mut Draw, limit: usize) -> i64 {
    i64::try_from(draw.of(limit)).unwrap() + 1
}

/// What somebody does with us next.
pub fn deed(draw: &mut Draw, bank: &Bank, cast: &Cast) -> Deed {
    let buyer = draw.of(cast.buyers.len());
    let Some((order, owner)) = draw.one(&cast.orders).copied() else {
        return Deed::Place(buyer, vec![cast.town.things[0]], Vec::new(), 0);
    };
    let to = if draw.of(3) == 0 { Destination::Wallet } else { Destination::Gateway };
    match draw.of(1_000) {
        0..=179 => place(draw, buyer, cast),
        180..=189 => Deed::BuyBundle(buyer),
        190..=204 => Deed::BuyGift(buyer, *draw.one(&cast.town.gifts).unwrap()),
        205..=219 => Deed::Redeem(buyer, draw.of(cast.buyers.len())),
        220..=223 => Deed::GiveAway(buyer),
        224..=235 => Deed::Subscribe(buyer, draw.of(2), draw.of(3) == 0),
        236..=239 => Deed::ChangePlan(buyer, draw.of(2)),
        240..=241 => Deed::EndPlan(buyer),
        242 => Deed::ResumePlan(buyer),
        243..=249 => Deed::NextPeriod(buyer),
        250..=459 => Deed::Begin(owner, order, if draw.of(8) == 0 { "wallet" } else { "bank" }),
        460..=499 => Deed::PayFromWallet(owner, order),
        500..=519 => Deed::Cancel(owner, order),
        520..=589 => Deed::AskBack(owner, order, to),
        590..=609 => Deed::Grant(order, number(draw, 4_000), to),
        610..=614 => Deed::SendBack,
        615..=616 => Deed::CloseAlert,
        617 if draw.of(4) == 0 => Deed::CallOff,
        618..=619 => Deed::Finalise,
        620..=634 => Deed::AskForPayout(number(draw, 9_000)),
        635..=664 => Deed::Approve(draw.of(cast.staff.len())),
        665..=699 => {
            let steps =
                [PayoutStep::Export, PayoutStep::Pay, PayoutStep::Pay, PayoutStep::Fail, PayoutStep::Reject];
            Deed::Step(*draw.one(&steps).unwrap())
        }
        700..=879 => match bank.letter(draw.of(1_000)) {
            Some(letter) if draw.of(20) == 0 => Deed::DeliverSpoilt(letter),
            Some(letter) => Deed::Deliver(letter, draw.of(6) == 0),
            None => Deed::Jobs,
        },
        _ => Deed::Jobs,
    }
}

/// One thing or two, at times for less.
fn place(draw: &mut Draw, buyer: usize, cast: &Cast) -> Deed {
    let mut things = vec![*draw.one(&cast.town.things).unwrap()];
    if draw.of(4) == 0 {
        things.push(*draw.one(&cast.town.gifts).unwrap());
        things.dedup();
    }
    let coupons = if draw.of(5) == 0 { vec![*draw.one(&COUPONS).unwrap()] } else { Vec::new() };
    let points = if draw.of(5) == 0 { number(draw, 500) } else { 0 };
    Deed::Place(buyer, things, coupons, points)
}

/// The competitions of the town: which takes place, which is called off.
pub const STAGES: [&str; 2] = [CUP, GALA];
