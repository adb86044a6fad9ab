use proptest::prelude::*;
use uuid::Uuid;

use super::super::{Belongs, Code, PaymentId, RefundId};
use super::*;
use crate::accounts::AccountId;
use crate::money::Money;
use crate::orders::{OrderId, OrderLineId};
use crate::payouts::PayoutId;
use crate::time::Timestamp;

const CREDIT: LedgerAccount = LedgerAccount::CustomerCredit(AccountId(Uuid::nil()));

fn clearing() -> LedgerAccount {
    LedgerAccount::of_gateway("sandbox")
}
fn of(id: u128, group: u128, posting: Posting) -> Transfer {
    Transfer {
        id: TransferId(Uuid::from_u128(id)),
        group: Uuid::from_u128(group),
        posting,
        belongs: Belongs::default(),
    }
}
fn posting(debit: LedgerAccount, credit: LedgerAccount, minor: i64) -> Posting {
    Posting::new(debit, credit, Money::new(minor, Currency::Cny), Code::Sale)
}
fn transfer(id: u128, debit: LedgerAccount, credit: LedgerAccount, minor: i64) -> Transfer {
    of(id, 0, posting(debit, credit, minor))
}
fn free(book: &Book, account: &LedgerAccount) -> i64 {
    book.balances().get(&(account.clone(), Currency::Cny)).copied().unwrap_or_default().free()
}

#[test]
fn the_same_id_and_fields_are_a_success_that_books_nothing() {
    let mut book = Book::default();
    let good = [transfer(1, clearing(), LedgerAccount::PlatformFee, 300)];
    assert_eq!(book.book(&good), Ok(()));
    assert_eq!(book.book(&good), Ok(()));
    assert_eq!(book.balance(&clearing(), Currency::Cny), 300);
}

#[test]
fn the_same_id_with_another_field_is_refused_by_the_name_of_the_field() {
    let mut book = Book::default();
    let first = transfer(1, clearing(), LedgerAccount::PlatformFee, 300);
    assert_eq!(book.book(std::slice::from_ref(&first)), Ok(()));
    let other = |change: fn(&mut Transfer)| {
        let mut other = first.clone();
        change(&mut other);
        other
    };
    for (field, changed) in [
        ("amount", other(|transfer| transfer.posting.amount.minor = 301)),
        ("currency", other(|transfer| transfer.posting.amount.currency = Currency::Usd)),
        ("debit", other(|transfer| transfer.posting.debit = LedgerAccount::DisputeHeld)),
        ("credit", other(|transfer| transfer.posting.credit = LedgerAccount::Suspense)),
        ("code", other(|transfer| transfer.posting.code = Code::Prize)),
        ("line", other(|transfer| transfer.posting.line = Some(OrderLineId(Uuid::nil())))),
        ("matures", other(|transfer| transfer.posting.matures = Some(Timestamp::from_seconds(1)))),
        ("phase", other(|transfer| transfer.posting.phase = Phase::Pending)),
        ("group", other(|transfer| transfer.group = Uuid::from_u128(9))),
        ("order", other(|transfer| transfer.belongs.order = Some(OrderId(Uuid::nil())))),
        ("payment", other(|transfer| transfer.belongs.payment = Some(PaymentId(Uuid::nil())))),
        ("refund", other(|transfer| transfer.belongs.refund = Some(RefundId(Uuid::nil())))),
        ("payout", other(|transfer| transfer.belongs.payout = Some(PayoutId(Uuid::nil())))),
    ] {
        assert_eq!(book.book(&[changed]), Err(LedgerFault::Differs(field)));
    }
    assert_eq!(book.balance(&clearing(), Currency::Cny), 300);
}

