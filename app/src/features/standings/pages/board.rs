//! The live board of a competition.

use domain::competitions::Kind;
use domain::locale::Locale;
use domain::standings::Stage;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use leptos_router::{LazyRoute, lazy_route};
use ui::{PageHead, Pagination};

use crate::error::Answer;
use crate::features::competitions::{CompetitionTabs, Place, TimetableLine};
use crate::features::standings::parts::aside::{Aside, ConnectionLine, check_text};
use crate::features::standings::parts::table::BoardTable;
use crate::features::standings::view::BoardView;
use crate::features::standings::{BoardPage, load_board};
use crate::i18n::{href, t, use_locale};
use crate::load::{Loaded, load};
use crate::parts::{encode, page};

/// The page of a board.
pub struct BoardRoute {
    board: Loaded<Answer<BoardPage>>,
}

#[lazy_route]
impl LazyRoute for BoardRoute {
    fn data() -> Self {
        let (params, query) = (use_params_map(), use_query_map());
        let asked = move || {
            let page = query.read().get("page").and_then(|page| page.parse().ok()).unwrap_or(1_i64);
            (
                params.read().get("competition").unwrap_or_default(),
                page,
                query.read().get("find").unwrap_or_default(),
            )
        };
        Self { board: load(asked, |(slug, page, find)| load_board(slug, page, find)) }
    }

    fn view(this: Self) -> AnyView {
        page(this.board, |board| view! { <Board board/> }.into_any())
    }
}

#[component]
fn Board(board: BoardPage) -> impl IntoView {
    let locale = use_locale();
    let state = BoardView::of(&board);
    #[cfg(feature = "hydrate")]
    super::super::live::start(state, &board, locale);
    let title = board.title.get(locale).to_owned();
    let address = href(locale, &format!("/competitions/{}/board", board.slug));
    let kind = if board.metric.is_some() { Kind::Prediction } else { Kind::Quiz };
    let log = format!("/live/competitions/{}/log.json", board.slug);
    let eyebrow = match &board.metric {
        Some(metric) => t::standings::eyebrow_metric(locale, metric_text(locale, metric), board.entrants),
        None => t::standings::eyebrow_points(locale, board.entrants),
    };
    let (page_address, find) = (address.clone(), board.find.clone());
    let links = move |page: u32| match find.as_str() {
        "" => format!("{page_address}?page={page}"),
        find => format!("{page_address}?page={page}&find={}", encode(find)),
    };
    view! {
        <Title text=format!("{title}, {}", t::standings::board(locale))/>
        <div class="wrap board-page">
            <PageHead title=title eyebrow=eyebrow/>
            <TimetableLine timetable=board.timetable phase=board.phase offset=board.offset/>
            <CompetitionTabs slug=board.slug.clone() kind place=Place::Board/>
            <p class="cluster board-status">
                <span class="chip" class:live=move || state.stage.get() == Stage::Open data-stage=move || state.stage.get().as_str()>
                    {move || stage_text(locale, state.stage.get())}
                </span>
                <ConnectionLine state/>
            </p>
            {move || (state.stage.get() == Stage::Frozen).then(|| view! {
                <p class="note">{t::standings::frozen_note(locale)}</p>
            })}
            <div class="arena">
                <div>
                    <Filters state address=address.clone() log/>
                    <BoardTable state/>
                    {move || state.rows.with(Vec::is_empty).then(|| view! { <p class="empty">{empty_text(locale, state)}</p> })}
                    <p class="board-foot">
                        <span>{move || t::standings::counted(locale, state.scored.get(), state.entrants.get())}</span>
                        <span class="number">{move || t::standings::sequence(locale, state.seq.get())}</span>
                    </p>
                    <div hidden=move || state.awake.get()>
                        <Pagination
                            current=board.page pages=board.pages href=links
                            label=t::standings::pages(locale) previous=t::standings::previous(locale) next=t::standings::next(locale)
                        />
                    </div>
                </div>
                <Aside state slug=board.slug.clone() organises=board.organises/>
            </div>
            <p class="visually-hidden" role="status" aria-live="polite">{move || state.said.get()}</p>
        </div>
    }
}

/// Looking for an entrant, one's own row, and the check.
#[component]
fn Filters(state: BoardView, address: String, log: String) -> impl IntoView {
    let locale = use_locale();
    let check = move |_| {
        #[cfg(feature = "hydrate")]
        super::super::live::check();
    };
    let to_mine = move |_| {
        #[cfg(feature = "hydrate")]
        super::super::live::scroll_to_mine();
    };
    view! {
        <form class="filters" method="get" action=address role="search">
            <label class="visually-hidden" for="find">{t::standings::find(locale)}</label>
            <input
                id="find" name="find" type="search" maxlength="60" autocomplete="off"
                placeholder=t::standings::find(locale)
                prop:value=move || state.find.get()
                value=state.find.get_untracked()
                on:input:target=move |event| state.find.set(event.target().value())
            />
            <button class="button quiet" type="submit" hidden=move || state.awake.get()>{t::standings::look(locale)}</button>
            {move || state.mine.get().map(|mine| view! {
                <button class="button quiet" type="button" on:click=to_mine hidden=move || !state.awake.get()>
                    {match mine.rank {
                        Some(rank) => t::standings::my_rank(locale, rank),
                        None => t::standings::my_row(locale).to_owned(),
                    }}
                </button>
            })}
            <span class="filters-end">
                <button class="button" type="button" on:click=check hidden=move || !state.awake.get()>
                    {t::standings::check(locale)}
                </button>
                <a class="button quiet" href=log>{t::standings::log(locale)}</a>
            </span>
        </form>
        <p class="check-verdict" role="status" data-check=move || state.check.get().map(|check| check_word(&check))>
            {move || state.check.get().map(|check| check_text(locale, &check))}
        </p>
    }
}

const fn check_word(check: &crate::features::standings::view::Check) -> &'static str {
    use crate::features::standings::view::Check;
    match check {
        Check::Running => "running",
        Check::Same { .. } => "same",
        Check::Differs { .. } => "differs",
        Check::Failed => "failed",
    }
}

/// Why there is no row.
fn empty_text(locale: Locale, state: BoardView) -> String {
    match state.find.get() {
        find if find.trim().is_empty() => t::standings::empty(locale).to_owned(),
        find => t::standings::nobody_found(locale, find.trim()),
    }
}

/// How far a board has come, in words.
pub fn stage_text(locale: Locale, stage: Stage) -> &'static str {
    match stage {
        Stage::Waiting => t::standings::stage_waiting(locale),
        Stage::Open => t::standings::stage_open(locale),
        Stage::Frozen => t::standings::stage_frozen(locale),
        Stage::Thawed => t::standings::stage_thawed(locale),
        Stage::Final => t::standings::stage_final(locale),
    }
}

/// The name of a metric as people read it.
fn metric_text(locale: Locale, metric: &str) -> String {
    match metric {
        "accuracy" => t::standings::metric_accuracy(locale).to_owned(),
        "f1_macro" => "F1 macro".to_owned(),
        "log_loss" => t::standings::metric_log_loss(locale).to_owned(),
        "r2" => "R²".to_owned(),
        other => other.to_uppercase(),
    }
}
