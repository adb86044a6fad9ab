//! The written part of the demonstration, read: what a person would type into the forms.

use domain::competitions::calendar::Offset;
use domain::competitions::input::RawCompetition;
use domain::courses::input::{CourseForm, LessonForm, QuestionForm};
use domain::locale::Bilingual;
use domain::money::{Currency, Money};
use domain::time::{Span, Timestamp};
use serde::Deserialize;

use crate::error::{Error, Result};

/// A course.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CourseScript {
    /// Its address.
    pub slug: String,
    /// The username of its author.
    pub author: String,
    category: String,
    level: String,
    tags: Vec<String>,
    /// The competitions in which it can be proved.
    pub proves: Vec<String>,
    /// What it costs.
    pub price_minor: i64,
    currency: String,
    /// Its title.
    pub title: Bilingual,
    summary: Bilingual,
    goals: Goals,
    /// Its chapters.
    #[serde(rename = "chapter")]
    pub chapters: Vec<ChapterScript>,
}

#[derive(Debug, Deserialize)]
struct Goals {
    en: Vec<String>,
    zh: Vec<String>,
}

/// A chapter.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChapterScript {
    /// Its title.
    pub title: Bilingual,
    /// Its lessons.
    #[serde(rename = "lesson")]
    pub lessons: Vec<LessonScript>,
}

/// A lesson.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LessonScript {
    #[allow(dead_code, reason = "names the lesson for those who read the file")]
    slug: String,
    /// Its title.
    pub title: Bilingual,
    /// `document` or `quiz`.
    pub kind: String,
    preview: bool,
    /// The stem of its files.
    pub file: String,
}

/// A quiz.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuizScript {
    /// The pass mark in percent.
    pub pass_mark: u32,
    /// How many attempts are allowed.
    pub attempts: u32,
    /// Its questions.
    #[serde(rename = "question")]
    pub questions: Vec<QuestionScript>,
}

/// A question.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuestionScript {
    /// `single`, `multiple`, `true_false` or `number`.
    pub kind: String,
    points: u32,
    /// What is asked.
    pub prompt: Bilingual,
    #[serde(default)]
    feedback: Bilingual,
    answer: Option<toml::Value>,
    tolerance: Option<toml::Value>,
    #[serde(default, rename = "option")]
    options: Vec<OptionScript>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OptionScript {
    text: Bilingual,
    correct: bool,
    #[serde(default)]
    feedback: Bilingual,
}

/// A competition.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompetitionScript {
    /// Its address.
    pub slug: String,
    /// The username of its organiser.
    pub organiser: String,
    kind: String,
    /// The data set of a prediction.
    pub dataset: Option<String>,
    metric: Option<String>,
    public_share: Option<i64>,
    daily_limit: Option<i64>,
    time_limit_minutes: Option<i64>,
    counting: String,
    ties: String,
    fee_minor: i64,
    currency: String,
    capacity: i64,
    title: Bilingual,
    summary: Bilingual,
    /// Its timetable, in hours from the moment at which the world is made.
    pub hours: Hours,
    /// The questions of a quiz.
    #[serde(default, rename = "question")]
    pub questions: Vec<QuestionScript>,
}

/// A timetable in hours from the moment at which the world is made; negative ones lie in the past.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each is the instant of the same name of a timetable")]
pub struct Hours {
    pub registration_opens: i64,
    pub registration_closes: i64,
    pub starts: i64,
    pub freezes: Option<i64>,
    pub ends: i64,
    pub finalised: Option<i64>,
}

/// Reads one of the files.
pub fn read<T: serde::de::DeserializeOwned>(text: &str) -> Result<T> {
    toml::from_str(text).map_err(|error| Error::bug(format!("a file of the demonstration: {error}")))
}

fn decimal(minor: i64, currency: &str) -> Result<String> {
    let currency = Currency::parse(currency).ok_or_else(|| Error::bug("a currency of the demonstration"))?;
    Ok(Money::new(minor, currency).decimal())
}

