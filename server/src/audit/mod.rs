//! `leitai audit`: every rule about money and standings that stored rows can show, checked in one pass.
//!
//! Each rule is a [`Check`]: one statement that gives the rows which break it, the invariant of the design
//! that it belongs to, and words. The rows come in any order; the report sorts them. Nothing is repaired
//! here: an entry is never edited, and a person decides what the other entry should be.

mod ledger;
mod offers;
mod orders;
mod payments;
mod payouts;
mod receipts;
mod refunds;
mod subscriptions;

use std::sync::{Mutex, PoisonError};

use uuid::Uuid;

use crate::db::{Count, Db, Sql, Tx};
use crate::error::{Error, Result};
use crate::sql;

/// A rule about stored rows.
pub struct Check {
    /// The invariant that it belongs to, such as `I10`.
    pub invariant: &'static str,
    /// The rule.
    pub rule: &'static str,
    /// The table of the rows that its statement gives.
    pub table: &'static str,
    /// What is wrong with them.
    pub what: &'static str,
    /// The statement that gives the rows which break it.
    pub rows: Rows,
}

/// How the statement of a check names its rows.
pub enum Rows {
    /// By a column `id`.
    Ids(fn() -> Sql),
    /// By a text `key` and what there is to say about it, `what`.
    Words(fn() -> Sql),
}

/// Declares a check: invariant, rule, table, what is wrong, and the statement that gives ids or words.
macro_rules! check {
    ($invariant:literal, $rule:literal, $table:literal, $what:literal, ids $sql:literal) => {
        $crate::audit::Check {
            invariant: $invariant,
            rule: $rule,
            table: $table,
            what: $what,
            rows: $crate::audit::Rows::Ids(|| $crate::sql!($sql)),
        }
    };
    ($invariant:literal, $rule:literal, $table:literal, words $sql:literal) => {
        $crate::audit::Check {
            invariant: $invariant,
            rule: $rule,
            table: $table,
            what: "",
            rows: $crate::audit::Rows::Words(|| $crate::sql!($sql)),
        }
    };
}
pub(crate) use check;

/// A row that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The invariant.
    pub invariant: &'static str,
    /// The rule.
    pub rule: &'static str,
    /// The table and key of the row.
    pub row: String,
    /// What is wrong with it.
    pub what: String,
}

/// What an audit saw.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// How many transfers the ledger has.
    pub transfers: i64,
    /// How many orders there are.
    pub orders: i64,
    /// How many rules were checked.
    pub checks: usize,
    /// What is wrong.
    pub findings: Vec<Finding>,
}

impl Report {
    fn add(&mut self, invariant: &'static str, rule: &'static str, row: String, what: impl Into<String>) {
        self.findings.push(Finding { invariant, rule, row, what: what.into() });
    }
}

#[derive(sqlx::FromRow)]
struct Id {
    id: Uuid,
}

#[derive(sqlx::FromRow)]
struct Words {
    key: String,
    what: String,
}

/// How many rules take more than one statement.
const COMPUTED: usize = 4;

/// Every rule that is one statement.
pub fn checks() -> impl Iterator<Item = &'static Check> {
    [
        ledger::CHECKS,
        orders::CHECKS,
        offers::CHECKS,
        payments::CHECKS,
        refunds::CHECKS,
        payouts::CHECKS,
        receipts::CHECKS,
        subscriptions::CHECKS,
    ]
    .into_iter()
    .flatten()
}

/// Checks everything, each rule as things are at one moment; changes nothing.
///
/// Two readers share the rules, because one of them takes a core for seconds where there are a million
/// transfers. What they see may be a moment apart; no rule asks both of them.
pub async fn audit(live: &Db) -> Result<Report> {
    let (mut one, mut other) = (live.snapshot().await?, live.snapshot().await?);
    let transfers: Count = one.one(sql!("select count(*) as n from transfers")).await?;
    let orders: Count = one.one(sql!("select count(*) as n from orders")).await?;
    let rest = Mutex::new(checks());
    let (computed, stated) = tokio::try_join!(
        async {
            let mut report = Report::default();
            ledger::chart(&mut one, &mut report).await?;
            ledger::reasons(&mut one, &mut report).await?;
            orders::shared(&mut one, &mut report).await?;
            payouts::escrow(&mut one, &mut report).await?;
            report.checks += COMPUTED;
            states(&mut one, &rest, &mut report).await?;
            Ok::<_, Error>(report)
        },
        async {
            let mut report = Report::default();
            states(&mut other, &rest, &mut report).await?;
            Ok(report)
        },
    )?;
    drop((one, other));
    let mut report = Report {
        transfers: transfers.n,
        orders: orders.n,
        checks: computed.checks + stated.checks,
        findings: [computed.findings, stated.findings].concat(),
    };
    for (slug, what) in crate::features::standings::audit::faults(live).await? {
        report.add("I5", "a board equals its log", format!("competitions {slug}"), what);
    }
    report.checks += 1;
    report.findings.sort();
    Ok(report)
}

/// Takes one rule after the other from those that are left, and checks it.
async fn states(
    db: &mut Tx,
    rest: &Mutex<impl Iterator<Item = &'static Check>>,
    report: &mut Report,
) -> Result<()> {
    let next = || rest.lock().unwrap_or_else(PoisonError::into_inner).next();
    while let Some(check) = next() {
        report.checks += 1;
        match check.rows {
            Rows::Ids(statement) => {
                for row in db.all::<Id>(statement()).await? {
                    let row = format!("{} {}", check.table, row.id);
                    report.add(check.invariant, check.rule, row, check.what);
                }
            }
            Rows::Words(statement) => {
                for row in db.all::<Words>(statement()).await? {
                    report.add(check.invariant, check.rule, format!("{} {}", check.table, row.key), row.what);
                }
            }
        }
    }
    Ok(())
}
