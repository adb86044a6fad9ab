//! Prize money: the escrow of a finalised competition goes to its winners and its organiser.
//!
//! It waits until nobody who paid may take the fee back any more. What comes back to the escrow later, because a
//! dispute was won or a refund came to nothing, is given out in another round.

use std::collections::BTreeMap;

use domain::accounts::AccountId;
use domain::competitions::CompetitionId;
use domain::money::{Currency, Money};
use domain::payments::{Code, LedgerAccount, Posting, prizes};
use domain::standings::Audience;
use domain::time::Span;
use uuid::Uuid;

use super::Service;
use super::jobs::SettlePrizes;
use super::terms::promised_until;
use crate::db::{Count, Lock, Tx};
use crate::error::Result;
use crate::features::payments::ledger::{self, Belongs, derived};
use crate::sql;

#[derive(sqlx::FromRow)]
struct Competition {
    #[sqlx(try_from = "Uuid")]
    organiser_id: AccountId,
    state: String,
}

impl Service {
    /// Gives the escrow of a finalised competition out; again gives out what has come back to it since.
    pub async fn settle(&self, id: CompetitionId) -> Result<()> {
        let now = self.kit.now();
        let mut tx = self.kit.db.begin().await?;
        tx.lock(Lock::Competition(id.0)).await?;
        let found: Option<Competition> =
            tx.maybe(sql!("select organiser_id, state from competitions where id = $1", id)).await?;
        let Some(found) = found.filter(|found| found.state == "finalised") else { return Ok(()) };
        if let Some(until) = promised_until(&mut tx, id).await?.filter(|until| *until >= now) {
            let after = until.plus(Span::from_micros(1));
            tx.enqueue_at(&SettlePrizes { competition: id }, after).await?;
            return Ok(tx.commit().await?);
        }
        let winners = self.winners(&mut tx, id).await?;
        for currency in Currency::ALL {
            let escrow = LedgerAccount::PrizeEscrow(id);
            let held = Money::new(ledger::free(&mut tx, &escrow, currency).await?, currency);
            if held.minor <= 0 {
                continue;
            }
            let before: Count = tx
                .one(sql!(
                    "select count(*) as n from prize_rounds where competition_id = $1 and currency = $2",
                    id,
                    currency.code()
                ))
                .await?;
            let round = before.n + 1;
            let postings = prizes(held, &winners, found.organiser_id).into_iter().map(|(account, money)| {
                Posting::new(escrow.clone(), LedgerAccount::Payable(account), money, Code::Prize)
            });
            let group = derived(&format!("prizes {} {round}", currency.code()), id.0);
            ledger::must_book(&mut tx, &self.kit, group, postings.collect(), Belongs::default()).await?;
            let sql = sql!(
                "insert into prize_rounds (competition_id, currency, round, amount, group_id, settled_at, cause)
                 values ($1, $2, $3, $4, $5, $6, 'finalised')",
                id,
                currency.code(),
                round,
                held.minor,
                group,
                now
            );
            tx.exactly(1, sql).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Who won which share of the escrow. Those who share a rank share its prizes.
    async fn winners(&self, tx: &mut Tx, id: CompetitionId) -> Result<Vec<(AccountId, u32)>> {
        #[derive(sqlx::FromRow)]
        struct Prize {
            place: i64,
            basis_points: i64,
        }
        let rows: Vec<Prize> = tx
            .all(sql!(
                "select place, basis_points from competition_prizes where competition_id = $1 order by place",
                id
            ))
            .await?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let shares: BTreeMap<i64, i64> = rows.iter().map(|row| (row.place, row.basis_points)).collect();
        #[derive(sqlx::FromRow)]
        struct Entrant {
            id: Uuid,
            #[sqlx(try_from = "Uuid")]
            account_id: AccountId,
        }
        let entrants: Vec<Entrant> = tx
            .all(sql!(
                "select g.id, g.account_id from registrations g
                 where g.competition_id = $1 and g.state = 'approved'
                   and not exists (select 1 from order_lines l
                       join line_facts f on f.line_id = l.id and f.ended = true
                       where l.order_id = g.order_id and l.thing_kind = 'competition'
                         and l.thing_id = g.competition_id)
                 order by g.id",
                id
            ))
            .await?;
        let accounts: BTreeMap<Uuid, AccountId> =
            entrants.into_iter().map(|row| (row.id, row.account_id)).collect();
        let table = self.standings.table(tx, id, Audience::Jury { private: true }).await?;
        let mut ranks: BTreeMap<u32, Vec<AccountId>> = BTreeMap::new();
        for row in &table {
            // Whoever takes the entry fee back stands on the board, and wins nothing.
            if let (Some(rank), Some(account)) = (row.rank, accounts.get(&row.entrant.0)) {
                ranks.entry(rank).or_default().push(*account);
            }
        }
        let mut winners = Vec::new();
        for (rank, people) in ranks {
            let places =
                i64::from(rank)..i64::from(rank).saturating_add(i64::try_from(people.len()).unwrap_or(0));
            let sum: i64 = places.filter_map(|place| shares.get(&place)).sum();
            let each = Money::new(sum, Currency::Cny).split(&vec![1; people.len()]);
            let parts = people.into_iter().zip(each);
            winners.extend(
                parts.map(|(account, part)| (account, u32::try_from(part.minor).unwrap_or_default())),
            );
        }
        winners.retain(|(_, points)| *points > 0);
        Ok(winners)
    }
}
