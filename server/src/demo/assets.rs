//! The written part of the demonstration, inside the binary: courses and competitions as files.

/// A course: its description, its texts by stem, its quiz.
#[derive(Debug)]
pub struct CourseFiles {
    /// `course.toml`.
    pub course: &'static str,
    /// Each lesson's stem with its text in English and in Chinese.
    pub lessons: &'static [(&'static str, &'static str, &'static str)],
    /// `quiz.toml`.
    pub quiz: &'static str,
}

/// A competition: its description, and its rules in English and Chinese.
#[derive(Debug)]
pub struct CompetitionFiles {
    /// The description.
    pub competition: &'static str,
    /// The rules in English.
    pub en: &'static str,
    /// The rules in Chinese.
    pub zh: &'static str,
}

macro_rules! course {
    ($slug:literal, $($stem:literal),+) => {
        CourseFiles {
            course: include_str!(concat!("../../demo/courses/", $slug, "/course.toml")),
            lessons: &[$((
                $stem,
                include_str!(concat!("../../demo/courses/", $slug, "/", $stem, ".en.md")),
                include_str!(concat!("../../demo/courses/", $slug, "/", $stem, ".zh.md")),
            )),+],
            quiz: include_str!(concat!("../../demo/courses/", $slug, "/quiz.toml")),
        }
    };
}

macro_rules! competition {
    ($slug:literal) => {
        CompetitionFiles {
            competition: include_str!(concat!("../../demo/competitions/", $slug, ".toml")),
            en: include_str!(concat!("../../demo/competitions/", $slug, ".en.md")),
            zh: include_str!(concat!("../../demo/competitions/", $slug, ".zh.md")),
        }
    };
}

/// Every course, in the order in which they were published.
pub const COURSES: [CourseFiles; 7] = [
    course!("clear-brief", "five-questions", "problem-first", "done-means", "test-it"),
    course!("sql-joins", "inner-join", "left-join", "on-or-where", "doubled-totals"),
    course!("calibrated-forecasts", "say-a-number", "base-rates", "scores", "calibration"),
    course!("regression-errors", "errors", "mean-and-median", "r-squared", "residuals"),
    course!("nearest-neighbours", "twenty-lines", "scaling", "choosing-k", "limits"),
    course!("honest-splits", "three-parts", "leakage", "which-split", "cross-validation", "leaderboards"),
    course!("confusion-matrix", "four-cells", "accuracy-trap", "precision-recall", "threshold", "macro-f1"),
];

/// Every competition.
pub const COMPETITIONS: [CompetitionFiles; 4] = [
    competition!("wine-cultivar-cup"),
    competition!("tumour-or-not"),
    competition!("diabetes-progression"),
    competition!("numbers-sprint"),
];

/// The text of a lesson by its stem.
pub fn lesson(files: &CourseFiles, stem: &str) -> Option<(&'static str, &'static str)> {
    files.lessons.iter().find(|(name, _, _)| *name == stem).map(|(_, en, zh)| (*en, *zh))
}
