//! What the pages of standings ask of the server.

#[cfg(feature = "ssr")]
use async_trait::async_trait;
#[cfg(feature = "ssr")]
use domain::actor::Actor;
use domain::competitions::calendar::Offset;
use domain::competitions::rules::{Phase, Timetable};
use domain::locale::Bilingual;
use domain::standings::{Board, Cell, Row, Rules, Stage, Versus};
use domain::time::Timestamp;
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::cx::Cx;
use crate::error::Answer;

/// How many rows the page has that is read without scripts.
pub const ROWS: u32 = 50;

/// A row of a board as the page shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BoardRow {
    /// The number of the entrant on this board.
    pub number: u32,
    /// The place from the top, counted from 0.
    pub place: u32,
    /// The rank; nothing without a result.
    pub rank: Option<u32>,
    /// The name.
    pub name: String,
    /// What stands under the name.
    pub note: String,
    /// What counts for each problem.
    pub cells: Vec<Option<Cell>>,
    /// The total in millionths.
    pub total: i64,
    /// How many submissions were judged.
    pub tries: u32,
    /// When the result was reached.
    pub reached: Option<Timestamp>,
    /// Why this rank.
    pub why: Option<Reason>,
}

/// Why an entrant has its rank, as the page words it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    /// How many others share the rank.
    pub sharing: u32,
    /// Who stands directly before.
    pub above: Option<String>,
    /// In how many problems more the one before has a result.
    pub problems: Option<u16>,
    /// By how much the total of the one before is better, in millionths.
    pub by: Option<i64>,
    /// By how many microseconds the one before was earlier.
    pub earlier: Option<i64>,
}

impl BoardRow {
    /// The row of a board.
    pub fn of(board: &Board, row: Row<'_>) -> Self {
        let entrant = row.entrant;
        let why = board.why(entrant.number).map(|why| {
            let mut reason =
                Reason { sharing: why.sharing, above: None, problems: None, by: None, earlier: None };
            if let Some((above, versus)) = why.above {
                reason.above = board.entrant(above).map(|above| above.name.clone());
                match versus {
                    Versus::Problems { by } => reason.problems = Some(by),
                    Versus::Total { by } => reason.by = Some(by),
                    Versus::Earlier { by } => reason.earlier = Some(by),
                    Versus::Level => {}
                }
            }
            reason
        });
        Self {
            number: entrant.number,
            place: row.place,
            rank: row.rank,
            name: entrant.name.clone(),
            note: entrant.note.clone(),
            cells: entrant.cells.clone(),
            total: entrant.total(),
            tries: entrant.tries(),
            reached: entrant.reached(),
            why,
        }
    }
}

/// What an organiser told everyone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct News {
    /// The public number.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// What, in English.
    pub en: String,
    /// What, in Chinese.
    pub zh: String,
}

/// The board of a competition, as its page first shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BoardPage {
    /// The part of the address.
    pub slug: String,
    /// The title of the competition.
    pub title: Bilingual,
    /// The name of the metric; nothing for points.
    pub metric: Option<String>,
    /// The timetable.
    pub timetable: Timetable,
    /// The zone that the organiser states beside it.
    pub offset: Offset,
    /// What the competition is doing now.
    pub phase: Phase,
    /// How far the board has come.
    pub stage: Stage,
    /// The rules of the order.
    pub rules: Rules,
    /// The public number that the board stands for.
    pub seq: i64,
    /// How many entrants there are.
    pub entrants: u32,
    /// How many have a result.
    pub scored: u32,
    /// The rows of this page.
    pub rows: Vec<BoardRow>,
    /// Which page, counted from 1.
    pub page: u32,
    /// How many pages.
    pub pages: u32,
    /// What was looked for.
    pub find: String,
    /// The viewer's own row.
    pub mine: Option<BoardRow>,
    /// What the organiser told everyone, the latest first.
    pub news: Vec<News>,
    /// Whether the viewer runs the competition.
    pub organises: bool,
}

/// The top of a board, for other pages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TopOfBoard {
    /// The part of the address.
    pub slug: String,
    /// The title of the competition.
    pub title: Bilingual,
    /// How far the board has come.
    pub stage: Stage,
    /// The rules of the order.
    pub rules: Rules,
    /// How many entrants there are.
    pub entrants: u32,
    /// The first rows.
    pub rows: Vec<BoardRow>,
}

/// What the pages need from the server.
#[cfg(feature = "ssr")]
#[async_trait]
pub trait Standings: Send + Sync {
    /// A page of a public board, counted from 1; with `find`, only entrants whose names contain it.
    async fn board(&self, viewer: Option<&Actor>, slug: &str, page: i64, find: &str) -> Answer<BoardPage>;
    /// The top of a board: of the competition at the address, or of the one that runs now.
    async fn top(&self, slug: Option<&str>) -> Answer<Option<TopOfBoard>>;
    /// Tells everyone something.
    async fn announce(&self, actor: &Actor, slug: &str, en: &str, zh: &str) -> Answer<()>;
}

/// A page of a public board.
#[server(endpoint = "standings/board", input = GetUrl)]
pub async fn load_board(competition: String, page: i64, find: String) -> Answer<BoardPage> {
    let cx = Cx::current();
    cx.ports.standings.board(cx.viewer(), &competition, page, &find).await
}

/// The top of the board that matters most now.
#[server(endpoint = "standings/top", input = GetUrl)]
pub async fn load_top(competition: Option<String>) -> Answer<Option<TopOfBoard>> {
    Cx::current().ports.standings.top(competition.as_deref()).await
}

/// Tells everyone who watches a competition something.
#[server(endpoint = "standings/announce")]
pub async fn announce(competition: String, text_en: String, text_zh: String) -> Answer<()> {
    let cx = Cx::current();
    cx.ports.standings.announce(cx.actor()?, &competition, &text_en, &text_zh).await?;
    cx.redirect(&format!("/competitions/{competition}/board"));
    Ok(())
}
