//! What one part of the program says to the others, in this process and in every other one.
//!
//! A transaction collects notes and says them on commit. SQLite means one process, so a channel is
//! enough; on Postgres a note also travels by NOTIFY, and each process hears the notes of the others.

use serde::{Deserialize, Serialize};
use sqlx::postgres::PgListener;
use tokio::sync::broadcast;
use uuid::Uuid;

use crate::db::{DbError, Pools};

/// What a cached public page shows; a change makes the pages that carry the tag stale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Tag {
    /// The catalogue and every course page.
    Courses,
    /// The list of competitions.
    Competitions,
    /// One competition's pages, its board included.
    Competition(Uuid),
    /// Public profiles and certificates.
    People,
}

/// Something that others may want to know after a commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Note {
    /// Jobs were recorded.
    Jobs,
    /// Cached pages are stale.
    Touched(Tag),
    /// A competition's public sequence moved to this number.
    Standings {
        /// The competition.
        competition: Uuid,
        /// The last public sequence number.
        sequence: i64,
    },
    /// Cached pages may all be stale: notes may have been missed.
    Resynchronise,
}

#[derive(Serialize, Deserialize)]
struct Wire {
    from: Uuid,
    note: Note,
}

/// The bus of a process.
#[derive(Clone)]
pub struct Bus {
    sender: broadcast::Sender<Note>,
    process: Uuid,
}

impl Bus {
    /// A bus of a process that is named by a random id.
    pub fn new(process: Uuid) -> Self {
        Self { sender: broadcast::channel(4096).0, process }
    }
    /// The random id of this process.
    pub fn process(&self) -> Uuid {
        self.process
    }
    /// Hears every note from now on; a listener that lags must resynchronise.
    pub fn hear(&self) -> broadcast::Receiver<Note> {
        self.sender.subscribe()
    }
    /// Says a note within this process.
    pub fn say(&self, note: Note) {
        // An error only says that nobody listens.
        let _ = self.sender.send(note);
    }
    /// The text of a note for the other processes; far below the 8,000 bytes that NOTIFY carries.
    pub fn wire(&self, note: &Note) -> String {
        serde_json::to_string(&Wire { from: self.process, note: note.clone() }).unwrap_or_default()
    }

    /// Passes on what other processes say, until the connection cannot be had any more.
    pub async fn relay(self, pools: Pools) -> Result<(), DbError> {
        let Pools::Postgres(pool) = pools else { return Ok(()) };
        loop {
            let mut listener = PgListener::connect_with(&pool).await?;
            listener.listen("leitai").await?;
            self.say(Note::Resynchronise);
            loop {
                match listener.try_recv().await {
                    Ok(Some(message)) => match serde_json::from_str::<Wire>(message.payload()) {
                        Ok(wire) if wire.from != self.process => self.say(wire.note),
                        Ok(_) => {}
                        Err(error) => tracing::warn!(%error, "a note from another process is unreadable"),
                    },
                    // The connection was lost and made anew: notes may have been missed.
                    Ok(None) => self.say(Note::Resynchronise),
                    Err(error) => {
                        tracing::warn!(%error, "the channel between processes broke");
                        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
                        break;
                    }
                }
            }
        }
    }
}
