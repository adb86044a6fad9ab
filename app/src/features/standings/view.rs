//! What the page shows: signals that the first render fills and the live client changes.

use std::collections::HashMap;

use domain::standings::{Rules, Stage};
use domain::time::Timestamp;
use leptos::prelude::*;

use super::{BoardPage, BoardRow, News};

/// How the page is connected to the stream.
#[cfg_attr(not(feature = "hydrate"), expect(dead_code, reason = "only the browser gets further"))]
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Connection {
    /// Without scripts, or before they run: the page is as old as it is.
    Off,
    /// On the way.
    Connecting,
    /// Changes arrive as they happen.
    Live,
    /// The stream broke; tried again in so many seconds.
    Reconnecting(u32),
    /// Streams are blocked; the board is fetched now and then.
    Polling,
    /// Nothing was heard since this instant.
    Stale(Timestamp),
    /// The tab is in the background.
    Paused,
}

/// The verdict of "check this ranking".
#[cfg_attr(not(feature = "hydrate"), expect(dead_code, reason = "only the browser gets further"))]
#[derive(Clone, Debug, PartialEq)]
pub enum Check {
    /// Under way.
    Running,
    /// The published log gives the table that is shown.
    Same {
        /// How many events it has.
        events: usize,
        /// The public number up to which both stand.
        seq: i64,
    },
    /// It gives another one.
    Differs {
        /// The place of the first difference, counted from 1.
        place: u32,
    },
    /// The log could not be read.
    Failed,
}

/// The state of the page.
#[derive(Clone, Copy)]
pub struct BoardView {
    /// The rules of the order.
    pub rules: StoredValue<Rules>,
    /// The rows in view.
    pub rows: RwSignal<Vec<BoardRow>>,
    /// How many rows lie above those in view.
    pub above: RwSignal<u32>,
    /// How many rows lie below those in view.
    pub below: RwSignal<u32>,
    /// The height of a row in pixels, for the room that the rows out of view take.
    pub row_height: RwSignal<f64>,
    /// The viewer's own row.
    pub mine: RwSignal<Option<BoardRow>>,
    /// How far the board has come.
    pub stage: RwSignal<Stage>,
    /// How many entrants there are.
    pub entrants: RwSignal<u32>,
    /// How many have a result.
    pub scored: RwSignal<u32>,
    /// The public number.
    pub seq: RwSignal<i64>,
    /// How many ranks an entrant has climbed since the page was opened.
    pub climbed: RwSignal<HashMap<u32, i64>>,
    /// Who changed a moment ago.
    pub just: RwSignal<Vec<u32>>,
    /// How the page is connected.
    pub connection: RwSignal<Connection>,
    /// How many watch.
    pub watching: RwSignal<Option<u32>>,
    /// What the organiser told everyone, the latest first.
    pub news: RwSignal<Vec<News>>,
    /// What happened a moment ago, in words, the latest first.
    pub moments: RwSignal<Vec<String>>,
    /// What a screen reader is told.
    pub said: RwSignal<String>,
    /// What is looked for.
    pub find: RwSignal<String>,
    /// The verdict of the check.
    pub check: RwSignal<Option<Check>>,
    /// Whether scripts have taken over.
    pub awake: RwSignal<bool>,
}

impl BoardView {
    /// The state that the server's page stands for.
    pub fn of(page: &BoardPage) -> Self {
        let above = (page.page - 1) * super::ROWS;
        Self {
            rules: StoredValue::new(page.rules),
            rows: RwSignal::new(page.rows.clone()),
            above: RwSignal::new(above),
            below: RwSignal::new(0),
            row_height: RwSignal::new(0.0),
            mine: RwSignal::new(page.mine.clone()),
            stage: RwSignal::new(page.stage),
            entrants: RwSignal::new(page.entrants),
            scored: RwSignal::new(page.scored),
            seq: RwSignal::new(page.seq),
            climbed: RwSignal::new(HashMap::new()),
            just: RwSignal::new(Vec::new()),
            connection: RwSignal::new(Connection::Off),
            watching: RwSignal::new(None),
            news: RwSignal::new(page.news.clone()),
            moments: RwSignal::new(Vec::new()),
            said: RwSignal::new(String::new()),
            find: RwSignal::new(page.find.clone()),
            check: RwSignal::new(None),
            awake: RwSignal::new(false),
        }
    }
}
