//! The client of the live board: follows the stream, keeps the whole board, shows the rows in view.
//!
//! One client lives as long as its page. It owns a [`Board`] of the same code as the server, applies
//! what arrives, and writes what the page needs into the signals of [`BoardView`].

mod check;
mod motion;
mod stream;
mod window;

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use domain::locale::Locale;
use domain::standings::{Board, Diff, Gap, Snapshot};
use leptos::leptos_dom::helpers::{WindowListenerHandle, window_event_listener_untyped};
use leptos::prelude::*;

use super::view::{BoardView, Connection};
use super::{BoardPage, BoardRow};
use crate::i18n::t;

pub use check::check;
pub use window::scroll_to_mine;

/// At most so many sentences about what just happened.
const MOMENTS: usize = 6;
/// A diff that changes more than this is not told entrant by entrant.
const MANY: usize = 40;
/// The shortest time between two sentences for a screen reader, in milliseconds.
const SAY_EVERY: f64 = 10_000.0;

/// The client of the page that is open.
pub struct Client {
    slug: String,
    locale: Locale,
    view: BoardView,
    board: Option<Board>,
    /// The rank of each entrant when the page was opened.
    at_first: HashMap<u32, u32>,
    /// The numbers of those who are looked for, in order; nothing while all are shown.
    found: Option<Vec<u32>>,
    /// What waits to be said.
    unsaid: Vec<String>,
    said_at: f64,
    /// The last instant at which something was heard, in milliseconds.
    pub heard_at: f64,
    stream: stream::Link,
    listeners: Vec<WindowListenerHandle>,
}

thread_local! {
    static OPEN: RefCell<Option<Rc<RefCell<Client>>>> = const { RefCell::new(None) };
}

/// The client of the page that is open, if it is a board.
fn open() -> Option<Rc<RefCell<Client>>> {
    OPEN.with_borrow(Clone::clone)
}

/// Starts the client once the page is alive, and ends it with the page.
pub fn start(view: BoardView, page: &BoardPage, locale: Locale) {
    let client = Client {
        slug: page.slug.clone(),
        locale,
        view,
        board: None,
        at_first: HashMap::new(),
        found: None,
        unsaid: Vec::new(),
        said_at: 0.0,
        heard_at: js_sys::Date::now(),
        stream: stream::Link::default(),
        listeners: Vec::new(),
    };
    let client = Rc::new(RefCell::new(client));
    let started = RwSignal::new(false);
    OPEN.with_borrow_mut(|open| *open = Some(client));
    Effect::new(move || {
        let find = view.find.get();
        if started.get_untracked() {
            with(|client| client.look_for(&find));
            return;
        }
        started.set(true);
        stream::connect();
        listen();
    });
    on_cleanup(|| {
        if let Some(client) = OPEN.with_borrow_mut(Option::take) {
            let mut client = client.borrow_mut();
            client.stream.close();
            for listener in client.listeners.drain(..) {
                listener.remove();
            }
        }
    });
}

/// Does something with the client, unless the page is gone.
fn with(act: impl FnOnce(&mut Client)) {
    if let Some(client) = open() {
        act(&mut client.borrow_mut());
    }
}

/// Follows scrolling and the visibility of the tab.
fn listen() {
    let scroll = window_event_listener_untyped("scroll", |_| window::follow());
    let resize = window_event_listener_untyped("resize", |_| window::follow());
    // The event bubbles from the document to the window.
    let seen = window_event_listener_untyped("visibilitychange", |_| stream::follow_visibility());
    with(|client| client.listeners.extend([scroll, resize, seen]));
}

