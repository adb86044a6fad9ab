//! What an order waits for: what its buyer may do about its payment now.

use app::features::orders::api::{Before, Begun, Waits};
use async_trait::async_trait;
use domain::money::Currency;
use domain::orders::OrderState;
use domain::payments::AttemptState;

use super::gateway::Checkout;
use super::store::Attempt;
use super::{Service, store};
use crate::error::Result;
use crate::features::orders::Cashier;
use crate::features::orders::store::Order;

/// The page of ours that leads to where an attempt is paid, without its language; none where there is no such
/// place.
pub(super) fn page_of(attempt: &Attempt) -> Option<String> {
    Some(match attempt.checkout.as_ref()? {
        Checkout::Page(path) => path.clone(),
        Checkout::Redirect(_) => format!("/pay/{}?go=1", attempt.id),
        Checkout::Qr(_) => format!("/pay/{}", attempt.id),
    })
}

impl Service {
    /// Whether nobody can pay any more by what was shown for an open attempt.
    pub(super) fn is_stale(&self, attempt: &Attempt) -> bool {
        let lasts = self.gateway(&attempt.gateway).and_then(|gateway| gateway.lasts());
        let shown = attempt.card.is_none() && attempt.state == AttemptState::Pending;
        shown && lasts.is_some_and(|span| self.kit.now() > attempt.created_at.plus(span))
    }

    /// What an unpaid order waits for while its newest attempt is open.
    async fn waits_of(&self, attempt: &Attempt) -> Result<Waits> {
        if attempt.card.is_some() || store::is_working(&self.kit.db, attempt.id).await? {
            return Ok(Waits::Gateway);
        }
        let unknown = attempt.state == AttemptState::Unknown;
        Ok(match page_of(attempt) {
            // Whoever got no place to pay has paid nothing.
            None => Waits::Choice(if unknown { Before::Silent } else { Before::Nothing }),
            Some(_) if self.is_stale(attempt) => Waits::Choice(Before::Nothing),
            Some(page) => {
                let begun = Begun { gateway: attempt.gateway.clone(), page };
                if unknown { Waits::Answer(begun) } else { Waits::Buyer(begun) }
            }
        })
    }
}

#[async_trait]
impl Cashier for Service {
    fn ways(&self, currency: Currency) -> Vec<String> {
        self.gateways(currency).iter().map(|gateway| gateway.name().to_owned()).collect()
    }

    async fn waits(&self, order: &Order) -> Result<Waits> {
        let attempts = store::attempts(&self.kit.db, order.id).await?;
        let open = attempts.iter().find(|attempt| attempt.state.is_open());
        if !order.state.is_open() {
            let ended = matches!(order.state, OrderState::Expired | OrderState::Cancelled);
            return Ok(if ended && open.is_some() { Waits::Outcome } else { Waits::Nothing });
        }
        if order.expires_at < self.kit.now() {
            return Ok(Waits::End);
        }
        let declined = attempts.first().is_some_and(|attempt| attempt.state == AttemptState::Failed);
        match open {
            Some(attempt) => self.waits_of(attempt).await,
            None if declined => Ok(Waits::Choice(Before::Declined)),
            None => Ok(Waits::Choice(Before::Nothing)),
        }
    }
}
