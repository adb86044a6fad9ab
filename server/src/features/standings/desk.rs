//! A desk: the public board of one competition in memory, and the stream that follows it.

use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use domain::locale::Bilingual;
use domain::standings::{Audience, Board, Event, Fact, Reducer, Stage};
use domain::time::Timestamp;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;
use tokio::sync::Notify;

use super::store::{self, Subject};
use crate::db::Db;
use crate::error::{Error, Result};
use crate::live::{Frame, Topic};

/// The shortest time between two frames: a few a second are as many as one can follow.
const PACE: Duration = Duration::from_millis(250);
/// A diff that is larger than this is not sent to everyone; they fetch the snapshot instead.
const LARGEST_DIFF: usize = 64 * 1024;
/// A snapshot up to this size travels in the stream itself.
const INLINE: usize = 16 * 1024;
/// How many recent snapshots keep their address.
const SNAPSHOTS: usize = 4;

/// The public board of one competition, and the stream that follows it.
pub struct Desk {
    /// The competition.
    pub subject: Subject,
    /// The stream.
    pub topic: Arc<Topic>,
    held: tokio::sync::Mutex<Held>,
    packed: Mutex<Vec<Arc<Packed>>>,
    due: Notify,
}

/// What is kept between two looks at the database.
struct Held {
    reducer: Reducer,
    /// The last event that was read, in the jury's order.
    read: i64,
    /// The public number that the stream has told.
    told: i64,
    /// The event that froze the board, in the jury's order, while it is frozen.
    frozen: Option<i64>,
    announcements: Vec<Announcement>,
    /// Changes of state and announcements that the stream has not told yet.
    untold: String,
}

/// What an organiser told everyone.
#[derive(Clone, Debug)]
pub struct Announcement {
    /// The public number.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// What.
    pub text: Bilingual,
}

/// A snapshot as bytes, made once.
pub struct Packed {
    /// The public number that it stands for.
    pub seq: i64,
    /// When it was made.
    pub made: Timestamp,
    /// The JSON.
    pub plain: Bytes,
    /// The JSON, compressed.
    pub gzip: Bytes,
    /// What a new viewer of the stream reads first.
    pub greeting: Bytes,
}