impl CourseScript {
    /// The form that describes the course.
    pub fn form(&self) -> Result<CourseForm> {
        Ok(CourseForm {
            title_en: self.title.en.clone(),
            title_zh: self.title.zh.clone(),
            summary_en: self.summary.en.clone(),
            summary_zh: self.summary.zh.clone(),
            goals_en: self.goals.en.join("\n"),
            goals_zh: self.goals.zh.join("\n"),
            slug: self.slug.clone(),
            category: self.category.clone(),
            level: self.level.clone(),
            tags: self.tags.join(", "),
            price: decimal(self.price_minor, &self.currency)?,
            currency: self.currency.clone(),
        })
    }
    /// Whether it costs nothing.
    pub const fn is_free(&self) -> bool {
        self.price_minor == 0
    }
}

impl LessonScript {
    /// The form of the lesson, with its texts or its quiz.
    pub fn form(&self, (en, zh): (&str, &str), quiz: &QuizScript) -> LessonForm {
        LessonForm {
            title_en: self.title.en.clone(),
            title_zh: self.title.zh.clone(),
            body_en: en.to_owned(),
            body_zh: zh.to_owned(),
            preview: self.preview,
            // Two hundred words a minute, and time for the examples.
            minutes: if self.is_quiz() { "10".to_owned() } else { minutes(en).to_string() },
            pass_mark: quiz.pass_mark.to_string(),
            attempts: quiz.attempts.to_string(),
        }
    }
    /// Whether it is a quiz.
    pub fn is_quiz(&self) -> bool {
        self.kind == "quiz"
    }
}

fn minutes(text: &str) -> usize {
    (text.split_whitespace().count() / 100).max(3)
}

impl QuestionScript {
    /// The form of the question.
    pub fn form(&self) -> QuestionForm {
        let texts = |pick: fn(&OptionScript) -> &String| -> Vec<String> {
            self.options.iter().map(|option| pick(option).clone()).collect()
        };
        let number =
            |value: &Option<toml::Value>| value.as_ref().map(ToString::to_string).unwrap_or_default();
        QuestionForm {
            kind: self.kind.clone(),
            prompt_en: self.prompt.en.clone(),
            prompt_zh: self.prompt.zh.clone(),
            explanation_en: self.feedback.en.clone(),
            explanation_zh: self.feedback.zh.clone(),
            points: self.points.to_string(),
            choices_en: texts(|option| &option.text.en),
            choices_zh: texts(|option| &option.text.zh),
            feedback_en: texts(|option| &option.feedback.en),
            feedback_zh: texts(|option| &option.feedback.zh),
            right: self.right(),
            number_value: number(&self.answer),
            number_tolerance: number(&self.tolerance),
        }
    }
    /// The right positions.
    fn right(&self) -> Vec<String> {
        let right = self.options.iter().enumerate().filter(|(_, option)| option.correct);
        right.map(|(position, _)| position.to_string()).collect()
    }
    /// The right answer as a form sends it.
    pub fn right_answer(&self) -> Vec<String> {
        match &self.answer {
            Some(number) => vec![number.to_string()],
            None => self.right(),
        }
    }
    /// A wrong answer as a form sends it.
    pub fn wrong_answer(&self) -> Vec<String> {
        match &self.answer {
            Some(_) => vec!["-1".to_owned()],
            None => self
                .options
                .iter()
                .position(|option| !option.correct)
                .map(|position| vec![position.to_string()])
                .unwrap_or_default(),
        }
    }
    /// The options as the form of a competition takes them: one a line, right ones with a star.
    pub fn starred(&self, pick: fn(&Bilingual) -> &String) -> String {
        let line = |option: &OptionScript| {
            format!("{}{}\n", if option.correct { "*" } else { "" }, pick(&option.text))
        };
        self.options.iter().map(line).collect()
    }
    /// For true or false: which.
    pub fn is_true(&self) -> bool {
        self.options.first().is_some_and(|option| option.correct)
    }
}

