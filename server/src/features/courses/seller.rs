//! Courses as something that orders sell.

use async_trait::async_trait;
use domain::accounts::AccountId;
use domain::courses::{CourseId, policy};
use domain::orders::{OrderId, Thing};
use domain::time::Timestamp;

use super::{Service, store};
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::features::orders::{Offer, Seller};

fn course_of(thing: &Thing) -> Result<CourseId> {
    match thing {
        Thing::Course(id) => Ok(*id),
        _ => Err(Error::bug("a course seller was asked for something else")),
    }
}

#[async_trait]
impl Seller for Service {
    fn sells(&self, thing: &Thing) -> bool {
        matches!(thing, Thing::Course(_))
    }

    async fn reserve(&self, tx: &mut Tx, buyer: AccountId, thing: &Thing, now: Timestamp) -> Result<Offer> {
        let course = store::course_in(tx, course_of(thing)?).await?.ok_or_else(Error::not_found)?;
        let learns = match store::enrolment_in(tx, course.id, buyer).await? {
            None => false,
            Some(enrolment) if enrolment.order.is_none() => true,
            Some(_) => self.orders.access_in(tx, buyer, thing, now).await?.is_allowed(),
        };
        policy::may_enrol(&course.facts(), learns)?;
        Ok(Offer { title: course.title, price: course.price })
    }

    async fn promised(&self, tx: &mut Tx, _: AccountId, thing: &Thing, _: Timestamp) -> Result<Offer> {
        let course = store::course_in(tx, course_of(thing)?).await?.ok_or_else(Error::not_found)?;
        Ok(Offer { title: course.title, price: course.price })
    }

    async fn had(&self, account: AccountId, thing: &Thing) -> Result<bool> {
        let enrolment = store::enrolment(&self.kit.db, course_of(thing)?, account).await?;
        Ok(enrolment.is_some_and(|enrolment| enrolment.order.is_none()))
    }

    async fn had_in(&self, tx: &mut Tx, account: AccountId, thing: &Thing) -> Result<bool> {
        let enrolment = store::enrolment_in(tx, course_of(thing)?, account).await?;
        Ok(enrolment.is_some_and(|enrolment| enrolment.order.is_none()))
    }

    async fn fulfil(
        &self,
        tx: &mut Tx,
        buyer: AccountId,
        thing: &Thing,
        order: OrderId,
        now: Timestamp,
    ) -> Result<()> {
        self.give_seat(tx, course_of(thing)?, buyer, Some(order), now).await
    }

    async fn release(&self, _: &mut Tx, _: AccountId, _: &Thing, _: OrderId, _: Timestamp) -> Result<()> {
        // Seats in courses are not limited: nothing was held.
        Ok(())
    }

    async fn quote(&self, thing: &Thing, _now: Timestamp) -> Result<Option<Offer>> {
        let course = store::course(&self.kit.db, course_of(thing)?).await?;
        let open = course.filter(|course| policy::may_enrol(&course.facts(), false).is_ok());
        Ok(open.map(|course| Offer { title: course.title, price: course.price }))
    }

    async fn page(&self, thing: &Thing) -> Result<Option<String>> {
        let course = store::course(&self.kit.db, course_of(thing)?).await?;
        Ok(course.map(|course| format!("/courses/{}", course.slug)))
    }
}