#[test]
fn a_group_is_booked_whole_or_not_at_all() {
    let mut book = Book::default();
    let half = [
        transfer(2, clearing(), LedgerAccount::Suspense, 10),
        transfer(3, LedgerAccount::RefundInflight, clearing(), 10),
    ];
    assert_eq!(book.book(&half), Err(LedgerFault::Overdraft(LedgerAccount::RefundInflight)));
    assert_eq!(book.balance(&LedgerAccount::Suspense, Currency::Cny), 0);
    let known = transfer(4, clearing(), LedgerAccount::Suspense, 10);
    assert_eq!(book.book(std::slice::from_ref(&known)), Ok(()));
    let linked = [known, transfer(5, clearing(), LedgerAccount::Suspense, 10)];
    assert_eq!(book.book(&linked), Err(LedgerFault::Linked));
    assert!(book.balanced());
}

#[test]
fn an_id_that_failed_for_want_of_balance_fails_for_ever() {
    let mut book = Book::default();
    let spend = |id| [transfer(id, CREDIT, clearing(), 100)];
    assert_eq!(book.book(&spend(1)), Err(LedgerFault::Overdraft(CREDIT)));
    assert_eq!(book.book(&[transfer(2, clearing(), CREDIT, 500)]), Ok(()));
    assert_eq!(book.book(&spend(1)), Err(LedgerFault::FailedBefore), "a late repetition surprises nobody");
    assert_eq!(book.book(&spend(3)), Ok(()), "a new attempt has a new id");
    assert_eq!(book.balance(&CREDIT, Currency::Cny), 400);
}

#[test]
fn pending_money_counts_against_the_limit_and_is_settled_once() {
    let mut book = Book::default();
    assert_eq!(book.book(&[transfer(1, clearing(), CREDIT, 100)]), Ok(()));
    let out = |minor| posting(CREDIT, LedgerAccount::BankClearing, minor);
    assert_eq!(book.book(&[of(2, 0, out(80).in_phase(Phase::Pending))]), Ok(()));
    assert_eq!((book.balance(&CREDIT, Currency::Cny), free(&book, &CREDIT)), (100, 20));
    assert_eq!(book.book(&[of(3, 0, out(21))]), Err(LedgerFault::Overdraft(CREDIT)));
    let pending = TransferId(Uuid::from_u128(2));
    let post = |id, minor| [of(id, 0, out(minor).in_phase(Phase::Post(pending)))];
    assert_eq!(book.book(&post(4, 81)), Err(LedgerFault::Misfit("amount")));
    assert_eq!(book.book(&post(5, 60)), Ok(()), "less than was reserved");
    assert_eq!((book.balance(&CREDIT, Currency::Cny), free(&book, &CREDIT)), (40, 40));
    assert_eq!(book.book(&post(5, 60)), Ok(()), "the same again is the same");
    assert_eq!(book.book(&post(6, 20)), Err(LedgerFault::Resolved));
    let void = [of(7, 0, out(80).in_phase(Phase::Void(pending)))];
    assert_eq!(book.book(&void), Err(LedgerFault::Resolved));
    assert!(book.balanced());
}

#[test]
fn a_void_releases_everything_and_fits_its_pending_transfer() {
    let mut book = Book::default();
    assert_eq!(book.book(&[transfer(1, clearing(), CREDIT, 100)]), Ok(()));
    let out = |minor| posting(CREDIT, LedgerAccount::BankClearing, minor);
    assert_eq!(book.book(&[of(2, 0, out(80).in_phase(Phase::Pending))]), Ok(()));
    let void = |id, pending, posting: Posting| {
        [of(id, 0, posting.in_phase(Phase::Void(TransferId(Uuid::from_u128(pending)))))]
    };
    assert_eq!(book.book(&void(3, 1, out(80))), Err(LedgerFault::NotPending));
    assert_eq!(book.book(&void(3, 99, out(80))), Err(LedgerFault::NotPending));
    assert_eq!(book.book(&void(3, 2, out(79))), Err(LedgerFault::Misfit("amount")));
    assert_eq!(book.book(&void(3, 2, posting(CREDIT, clearing(), 80))), Err(LedgerFault::Misfit("credit")));
    assert_eq!(book.book(&void(3, 2, out(80))), Ok(()));
    assert_eq!((book.balance(&CREDIT, Currency::Cny), free(&book, &CREDIT)), (100, 100));
    let both = [
        of(8, 1, out(10).in_phase(Phase::Pending)),
        of(9, 1, out(10).in_phase(Phase::Void(TransferId(Uuid::from_u128(8))))),
    ];
    assert_eq!(book.book(&both), Err(LedgerFault::NotPending), "a group does not settle itself");
}

