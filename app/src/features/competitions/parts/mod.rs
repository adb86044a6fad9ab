//! Parts that several pages of competitions show.

pub mod form;
pub mod questions;
pub mod uploads;

use domain::competitions::Kind;
use domain::competitions::calendar::Offset;
use domain::competitions::rules::{Phase, Timetable};
use domain::judging::{Direction, Metric};
use domain::locale::Locale;
use domain::money::Money;
use domain::time::Timestamp;
use leptos::prelude::*;
use ui::{PhaseLine, PhaseState, Tab, Tabs};

use crate::clock::Clock;
use crate::features::competitions::CompetitionRow;
use crate::i18n::{href, t, use_locale};

/// The name of a metric.
pub fn metric_name(metric: Metric, l: Locale) -> &'static str {
    match metric {
        Metric::Accuracy => t::competitions::metric_accuracy(l),
        Metric::F1Macro => t::competitions::metric_f1_macro(l),
        Metric::LogLoss => t::competitions::metric_log_loss(l),
        Metric::Rmse => t::competitions::metric_rmse(l),
        Metric::Mae => t::competitions::metric_mae(l),
        Metric::R2 => t::competitions::metric_r2(l),
        Metric::Auc => t::competitions::metric_auc(l),
    }
}

/// Which way a metric is better, in words.
pub fn direction_name(direction: Direction, l: Locale) -> &'static str {
    match direction {
        Direction::Higher => t::competitions::higher(l),
        Direction::Lower => t::competitions::lower(l),
    }
}

/// The name of a kind.
pub fn kind_name(kind: Kind, l: Locale) -> &'static str {
    match kind {
        Kind::Quiz => t::competitions::kind_quiz(l),
        Kind::Prediction => t::competitions::kind_prediction(l),
    }
}

/// The name of a phase.
pub fn phase_name(phase: Phase, l: Locale) -> &'static str {
    match phase {
        Phase::Draft => t::competitions::phase_draft(l),
        Phase::Announced => t::competitions::phase_announced(l),
        Phase::Registration => t::competitions::phase_registration(l),
        Phase::Waiting => t::competitions::phase_waiting(l),
        Phase::Running => t::competitions::phase_running(l),
        Phase::Frozen => t::competitions::phase_frozen(l),
        Phase::Ended => t::competitions::phase_ended(l),
        Phase::Finalised => t::competitions::phase_finalised(l),
        Phase::Cancelled => t::competitions::phase_cancelled(l),
    }
}

/// What a competition is doing, as a chip.
#[component]
pub fn PhaseChip(phase: Phase) -> impl IntoView {
    let l = use_locale();
    let class = match phase {
        Phase::Running => "chip live",
        Phase::Frozen | Phase::Waiting => "chip warning",
        Phase::Finalised => "chip done",
        _ => "chip",
    };
    view! { <span class=class>{phase_name(phase, l)}</span> }
}

/// A fee as people read it.
pub fn fee_text(fee: Money, l: Locale) -> String {
    if fee.is_zero() { t::common::free(l).to_owned() } else { fee.to_string() }
}

/// Local time in a stated zone: `21 Nov 2026, 09:30`.
pub fn stated(at: Timestamp, offset: Offset, l: Locale) -> String {
    let local = at.plus(domain::time::Span::minutes(offset.minutes()));
    crate::parts::instant_text(local, l)
}

/// Where one is among the pages of a competition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Rules, data, registration.
    Overview,
    /// The standings.
    Board,
    /// The viewer's own submissions.
    Submissions,
    /// The questions of a quiz.
    Quiz,
}

/// The pages of a competition as tabs.
#[component]
pub fn CompetitionTabs(
    /// The last part of its address.
    slug: String,
    /// What is solved in it.
    kind: Kind,
    /// Where one is.
    place: Place,
) -> impl IntoView {
    let l = use_locale();
    let tab = |label: &str, rest: &str, here: Place| Tab {
        label: label.to_owned(),
        href: href(l, &format!("/competitions/{slug}{rest}")),
        current: place == here,
    };
    let work = match kind {
        Kind::Quiz => tab(t::competitions::quiz(l), "/quiz", Place::Quiz),
        Kind::Prediction => tab(t::competitions::submissions(l), "/submissions", Place::Submissions),
    };
    let items = vec![
        tab(t::competitions::overview(l), "", Place::Overview),
        tab(t::competitions::board(l), "/board", Place::Board),
        work,
    ];
    view! { <Tabs label=t::competitions::tabs(l) items/> }
}

