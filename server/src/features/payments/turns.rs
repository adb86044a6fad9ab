//! The turns of a notice: while its gateway cannot be asked it is tried again, and a person is told in time.
//!
//! What became of money (a refund that failed, a dispute that was lost) is told once and asked for by nobody
//! else before the night, so that a notice must outlast a gateway that is down.

use domain::money::{Currency, Money};
use domain::payments::NoticeId;
use domain::time::Span;

use super::Service;
use super::jobs::ApplyNotice;
use super::reversals::NOBODY;
use super::store::{self, NewAlert};
use crate::error::{Error, Result};
use crate::jobs::Job;

/// How long to wait before each further try.
const TURNS: [Span; 6] =
    [Span::minutes(1), Span::minutes(5), Span::minutes(15), Span::hours(1), Span::hours(6), Span::days(1)];
/// The turn after the last one of them: nights go on from there.
pub(super) const LAST: usize = TURNS.len();
/// For how many days more a gateway is asked to keep or forget a card.
const DAYS: usize = 7;
/// After which time a person is told that a notice could not be applied.
const LONG: Span = Span::hours(1);

fn key(id: NoticeId) -> String {
    format!("notice_unresolved:{id}")
}

impl Service {
    /// What a gateway was asked for beside a payment; where it was silent, again later, and each day for a week.
    pub(crate) async fn ask_again<J: Job>(&self, asked: Result<()>, next: &J, turn: usize) -> Result<()> {
        let Err(Error::Outside { what, .. }) = &asked else { return asked };
        if turn >= LAST.saturating_add(DAYS) {
            return asked;
        }
        tracing::warn!(kind = J::KIND, turn, what, "a gateway is asked again later");
        let pause = TURNS.get(turn).copied().unwrap_or(Span::days(1));
        let mut tx = self.kit.db.begin().await?;
        tx.enqueue_at(next, self.kit.now().plus(pause)).await?;
        Ok(tx.commit().await?)
    }

    /// Applies a stored notice; where its gateway cannot be asked, again later.
    pub(crate) async fn apply_in_turn(&self, id: NoticeId, turn: usize) -> Result<()> {
        match self.apply(id).await {
            Err(Error::Outside { who, what }) => self.apply_later(id, turn, who, &what).await,
            Err(other) => Err(other),
            Ok(()) if turn == 0 => Ok(()),
            Ok(()) => self.settle_turns(id).await,
        }
    }

    /// Nobody has to look at a notice any more that was applied.
    pub(super) async fn settle_turns(&self, id: NoticeId) -> Result<()> {
        let mut tx = self.kit.db.begin().await?;
        store::settle_alert(&mut tx, &key(id), "applied", self.kit.now()).await?;
        Ok(tx.commit().await?)
    }

    async fn apply_later(&self, id: NoticeId, turn: usize, who: &str, what: &str) -> Result<()> {
        let now = self.kit.now();
        let Some((stored, event, since)) = store::waiting_since(&self.kit.db, id).await? else {
            return Ok(());
        };
        tracing::warn!(notice = %id, turn, what, "a notice cannot be applied yet");
        let mut tx = self.kit.db.begin().await?;
        if now.since(since) >= LONG {
            let alert = NewAlert {
                id: self.kit.id(),
                reason: "notice_unresolved",
                key: &key(id),
                detail: &format!("{} {event}: {what}", stored.gateway),
                notice: Some(id),
                payment: None,
                order: None,
                amount: Money::zero(Currency::default()),
            };
            store::add_alert(&mut tx, &alert, now).await?;
        }
        match TURNS.get(turn) {
            Some(pause) => {
                let next = ApplyNotice { notice: id, turn: turn.saturating_add(1) };
                tx.enqueue_at(&next, now.plus(*pause)).await?;
            }
            // Whatever it is about, nobody will tell of it any more: the alert stays.
            None if who == NOBODY => {
                store::finish_notice(&mut tx, id, "parked", Some("no_such_charge"), None, now).await?;
            }
            None => {}
        }
        Ok(tx.commit().await?)
    }
}
