//! Gifts by code, and places that the platform gives for nothing.

use app::features::offers::api::GiftView;
use domain::actor::{Actor, Role};
use domain::invalid::{Denied, Invalid};
use domain::locale::Bilingual;
use domain::offers::{BundleId, GiftId};
use domain::orders::{How, OrderId, Purpose, Step, Thing, Wanted};
use domain::text;
use domain::time::Timestamp;

use super::jobs::EndGift;
use super::store::gifts::Bought;
use super::{Service, store};
use crate::db::{Lock, Tx};
use crate::error::{Error, Result};
use crate::features::accounts::username_key;
use crate::features::orders::service::Cause;
use crate::features::orders::store::{self as orders, Order};
use crate::kit::Kit;

/// The letters of a code: no I, L, O and U, which are misread.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The code of a gift: a hundred bits that only the secret of the installation can derive.
fn code_of(kit: &Kit, gift: GiftId) -> String {
    let tag = ring::hmac::sign(&kit.key("gift code"), gift.0.as_bytes());
    let letters = tag.as_ref().iter().take(20);
    let mut code = String::new();
    for (index, byte) in letters.enumerate() {
        if index > 0 && index % 5 == 0 {
            code.push('-');
        }
        code.push(char::from(*LETTERS.get(usize::from(byte % 32)).unwrap_or(&b'0')));
    }
    code
}

/// A gift as its giver sees it: with its code, as long as nobody took it.
pub(crate) fn shown(kit: &Kit, gift: Bought) -> GiftView {
    GiftView {
        code: (gift.state == "waiting").then(|| code_of(kit, gift.id)),
        title: Bilingual::new(gift.title_en, gift.title_zh),
        state: gift.state,
        order: gift.order_id,
        made_at: gift.made_at,
    }
}

impl Service {
    fn hash_of(code: &str) -> Vec<u8> {
        let plain: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
        let digest = ring::digest::digest(&ring::digest::SHA256, plain.to_ascii_uppercase().as_bytes());
        digest.as_ref().to_vec()
    }

    /// Makes the gift of a paid order.
    pub(super) async fn make_gift(&self, tx: &mut Tx, order: &Order, now: Timestamp) -> Result<()> {
        let id: GiftId = self.kit.id();
        store::gifts::add(tx, id, order.id, Self::hash_of(&code_of(&self.kit, id)), now).await
    }

    /// Orders something to give away: a course, or all of a bundle.
    pub async fn buy_gift(
        &self,
        actor: &Actor,
        thing: &str,
        coupons: Vec<String>,
        message: &str,
    ) -> Result<OrderId> {
        let note = text::block("message", message, 0..=500)?;
        self.check_coupons(actor, &coupons).await?;
        let wanted = match thing.strip_prefix("bundle:") {
            Some(id) => {
                let id: BundleId = id.parse().map_err(|_| Error::not_found())?;
                let parts = store::bundles::parts(&self.kit.db, id).await?;
                parts
                    .into_iter()
                    .map(|part| Wanted { bundle: Some(id), ..Wanted::one(Thing::Course(part.course)) })
                    .collect()
            }
            None => match Thing::parse(thing) {
                Some(thing @ Thing::Course(_)) => vec![Wanted::one(thing)],
                Some(_) => return Err(Error::denied("not_a_gift")),
                None => return Err(Error::not_found()),
            },
        };
        let how = How { purpose: Purpose::Gift, coupons, note, ..How::default() };
        self.orders.place_many(actor, wanted, how).await
    }

    /// Refuses codes that are no coupon, each of which counts as a try.
    async fn check_coupons(&self, actor: &Actor, codes: &[String]) -> Result<()> {
        let now = self.kit.now();
        let mut tx = self.kit.db.begin().await?;
        tx.lock(Lock::Account(actor.account)).await?;
        for code in codes {
            self.check_tries(&mut tx, actor, now).await?;
            if self.known_coupon(&mut tx, code, now).await?.is_none() {
                store::coupons::add_try(&mut tx, self.kit.id(), actor.account, now).await?;
                tx.commit().await?;
                return Err(Invalid::field("coupon", "coupon_unknown").into());
            }
        }
        Ok(())
    }

