//! Orders, ledger and access agree after any order and multiplicity of notices.
#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a test stops at the first surprise")]

use std::collections::BTreeMap;

use domain::accounts::AccountId;
use domain::competitions::CompetitionId;
use domain::courses::CourseId;
use domain::money::{Currency, Money};
use domain::orders::{Entitlement, OrderId, OrderLineId, OrderState, Source, Step, Thing, access};
use domain::payments::{
    AttemptState, Belongs, Book, Case, LedgerAccount, Line, Parked, Posting, Told, Transfer, TransferId,
    Verdict, decide, default_shares, park, sale,
};
use domain::time::Timestamp;
use proptest::prelude::*;
use uuid::Uuid;

const GATEWAY: &str = "sandbox";
const ATTEMPTS_PER_ORDER: usize = 2;

/// One order with its attempts, as the server keeps it.
#[derive(Clone, Debug)]
struct Order {
    state: OrderState,
    lines: Vec<Line>,
    attempts: Vec<AttemptState>,
}

/// Everything a notice may touch.
#[derive(Clone, Debug, Default)]
struct World {
    orders: Vec<Order>,
    /// Charge → its amount and the order it paid, if it paid one.
    charges: BTreeMap<String, (Money, Option<usize>)>,
    alerts: Vec<Parked>,
    book: Book,
    transfers: u128,
}

#[derive(Clone, Debug)]
enum Event {
    Notice { order: usize, attempt: usize, told: Told },
    Expire { order: usize },
}

fn yuan(minor: i64) -> Money {
    Money::new(minor, Currency::Cny)
}

impl World {
    /// Two orders: a course and an entry together, and an entry alone.
    fn new() -> Self {
        let id = Uuid::from_u128;
        let course = Thing::Course(CourseId(id(1)));
        let entry = Thing::Competition(CompetitionId(id(2)));
        let line = |number, thing, minor| Line {
            id: OrderLineId(id(number)),
            thing,
            price: yuan(minor),
            shares: default_shares(thing, Some(AccountId(id(3))), 2_000),
            matures: None,
        };
        let order = |lines| Order {
            state: OrderState::AwaitingPayment,
            lines,
            attempts: vec![AttemptState::Created; ATTEMPTS_PER_ORDER],
        };
        let orders = vec![
            order(vec![line(10, course, 3_900), line(11, entry, 100)]),
            order(vec![line(12, entry, 100)]),
        ];
        Self { orders, ..Self::default() }
    }

    fn total(&self, order: usize) -> Money {
        yuan(self.orders[order].lines.iter().map(|line| line.price.minor).sum())
    }

    fn post(&mut self, postings: Vec<Posting>) {
        let group = Uuid::from_u128(self.transfers);
        let transfers: Vec<Transfer> = postings
            .into_iter()
            .map(|posting| {
                self.transfers += 1;
                Transfer {
                    id: TransferId(Uuid::from_u128(self.transfers)),
                    group,
                    posting,
                    belongs: Belongs::default(),
                }
            })
            .collect();
        self.book.book(&transfers).expect("every verdict can be booked");
    }

    fn happen(&mut self, event: &Event, seat_free: bool) {
        match event {
            Event::Expire { order } => {
                if let Ok(state) = self.orders[*order].state.after(Step::Expire) {
                    self.orders[*order].state = state;
                }
            }
            Event::Notice { order, attempt, told } => self.notice(*order, *attempt, told, seat_free),
        }
    }

    fn notice(&mut self, order: usize, attempt: usize, told: &Told, seat_free: bool) {
        let (charge, amount) = match told {
            Told::Confirmed { charge, amount } => (charge.clone(), *amount),
            _ => (String::new(), yuan(0)),
        };
        let case = Case {
            order: self.orders[order].state,
            demanded: self.total(order),
            attempt: self.orders[order].attempts[attempt],
            booked: self.charges.get(&charge).map(|booked| booked.0),
        };
        let mut verdict = decide(&case, told);
        let mut step = Step::Pay;
        if verdict == Verdict::PayIfSeat {
            verdict = if seat_free { Verdict::Pay } else { Verdict::Park(Parked::SeatGone) };
            step = Step::PayLate;
        }
        match verdict {
            Verdict::Nothing(_) | Verdict::PayIfSeat => {}
            Verdict::Attempt(state) => self.orders[order].attempts[attempt] = state,
            Verdict::Pay => {
                self.orders[order].state =
                    self.orders[order].state.after(step).expect("a verdict obeys the states");
                self.orders[order].attempts[attempt] = AttemptState::Confirmed;
                self.charges.insert(charge, (amount, Some(order)));
                self.post(sale(GATEWAY, &self.orders[order].lines.clone()));
            }
            Verdict::Park(why) => {
                if why != Parked::OtherAmount {
                    self.orders[order].attempts[attempt] = AttemptState::Confirmed;
                }
                self.charges.insert(charge, (amount, None));
                self.alerts.push(why);
                self.post(vec![park(GATEWAY, amount)]);
            }
            Verdict::Quarantine(why) => self.alerts.push(why),
        }
    }

