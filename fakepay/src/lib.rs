//! A stateful counterpart of Stripe, Alipay and WeChat Pay: the same wire formats, its own truth, and a door
//! through which every fault can be ordered.
//!
//! It refuses requests that are signed badly, so that whoever calls it is tested too. Tests start it inside
//! their process on a port of its own; people start it with `cargo xtask run --pay fake`.

mod alipay;
mod bill;
mod cards;
mod control;
mod deeds;
mod door;
mod keys;
mod notices;
mod person;
mod spoil;
mod stripe;
mod stripe_lists;
mod trouble;
mod wechatpay;
mod world;

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use axum::Router;
use axum::routing::{any, get, post};

pub use control::{Fake, settings};
pub use door::ACTS;
pub use notices::Notice;
pub use spoil::Part;
pub use trouble::{Plan, Trouble};
pub use world::{Card, Dispute, Kind, Payout, Refund, Stage, Step, Sums, Trade, World, fee};

/// Where the time of the fake comes from: seconds since 1970.
pub type Now = Arc<dyn Fn() -> i64 + Send + Sync>;

/// Who carries notices to Leitai.
#[async_trait]
pub trait Deliver: Send + Sync {
    /// Carries one; the status and the body of the answer.
    async fn deliver(&self, notice: &Notice) -> (u16, String);
}

/// What every handler shares.
pub struct Shared {
    world: Mutex<World>,
    now: Now,
    /// How many seconds the clock of the gateways is ahead of that.
    ahead: AtomicI64,
    base: String,
    leitai: String,
    deliver: Arc<dyn Deliver>,
}

impl Shared {
    /// What the gateways know.
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
    /// The present second.
    pub fn now(&self) -> i64 {
        (self.now)() + self.ahead.load(Ordering::Relaxed)
    }
    /// Moves the clock of the gateways.
    pub fn wait(&self, seconds: i64) {
        self.ahead.fetch_add(seconds, Ordering::Relaxed);
    }
    /// The address of the fake.
    pub fn base(&self) -> &str {
        &self.base
    }
    /// Where Stripe's notices go: Stripe is told in its dashboard, not in each request.
    pub fn stripe_endpoint(&self) -> String {
        format!("{}/pay/stripe/notify", self.leitai)
    }
}

/// Every route of the fake.
fn router(shared: &Arc<Shared>) -> Router {
    Router::new()
        .route("/", get(person::index))
        .route("/person/{number}", get(person::page))
        .route("/person/{number}/{choice}", post(person::choose))
        .route("/control", get(door::acts))
        .route("/control/{act}", any(door::door))
        .route("/alipay/gateway.do", any(alipay::gateway))
        .route("/stripe/{*path}", any(stripe::api))
        .route("/wechatpay/{*path}", any(wechatpay::api))
        .with_state(Arc::clone(shared))
}
