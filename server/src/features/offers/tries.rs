//! Guessing codes: an account may be wrong so often, and an address as well, which has as many accounts as it likes.

use app::cx::Origin;
use app::error::Fault;
use domain::actor::Actor;
use domain::time::{Span, Timestamp};

use super::{Service, store};
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::features::accounts::throttle;

/// How many codes that are none an account may try.
const TRIES: i64 = 10;
/// How many may come from an address, which a school may share.
const TRIES_OF_ADDRESS: i64 = 30;
/// Within which time.
const TRIES_WITHIN: Span = Span::minutes(10);

/// Whether an answer says that a code is none.
fn is_wrong_code<T>(answer: &Result<T>) -> bool {
    let Err(Error::Fault(Fault::Invalid(fields))) = answer else { return false };
    fields.iter().any(|field| matches!(field.code.as_str(), "coupon_unknown" | "gift_unknown"))
}

impl Service {
    /// Refuses who tried too many codes that are none.
    pub(super) async fn check_tries(&self, tx: &mut Tx, actor: &Actor, now: Timestamp) -> Result<()> {
        if store::coupons::tries_since(tx, actor.account, now.minus(TRIES_WITHIN)).await? >= TRIES {
            return Err(Fault::TooMany { retry_after: 600 }.into());
        }
        Ok(())
    }

    /// Does what somebody asked with a code, unless too many codes that are none came from their address.
    pub(super) async fn counted<T>(
        &self,
        origin: &Origin,
        asked: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let key = format!("code {}", origin.address);
        let wait = throttle::wait(&self.kit, &key, TRIES_OF_ADDRESS, TRIES_WITHIN).await?;
        if let Some(retry_after) = wait {
            return Err(Fault::TooMany { retry_after }.into());
        }
        let answer = asked.await;
        if is_wrong_code(&answer) {
            throttle::note_failure(&self.kit, &[key]).await?;
        }
        answer
    }
}
