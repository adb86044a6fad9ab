//! Makes what pages show of what is stored.

use app::features::courses::view::{
    AskedView, MarkedChoice, MarkedQuestionView, MarkedView, OutlineChapter, OutlineLesson, ProgressView,
};
use domain::courses::LessonId;
use domain::courses::quiz::{Answer, MarkedQuestion, Question, QuestionKind, mark};
use domain::courses::rules::{Progress, Step};
use domain::locale::{Bilingual, Locale};
use domain::rewards::CertificateCode;

use super::super::store;
use crate::markdown;

/// A lesson in an outline.
pub(super) fn outline_lesson(lesson: &store::LessonHead, open: bool, done: bool) -> OutlineLesson {
    OutlineLesson {
        id: lesson.id,
        title: lesson.title.clone(),
        kind: lesson.kind,
        minutes: lesson.minutes,
        preview: lesson.preview,
        open,
        done,
    }
}

/// The chapters that have lessons, with their lessons; `all` opens each of them.
pub(super) fn outline(
    chapters: &[store::Chapter],
    lessons: &[store::LessonHead],
    previews: bool,
    all: bool,
    progress: Option<&Progress>,
) -> Vec<OutlineChapter> {
    let done = |lesson: LessonId| progress.is_some_and(|progress| progress.done.contains(&lesson));
    let chapter = |chapter: &store::Chapter| OutlineChapter {
        title: chapter.title.clone(),
        lessons: lessons
            .iter()
            .filter(|lesson| lesson.chapter == chapter.id)
            .map(|lesson| outline_lesson(lesson, all || (previews && lesson.preview), done(lesson.id)))
            .collect(),
    };
    chapters.iter().map(chapter).filter(|chapter| !chapter.lessons.is_empty()).collect()
}

/// How far a learner has come, with the code of the certificate where there is one.
pub(super) fn progress(
    steps: &[Step],
    progress: &Progress,
    certificate: Option<CertificateCode>,
) -> ProgressView {
    let next = steps.iter().find(|step| !progress.done.contains(&step.lesson));
    ProgressView {
        done: progress.count(),
        total: progress.total,
        completed_at: progress.completed_at,
        next: next.or(steps.first()).map(|step| step.lesson),
        certificate: certificate.map(|code| code.to_string()),
    }
}

/// Markdown in the reader's language as safe HTML, and the language that it is written in.
pub(super) fn prose(text: &Bilingual, locale: Locale) -> (String, Locale) {
    let wanted = match locale {
        Locale::En => &text.en,
        Locale::Zh => &text.zh,
    };
    let language = if wanted.trim().is_empty() { locale.other() } else { locale };
    (markdown::render(text.get(locale)).to_string(), language)
}

/// A question as it is asked.
pub(super) fn asked(question: &Question, locale: Locale) -> AskedView {
    let asked = question.asked();
    AskedView {
        id: asked.id,
        kind: asked.kind,
        prompt: prose(&asked.prompt, locale).0,
        points: asked.points,
        choices: asked.choices,
    }
}

/// A marked attempt. While more attempts may follow (`reveal` is false) only what was chosen is commented,
/// and no key is told.
pub(super) fn marked(attempt: &store::Attempt, reveal: bool, locale: Locale) -> Option<MarkedView> {
    let result = mark(&attempt.questions, attempt.answers.as_ref()?);
    let questions = attempt
        .questions
        .iter()
        .zip(&result.questions)
        .map(|(question, mark)| marked_question(question, mark, reveal, locale))
        .collect();
    Some(MarkedView {
        number: attempt.number,
        points: result.points,
        out_of: result.out_of,
        percent: result.percent(),
        passed: attempt.passed,
        questions,
    })
}

fn marked_question(
    question: &Question,
    mark: &MarkedQuestion,
    reveal: bool,
    locale: Locale,
) -> MarkedQuestionView {
    let chosen: &[u32] = match &mark.answer {
        Some(Answer::Choices(chosen)) => chosen,
        _ => &[],
    };
    let choices = (0_u32..)
        .zip(&question.choices)
        .map(|(index, choice)| {
            let chosen = chosen.contains(&index);
            MarkedChoice {
                text: choice.text.clone(),
                chosen,
                right: (chosen || reveal).then_some(choice.right),
                feedback: if chosen { choice.feedback.clone() } else { Bilingual::default() },
            }
        })
        .collect();
    let number = match &mark.answer {
        Some(Answer::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    let key = question.number.filter(|_| reveal && question.kind == QuestionKind::Number);
    MarkedQuestionView {
        prompt: prose(&question.prompt, locale).0,
        kind: question.kind,
        right: mark.right,
        points: mark.points,
        out_of: mark.out_of,
        choices,
        number,
        right_number: key.map(|key| key.value.to_string()),
        explanation: if reveal { prose(&question.explanation, locale).0 } else { String::new() },
    }
}
