//! The port: what staff sees of the ledger.

use app::error::Answer;
use app::features::finance::Finance;
use app::features::finance::api::{AccountView, Filter, TransferView};
use async_trait::async_trait;
use domain::actor::{Actor, Role};
use domain::invalid::Invalid;
use domain::money::Money;
use domain::page::Page;
use domain::payments::{Kind, LedgerAccount};
use domain::time::{Span, Timestamp};

use super::{Service, store};
use crate::error::{Error, Result};

/// Money matters are for administrators; for everybody else the page does not exist.
fn staff(actor: &Actor) -> Result<()> {
    if actor.is(Role::Admin) { Ok(()) } else { Err(Error::not_found()) }
}

/// The first instant of a day such as `2026-09-01`, in UTC; nothing for an empty text.
fn day(field: &str, text: &str) -> Result<Option<Timestamp>> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let refused = || Error::from(Invalid::field(field, "date"));
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts.as_slice() else { return Err(refused()) };
    let number = |text: &str, range: std::ops::RangeInclusive<i64>| {
        text.parse::<i64>().ok().filter(|number| range.contains(number)).ok_or_else(refused)
    };
    let (year, month, day) = (number(year, 1970..=9999)?, number(month, 1..=12)?, number(day, 1..=31)?);
    // Howard Hinnant's civil-to-days algorithm, proleptic Gregorian.
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let year_of_era = shifted.rem_euclid(400);
    let day_of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    let days =
        era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468;
    Ok(Some(Timestamp::from_seconds(days * 86_400)))
}

impl Service {
    /// Transfers for staff: at most so many of them.
    pub(super) async fn filtered(
        &self,
        actor: &Actor,
        filter: &Filter,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Page<TransferView>> {
        staff(actor)?;
        let from = day("from", &filter.from)?;
        let until = day("until", &filter.until)?.map(|until| until.plus(Span::days(1)));
        store::transfers(&self.kit.db, filter, (from, until), after, limit).await
    }

    async fn list_accounts(&self, actor: &Actor, after: Option<&str>) -> Result<Page<AccountView>> {
        staff(actor)?;
        let rows = store::accounts(&self.kit.db, after).await?;
        let page = Page::cut(rows, store::PAGE, |row| format!("{} {}", row.name, row.currency.code()));
        let mut items = Vec::new();
        for row in page.items {
            let account = LedgerAccount::parse(&row.name);
            let (kind, owner) = match &account {
                Some(account) => (account.kind(), store::owner_name(&self.kit.db, account).await?),
                None => (Kind::Asset, None),
            };
            let balance = row.balance();
            let reserved = match kind {
                Kind::Liability | Kind::Income => balance.debits_pending,
                Kind::Asset | Kind::Expense => balance.credits_pending,
            };
            items.push(AccountView {
                name: row.name,
                owner,
                holds: Money::new(balance.of(kind), row.currency),
                reserved: Money::new(reserved, row.currency),
            });
        }
        Ok(Page { items, next: page.next })
    }
}

#[async_trait]
impl Finance for Service {
    async fn accounts(&self, actor: &Actor, after: Option<String>) -> Answer<Page<AccountView>> {
        Ok(self.list_accounts(actor, after.as_deref()).await?)
    }
    async fn transfers(
        &self,
        actor: &Actor,
        filter: Filter,
        after: Option<String>,
    ) -> Answer<Page<TransferView>> {
        Ok(self.filtered(actor, &filter, after.as_deref(), store::PAGE).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_in_utc() {
        assert_eq!(day("from", "2026-09-01").unwrap(), Some(Timestamp::from_seconds(1_788_220_800)));
        assert_eq!(day("from", " ").unwrap(), None);
        for bad in ["2026", "2026-13-01", "2026-09-32", "x-y-z", "2026-09-01-01"] {
            assert!(day("from", bad).is_err(), "{bad}");
        }
    }
}
