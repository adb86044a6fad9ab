//! Stories of the ledger: append-only, idempotent by ids, reserved money; and what the audit sees.

use std::fs;

use domain::accounts::AccountId;
use domain::money::{Currency, Money};
use domain::payments::{Code, LedgerAccount, LedgerFault, Phase, Posting};
use server::features::payments::ledger::{Belongs, transfer_id, try_book};
use server::{audit, sql};
use uuid::Uuid;

use crate::both;
use crate::support::{TestApp, stage};

const CREDIT: LedgerAccount = LedgerAccount::CustomerCredit(AccountId(Uuid::nil()));

fn posting(debit: LedgerAccount, credit: LedgerAccount, minor: i64) -> Posting {
    Posting::new(debit, credit, Money::new(minor, Currency::Cny), Code::Settlement)
}
fn clearing() -> LedgerAccount {
    LedgerAccount::of_gateway("sandbox")
}

/// Books in a transaction of its own and commits, refused or not.
async fn book(app: &TestApp, group: u128, postings: Vec<Posting>) -> Result<(), LedgerFault> {
    let kit = &app.services.kit;
    let mut tx = kit.db.begin().await.unwrap();
    let booked = try_book(&mut tx, kit, Uuid::from_u128(group), postings, Belongs::default()).await.unwrap();
    tx.commit().await.unwrap();
    booked
}

async fn findings(app: &TestApp) -> Vec<audit::Finding> {
    audit::audit(&app.services.kit.db).await.unwrap().findings
}

/// What is wrong with the ledger in itself; what these stories book has no cause, and no reason of the chart.
async fn torn(app: &TestApp) -> Vec<audit::Finding> {
    let others = ["every transfer has its cause", "money moves as its reason allows"];
    let mut found = findings(app).await;
    found.retain(|finding| !others.contains(&finding.rule));
    found
}

async fn run(app: &TestApp, statement: server::db::Sql) -> Result<u64, server::db::DbError> {
    let mut tx = app.services.kit.db.begin().await.unwrap();
    let done = tx.run(statement).await?;
    tx.commit().await?;
    Ok(done)
}

