//! The connection: the stream, what to do when it breaks, and polling where it never opens.

use std::time::Duration;

use domain::locale::Bilingual;
use domain::standings::{Diff, Snapshot};
use domain::time::Timestamp;
use futures_util::StreamExt;
use futures_util::stream::select_all;
use gloo_net::eventsource::State;
use gloo_net::eventsource::futures::EventSource;
use gloo_net::http::Request;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Deserialize;

use super::{open, with};
use crate::features::standings::News;
use crate::features::standings::view::Connection;

/// The longest wait between two tries, in seconds.
const LONGEST: u32 = 30;
/// After so many broken streams in a row the board is fetched instead.
const POLL_AFTER: u32 = 3;

/// How many seconds a stream may take to open.
const PATIENCE: u32 = 5;
/// After so many seconds without a word the stream is dead: the server shows a sign every fifteen.
const SILENT: u32 = 45;

/// The state of the connection.
#[derive(Default)]
pub struct Link {
    source: Option<EventSource>,
    /// How often in a row the stream broke before anything was heard.
    failures: u32,
    /// The number of the newest try: an older one that still runs ends by itself.
    pub generation: u32,
    ticking: Option<IntervalHandle>,
}

impl Link {
    /// Ends the stream and whatever waits for the next one.
    pub fn close(&mut self) {
        self.generation += 1;
        if let Some(source) = self.source.take() {
            source.close();
        }
        if let Some(ticking) = self.ticking.take() {
            ticking.clear();
        }
    }
}

/// Opens the stream from where the page stands.
pub fn connect() {
    let Some(client) = open() else { return };
    let (address, generation) = {
        let mut client = client.borrow_mut();
        client.stream.close();
        client.set_connection(Connection::Connecting);
        let address = format!("/live/competitions/{}", client.slug);
        let address = match client.sequence() {
            0 => address,
            after => format!("{address}?after={after}"),
        };
        (address, client.stream.generation)
    };
    let Ok(mut source) = EventSource::new(&address) else {
        broke(generation);
        return;
    };
    let kinds = ["snapshot", "diff", "state", "announcement", "watching", "bye"];
    let events: Result<Vec<_>, _> = kinds.iter().map(|kind| source.subscribe(*kind)).collect();
    let Ok(events) = events else {
        broke(generation);
        return;
    };
    with(|client| client.stream.source = Some(source));
    watch(generation);
    spawn_local(async move {
        let mut events = select_all(events);
        while let Some(event) = events.next().await {
            if !is_current(generation) {
                return;
            }
            let Ok((kind, message)) = event else { break };
            let data = message.data().as_string().unwrap_or_default();
            if kind == "bye" || hear(&kind, &data, generation).await.is_none() {
                break;
            }
        }
        broke(generation);
    });
}

/// Looks every second whether the stream is still there: a browser tries again by itself and says
/// nothing, and a connection may be dead without anybody noticing.
fn watch(generation: u32) {
    let ticks = StoredValue::new(0_u32);
    let tick = move || {
        if !is_current(generation) {
            return;
        }
        let count = ticks.get_value() + 1;
        ticks.set_value(count);
        let mut dead = false;
        with(|client| {
            let open = client.stream.source.as_ref().is_some_and(|source| source.state() == State::Open);
            let shown = client.view.connection.get_untracked();
            let silent =
                count > SILENT && js_sys::Date::now() - client.heard_at > f64::from(SILENT) * 1_000.0;
            dead = if open { silent } else { shown == Connection::Live || count > PATIENCE };
            if open && shown == Connection::Connecting {
                client.set_connection(Connection::Live);
            }
        });
        if dead {
            broke(generation);
        }
    };
    if let Ok(ticking) = set_interval_with_handle(tick, Duration::from_secs(1)) {
        with(|client| client.stream.ticking = Some(ticking));
    }
}

fn is_current(generation: u32) -> bool {
    open().is_some_and(|client| client.borrow().stream.generation == generation)
}