#[test]
fn senseless_groups_are_refused() {
    let fee = LedgerAccount::PlatformFee;
    assert_eq!(check_group(&[]), Err(LedgerFault::Empty));
    assert_eq!(check_group(&[transfer(1, clearing(), fee.clone(), 0)]), Err(LedgerFault::Amount));
    assert_eq!(check_group(&[transfer(1, fee.clone(), fee.clone(), 5)]), Err(LedgerFault::OneLeg));
    let one = transfer(1, clearing(), fee.clone(), 5);
    assert_eq!(check_group(&[one.clone(), one.clone()]), Err(LedgerFault::Group));
    let mut dollars = transfer(2, clearing(), fee.clone(), 5);
    dollars.posting.amount.currency = Currency::Usd;
    assert_eq!(check_group(&[one, dollars]), Err(LedgerFault::Currency));
    let mut book = Book::default();
    assert_eq!(book.book(&[transfer(1, clearing(), fee.clone(), i64::MAX)]), Ok(()));
    assert_eq!(book.book(&[transfer(2, clearing(), fee, 1)]), Err(LedgerFault::Range));
}

/// A random deed: an id out of few, so that repetitions happen, and accounts out of few.
fn deed() -> impl Strategy<Value = Transfer> {
    let accounts = [clearing(), CREDIT, LedgerAccount::Suspense, LedgerAccount::PlatformFee];
    (0..24_u128, 0..4_usize, 0..4_usize, 1..50_i64, 0..4_u8, 0..24_u128).prop_map(
        move |(id, debit, credit, minor, phase, pending)| {
            let pending = TransferId(Uuid::from_u128(pending));
            let phase = match phase {
                0 | 1 => Phase::Single,
                2 => Phase::Pending,
                _ if id % 2 == 0 => Phase::Post(pending),
                _ => Phase::Void(pending),
            };
            let pick = |index: usize| accounts.get(index).cloned().unwrap_or(CREDIT);
            of(id, 0, posting(pick(debit), pick(credit), minor).in_phase(phase))
        },
    )
}

proptest! {
    #[test]
    fn after_any_history_the_book_balances_and_nothing_owed_is_overdrawn(
        groups in prop::collection::vec(prop::collection::vec(deed(), 1..4), 1..60)
    ) {
        let mut book = Book::default();
        let mut refused = BTreeSet::new();
        for group in groups {
            let before = book.balances().clone();
            let known = group.iter().all(|transfer| book.booked.get(&transfer.id) == Some(transfer));
            match book.book(&group) {
                Ok(()) => {
                    prop_assert!(group.iter().all(|transfer| !refused.contains(&transfer.id)), "a failed id was booked");
                    prop_assert!(!known || *book.balances() == before, "a repetition moved money");
                    prop_assert_eq!(book.book(&group), Ok(()));
                }
                Err(fault) => {
                    prop_assert_eq!(book.balances(), &before, "half a group was booked");
                    if fault.is_transient() {
                        refused.extend(group.iter().map(|transfer| transfer.id));
                    }
                }
            }
            prop_assert!(book.balanced());
            for ((account, _), balance) in book.balances() {
                prop_assert!(!account.refuses_overdraft() || balance.free() >= 0, "{account} is overdrawn");
                prop_assert!(balance.debits_pending >= 0 && balance.credits_pending >= 0);
            }
        }
        let settled = book.booked.values().filter(|transfer| transfer.posting.phase.settles().is_some()).count();
        prop_assert_eq!(settled, book.settled.len(), "a pending transfer was settled twice");
    }
}