both! {
    async fn transfers_are_append_only_in_the_database_itself(app: TestApp) {
        book(&app, 1, vec![posting(clearing(), CREDIT, 100)]).await.unwrap();
        book(&app, 2, vec![posting(CREDIT, clearing(), 1_000)]).await.unwrap_err();
        for statement in [
            sql!("update transfers set amount = 1"),
            sql!("delete from transfers"),
            sql!("update failed_transfers set fault = ''"),
            sql!("delete from failed_transfers"),
        ] {
            assert!(run(&app, statement).await.is_err());
        }
        assert!(run(&app, sql!("update ledger_accounts set debits = credits + 1 where liability = true")).await.is_err());
        assert!(
            run(&app, sql!("update ledger_accounts set debits_pending = credits + 1 where liability = true")).await.is_err(),
            "reserved money counts against the limit in the database"
        );
        assert_eq!(torn(&app).await, []);
    }

    async fn the_same_id_is_the_same_transfer_or_an_error(app: TestApp) {
        let first = || vec![posting(clearing(), CREDIT, 100)];
        book(&app, 1, first()).await.unwrap();
        book(&app, 1, first()).await.unwrap();
        assert_eq!(book(&app, 1, vec![posting(clearing(), CREDIT, 101)]).await, Err(LedgerFault::Differs("amount")));
        let tries = (0..8).map(|_| book(&app, 7, vec![posting(CREDIT, clearing(), 30)]));
        let all = futures_util::future::join_all(tries).await;
        assert!(all.iter().all(Result::is_ok), "{all:?}");
        let mut tx = app.services.kit.db.begin().await.unwrap();
        let free = server::features::payments::ledger::free(&mut tx, &CREDIT, Currency::Cny).await.unwrap();
        drop(tx);
        assert_eq!(free, 70, "eight times the same id moved money once");
        assert_eq!(torn(&app).await, []);
    }

    async fn nothing_owed_is_overdrawn_by_many_at_once_and_a_failed_id_stays_failed(app: TestApp) {
        book(&app, 1, vec![posting(clearing(), CREDIT, 100)]).await.unwrap();
        let tries = (10..20).map(|group| book(&app, group, vec![posting(CREDIT, clearing(), 30)]));
        let all = futures_util::future::join_all(tries).await;
        assert_eq!(all.iter().filter(|done| done.is_ok()).count(), 3, "{all:?}");
        book(&app, 2, vec![posting(clearing(), CREDIT, 1_000)]).await.unwrap();
        for (group, before) in (10..20).zip(all) {
            let again = book(&app, group, vec![posting(CREDIT, clearing(), 30)]).await;
            let expected = if before.is_ok() { Ok(()) } else { Err(LedgerFault::FailedBefore) };
            assert_eq!(again, expected);
        }
        assert_eq!(torn(&app).await, []);
    }

    async fn a_group_is_booked_whole_and_a_reservation_is_settled_once(app: TestApp) {
        let half = vec![posting(clearing(), LedgerAccount::Suspense, 10), posting(CREDIT, clearing(), 1)];
        assert_eq!(book(&app, 1, half).await, Err(LedgerFault::Overdraft(CREDIT)));
        book(&app, 2, vec![posting(clearing(), CREDIT, 100)]).await.unwrap();
        book(&app, 3, vec![posting(CREDIT, LedgerAccount::BankClearing, 80).in_phase(Phase::Pending)]).await.unwrap();
        assert_eq!(book(&app, 4, vec![posting(CREDIT, clearing(), 21)]).await, Err(LedgerFault::Overdraft(CREDIT)));
        let pending = transfer_id(Uuid::from_u128(3), 0);
        let settle = |phase| vec![posting(CREDIT, LedgerAccount::BankClearing, 80).in_phase(phase)];
        let tries = (30..36).map(|group| {
            let phase = if group % 2 == 0 { Phase::Post(pending) } else { Phase::Void(pending) };
            book(&app, group, settle(phase))
        });
        let all = futures_util::future::join_all(tries).await;
        assert_eq!(all.iter().filter(|done| done.is_ok()).count(), 1, "{all:?}");
        assert!(all.iter().filter_map(|done| done.as_ref().err()).all(|fault| *fault == LedgerFault::Resolved));
        assert_eq!(torn(&app).await, []);
    }

    async fn the_audit_names_each_planted_fault(app: TestApp) {
        let bob = app.learner("bob").await.actor().await.account;
        let mut organiser = app.expert("olga").await;
        stage::competition(&mut organiser, "tumour", &[("fee", "100")]).await;
        let escrow = format!("prize:escrow:{}", stage::page(&organiser, "tumour").await.id);
        let id = |number: u128| Uuid::from_u128(number);
        let mut tx = app.services.kit.db.begin().await.unwrap();
        for statement in [
            // A transfer that nothing caused, of an account that holds something else, in a group of two moments.
            sql!("insert into ledger_accounts (name, currency, liability, debits, credits) values ('nonsense', 'CNY', false, 5, 0)"),
            sql!("insert into ledger_accounts (name, currency, liability, debits, credits) values ('platform:fee', 'CNY', true, 0, 9)"),
            sql!("insert into transfers (id, group_id, debit, credit, currency, amount, code, created_at)
                  values ($1, $1, 'nonsense', 'platform:fee', 'CNY', 7, 'sale', 1)", id(1)),
            sql!("insert into transfers (id, group_id, debit, credit, currency, amount, code, created_at)
                  values ($1, $2, 'nonsense', 'platform:fee', 'CNY', 1, 'sale', 2)", id(2), id(1)),
            sql!("insert into failed_transfers (id, fault, failed_at) values ($1, 'x', 0)", id(2)),
            // A void that voids no reservation.
            sql!("insert into transfers (id, group_id, debit, credit, currency, amount, code, kind, pending_id, created_at)
                  values ($1, $1, 'nonsense', 'platform:fee', 'CNY', 1, 'sale', 'void', $2, 2)", id(3), id(1)),
            // A paid order without money, lines that are not its total, shares that are no whole.
            sql!("insert into orders (id, account_id, state, currency, total, placed_at, expires_at, paid_at)
                  values ($1, $2, 'paid', 'CNY', 100, 0, 0, 0)", id(10), bob),
            sql!("insert into order_lines (id, order_id, position, thing_kind, thing_id, title_en, title_zh, list_price, price)
                  values ($1, $2, 0, 'course', $1, 'x', 'x', 90, 90)", id(11), id(10)),
            sql!("insert into order_line_shares (line_id, position, party, account_id, basis_points)
                  values ($1, 0, 'platform', null, 9999)", id(11)),
            // A refund of no charge, of more than its line, without history.
            sql!("insert into payments (id, order_id, gateway, currency, amount, state, title, locale, expires_at, created_at, changed_at)
                  values ($1, $2, 'sandbox', 'CNY', 99, 'confirmed', '', 'en', 0, 0, 0)", id(12), id(10)),
            sql!("insert into refunds (id, order_id, payment_id, gateway, charge, currency, amount, kind, destination,
                                       state, reason, policy, requested_at, changed_at)
                  values ($1, $2, $3, 'sandbox', 'none', 'CNY', 95, 'lines', 'gateway', 'sent', '', '', 0, 0)", id(13), id(10), id(12)),
            sql!("insert into refund_lines (refund_id, line_id, amount, whole) values ($1, $2, 91, true)", id(13), id(11)),
            // A line that was sold to somebody whom its shares do not name.
            sql!("insert into order_lines (id, order_id, position, thing_kind, thing_id, title_en, title_zh, list_price, price)
                  values ($1, $2, 1, 'course', $1, 'x', 'x', 5, 5)", id(15), id(10)),
            sql!("insert into order_line_shares (line_id, position, party, account_id, basis_points)
                  values ($1, 0, 'author', $2, 10000)", id(15), bob),
            sql!("insert into transfers (id, group_id, debit, credit, currency, amount, code, order_id, line_id, created_at)
                  values ($1, $1, 'nonsense', 'platform:fee', 'CNY', 5, 'sale', $2, $3, 2)", id(16), id(10), id(15)),
            // The fees of a competition that is over, which nobody gets.
            sql!("update competitions set state = 'finalised' where slug = 'tumour'"),
            sql!("insert into ledger_accounts (name, currency, liability, debits, credits) values ($1, 'CNY', true, 0, 9)", &escrow),
            // A payout that one person approved, its owner, and that reserved nothing.
            sql!("insert into payouts (id, account_id, currency, amount, holder, bank, state, requested_at, changed_at)
                  values ($1, $2, 'CNY', 50, '', '', 'paid', 0, 0)", id(14), bob),
            sql!("insert into payout_approvals (payout_id, staff_id, approved_at) values ($1, $2, 0)", id(14), bob),
        ] {
            tx.run(statement).await.unwrap();
        }
        tx.commit().await.unwrap();
        let found = findings(&app).await;
        for (invariant, rule, row) in [
            ("I1", "the ledger balances", "CNY"),
            ("I1", "balances equal a recount", "platform:fee CNY"),
            ("I1", "accounts are of the chart", "nonsense CNY"),
            ("I1", "money moves as its reason allows", "sale"),
            ("I16", "a line is shared as it was frozen", "00000000000f"),
            ("I20", "the escrow of what is over is empty", &escrow),
            ("I1", "linked transfers belong together", "000000000001"),
            ("I1", "what settles a reservation fits it", "000000000003"),
            ("I1", "a refused id stays refused", "000000000002"),
            ("I19", "every transfer has its cause", "000000000001"),
            ("I16", "an order is the sum of its lines", "00000000000a"),
            ("I6", "a paid order has one charge of its amount", "00000000000a"),
            ("I19", "a paid order has its history", "00000000000a"),
            ("I16", "a paid line was sold at its price", "00000000000b"),
            ("I16", "the shares of a line are a whole", "00000000000b"),
            ("I8", "an attempt demands what its order costs", "00000000000c"),
            ("I7", "a confirmed attempt has its charge", "00000000000c"),
            ("I10", "a line gives no more than its price", "00000000000b"),
            ("I10", "a refund belongs to a charge", "00000000000d"),
            ("I16", "a refund is the sum of its lines", "00000000000d"),
            ("I10", "a refund holds its money until it is settled", "00000000000d"),
            ("I19", "a refund has its history", "00000000000d"),
            ("I1", "a payout reserves its amount", "00000000000e"),
            ("I20", "a payout is settled as its state says", "00000000000e"),
            ("I19", "two different people approved a payout", "00000000000e"),
            ("I19", "a payout has its history", "00000000000e"),
        ] {
            let named = |finding: &&audit::Finding| finding.invariant == invariant && finding.rule == rule && finding.row.contains(row);
            assert!(found.iter().find(named).is_some(), "{invariant} {rule} {row} is not named:\n{found:#?}");
        }
    }
}

/// The figures of `docs/MONEY.md`: one payment from click to payout, booked in memory line by line.
#[test]
fn the_figures_of_the_paper_are_true() {
    let paper = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/MONEY.md")).unwrap();
    let mut holds = std::collections::BTreeMap::<String, i64>::new();
    let mut steps = 0;
    let cents = |text: &str| -> i64 {
        let text = text.trim().trim_start_matches('¥').replace(',', "");
        let (sign, text) = text.strip_prefix('-').map_or((1, text.as_str()), |text| (-1, text));
        Money::parse(text.trim_start_matches('¥'), Currency::Cny).unwrap_or_else(|| panic!("{text}")).minor
            * sign
    };
    for line in paper.lines().filter(|line| line.starts_with('|')) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        match cells.as_slice() {
            [step, _, debit, credit, amount] if step.parse::<u32>().is_ok() => {
                steps += 1;
                let (debit, credit) = (debit.trim_matches('`'), credit.trim_matches('`'));
                *holds.entry(debit.to_owned()).or_default() -= cents(amount);
                *holds.entry(credit.to_owned()).or_default() += cents(amount);
            }
            [account, end] if account.starts_with('`') && end.starts_with(['¥', '-']) => {
                let account = account.trim_matches('`');
                assert_eq!(holds.get(account).copied(), Some(cents(end)), "{account} at the end");
            }
            _ => {}
        }
    }
    assert!(steps >= 8, "the paper follows a payment in {steps} transfers");
    assert_eq!(holds.values().sum::<i64>(), 0);
    let sale = Money::new(19_999, Currency::Cny).split(&[2_000, 8_000]);
    assert_eq!((sale[0].minor, sale[1].minor), (4_000, 15_999), "the split that the paper shows");
    for code in Code::ALL {
        assert!(paper.contains(&format!("`{}`", code.as_str())), "{} is not in the paper", code.as_str());
    }
}
