//! The door for notices: verified, stored once, acknowledged; applied later.

use std::sync::atomic::Ordering;

use axum::http::HeaderMap;
use domain::payments::NoticeId;

use super::Service;
use super::gateway::{Gateway, Rejected};
use super::jobs::ApplyNotice;
use super::store::{self, Stored};
use crate::error::Result;

/// What became of a notice at the door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Receipt {
    /// It is new, stored, and will be applied.
    Stored(NoticeId),
    /// It was stored before.
    Known(NoticeId),
}

impl Service {
    /// How many notices were refused at the door since the start.
    pub fn rejected(&self) -> u64 {
        self.rejected.load(Ordering::Relaxed)
    }

    /// Lets a notice in: verified on its raw bytes, stored once with the job that applies it, then
    /// acknowledged. Whether it can be applied does not matter here.
    pub async fn receive(
        &self,
        gateway: &dyn Gateway,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<Result<Receipt, Rejected>> {
        let now = self.kit.now();
        let event = match gateway.verify(headers, body, now) {
            Ok(event) => event,
            Err(rejected) => {
                self.rejected.fetch_add(1, Ordering::Relaxed);
                tracing::warn!(
                    gateway = gateway.name(),
                    ?rejected,
                    bytes = body.len(),
                    "a notice was refused"
                );
                return Ok(Err(rejected));
            }
        };
        if let Some(known) = store::notice_of_event(&self.kit.db, gateway.name(), &event).await? {
            return Ok(Ok(Receipt::Known(known)));
        }
        let notice = Stored { id: self.kit.id(), gateway: gateway.name().to_owned(), body: body.to_vec() };
        let mut tx = self.kit.db.begin().await?;
        if !store::add_notice(&mut tx, &notice, &event, now).await? {
            drop(tx);
            let known = store::notice_of_event(&self.kit.db, gateway.name(), &event).await?;
            return Ok(Ok(Receipt::Known(known.unwrap_or(notice.id))));
        }
        tx.enqueue_once(&ApplyNotice { notice: notice.id, turn: 0 }, &notice.id.to_string()).await?;
        tx.commit().await?;
        Ok(Ok(Receipt::Stored(notice.id)))
    }
}
