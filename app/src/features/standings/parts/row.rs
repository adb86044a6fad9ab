//! A row of the board.

use domain::standings::Rules;
use leptos::prelude::*;

use crate::features::standings::view::BoardView;
use crate::features::standings::{BoardRow, Reason};
use crate::i18n::{t, use_locale};
use crate::parts::When;

/// The letter of a problem: A, B, ... then numbers.
pub fn problem_label(problem: usize) -> String {
    match u8::try_from(problem) {
        Ok(small) if small < 26 => char::from(b'A' + small).to_string(),
        _ => (problem + 1).to_string(),
    }
}

/// Why a rank, in a sentence.
pub fn reason_text(locale: domain::locale::Locale, rules: &Rules, reason: &Reason) -> String {
    let above = reason.above.clone().unwrap_or_default();
    let mut text = match reason {
        Reason { above: None, .. } => t::standings::why_first(locale).to_owned(),
        Reason { problems: Some(by), .. } => t::standings::why_problems(locale, above, by),
        Reason { by: Some(by), .. } if rules.higher_is_better() => {
            t::standings::why_higher(locale, above, rules.format(*by))
        }
        Reason { by: Some(by), .. } => t::standings::why_lower(locale, above, rules.format(*by)),
        Reason { earlier: Some(by), .. } => t::standings::why_earlier(locale, above, span_text(locale, *by)),
        _ => t::standings::why_level(locale, above),
    };
    if reason.sharing > 0 {
        text.push(' ');
        text.push_str(&t::standings::why_shared(locale, reason.sharing));
    }
    text
}

/// A span of microseconds in its two largest units.
fn span_text(locale: domain::locale::Locale, micros: i64) -> String {
    let seconds = micros / 1_000_000;
    let (hours, minutes, rest) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        t::standings::hours_minutes(locale, hours, minutes)
    } else if minutes > 0 {
        t::standings::minutes_seconds(locale, minutes, rest)
    } else {
        t::standings::seconds(locale, format!("{}.{:03}", rest, micros / 1_000 % 1_000))
    }
}

/// A row that follows the state of the page: the same entrant keeps its row while everything in it moves.
#[component]
pub fn LiveRow(
    /// The number of the entrant.
    number: u32,
    /// The state of the page.
    state: BoardView,
) -> impl IntoView {
    let locale = use_locale();
    let row =
        Memo::new(move |_| state.rows.with(|rows| rows.iter().find(|row| row.number == number).cloned()));
    let mine = move || state.mine.with(|mine| mine.as_ref().is_some_and(|mine| mine.number == number));
    let podium = move || row.with(|row| row.as_ref().is_some_and(|row| row.rank.is_some() && row.place < 3));
    let first = move || row.with(|row| row.as_ref().is_some_and(|row| row.rank.is_some() && row.place == 0));
    let edge = move || row.with(|row| row.as_ref().is_some_and(|row| row.rank.is_some() && row.place == 2));
    let climbed = move || state.climbed.with(|climbed| climbed.get(&number).copied().unwrap_or(0));
    let name = move || row.with(|row| row.as_ref().map(|row| row.name.clone()).unwrap_or_default());
    let note = move || row.with(|row| row.as_ref().map(|row| row.note.clone()).unwrap_or_default());
    let rules = state.rules.get_value();
    let score = move || {
        row.with(|row| {
            row.as_ref()
                .filter(|row| row.rank.is_some())
                .map_or("–".to_owned(), |row| rules.format(row.total))
        })
    };
    view! {
        <tr
            data-number=number.to_string()
            class:podium=podium
            class:first=first
            class:stage=edge
            class:me=mine
            class:just=move || state.just.with(|just| just.contains(&number))
            class:fell=move || { climbed() < 0 }
            class:unranked=move || row.with(|row| row.as_ref().is_none_or(|row| row.rank.is_none()))
        >
            <td class="rank">{move || row.with(|row| row.as_ref().and_then(|row| row.rank).map_or("–".to_owned(), |rank| rank.to_string()))}</td>
            <td class="move" class:up=move || { climbed() > 0 } class:down=move || { climbed() < 0 }>
                {move || movement(locale, climbed())}
            </td>
            <td class="who">
                <b>{name}{move || mine().then(|| view! { <span class="you">{t::standings::you(locale)}</span> })}</b>
                {move || Some(note()).filter(|note| !note.is_empty()).map(|note| view! { <span class="about">{note}</span> })}
                <details class="why">
                    <summary>{t::standings::why(locale)}</summary>
                    <p>{move || row.with(|row| row.as_ref().and_then(|row| row.why.as_ref().map(|why| reason_text(locale, &rules, why)))
                        .unwrap_or_else(|| t::standings::why_none(locale).to_owned()))}</p>
                </details>
            </td>
            <td class="score">{score}</td>
            {(rules.problems > 1).then(|| (0..usize::from(rules.problems)).map(|problem| view! {
                <td class="problem" data-label=problem_label(problem)>
                    {move || row.with(|row| cell(row.as_ref(), problem, &rules))}
                </td>
            }).collect_view())}
            <td class="n extra">{move || row.with(|row| row.as_ref().map_or(0, |row| row.tries))}</td>
            <td class="n extra">{move || row.with(|row| row.as_ref().and_then(|row| row.reached)).map_or_else(
                || "–".into_any(),
                |at| view! { <When at/> }.into_any(),
            )}</td>
        </tr>
    }
}

fn cell(row: Option<&BoardRow>, problem: usize, rules: &Rules) -> AnyView {
    match row.and_then(|row| row.cells.get(problem).copied().flatten()) {
        Some(cell) => view! { <span class="cell ac">{rules.format(cell.score)}</span> }.into_any(),
        None => view! { <span class="cell none">"–"</span> }.into_any(),
    }
}

/// An arrow, a number, and words for those who see neither.
pub fn movement(locale: domain::locale::Locale, climbed: i64) -> AnyView {
    match climbed {
        0 => ().into_any(),
        1.. => view! {
            <span aria-hidden="true">"▲ "{climbed}</span>
            <span class="visually-hidden">{t::standings::climbed(locale, climbed)}</span>
        }
        .into_any(),
        _ => view! {
            <span aria-hidden="true">"▼ "{-climbed}</span>
            <span class="visually-hidden">{t::standings::fell(locale, -climbed)}</span>
        }
        .into_any(),
    }
}