    /// Takes a gift by its code.
    pub async fn redeem(&self, actor: &Actor, code: &str) -> Result<OrderId> {
        let now = self.kit.now();
        let mut tx = self.kit.db.begin().await?;
        tx.lock(Lock::Account(actor.account)).await?;
        self.check_tries(&mut tx, actor, now).await?;
        let found =
            if code.len() <= 100 { store::gifts::by_hash(&mut tx, Self::hash_of(code)).await? } else { None };
        let Some(gift) = found else {
            store::coupons::add_try(&mut tx, self.kit.id(), actor.account, now).await?;
            tx.commit().await?;
            return Err(Invalid::field("code", "gift_unknown").into());
        };
        if gift.state == "void" {
            return Err(Error::denied("gift_void"));
        }
        if !store::gifts::redeem(&mut tx, gift.id, actor.account, now).await? {
            return Err(Error::denied("gift_redeemed"));
        }
        let mut wanted = Vec::new();
        for thing in store::gifts::things(&mut tx, gift.order_id).await? {
            if !self.orders.has_in(&mut tx, actor.account, &thing, now).await? {
                wanted.push(Wanted::one(thing));
            }
        }
        if wanted.is_empty() {
            return Err(Error::denied("already_yours"));
        }
        let given = orders::order_in(&mut tx, gift.order_id).await?.ok_or_else(Error::not_found)?;
        let how =
            How { purpose: Purpose::Redeemed, gift: Some(gift.order_id), note: given.note, ..How::default() };
        let order = self.orders.place_in(&mut tx, actor, &wanted, &how).await?;
        store::gifts::set_order(&mut tx, gift.id, order).await?;
        tx.commit().await?;
        Ok(order)
    }

    /// The money for a gift went back: nobody may take it any more, and who took it loses it.
    ///
    /// Where only some of its lines went back, the rights to those ended with their refund already.
    pub(super) async fn end_of_gift(&self, tx: &mut Tx, order: &Order) -> Result<()> {
        // Before it is read: whoever takes it at this moment has either done so, or comes too late.
        store::gifts::void(tx, order.id).await?;
        let gift = store::gifts::of_order(tx, order.id).await?;
        if let Some(order) = gift.and_then(|gift| gift.redeemed_order) {
            tx.enqueue(&EndGift { order: OrderId(order) }).await?;
        }
        Ok(())
    }

    /// Takes back what a gift gave; a second time changes nothing.
    pub async fn end_gift(&self, id: OrderId) -> Result<()> {
        let Some(order) = orders::order(&self.kit.db, id).await? else { return Ok(()) };
        let now = self.kit.now();
        let mut tx = self.kit.db.begin().await?;
        tx.lock(Lock::Account(order.account)).await?;
        tx.lock(Lock::Order(id.0)).await?;
        let Some(order) = orders::order_in(&mut tx, id).await? else { return Ok(()) };
        if !order.state.entitles() {
            return Ok(());
        }
        let lines = orders::lines_in(&mut tx, id).await?;
        let cause = Cause { actor: None, by: "gift" };
        self.orders.take_back(&mut tx, &order, &lines, Step::RefundAll, cause, now).await?;
        Ok(tx.commit().await?)
    }

    /// Gives somebody a course for nothing; who and why stays on the order.
    pub async fn grant(&self, actor: &Actor, username: &str, course: &str, note: &str) -> Result<OrderId> {
        if !actor.is(Role::Admin) {
            return Err(Error::not_found());
        }
        let mut invalid = Invalid::default();
        let note = invalid.check(text::line("note", note, 3..=300));
        let recipient = store::gifts::account(&self.kit.db, &username_key(username.trim())).await?;
        if recipient.is_none() {
            invalid.add("username", "grant_no_such_person", &[]);
        }
        let named: String = course.trim().chars().take(64).collect();
        let course = self.course_at(course.trim()).await?;
        if course.is_none() {
            invalid.add("course", "no_such_course", &[&named]);
        }
        let (Some(note), Some(recipient), Some(course)) = (note, recipient, course) else {
            return Err(invalid.into());
        };
        let how = How {
            purpose: Purpose::Grant,
            recipient: Some(recipient),
            granted_by: Some(actor.account),
            note,
            ..How::default()
        };
        let wanted = vec![Wanted::one(Thing::Course(course))];
        self.orders.place_many(actor, wanted, how).await.map_err(|error| match error {
            Error::Fault(app::error::Fault::Denied(denied)) if denied.code == "already_yours" => {
                Denied::new("already_theirs").into()
            }
            other => other,
        })
    }
}
