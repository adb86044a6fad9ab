//! Entering: a seat is sold like anything else, and held while the payment is on its way.

use app::error::Fault;
use async_trait::async_trait;
use domain::accounts::AccountId;
use domain::actor::Actor;
use domain::competitions::{CompetitionId, RegistrationState, State, policy};
use domain::orders::{OrderId, Thing};
use domain::time::Timestamp;

use super::Service;
use super::store::registrations::Registration;
use super::store::{self, registrations};
use crate::bus::Tag;
use crate::db::{Lock, Tx};
use crate::error::{Error, Result};
use crate::features::orders::{Offer, Seller};

impl Service {
    /// Takes a place; the address to go on to: the payment, or the competition itself.
    pub async fn register(&self, actor: &Actor, slug: &str) -> Result<String> {
        let competition = self.visible(Some(actor), slug).await?;
        let page = format!("/competitions/{slug}");
        let free = competition.design.fee.is_zero();
        match self.orders.place(actor, Thing::Competition(competition.id)).await {
            Ok(_) if free => Ok(page),
            Ok(order) => Ok(format!("/orders/{order}")),
            Err(Error::Fault(Fault::Denied(denied))) if denied.code == "already_yours" => {
                Err(Error::denied("already_registered"))
            }
            Err(error) => Err(error),
        }
    }

    /// Refuses an entry that was bought and is being given back: its seat is held until the money has
    /// arrived, its right ended with the request.
    pub async fn still_entered(
        &self,
        tx: &mut Tx,
        account: AccountId,
        competition: CompetitionId,
        registration: &Registration,
        now: Timestamp,
    ) -> Result<()> {
        if registration.order.is_none() {
            return Ok(());
        }
        let thing = Thing::Competition(competition);
        let access = self.orders.access_in(tx, account, &thing, now).await?;
        if access.is_allowed() { Ok(()) } else { Err(Error::denied("not_registered")) }
    }

    /// As [`Service::still_entered`], for what is only read: the data goes when the right goes.
    pub async fn may_load(
        &self,
        account: AccountId,
        competition: CompetitionId,
        registration: &Registration,
        now: Timestamp,
    ) -> Result<()> {
        if registration.order.is_none() {
            return Ok(());
        }
        let access = self.orders.access(Some(account), &Thing::Competition(competition), now).await?;
        if access.is_allowed() { Ok(()) } else { Err(Error::denied("not_registered")) }
    }
}

fn competition_of(thing: &Thing) -> Result<CompetitionId> {
    match thing {
        Thing::Competition(id) => Ok(*id),
        _ => Err(Error::bug("competitions were asked to sell something else")),
    }
}

#[async_trait]
impl Seller for Service {
    fn sells(&self, thing: &Thing) -> bool {
        matches!(thing, Thing::Competition(_))
    }

    async fn reserve(&self, tx: &mut Tx, buyer: AccountId, thing: &Thing, now: Timestamp) -> Result<Offer> {
        let id = competition_of(thing)?;
        tx.lock(Lock::Competition(id.0)).await?;
        let found = store::in_tx(tx, id).await?.ok_or_else(Error::not_found)?;
        let registration = registrations::registration_in(tx, id, buyer).await?;
        // The seat of an unpaid order may be taken anew by a later order of the same person.
        let own = registration.is_some_and(|held| held.state == RegistrationState::AwaitingPayment);
        let state = registration.map(|held| held.state).filter(|_| !own);
        let taken = registrations::seats_in(tx, id).await? - i64::from(own);
        policy::may_register(
            buyer,
            found.organiser,
            (found.state, &found.design.timetable),
            state,
            (taken, found.design.capacity),
            now,
        )?;
        registrations::hold_seat(tx, self.kit.id(), id, buyer, now).await?;
        Ok(Offer { title: found.design.title, price: found.design.fee })
    }

    async fn fulfil(
        &self,
        tx: &mut Tx,
        buyer: AccountId,
        thing: &Thing,
        order: OrderId,
        now: Timestamp,
    ) -> Result<()> {
        let id = competition_of(thing)?;
        tx.lock(Lock::Competition(id.0)).await?;
        registrations::approve(tx, id, buyer, order, now).await?;
        let registration =
            registrations::registration_in(tx, id, buyer).await?.ok_or_else(Error::not_found)?;
        let name = registrations::display_name(tx, buyer).await?;
        self.standings.join(tx, id, registration.id, &name).await?;
        tx.touch(Tag::Competition(id.0));
        tx.touch(Tag::Competitions);
        Ok(())
    }

    async fn release(
        &self,
        tx: &mut Tx,
        buyer: AccountId,
        thing: &Thing,
        order: OrderId,
        now: Timestamp,
    ) -> Result<()> {
        let id = competition_of(thing)?;
        tx.lock(Lock::Competition(id.0)).await?;
        registrations::withdraw(tx, id, buyer, order, now).await?;
        tx.touch(Tag::Competition(id.0));
        tx.touch(Tag::Competitions);
        Ok(())
    }

    async fn quote(&self, thing: &Thing, _now: Timestamp) -> Result<Option<Offer>> {
        let found = store::by_id(&self.kit.db, competition_of(thing)?).await?;
        let shown = found.filter(|found| found.state == State::Published);
        Ok(shown.map(|found| Offer { title: found.design.title, price: found.design.fee }))
    }

    async fn page(&self, thing: &Thing) -> Result<Option<String>> {
        let found = store::by_id(&self.kit.db, competition_of(thing)?).await?;
        Ok(found.map(|found| format!("/competitions/{}", found.design.slug)))
    }
}