/// The timetable as one line, now in red with its clock.
#[component]
pub fn TimetableLine(timetable: Timetable, phase: Phase, offset: Offset) -> impl IntoView {
    let l = use_locale();
    // How many stretches of the line are over.
    let over = match phase {
        Phase::Draft | Phase::Announced | Phase::Cancelled => 0,
        Phase::Registration | Phase::Waiting => 1,
        Phase::Running => 2,
        Phase::Frozen => 3,
        Phase::Ended => 4,
        Phase::Finalised => 5,
    };
    let mut stretches = vec![
        (1, t::competitions::line_registration(l), timetable.registration_opens, 2),
        (2, t::competitions::line_open(l), timetable.starts, 4),
    ];
    if let Some(freezes) = timetable.freezes {
        stretches.push((3, t::competitions::line_frozen(l), freezes, 1));
    }
    stretches.push((4, t::competitions::line_results(l), timetable.ends, 1));
    let phases = stretches
        .into_iter()
        .map(|(number, label, at, weight)| ui::Phase {
            label: label.to_owned(),
            when: Some(stated(at, offset, l)),
            state: match over {
                done if done > number => PhaseState::Done,
                now if now == number => PhaseState::Now,
                _ => PhaseState::Next,
            },
            weight,
        })
        .collect();
    let next = match phase {
        Phase::Registration | Phase::Waiting => Some(timetable.starts),
        Phase::Running => Some(timetable.freezes.unwrap_or(timetable.ends)),
        Phase::Frozen => Some(timetable.ends),
        _ => None,
    };
    view! {
        <PhaseLine phases label=t::competitions::line(l)>
            {next.map(|until| view! { <Clock until/> })}
        </PhaseLine>
        <p class="dim small">{t::competitions::zone(l, offset)}</p>
    }
}

/// Competitions as rows that one scans.
#[component]
pub fn Rows(
    /// The competitions.
    rows: Vec<CompetitionRow>,
    /// Where each row leads: `/competitions` or `/organise`.
    #[prop(default = "/competitions")]
    to: &'static str,
) -> impl IntoView {
    let rows: Vec<_> = rows.into_iter().map(|row| view! { <Row row to/> }).collect();
    view! { <ul class="rows competition-rows">{rows}</ul> }
}

#[component]
fn Row(row: CompetitionRow, to: &'static str) -> impl IntoView {
    let l = use_locale();
    let (word, at) = match row.phase {
        Phase::Running | Phase::Frozen | Phase::Ended | Phase::Finalised | Phase::Cancelled => {
            (t::competitions::ends(l), row.timetable.ends)
        }
        _ => (t::competitions::starts(l), row.timetable.starts),
    };
    let seats = match row.capacity {
        Some(capacity) => t::competitions::seats(l, row.entrants, capacity),
        None => t::competitions::entrants(l, row.entrants),
    };
    view! {
        <li>
            <div>
                <p class="eyebrow">{kind_name(row.kind, l)}</p>
                <h3><a href=href(l, &format!("{to}/{}", row.slug))>{row.title.get(l).to_owned()}</a></h3>
                <p class="dim">{row.summary.get(l).to_owned()}</p>
                <p class="small dim">{word}" "<crate::parts::When at/>", "{seats}</p>
            </div>
            <div class="cluster">
                <span class="number">{fee_text(row.fee, l)}</span>
                <PhaseChip phase=row.phase/>
            </div>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_stated_in_their_zone() {
        let at = Offset::UTC.read("2026-11-21T17:30").unwrap();
        assert_eq!(stated(at, Offset::CHINA, Locale::En), "22 Nov 2026, 01:30");
    }
}