impl Desk {
    /// A desk that has read nothing yet.
    pub fn new(subject: Subject, topic: Arc<Topic>) -> Self {
        let reducer = Reducer::new(subject.rules, Audience::Public);
        let held = Held {
            reducer,
            read: 0,
            told: 0,
            frozen: None,
            announcements: Vec::new(),
            untold: String::new(),
        };
        topic.begin(0, fresh(&subject.slug, 0));
        Self {
            subject,
            topic,
            held: tokio::sync::Mutex::new(held),
            packed: Mutex::new(Vec::new()),
            due: Notify::new(),
        }
    }
    /// Says that there are events to read.
    pub fn hint(&self) {
        self.due.notify_one();
    }
    /// Reads what is new whenever there is a hint, and tells the viewers; never ends.
    pub async fn follow(self: Arc<Self>, db: Db) {
        loop {
            self.due.notified().await;
            if let Err(error) = self.publish(&db).await {
                tracing::warn!(%error, competition = %self.subject.slug, "a board could not follow");
                self.due.notify_one();
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            tokio::time::sleep(PACE).await;
        }
    }
    /// Reads what is new; the stream hears of it at its own pace.
    pub async fn catch_up(&self, db: &Db) -> Result<()> {
        let mut held = self.held.lock().await;
        let first = held.read == 0;
        self.read(&mut held, db).await?;
        if first {
            // Whoever comes now gets a snapshot: the past is not news.
            held.told = held.reducer.board().sequence();
            held.untold.clear();
            held.reducer.board_mut().settle();
            self.topic.begin(held.told, fresh(&self.subject.slug, held.told));
        } else if held.reducer.board().sequence() > held.told {
            self.hint();
        }
        Ok(())
    }
    async fn read(&self, held: &mut Held, db: &Db) -> Result<()> {
        let mut first = held.read == 0;
        loop {
            let events = store::events_after(db, self.subject.id, held.read).await?;
            let Some(last) = events.last().map(|event| event.sequence) else { break };
            if first {
                // The order of a long past is made once, at the end.
                held.reducer.begin_replay();
            }
            first = false;
            for event in events {
                held.note(&event);
                held.reducer.apply(event);
            }
            held.read = last;
        }
        held.reducer.end_replay();
        Ok(())
    }
    /// Reads what is new, and sends it as one frame to everyone.
    pub async fn publish(&self, db: &Db) -> Result<()> {
        let mut held = self.held.lock().await;
        self.read(&mut held, db).await?;
        let seq = held.reducer.board().sequence();
        if seq <= held.told {
            return Ok(());
        }
        let from = held.told;
        let diff = held.reducer.board_mut().take_diff(from);
        let data = serde_json::to_string(&diff).map_err(|error| Error::bug(error.to_string()))?;
        let fresh = fresh(&self.subject.slug, seq);
        let mut frame = std::mem::take(&mut held.untold);
        if data.len() > LARGEST_DIFF {
            frame.push_str(std::str::from_utf8(&fresh).unwrap_or_default());
        } else {
            // Infallible: writing to a string.
            let _ = write!(frame, "id: {seq}\nevent: diff\ndata: {data}\n\n");
        }
        held.told = seq;
        self.topic.publish(Frame { from, seq, bytes: Bytes::from(frame) }, fresh);
        Ok(())
    }

    /// Looks at the board.
    pub async fn look<T>(&self, look: impl FnOnce(&Board, &[Announcement]) -> T) -> T {
        let held = self.held.lock().await;
        look(held.reducer.board(), &held.announcements)
    }
    /// The event that froze the board, in the jury's order, while it is frozen.
    pub async fn frozen(&self) -> Option<i64> {
        self.held.lock().await.frozen
    }
    /// Keeps of a list of events those whose entrants the public sees, as the public may read them.
    pub async fn censor(&self, events: Vec<Event>) -> Vec<Event> {
        let held = self.held.lock().await;
        let last = held.reducer.board().stage() == Stage::Final;
        let seen = |event: &Event| event.fact.entrant().is_none_or(|entrant| !held.reducer.hides(entrant));
        let publish = |event: Event| Event { fact: event.fact.published(last), ..event };
        events.into_iter().filter(seen).map(publish).collect()
    }
    /// The snapshot of a number, if it is one of the recent ones or the present one.
    pub async fn packed_at(&self, seq: i64, now: Timestamp) -> Result<Option<Arc<Packed>>> {
        if let Some(packed) = self.recent().iter().find(|packed| packed.seq == seq) {
            return Ok(Some(packed.clone()));
        }
        let packed = self.packed(now).await?;
        Ok((packed.seq == seq).then_some(packed))
    }
    /// A snapshot for a new viewer: the newest one that was made, if the stream can go on from it
    /// and it is not old; so a burst of arrivals makes few of them.
    pub async fn packed_for_arrival(&self, now: Timestamp) -> Result<Arc<Packed>> {
        let newest = self.recent().last().cloned();
        match newest {
            Some(packed)
                if now.since(packed.made).whole_seconds() < 3 && self.topic.reaches_back_to(packed.seq) =>
            {
                Ok(packed)
            }
            _ => self.packed(now).await,
        }
    }
    /// The snapshot of the present.
    pub async fn packed(&self, now: Timestamp) -> Result<Arc<Packed>> {
        let (seq, json, news) = {
            let held = self.held.lock().await;
            let seq = held.reducer.board().sequence();
            if let Some(packed) = self.recent().iter().find(|packed| packed.seq == seq) {
                return Ok(packed.clone());
            }
            let json = serde_json::to_vec(&held.reducer.board().snapshot());
            (seq, json.map_err(|error| Error::bug(error.to_string()))?, held.news())
        };
        let slug = self.subject.slug.clone();
        let packed = tokio::task::spawn_blocking(move || pack(&slug, seq, json, news, now))
            .await
            .map_err(|error| Error::bug(error.to_string()))??;
        let packed = Arc::new(packed);
        let mut kept = self.packed.lock().unwrap_or_else(PoisonError::into_inner);
        match kept.iter().find(|other| other.seq == seq) {
            Some(other) => Ok(other.clone()),
            None => {
                if kept.len() >= SNAPSHOTS {
                    kept.remove(0);
                }
                kept.push(packed.clone());
                Ok(packed)
            }
        }
    }
    fn recent(&self) -> Vec<Arc<Packed>> {
        self.packed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Held {
    fn note(&mut self, event: &Event) {
        match event.fact {
            Fact::Frozen => self.frozen = Some(event.sequence),
            Fact::Thawed | Fact::Finalised => self.frozen = None,
            _ => {}
        }
        let Some(seq) = event.public else { return };
        let stage = match &event.fact {
            Fact::Announced { text, at } => {
                let announcement = Announcement { seq, at: *at, text: text.clone() };
                self.untold.push_str(&announcement.event());
                self.announcements.push(announcement);
                return;
            }
            Fact::Started => Stage::Open,
            Fact::Frozen => Stage::Frozen,
            Fact::Thawed => Stage::Thawed,
            Fact::Finalised => Stage::Final,
            _ => return,
        };
        let data = json!({ "seq": seq, "stage": stage });
        let _ = write!(self.untold, "event: state\ndata: {data}\n\n");
    }
    /// The latest announcements as events.
    fn news(&self) -> String {
        let skip = self.announcements.len().saturating_sub(20);
        self.announcements.iter().skip(skip).map(Announcement::event).collect()
    }
}

impl Announcement {
    fn event(&self) -> String {
        let data = json!({ "seq": self.seq, "at": self.at, "en": self.text.en, "zh": self.text.zh });
        format!("event: announcement\ndata: {data}\n\n")
    }
}

/// What sends a viewer to the snapshot of a number.
fn fresh(slug: &str, seq: i64) -> Bytes {
    let at = format!("/live/competitions/{slug}/standings/{seq}.json");
    let data = json!({ "seq": seq, "at": at });
    Bytes::from(format!("id: {seq}\nevent: snapshot\ndata: {data}\n\n"))
}

fn pack(slug: &str, seq: i64, json: Vec<u8>, news: String, now: Timestamp) -> Result<Packed> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    let gzip = gzip.write_all(&json).and_then(|()| gzip.finish());
    let gzip = gzip.map_err(|error| Error::bug(error.to_string()))?;
    let mut greeting = format!("retry: 2000\n\n{news}");
    if json.len() <= INLINE {
        let data = String::from_utf8_lossy(&json);
        let _ = write!(greeting, "id: {seq}\nevent: snapshot\ndata: {data}\n\n");
    } else {
        greeting.push_str(std::str::from_utf8(&fresh(slug, seq)).unwrap_or_default());
    }
    let (plain, gzip, greeting) = (Bytes::from(json), Bytes::from(gzip), Bytes::from(greeting));
    Ok(Packed { seq, made: now, plain, gzip, greeting })
}
