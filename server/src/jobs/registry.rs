//! Every kind of job, one line each.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;

use serde_json::Value;

use super::{Job, JobError};
use crate::services::Services;

/// The work of a job, ready to be awaited.
pub type Work = Pin<Box<dyn Future<Output = Result<(), JobError>> + Send>>;
/// Reads a payload and begins the work.
pub type Begin = fn(Value, Arc<Services>) -> Work;

/// Every kind that this program can do.
pub fn kinds() -> BTreeMap<&'static str, Begin> {
    BTreeMap::from([
        // One line per kind: `entry::<judging::jobs::JudgeSubmission>(),`
        entry::<crate::db::TendDatabase>(),
        entry::<crate::features::accounts::jobs::ForgetExpired>(),
        entry::<crate::features::courses::jobs::SettleCourse>(),
        entry::<crate::features::competitions::jobs::Advance>(),
        entry::<crate::features::competitions::jobs::Certify>(),
        entry::<crate::features::judging::jobs::JudgeSubmission>(),
        entry::<crate::features::offers::jobs::EndGift>(),
        entry::<crate::features::messages::MailMessage>(),
        entry::<crate::features::orders::jobs::ExpireOrder>(),
        entry::<crate::features::payments::jobs::ApplyNotice>(),
        entry::<crate::features::payouts::jobs::SettlePrizes>(),
        entry::<crate::features::refunds::jobs::GiveEntriesBack>(),
        entry::<crate::features::refunds::jobs::SendRefund>(),
        entry::<crate::features::payments::jobs::AskGateway>(),
        entry::<crate::features::payments::jobs::CloseOrder>(),
        entry::<crate::features::payments::jobs::CompareList>(),
        entry::<crate::features::payments::jobs::CompareLists>(),
        entry::<crate::features::payments::jobs::ConfirmLater>(),
        entry::<crate::features::payments::jobs::ForgetCard>(),
        entry::<crate::features::payments::jobs::KeepCard>(),
        entry::<crate::features::subscriptions::jobs::EndEntry>(),
        entry::<crate::features::subscriptions::jobs::TurnSubscription>(),
    ])
}

fn entry<J: Job>() -> (&'static str, Begin) {
    (J::KIND, |payload, services| {
        Box::pin(async move {
            let job: J = serde_json::from_value(payload)
                .map_err(|error| JobError::GiveUp(format!("unreadable payload: {error}")))?;
            job.run(&services).await
        })
    })
}
