//! The port: what staff sees of the ledger.

use app::error::{Answer, Fault};
use app::features::finance::Finance;
use app::features::finance::api::{AccountView, Filter, LogEntry, TransferView};
use async_trait::async_trait;
use domain::actor::{Actor, Role};
use domain::calendar::day;
use domain::money::Money;
use domain::page::Page;
use domain::payments::{Kind, LedgerAccount};
use domain::time::Span;

use super::{Service, log, store};
use crate::error::{Error, Result};

/// Money matters are for administrators; for everybody else the page does not exist.
fn staff(actor: &Actor) -> Result<()> {
    if actor.is(Role::Admin) { Ok(()) } else { Err(Error::not_found()) }
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
    async fn log(&self, actor: &Actor, after: Option<String>) -> Answer<Page<LogEntry>> {
        staff(actor).map_err(Fault::from)?;
        Ok(log::read(&self.kit.db, after.and_then(|after| after.parse().ok())).await?)
    }
}
