//! Money of the demonstration that moves on after it was paid: back to buyers, to authors, and into gifts.

use app::features::courses::Courses;
use domain::orders::{OrderId, Thing};
use domain::payouts::Wish;
use domain::refunds::Destination;

use super::people::{Person, STEWARD};
use super::plan::{Settles, number_of};
use super::stage::Stage;
use crate::error::{Error, Result};
use crate::features::payouts::service::Earned;
use crate::features::{orders, payouts};

impl Stage {
    /// Somebody moves money that was paid.
    pub(super) async fn settle(&self, deed: Settles, person: &Person) -> Result<()> {
        match deed {
            Settles::GivesBack(to) => self.give_back(person, to).await,
            Settles::BuysGift(course) => self.buy_gift(course, person).await,
            Settles::AsksForPayout(amount) => self.ask_for_payout(amount, person).await,
            Settles::IsApproved => self.approve_payout(person).await,
        }
    }

    /// Gives the last order back, as its policy promises.
    async fn give_back(&self, person: &Person, to: Destination) -> Result<()> {
        let actor = self.actor(person.username)?;
        let db = &self.services.kit.db;
        let order = self.last_order(person).await?;
        let lines: Vec<_> = orders::store::lines(db, order).await?.into_iter().map(|line| line.id).collect();
        self.services.refunds.request(&actor, order, &lines, to).await?;
        Ok(())
    }

    async fn last_order(&self, person: &Person) -> Result<OrderId> {
        let account = self.actor(person.username)?.account;
        let found = orders::store::orders_of(&self.services.kit.db, account, None, 1).await?;
        found.first().map(|order| order.id).ok_or_else(|| Error::bug("nothing was ordered"))
    }

    /// Buys a course for somebody else, and pays.
    async fn buy_gift(&self, course: usize, person: &Person) -> Result<()> {
        let actor = self.actor(person.username)?;
        let course = self.services.courses.course(None, self.slug(course)?).await?;
        let thing = Thing::Course(course.id).to_string();
        let words = "For the long train ride: it begins where you stopped.";
        let order = self.services.offers.buy_gift(&actor, &thing, Vec::new(), words).await?;
        self.pay(&actor, order, number_of(person)).await
    }

    /// An author asks for a part of what courses earned, where they earned as much.
    async fn ask_for_payout(&self, amount: &str, person: &Person) -> Result<()> {
        let author = self.actor(person.username)?;
        let wish = Wish::parse(amount, "CNY", person.name, "Bank of the Bay, 6222 0000 0000 0002")?;
        let earned = self.services.payouts.earned(author.account).await?;
        let enough = |one: &Earned| {
            one.available.currency == wish.amount.currency && one.available.minor >= wish.amount.minor
        };
        if earned.iter().any(enough) {
            self.services.payouts.request(&author, wish).await?;
        }
        Ok(())
    }

    /// The steward approves what an author asked for; that still needs a second person.
    async fn approve_payout(&self, person: &Person) -> Result<()> {
        let account = self.actor(person.username)?.account;
        let asked = payouts::store::payouts(&self.services.kit.db, Some(account), None, 1).await?;
        let Some(payout) = asked.first() else { return Ok(()) };
        self.services.payouts.approve(&self.actor(STEWARD.username)?, payout.id).await
    }
}
