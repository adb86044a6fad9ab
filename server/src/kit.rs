//! What every service works with.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use domain::time::Timestamp;
use uuid::Uuid;

use crate::clock::{Clock, Entropy};
use crate::config::Config;
use crate::db::Db;
use crate::files::Files;
use crate::mail::Post;

/// The database, time, randomness, settings and files.
#[derive(Clone)]
pub struct Kit {
    /// The database.
    pub db: Db,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Settings.
    pub config: Arc<Config>,
    /// What sends mails, where any are sent.
    pub mail: Option<Arc<dyn Post>>,
    /// Uploaded files.
    pub files: Files,
    /// Whether this installation is a demonstration; fixed when its data was made.
    pub demonstration: bool,
    /// The secret from which signing keys are derived.
    pub secret: Arc<[u8; 32]>,
    /// What makes ids follow the order in which they were asked for.
    pub ids: Arc<Ids>,
}

/// The last id's place in time: milliseconds since 1970, then a count within the millisecond.
///
/// Ids of one process sort in the order in which they were made, even at one instant, so that rows with
/// equal times stay in the order of their insertion when a statement sorts them by time and id.
#[derive(Default)]
pub struct Ids(AtomicU64);

/// How many bits count within a millisecond: the `rand_a` of RFC 9562.
const COUNT: u32 = 12;

impl Ids {
    /// The place of the next id: never earlier than the last one.
    fn next(&self, now: Timestamp) -> (Timestamp, u16) {
        let wanted = u64::try_from(now.micros() / 1_000).unwrap_or(0) << COUNT;
        let later = |last: u64| Some(wanted.max(last.saturating_add(1)));
        let last = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, later).unwrap_or_default();
        let place = wanted.max(last.saturating_add(1));
        let millis = i64::try_from(place >> COUNT).unwrap_or(i64::MAX / 1_000);
        (
            Timestamp::from_micros(millis * 1_000),
            u16::try_from(place & ((1 << COUNT) - 1)).unwrap_or_default(),
        )
    }
}

impl Kit {
    /// The present instant.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }
    /// Random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.entropy.fill(&mut bytes);
        bytes
    }
    /// A fresh id of any kind; it sorts after every id that this process made before.
    pub fn id<T: From<Uuid>>(&self) -> T {
        let mut random: [u8; 10] = self.bytes();
        let (millisecond, count) = self.ids.next(self.now());
        let [high, low, ..] = &mut random;
        [*high, *low] = count.to_be_bytes();
        T::from(domain::id::uuid_v7(millisecond, random))
    }
    /// A key for one purpose, derived from the installation's secret (HMAC-SHA256 of the purpose).
    pub fn key(&self, purpose: &str) -> ring::hmac::Key {
        let root = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, self.secret.as_ref());
        let derived = ring::hmac::sign(&root, purpose.as_bytes());
        ring::hmac::Key::new(ring::hmac::HMAC_SHA256, derived.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_follow_the_order_in_which_they_are_asked_for() {
        let (ids, now) = (Ids::default(), Timestamp::from_seconds(1_800_000_000));
        let earlier = now.minus(domain::time::Span::minutes(1));
        let mut made: Vec<Uuid> = Vec::new();
        for number in 0..10_000_u32 {
            let (at, count) = ids.next(if number % 3 == 2 { earlier } else { now });
            let [high, low] = count.to_be_bytes();
            // The rest may be anything: here it falls.
            let rest = u8::try_from(255 - number % 256).unwrap();
            made.push(domain::id::uuid_v7(at, [high, low, rest, 0, 0, 0, 0, 0, 0, 0]));
        }
        assert!(made.is_sorted_by(|one, next| one < next));
        let (at, count) = Ids::default().next(now);
        assert_eq!((at, count), (now, 0), "the id says when it was made");
    }
}
