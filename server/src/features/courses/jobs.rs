//! What follows a change of a course.

use async_trait::async_trait;
use domain::courses::CourseId;
use serde::{Deserialize, Serialize};

use crate::jobs::{Job, JobError};
use crate::services::Services;

/// Finds the learners who have completed a course because of a change of its lessons.
#[derive(Debug, Serialize, Deserialize)]
pub struct SettleCourse {
    /// The course.
    pub course: CourseId,
}

#[async_trait]
impl Job for SettleCourse {
    const KIND: &'static str = "courses.settle";
    async fn run(self, services: &Services) -> Result<(), JobError> {
        Ok(services.courses.settle_course(self.course).await?)
    }
}