/// Takes in one event; nothing if the stream must be opened anew.
async fn hear(kind: &str, data: &str, generation: u32) -> Option<()> {
    with(|client| {
        client.heard_at = js_sys::Date::now();
        client.stream.failures = 0;
        client.set_connection(Connection::Live);
    });
    match kind {
        "snapshot" => {
            #[derive(Deserialize)]
            struct Elsewhere {
                at: Option<String>,
            }
            let elsewhere: Elsewhere = serde_json::from_str(data).ok()?;
            let fetched = match elsewhere.at {
                Some(at) => Some(fetch(&at).await?),
                None => None,
            };
            if !is_current(generation) {
                return Some(());
            }
            let snapshot: Snapshot<'_> = serde_json::from_str(fetched.as_deref().unwrap_or(data)).ok()?;
            with(|client| client.take_snapshot(&snapshot));
        }
        "diff" => {
            let diff: Diff<'_> = serde_json::from_str(data).ok()?;
            let mut gap = false;
            with(|client| gap = client.take_diff(&diff).is_err());
            if gap {
                poll().await?;
            }
        }
        "announcement" => {
            #[derive(Deserialize)]
            struct Told {
                seq: i64,
                at: Timestamp,
                en: String,
                zh: String,
            }
            let told: Told = serde_json::from_str(data).ok()?;
            with(|client| announced(client, News { seq: told.seq, at: told.at, en: told.en, zh: told.zh }));
        }
        "watching" => with(|client| client.view.watching.set(data.trim().parse().ok())),
        _ => {}
    }
    Some(())
}

fn announced(client: &mut super::Client, news: News) {
    if client.view.news.with_untracked(|known| known.iter().any(|known| known.seq == news.seq)) {
        return;
    }
    let text = Bilingual::new(news.en.clone(), news.zh.clone());
    client.unsaid.push(text.get(client.locale).to_owned());
    client.say();
    client.view.news.update(|known| {
        known.insert(0, news);
        known.sort_by_key(|news| std::cmp::Reverse(news.seq));
    });
}

async fn fetch(address: &str) -> Option<String> {
    let response = Request::get(address).send().await.ok()?;
    if response.ok() { response.text().await.ok() } else { None }
}

/// Fetches the present board.
async fn poll() -> Option<()> {
    let address = {
        let client = open()?;
        let client = client.borrow();
        format!("/live/competitions/{}/standings.json", client.slug)
    };
    let text = fetch(&address).await?;
    let snapshot: Snapshot<'_> = serde_json::from_str(&text).ok()?;
    with(|client| {
        client.heard_at = js_sys::Date::now();
        client.take_snapshot(&snapshot);
    });
    Some(())
}

/// The stream broke: says so, and tries again after a while that grows.
fn broke(generation: u32) {
    if !is_current(generation) {
        return;
    }
    let mut wait = 0;
    let mut blocked = false;
    with(|client| {
        client.stream.close();
        client.stream.failures += 1;
        let doubled = 1_u32 << client.stream.failures.min(5);
        // Thousands that lost the same server do not come back at the same moment.
        let scatter = (js_sys::Math::random() * 3.0) as u32;
        wait = (doubled + scatter).min(LONGEST);
        blocked = client.stream.failures >= POLL_AFTER;
        client.set_connection(Connection::Reconnecting(wait));
    });
    if blocked {
        spawn_local(async {
            let answered = poll().await.is_some();
            with(|client| {
                client.set_connection(if answered { Connection::Polling } else { stale(client.heard_at) });
            });
        });
    }
    count_down(wait, blocked);
}

const fn stale(heard_at: f64) -> Connection {
    Connection::Stale(Timestamp::from_micros(heard_at as i64 * 1_000))
}

/// Counts the seconds down to the next try, visibly unless something better is shown.
fn count_down(wait: u32, quietly: bool) {
    let left = StoredValue::new(wait);
    let tick = move || {
        let now = left.get_value().saturating_sub(1);
        left.set_value(now);
        if now == 0 {
            connect();
        } else if !quietly {
            with(|client| client.set_connection(Connection::Reconnecting(now)));
        }
    };
    if let Ok(ticking) = set_interval_with_handle(tick, Duration::from_secs(1)) {
        with(|client| client.stream.ticking = Some(ticking));
    }
}

/// A tab in the background lets go of its stream, and takes it up again where it stood.
pub fn follow_visibility() {
    let hidden = document().visibility_state() == web_sys::VisibilityState::Hidden;
    if hidden {
        with(|client| {
            client.stream.close();
            client.set_connection(Connection::Paused);
        });
    } else {
        let paused = open()
            .is_some_and(|client| client.borrow().view.connection.get_untracked() == Connection::Paused);
        if paused {
            connect();
        }
    }
}
