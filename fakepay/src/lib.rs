//! A stateful counterpart of Stripe, Alipay and WeChat Pay: the same wire formats, its own truth, and a door
//! through which every fault can be ordered.
//!
//! It refuses requests that are signed badly, so that whoever calls it is tested too. Tests start it inside
//! their process on a port of its own; people start it with `cargo xtask run --pay fake`.

mod alipay;
mod cards;
mod control;
mod keys;
mod notices;
mod person;
mod stripe;
mod wechatpay;
mod world;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};

pub use control::{Fake, settings};
pub use notices::{Notice, Part};
pub use world::{Card, Dispute, Kind, Plan, Refund, Stage, Trade, Trouble, World};

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
        (self.now)()
    }
    /// The address of the fake.
    pub fn base(&self) -> &str {
        &self.base
    }
    /// Where Stripe's notices go: Stripe is told in its dashboard, not in each request.
    pub fn stripe_endpoint(&self) -> String {
        format!("{}/pay/stripe/notify", self.leitai)
    }
    /// Answers a request, with the fault that was ordered for it.
    async fn act(&self, path: &str, answer: impl FnOnce() -> Response) -> Response {
        let trouble = self.world().trouble(path);
        match trouble {
            None => answer(),
            Some(Trouble::Down) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
            Some(Trouble::Slow(millis)) => {
                let answer = answer();
                tokio::time::sleep(Duration::from_millis(millis)).await;
                answer
            }
        }
    }
}

/// Every route of the fake.
fn router(shared: &Arc<Shared>) -> Router {
    Router::new()
        .route("/", get(person::index))
        .route("/person/{number}", get(person::page))
        .route("/person/{number}/{choice}", post(person::choose))
        .route("/control/{act}", any(control::door))
        .route("/alipay/gateway.do", any(alipay::gateway))
        .route("/stripe/{*path}", any(stripe::api))
        .route("/wechatpay/{*path}", any(wechatpay::api))
        .with_state(Arc::clone(shared))
}
