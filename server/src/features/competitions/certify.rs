//! Certificates of a finalised competition.

use std::collections::HashMap;

use app::i18n::t;
use domain::competitions::input::Task;
use domain::competitions::{CompetitionId, State};
use domain::locale::{Bilingual, Locale};
use domain::rewards::{CertificateKind, NewCertificate};
use domain::standings::Audience;

use super::Service;
use super::store::{self, Competition, registrations};
use crate::error::{Error, Result};
use crate::features::standings::Ranked;

/// How many certificates are written in one transaction.
const BATCH: usize = 200;

impl Service {
    /// Hands out a certificate to every approved entrant with a result; again changes nothing.
    pub async fn certify(&self, id: CompetitionId) -> Result<()> {
        let mut tx = self.kit.db.begin().await?;
        let found = store::in_tx(&mut tx, id).await?.ok_or_else(Error::not_found)?;
        if found.state != State::Finalised {
            return Ok(());
        }
        // What everybody sees: whoever was taken off the board gets no certificate and takes no rank.
        let table = self.standings.table(&mut tx, id, Audience::Public).await?;
        let entrants: HashMap<_, _> = registrations::entrants(&mut tx, id)
            .await?
            .into_iter()
            .map(|entrant| (entrant.id, entrant))
            .collect();
        drop(tx);
        let now = self.kit.now();
        let awards: Vec<NewCertificate> = table
            .iter()
            .filter_map(|row| {
                let rank = row.rank?;
                let entrant = entrants.get(&row.entrant)?;
                Some(NewCertificate {
                    account: entrant.account_id,
                    kind: CertificateKind::Competition(id),
                    title: found.design.title.clone(),
                    holder: entrant.display_name.clone(),
                    detail: detail(&found, row, rank),
                    awarded_at: now,
                })
            })
            .collect();
        for batch in awards.chunks(BATCH) {
            let mut tx = self.kit.db.begin().await?;
            for award in batch {
                self.rewards.issue(&mut tx, award).await?;
            }
            tx.commit().await?;
        }
        Ok(())
    }
}

/// `Rank 3 of 60, F1 macro 0.9812`.
fn detail(found: &Competition, row: &Ranked, rank: u32) -> Bilingual {
    let text = |locale| {
        let measure = match &found.design.task {
            Task::Quiz { .. } => t::competitions::points(locale),
            Task::Prediction { metric, .. } => app::features::competitions::metric_name(*metric, locale),
        };
        t::competitions::certificate_detail(locale, rank, row.scored, measure, &row.total_text)
    };
    Bilingual::new(text(Locale::En), text(Locale::Zh))
}
