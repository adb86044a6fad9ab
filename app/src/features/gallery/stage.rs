//! The line of time and the board.
use leptos::prelude::*;
use ui::{Phase, PhaseLine, PhaseState};

use super::Family;
use crate::i18n::{t, use_locale};

/// One row of the sample board: classes, rank, change, name, place, score, cells.
type Row =
    (&'static str, u32, i32, &'static str, &'static str, &'static str, [(&'static str, &'static str); 3]);

const ROWS: [Row; 6] = [
    (
        "podium first",
        1,
        0,
        "Team Halvorsen",
        "Bergen",
        "0.9812",
        [("ac", "0.988"), ("ac", "0.981"), ("ac", "0.974")],
    ),
    (
        "podium just",
        2,
        3,
        "Lin Qiaoyu",
        "Nanjing",
        "0.9790",
        [("ac", "0.985"), ("ac", "0.979"), ("ac", "0.973")],
    ),
    (
        "podium stage",
        3,
        -1,
        "Okonkwo & Daughter",
        "Enugu",
        "0.9774",
        [("ac", "0.990"), ("ac", "0.971"), ("ac", "0.971")],
    ),
    ("", 4, -1, "Marta Ilves", "Tartu", "0.9741", [("ac", "0.979"), ("ac", "0.969"), ("wait", "")]),
    ("me", 5, 12, "", "wei", "0.9702", [("ac", "0.972"), ("ac", "0.968"), ("wa", "0.901")]),
    ("", 6, 0, "周一鸣", "成都", "0.9671", [("ac", "0.969"), ("ac", "0.966"), ("", "–")]),
];

/// The phases and the board.
#[component]
pub fn Stage() -> impl IntoView {
    let l = use_locale();
    let phase = |label: &str, state, weight| Phase { label: label.to_owned(), when: None, state, weight };
    let phases = vec![
        phase(t::gallery::phase_registration(l), PhaseState::Done, 2),
        phase(t::gallery::phase_open(l), PhaseState::Now, 5),
        phase(t::gallery::phase_frozen(l), PhaseState::Next, 1),
        phase(t::gallery::phase_final(l), PhaseState::Next, 1),
    ];
    let heads =
        ["A", "B", "C"].map(|head| view! { <th scope="col" class="problem">{head}</th> }).collect_view();
    view! {
        <Family id="stage" title=t::gallery::stage(l)>
            <PhaseLine phases label=t::gallery::stage(l)>
                <span class="clock">"00"<span class="colon">":"</span>"42"<span class="colon">":"</span>"10"</span>
            </PhaseLine>
            <div class="board">
                <table>
                    <thead>
                        <tr>
                            <th scope="col" class="rank">{t::gallery::rank(l)}</th>
                            <th scope="col" class="move"><span class="visually-hidden">{t::gallery::move_heading(l)}</span></th>
                            <th scope="col" class="who">{t::gallery::entrant(l)}</th>
                            <th scope="col" class="score">{t::gallery::score(l)}</th>
                            {heads}
                        </tr>
                    </thead>
                    <tbody>{ROWS.map(|row| view! { <SampleRow row/> }).collect_view()}</tbody>
                </table>
            </div>
        </Family>
    }
}

#[component]
fn SampleRow(row: Row) -> impl IntoView {
    let l = use_locale();
    let (class, rank, change, name, place, score, cells) = row;
    let name = if name.is_empty() { t::gallery::you(l) } else { name };
    let (direction, arrow, words) = match change {
        0 => ("move", String::new(), String::new()),
        1.. => ("move up", format!("▲ {change}"), t::gallery::up(l, change)),
        _ => ("move down", format!("▼ {}", -change), t::gallery::down(l, -change)),
    };
    let cells = ["A", "B", "C"]
        .into_iter()
        .zip(cells)
        .map(|(label, (kind, value))| {
            let value = if kind == "wait" { t::gallery::judging(l) } else { value };
            view! { <td class="problem" data-label=label><span class=format!("cell {kind}")>{value}</span></td> }
        })
        .collect_view();
    view! {
        <tr class=class>
            <td class="rank">{rank}</td>
            <td class=direction><span aria-hidden="true">{arrow}</span><span class="visually-hidden">{words}</span></td>
            <td class="who">
                <b>{name}</b>
                <span>{place}</span>
                " "
                <details class="fold"><summary>{t::gallery::problems(l)}</summary></details>
            </td>
            <td class="score">{score}</td>
            {cells}
        </tr>
    }
}
