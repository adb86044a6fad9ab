//! The top of a board, small enough for another page.

use domain::standings::Stage;
use leptos::prelude::*;

use crate::error::Answer;
use crate::features::standings::{TopOfBoard, load_top};
use crate::i18n::{href, t, use_locale};
use crate::load::{Loaded, load};

/// The top of the board that matters most now, or of one competition; nothing where there is none.
#[component]
pub fn SmallBoard(
    /// The competition; the one that runs now if left out.
    #[prop(optional, into)]
    slug: Option<String>,
) -> impl IntoView {
    let top: Loaded<Answer<Option<TopOfBoard>>> = load(move || slug.clone(), load_top);
    view! {
        <Transition fallback=|| ()>
            {move || Suspend::new(async move {
                top.await.ok().flatten().map(|top| view! { <Top top/> })
            })}
        </Transition>
    }
}

#[component]
fn Top(top: TopOfBoard) -> impl IntoView {
    let locale = use_locale();
    let address = href(locale, &format!("/competitions/{}/board", top.slug));
    let rules = top.rules;
    let rows = top.rows.into_iter().map(|row| {
        let place = row.place;
        view! {
            <tr class:podium=place < 3 class:first=place == 0 class:stage=place == 2>
                <td class="rank">{row.rank}</td>
                <td class="who"><b>{row.name}</b></td>
                <td class="score">{rules.format(row.total)}</td>
            </tr>
        }
    });
    view! {
        <section class="small-board">
            <div class="split">
                <h2><a href=address.clone()>{top.title.get(locale).to_owned()}</a></h2>
                <span class="chip" class:live=top.stage == Stage::Open>{super::super::pages::board::stage_text(locale, top.stage)}</span>
            </div>
            <div class="board plain">
                <table>
                    <caption class="visually-hidden">{t::standings::table(locale)}</caption>
                    <thead>
                        <tr>
                            <th class="rank" scope="col">{t::standings::rank(locale)}</th>
                            <th class="who" scope="col">{t::standings::entrant(locale)}</th>
                            <th class="score" scope="col">{t::standings::score(locale)}</th>
                        </tr>
                    </thead>
                    <tbody>{rows.collect_view()}</tbody>
                </table>
                <p class="board-foot">
                    <span>{t::standings::entrants(locale, top.entrants)}</span>
                    <a href=address>{t::standings::whole_board(locale)}</a>
                </p>
            </div>
        </section>
    }
}
