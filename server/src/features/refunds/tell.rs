//! What buyers are told of their refunds.

use domain::messages::{MessageKind, Said};
use domain::refunds::{Destination, RefundKind};
use domain::time::Timestamp;

use super::Service;
use super::store::{self, Refund};
use crate::db::Tx;
use crate::error::Result;
use crate::features::messages;
use crate::features::orders::store::{self as orders, Order};

impl Service {
    /// Tells the buyer that the money of a refund went back, or that it could not. Money that paid for nothing is
    /// told of where it came in, and what a bank took back by itself is told of by the bank.
    pub(super) async fn say(
        &self,
        tx: &mut Tx,
        order: &Order,
        refund: &Refund,
        kind: MessageKind,
        now: Timestamp,
    ) -> Result<()> {
        if refund.kind != RefundKind::Lines {
            return Ok(());
        }
        let part = store::parts(tx, refund.id).await?.first().map(|part| part.line);
        let lines = orders::lines_in(tx, order.id).await?;
        let Some(line) = lines.into_iter().find(|line| Some(line.id) == part) else { return Ok(()) };
        let said = Said {
            kind,
            title: line.title,
            amount: Some(refund.amount),
            at: None,
            link: format!("/orders/{}/refund", order.id),
        };
        let key = format!("{}:{}", kind.as_str(), refund.id);
        Ok(messages::write(tx, self.kit.id(), order.account, &key, &said, now).await?)
    }

    /// The message of a refund that is done: back the way it came, or in the buyer's balance.
    pub(super) const fn done(destination: Destination) -> MessageKind {
        match destination {
            Destination::Gateway => MessageKind::RefundDone,
            Destination::Wallet => MessageKind::RefundToBalance,
        }
    }
}