    fn entitlements(&self) -> Vec<Entitlement> {
        let paid = self.orders.iter().enumerate().filter(|(_, order)| order.state.entitles());
        paid.flat_map(|(index, order)| {
            let source = Source::Bought(OrderId(Uuid::from_u128(index as u128)));
            order.lines.iter().map(move |line| Entitlement {
                thing: line.thing,
                source,
                from: Timestamp::from_seconds(0),
                until: None,
            })
        })
        .collect()
    }

    /// What must hold at every moment.
    fn agrees(&self) {
        assert!(self.book.balanced());
        let captured: i64 = self.charges.values().map(|(amount, _)| amount.minor).sum();
        let clearing = LedgerAccount::Clearing(GATEWAY.to_owned());
        assert_eq!(self.book.balance(&clearing, Currency::Cny), captured, "no capture is lost");
        let parked: i64 =
            self.charges.values().filter(|(_, order)| order.is_none()).map(|(amount, _)| amount.minor).sum();
        assert_eq!(self.book.balance(&LedgerAccount::Suspense, Currency::Cny), parked);
        for (index, order) in self.orders.iter().enumerate() {
            let paying: Vec<_> = self.charges.values().filter(|(_, paid)| *paid == Some(index)).collect();
            assert_eq!(
                paying.len(),
                usize::from(order.state == OrderState::Paid),
                "one charge pays one order"
            );
            assert!(paying.iter().all(|(amount, _)| *amount == self.total(index)), "never close enough");
        }
        let rights = self.entitlements();
        for order in &self.orders {
            for line in &order.lines {
                let sold = self.orders.iter().any(|other| {
                    other.state == OrderState::Paid && other.lines.iter().any(|held| held.thing == line.thing)
                });
                assert_eq!(access(&rights, &line.thing, Timestamp::from_seconds(1)).is_allowed(), sold);
            }
        }
    }

    /// The part of the state that may not depend on the order of notices.
    fn summary(&self) -> (Vec<OrderState>, Vec<Vec<AttemptState>>, String, usize) {
        let states = self.orders.iter().map(|order| order.state).collect();
        let attempts = self.orders.iter().map(|order| order.attempts.clone()).collect();
        (states, attempts, format!("{:?}", self.book.balances()), self.alerts.len())
    }
}

/// A notice whose charge always has one amount: exact for even charges, another for odd ones.
fn honest_notice() -> impl Strategy<Value = Event> {
    (0..2_usize, 0..ATTEMPTS_PER_ORDER, 0..3_u8, 0..3_i64).prop_map(|(order, attempt, kind, number)| {
        let exact = [4_000, 100][order];
        let amount = yuan(if number == 1 { exact + 1 } else { exact });
        let told = match kind {
            0 => Told::Pending,
            1 => Told::Declined,
            _ => Told::Confirmed { charge: format!("{order}-{attempt}-{number}"), amount },
        };
        Event::Notice { order, attempt, told }
    })
}

/// Anything at all: charges that contradict themselves, expiry at any time.
fn any_event() -> impl Strategy<Value = Event> {
    let wild =
        (0..2_usize, 0..ATTEMPTS_PER_ORDER, 0..4_u8, prop::sample::select(vec![1_i64, 100, 3_999, 4_000]));
    let wild = wild.prop_map(|(order, attempt, charge, minor)| Event::Notice {
        order,
        attempt,
        told: Told::Confirmed { charge: format!("charge-{charge}"), amount: yuan(minor) },
    });
    prop_oneof![3 => honest_notice(), 2 => wild, 1 => (0..2_usize).prop_map(|order| Event::Expire { order })]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn orders_ledger_and_access_agree_after_every_event(
        events in prop::collection::vec((any_event(), any::<bool>()), 0..40)
    ) {
        let mut world = World::new();
        for (event, seat_free) in &events {
            world.happen(event, *seat_free);
            world.agrees();
        }
    }

    #[test]
    fn the_order_and_number_of_notices_do_not_matter(
        (events, shuffled) in prop::collection::vec(honest_notice(), 0..14).prop_flat_map(|events| {
            let twice: Vec<Event> = events.iter().chain(&events).cloned().collect();
            (Just(events), Just(twice).prop_shuffle())
        })
    ) {
        let run = |events: &[Event]| {
            let mut world = World::new();
            events.iter().for_each(|event| world.happen(event, true));
            world.agrees();
            world.summary()
        };
        prop_assert_eq!(run(&events), run(&shuffled));
    }
}
