//! What the house has brought about so far.

use app::error::Answer;
use app::features::home::{Figures, Home};
use async_trait::async_trait;

use super::store;
use crate::error::Error;
use crate::kit::Kit;

/// The first page.
pub struct Service {
    kit: Kit,
}

impl Service {
    /// The service of a kit.
    pub fn new(kit: Kit) -> Self {
        Self { kit }
    }
}

#[async_trait]
impl Home for Service {
    async fn figures(&self) -> Answer<Figures> {
        let db = &self.kit.db;
        let counted = store::counts(db).await.map_err(Error::from)?;
        let paid = store::paid(db).await.map_err(Error::from)?;
        Ok(Figures { paid, people: counted.people, lessons: counted.lessons, proven: counted.proven })
    }
}
