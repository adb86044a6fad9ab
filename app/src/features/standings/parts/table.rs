//! The table of the board.

use leptos::prelude::*;

use crate::features::standings::parts::row::{LiveRow, problem_label};
use crate::features::standings::view::BoardView;
use crate::i18n::{t, use_locale};

/// The table: the rows in view, and once scripts run, room for those that are not.
#[component]
pub fn BoardTable(
    /// The state of the page.
    state: BoardView,
) -> impl IntoView {
    let locale = use_locale();
    let rules = state.rules.get_value();
    let problems = if rules.problems > 1 { usize::from(rules.problems) } else { 0 };
    let columns = (6 + problems).to_string();
    let room = move |rows: RwSignal<u32>| {
        let columns = columns.clone();
        move || {
            let height = f64::from(rows.get()) * state.row_height.get();
            (state.awake.get() && height > 0.0).then(|| {
                let columns = columns.clone();
                view! {
                    <tr class="room" aria-hidden="true">
                        <td colspan=columns style:height=format!("{height}px")></td>
                    </tr>
                }
            })
        }
    };
    view! {
        <div class="board" id="board">
            <table aria-rowcount=move || (state.entrants.get() + 1).to_string()>
                <caption class="visually-hidden">{t::standings::table(locale)}</caption>
                <thead>
                    <tr>
                        <th class="rank" scope="col">{t::standings::rank(locale)}</th>
                        <th class="move" scope="col"><span class="visually-hidden">{t::standings::movement(locale)}</span></th>
                        <th class="who" scope="col">{t::standings::entrant(locale)}</th>
                        <th class="score" scope="col">{t::standings::score(locale)}</th>
                        {(0..problems).map(|problem| view! { <th scope="col">{problem_label(problem)}</th> }).collect_view()}
                        <th class="n extra" scope="col">{t::standings::tries(locale)}</th>
                        <th class="n extra" scope="col">{t::standings::last(locale)}</th>
                    </tr>
                </thead>
                <tbody>
                    {room.clone()(state.above)}
                    <For
                        each=move || state.rows.with(|rows| rows.iter().map(|row| row.number).collect::<Vec<_>>())
                        key=|number| *number
                        children=move |number| view! { <LiveRow number state/> }
                    />
                    {room(state.below)}
                </tbody>
            </table>
        </div>
    }
}
