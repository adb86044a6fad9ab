//! Time and randomness as parameters.

use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};

use domain::time::{Span, Timestamp};
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};

/// Where time comes from.
pub trait Clock: Send + Sync {
    /// The present instant.
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that asks the machine")]
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }
}

/// A clock that stands still until it is told: for tests and for making the demonstration world.
pub struct HandClock(AtomicI64);

impl HandClock {
    /// A clock that shows `start`.
    pub fn at(start: Timestamp) -> Self {
        Self(AtomicI64::new(start.micros()))
    }
    /// Moves the clock forward.
    pub fn advance(&self, span: Span) {
        self.0.fetch_add(span.micros(), Ordering::SeqCst);
    }
    /// Puts the clock to an instant.
    pub fn set(&self, now: Timestamp) {
        self.0.store(now.micros(), Ordering::SeqCst);
    }
}

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}

/// Where randomness comes from.
pub trait Entropy: Send + Sync {
    /// Fills a buffer with random bytes.
    fn fill(&self, buffer: &mut [u8]);
}

/// The machine's randomness; the process ends where it has none, since nothing would be safe.
pub struct SystemEntropy(SystemRandom);

impl SystemEntropy {
    /// The machine's randomness.
    pub fn new() -> Self {
        Self(SystemRandom::new())
    }
}
impl Default for SystemEntropy {
    fn default() -> Self {
        Self::new()
    }
}
impl Entropy for SystemEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        if self.0.fill(buffer).is_err() {
            tracing::error!("the machine gives no randomness");
            std::process::abort();
        }
    }
}

/// Repeatable bytes from a seed: SHA-256 of seed and counter. For tests and the demonstration world.
pub struct SeededEntropy {
    seed: u64,
    counter: Mutex<u64>,
}

impl SeededEntropy {
    /// The sequence of a seed.
    pub fn new(seed: u64) -> Self {
        Self { seed, counter: Mutex::new(0) }
    }
}
impl Entropy for SeededEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        let mut counter = self.counter.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        for chunk in buffer.chunks_mut(32) {
            *counter += 1;
            let mut input = [0; 16];
            let (left, right) = input.split_at_mut(8);
            left.copy_from_slice(&self.seed.to_le_bytes());
            right.copy_from_slice(&counter.to_le_bytes());
            let hash = digest(&SHA256, &input);
            chunk.iter_mut().zip(hash.as_ref()).for_each(|(to, from)| *to = *from);
        }
    }
}