impl Client {
    fn text(&self) -> Locale {
        self.locale
    }
    /// Takes a whole board in place of what was known.
    fn take_snapshot(&mut self, snapshot: &Snapshot<'_>) {
        let board = Board::from_snapshot(snapshot);
        if !self.view.awake.get_untracked() {
            self.at_first = ranks(&board);
            self.view.awake.set(true);
            // Whoever opened a later page stays there.
            let looking = !self.view.find.get_untracked().is_empty();
            window::settle(if looking { 0 } else { self.view.above.get_untracked() });
        }
        self.board = Some(board);
        let find = self.view.find.get_untracked();
        self.find(&find);
        self.note_climbs();
        self.show();
    }
    /// Applies what changed.
    fn take_diff(&mut self, diff: &Diff<'_>) -> Result<(), Gap> {
        let Some(board) = &mut self.board else { return Err(Gap { have: 0, from: diff.from }) };
        let touched: Vec<u32> = diff.rows.iter().map(|row| row.0).take(MANY).collect();
        let rank_of = |board: &Board, number: u32| board.row(number).and_then(|row| row.rank);
        let before: Vec<Option<u32>> = touched.iter().map(|number| rank_of(board, *number)).collect();
        let stage = board.stage();
        let changed = board.apply(diff)?;
        if changed.is_empty() && diff.entrants.is_empty() && board.stage() == stage {
            return Ok(());
        }
        let after: Vec<Option<u32>> = touched.iter().map(|number| rank_of(board, *number)).collect();
        let now_at = board.stage();
        if diff.rows.len() <= MANY {
            for ((number, before), after) in touched.iter().zip(before).zip(after) {
                self.note_moment(*number, before, after);
            }
        }
        if now_at != stage {
            let stage = super::pages::board::stage_text(self.locale, now_at);
            self.unsaid.push(t::standings::said_stage(self.locale, stage));
        }
        self.view.just.set(touched);
        let find = self.view.find.get_untracked();
        self.find(&find);
        self.note_climbs();
        self.say();
        motion::travel(|| self.show());
        Ok(())
    }
    fn note_moment(&mut self, number: u32, before: Option<u32>, after: Option<u32>) {
        let Some(after) = after else { return };
        let Some(entrant) = self.board.as_ref().and_then(|board| board.entrant(number)) else { return };
        let name = entrant.name.clone();
        let text = match before {
            None => t::standings::moment_entered(self.text(), name, after),
            Some(before) if before > after => {
                t::standings::moment_climbed(self.text(), name, before - after, after)
            }
            Some(before) if before == after => t::standings::moment_improved(self.text(), name, after),
            Some(_) => return,
        };
        let mine =
            self.view.mine.with_untracked(|mine| mine.as_ref().is_some_and(|mine| mine.number == number));
        if after <= 10 || mine {
            self.unsaid.push(text.clone());
        }
        self.view.moments.update(|moments| {
            moments.insert(0, text);
            moments.truncate(MOMENTS);
        });
    }
    /// Tells a screen reader what changed at the top, at most every ten seconds.
    fn say(&mut self) {
        let now = js_sys::Date::now();
        if self.unsaid.is_empty() || now - self.said_at < SAY_EVERY {
            return;
        }
        self.said_at = now;
        let last = self.unsaid.len().saturating_sub(3);
        self.view.said.set(self.unsaid.split_off(last).join(" "));
        self.unsaid.clear();
    }
    /// How far everybody in view has moved since the page was opened.
    fn note_climbs(&self) {
        let Some(board) = &self.board else { return };
        let climbed = board
            .rows(0)
            .filter_map(|row| {
                let (now, first) = (row.rank?, self.at_first.get(&row.entrant.number)?);
                let climbed = i64::from(*first) - i64::from(now);
                (climbed != 0).then_some((row.entrant.number, climbed))
            })
            .collect();
        self.view.climbed.set(climbed);
    }
    fn look_for(&mut self, find: &str) {
        self.find(find);
        self.show();
    }
    fn find(&mut self, find: &str) {
        let find = find.trim().to_lowercase();
        self.found = match (&self.board, find.as_str()) {
            (Some(board), find) if !find.is_empty() => {
                let fits = |row: &domain::standings::Row<'_>| row.entrant.name.to_lowercase().contains(find);
                Some(board.rows(0).filter(fits).map(|row| row.entrant.number).collect())
            }
            _ => None,
        };
    }
    /// Writes what is in view into the signals of the page.
    fn show(&mut self) {
        let Some(board) = &self.board else { return };
        let view = self.view;
        let total =
            self.found.as_ref().map_or(board.len(), |found| u32::try_from(found.len()).unwrap_or(u32::MAX));
        let (from, to) = window::in_view(total, view.row_height.get_untracked());
        let rows: Vec<BoardRow> = match &self.found {
            Some(found) => found
                .iter()
                .skip(from as usize)
                .take((to - from) as usize)
                .filter_map(|number| board.row(*number))
                .map(|row| BoardRow::of(board, row))
                .collect(),
            None => board.rows(from).take((to - from) as usize).map(|row| BoardRow::of(board, row)).collect(),
        };
        view.above.set(from);
        view.below.set(total.saturating_sub(to));
        if view.rows.with_untracked(|old| *old != rows) {
            view.rows.set(rows);
        }
        let mine = view.mine.with_untracked(|mine| mine.as_ref().map(|mine| mine.number));
        if let Some(mine) = mine.and_then(|number| board.row(number)) {
            view.mine.set(Some(BoardRow::of(board, mine)));
        }
        view.stage.set(board.stage());
        view.entrants.set(board.len());
        view.scored.set(board.scored());
        view.seq.set(board.sequence());
    }
    /// The public number up to which the page knows everything.
    fn sequence(&self) -> i64 {
        self.board.as_ref().map_or(0, Board::sequence)
    }
    fn set_connection(&self, connection: Connection) {
        self.view.connection.set(connection);
    }
}

fn ranks(board: &Board) -> HashMap<u32, u32> {
    board.rows(0).filter_map(|row| Some((row.entrant.number, row.rank?))).collect()
}
