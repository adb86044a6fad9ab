//! The course of a competition: what the clock does, what the organiser does at its end.

use domain::actor::Actor;
use domain::competitions::policy;
use domain::competitions::{CompetitionId, State};
use domain::invalid::Denied;
use domain::standings::Fact;
use domain::text;
use domain::time::{Span, Timestamp};

use super::Service;
use super::jobs::{Advance, Certify};
use super::store::{self, Competition, registrations};
use crate::bus::Tag;
use crate::db::{Lock, Tx};
use crate::error::{Error, Result};
use crate::features::payouts::jobs::SettlePrizes;
use crate::features::refunds::jobs::GiveEntriesBack;

impl Service {
    /// Tells the standings that a competition began or froze, once the clock says so.
    ///
    /// They put it before whatever they are told later, so a late job cannot show a result after the freeze.
    pub(super) async fn advance_in(&self, tx: &mut Tx, found: &Competition, now: Timestamp) -> Result<()> {
        let phase = found.design.timetable.phase(found.state, now);
        if phase.has_started() && found.state == State::Published {
            self.standings.record(tx, found.id, Fact::Started).await?;
        }
        Ok(())
    }

    /// Does what the clock has brought about, and comes back at the next instant of the timetable.
    pub async fn advance(&self, id: CompetitionId) -> Result<()> {
        let now = self.kit.now();
        let mut tx = self.kit.db.begin().await?;
        tx.lock(Lock::Competition(id.0)).await?;
        let Some(found) = store::in_tx(&mut tx, id).await? else { return Ok(()) };
        self.advance_in(&mut tx, &found, now).await?;
        self.schedule(&mut tx, &found, now).await?;
        touch(&mut tx, id);
        Ok(tx.commit().await?)
    }

    /// Records the job for the next instant at which the timetable changes something.
    pub(super) async fn schedule(&self, tx: &mut Tx, found: &Competition, now: Timestamp) -> Result<()> {
        if found.state != State::Published {
            return Ok(());
        }
        let table = &found.design.timetable;
        let opening = [Some(table.registration_opens), Some(table.starts), table.freezes];
        // A closing instant belongs to the time before it.
        let closing = [table.registration_closes, table.ends].map(|at| Some(at.plus(Span::from_micros(1))));
        let next = opening.into_iter().chain(closing).flatten().filter(|at| *at > now).min();
        if let Some(next) = next {
            let key = format!("{}:{}", found.id, next.micros());
            tx.enqueue_once_at(&Advance { competition: found.id }, &key, next).await?;
        }
        Ok(())
    }

    /// Ends a running competition now: what arrived up to this instant still counts.
    pub async fn end_now(&self, actor: &Actor, slug: &str) -> Result<()> {
        let id = self.own(actor, slug).await?.id;
        let now = self.kit.now();
        let mut tx = self.kit.db.begin().await?;
        tx.lock(Lock::Competition(id.0)).await?;
        let mut found = store::in_tx(&mut tx, id).await?.ok_or_else(Error::not_found)?;
        if !found.design.timetable.phase(found.state, now).takes_submissions() {
            return Err(Denied::new("competition_not_running").into());
        }
        self.advance_in(&mut tx, &found, now).await?;
        let table = &mut found.design.timetable;
        table.ends = now;
        table.registration_closes = table.registration_closes.min(now);
        table.freezes = table.freezes.filter(|freezes| *freezes < now);
        store::set_end(&mut tx, id, table, now).await?;
        self.schedule(&mut tx, &found, now).await?;
        touch(&mut tx, id);
        Ok(tx.commit().await?)
    }

    /// Makes the results final: the private rows decide, and certificates follow.
    pub async fn finalise(&self, actor: &Actor, slug: &str) -> Result<()> {
        let id = self.own(actor, slug).await?.id;
        let now = self.kit.now();
        let mut tx = self.kit.db.begin().await?;
        tx.lock(Lock::Competition(id.0)).await?;
        let found = store::in_tx(&mut tx, id).await?.ok_or_else(Error::not_found)?;
        let unjudged = registrations::unjudged(&mut tx, id).await?;
        policy::may_finalise(found.design.timetable.phase(found.state, now), unjudged)?;
        self.advance_in(&mut tx, &found, now).await?;
        store::set_state(&mut tx, id, State::Published, State::Finalised, now).await?;
        self.standings.record(&mut tx, id, Fact::Finalised).await?;
        tx.enqueue_once(&Certify { competition: id }, &id.to_string()).await?;
        tx.enqueue_once(&SettlePrizes { competition: id }, &id.to_string()).await?;
        touch(&mut tx, id);
        Ok(tx.commit().await?)
    }
}

impl Service {
    /// Calls a competition off: nobody enters or submits any more, and every fee goes back, soon, by its jobs.
    pub async fn cancel(&self, actor: &Actor, slug: &str, reason: &str) -> Result<()> {
        let id = self.own(actor, slug).await?.id;
        let reason = text::line("reason", reason, 3..=300)?;
        let now = self.kit.now();
        let mut tx = self.kit.db.begin().await?;
        tx.lock(Lock::Competition(id.0)).await?;
        let found = store::in_tx(&mut tx, id).await?.ok_or_else(Error::not_found)?;
        policy::may_cancel(found.state)?;
        store::set_state(&mut tx, id, State::Published, State::Cancelled, now).await?;
        store::add_cancellation(&mut tx, id, &reason, actor.account, now).await?;
        tx.enqueue(&GiveEntriesBack { competition: id, after: None }).await?;
        touch(&mut tx, id);
        Ok(tx.commit().await?)
    }
}

/// Makes every cached page stale that shows the competition.
pub(super) fn touch(tx: &mut Tx, id: CompetitionId) {
    tx.touch(Tag::Competition(id.0));
    tx.touch(Tag::Competitions);
}