impl CompetitionScript {
    /// The form of the competition in a world made at `start`.
    pub fn form(&self, (en, zh): (&str, &str), start: Timestamp) -> Result<RawCompetition> {
        // Timetables stand on full hours.
        let hour = Timestamp::from_seconds(start.seconds().div_euclid(3_600) * 3_600);
        let local = |hours: i64| Offset::CHINA.write(hour.plus(Span::hours(hours)));
        let count = |number: Option<i64>| number.map(|number| number.to_string()).unwrap_or_default();
        Ok(RawCompetition {
            slug: self.slug.clone(),
            title_en: self.title.en.clone(),
            title_zh: self.title.zh.clone(),
            summary_en: self.summary.en.clone(),
            summary_zh: self.summary.zh.clone(),
            rules_en: en.to_owned(),
            rules_zh: zh.to_owned(),
            kind: self.kind.clone(),
            offset: Offset::CHINA.minutes().to_string(),
            registration_opens: local(self.hours.registration_opens),
            registration_closes: local(self.hours.registration_closes),
            starts: local(self.hours.starts),
            freezes: self.hours.freezes.map(local).unwrap_or_default(),
            ends: local(self.hours.ends),
            fee: decimal(self.fee_minor, &self.currency)?,
            currency: self.currency.clone(),
            capacity: self.capacity.to_string(),
            counting: self.counting.clone(),
            ties: self.ties.clone(),
            metric: self.metric.clone().unwrap_or_default(),
            public_share: count(self.public_share),
            daily_limit: count(self.daily_limit),
            time_limit: count(self.time_limit_minutes),
        })
    }
    /// Whether entering costs nothing.
    pub const fn is_free(&self) -> bool {
        self.fee_minor == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::assets::{self, COMPETITIONS, COURSES};
    use crate::demo::people::everybody;
    use crate::markdown;
    use domain::competitions::input::NewCompetition;
    use domain::courses::quiz::QuestionId;
    use uuid::Uuid;

    fn known(username: &str) -> bool {
        everybody().any(|person| person.username == username)
    }

    #[test]
    fn every_course_fits_its_forms() {
        for files in &COURSES {
            let course: CourseScript = read(files.course).unwrap();
            let quiz: QuizScript = read(files.quiz).unwrap();
            let described = course.form().unwrap().parse().unwrap();
            assert!(described.category.is_some() && known(&course.author), "{}", course.slug);
            let lessons: Vec<&LessonScript> =
                course.chapters.iter().flat_map(|chapter| &chapter.lessons).collect();
            assert!(lessons.iter().any(|lesson| lesson.preview && !lesson.is_quiz()));
            assert_eq!(lessons.iter().filter(|lesson| lesson.is_quiz()).count(), 1);
            assert_eq!(lessons.len(), files.lessons.len() + 1, "{}", course.slug);
            for lesson in lessons {
                let texts = assets::lesson(files, &lesson.file).unwrap_or_default();
                assert_eq!(texts.0.is_empty(), lesson.is_quiz(), "{}", lesson.file);
                lesson.form(texts, &quiz).parse().unwrap();
            }
            assert!((5..=8).contains(&quiz.questions.len()), "{}", course.slug);
            for question in &quiz.questions {
                let parsed = question.form().parse(QuestionId(Uuid::nil())).unwrap();
                let feedback = parsed.choices.iter().all(|choice| !choice.feedback.is_empty());
                assert!(feedback && (!parsed.choices.is_empty() || !parsed.explanation.is_empty()));
            }
        }
    }

    #[test]
    fn every_text_renders_without_a_fault() {
        let lessons = COURSES.iter().flat_map(|files| files.lessons.iter().flat_map(|(_, en, zh)| [en, zh]));
        let rules = COMPETITIONS.iter().flat_map(|files| [&files.en, &files.zh]);
        let mut faults = Vec::new();
        for text in lessons.chain(rules) {
            let html = markdown::render(text).to_string();
            // Emphasis beside full-width punctuation is easily lost; stars then stay in the text. Stars of
            // highlighted code are meant.
            let signs = ["**", "*<", "$$", "|--", "merror"];
            let stray = |line: &&str| !line.contains("hl-") && signs.iter().any(|sign| line.contains(sign));
            faults.extend(html.lines().filter(stray).map(str::to_owned));
            assert_eq!(text.matches("```").count() % 2, 0);
        }
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    }

    #[test]
    fn every_competition_fits_its_form() {
        let start = Timestamp::from_seconds(1_795_000_000);
        for files in &COMPETITIONS {
            let script: CompetitionScript = read(files.competition).unwrap();
            let new = NewCompetition::parse(&script.form((files.en, files.zh), start).unwrap()).unwrap();
            assert!(known(&script.organiser) && new.capacity >= Some(60), "{}", script.slug);
            for question in &script.questions {
                question.form().parse(QuestionId(Uuid::nil())).unwrap();
            }
        }
    }
}
