//! What a plan opens, as data.

use serde::{Deserialize, Serialize};

use crate::competitions::CompetitionId;
use crate::courses::CourseId;
use crate::courses::category::CATEGORIES;

/// Something that a plan opens; its text form is its kind, or kind, colon and reference.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Opens {
    /// Every course.
    Courses,
    /// The courses of a subject and of those below it.
    Category(String),
    /// One course.
    Course(CourseId),
    /// The entry to every competition.
    Competitions,
    /// The entry to one competition.
    Competition(CompetitionId),
}

impl Opens {
    /// Whether it opens entries to competitions.
    pub const fn is_entry(&self) -> bool {
        matches!(self, Self::Competitions | Self::Competition(_))
    }
    /// The kind: a database value.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Courses => "courses",
            Self::Category(_) => "category",
            Self::Course(_) => "course",
            Self::Competitions => "competitions",
            Self::Competition(_) => "competition",
        }
    }
    /// To which of its kind; empty where every one is meant.
    pub fn reference(&self) -> String {
        match self {
            Self::Courses | Self::Competitions => String::new(),
            Self::Category(slug) => slug.clone(),
            Self::Course(id) => id.to_string(),
            Self::Competition(id) => id.to_string(),
        }
    }
    /// Joins kind and reference.
    pub fn of(kind: &str, reference: &str) -> Option<Self> {
        match (kind, reference) {
            ("courses", "") => Some(Self::Courses),
            ("competitions", "") => Some(Self::Competitions),
            ("category", slug) => {
                let known = CATEGORIES.iter().any(|category| category.slug == slug);
                known.then(|| Self::Category(slug.to_owned()))
            }
            ("course", id) => id.parse().ok().map(Self::Course),
            ("competition", id) => id.parse().ok().map(Self::Competition),
            _ => None,
        }
    }
    /// Reads the text form.
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, reference) = text.split_once(':').unwrap_or((text, ""));
        Self::of(kind, reference)
    }
}

impl std::fmt::Display for Opens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let reference = self.reference();
        if reference.is_empty() { f.write_str(self.kind()) } else { write!(f, "{}:{reference}", self.kind()) }
    }
}

impl From<Opens> for String {
    fn from(opens: Opens) -> Self {
        opens.to_string()
    }
}

impl TryFrom<String> for Opens {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("not something that a plan opens: {text}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn what_a_plan_opens_has_one_text_form() {
        for opens in [
            Opens::Courses,
            Opens::Competitions,
            Opens::Category("data".to_owned()),
            Opens::Course(CourseId(Uuid::from_u128(5))),
            Opens::Competition(CompetitionId(Uuid::from_u128(6))),
        ] {
            assert_eq!(Opens::parse(&opens.to_string()), Some(opens.clone()));
            assert_eq!(Opens::of(opens.kind(), &opens.reference()), Some(opens));
        }
        for bad in ["", "courses:x", "category:nothing", "course:", "course:1", "plan", "competitions:data"] {
            assert_eq!(Opens::parse(bad), None, "{bad}");
        }
    }
}
