//! Recording what standings depend on, and keeping the boards that people look at.

use std::collections::HashMap;
use std::sync::{Arc, Once, PoisonError, RwLock, Weak};

use domain::accounts::AccountId;
use domain::competitions::{CompetitionId, RegistrationId, State};
use domain::standings::{Audience, Event, Fact, Reducer, Stage};
use domain::time::Timestamp;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use super::desk::Desk;
use super::store::{self, Head, Subject};
use crate::bus::{Note, Tag};
use crate::db::{Db, Tx};
use crate::error::{Error, Result};
use crate::kit::Kit;
use crate::live::Live;

type Desks = RwLock<HashMap<String, Arc<Desk>>>;

/// The standings of every competition.
pub struct Service {
    pub(super) kit: Kit,
    /// The streams of this process.
    pub live: Live,
    desks: Arc<Desks>,
    awake: Once,
}

/// An entrant of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ranked {
    /// Who.
    pub entrant: RegistrationId,
    /// The rank, counted from 1; nothing for whoever has no result.
    pub rank: Option<u32>,
    /// The total that counts, in millionths.
    pub total: i64,
    /// The total as people read it.
    pub total_text: String,
    /// How many entrants have a result.
    pub scored: u32,
}

impl Service {
    /// The standings, with nothing in memory yet.
    pub fn new(kit: Kit) -> Self {
        Self { kit, live: Live::default(), desks: Arc::default(), awake: Once::new() }
    }
    pub(super) fn now(&self) -> Timestamp {
        self.kit.now()
    }
    pub(super) const fn db(&self) -> &Db {
        &self.kit.db
    }

    /// Records a fact in the transaction that makes it true.
    ///
    /// Locks the competition's numbers until the transaction ends, so that numbers follow the order of
    /// commits; call it late. The start and the freeze of the timetable come before any fact that
    /// happens after them, whether or not the job that announces them has run. A fact that changes
    /// nothing (a second freeze) is not recorded.
    pub async fn record(&self, tx: &mut Tx, competition: CompetitionId, fact: impl Into<Fact>) -> Result<()> {
        let fact = fact.into();
        let now = self.kit.now();
        let mut head = store::lock_head(tx, competition.0).await?;
        let subject = store::subject(tx, competition.0).await?;
        let before = head.public;
        for due in due(&subject, head.stage, now) {
            if due != fact {
                self.add(tx, &subject, &mut head, due, now).await?;
            }
        }
        self.add(tx, &subject, &mut head, fact, now).await?;
        store::save_head(tx, subject.id, &head).await?;
        if head.public > before {
            tx.tell(Note::Standings { competition: subject.id, sequence: head.public });
            tx.touch(Tag::Competition(subject.id));
        }
        Ok(())
    }
    /// Puts an entrant on the board; again is no harm.
    pub async fn join(
        &self,
        tx: &mut Tx,
        competition: CompetitionId,
        entrant: RegistrationId,
        name: &str,
    ) -> Result<()> {
        let fact = Fact::Joined { entrant, number: 0, name: name.to_owned(), note: String::new() };
        self.record(tx, competition, fact).await
    }
    /// Gives an account its new name on every board on which it stands.
    pub async fn rename(&self, tx: &mut Tx, account: AccountId, name: &str) -> Result<()> {
        for (competition, entrant) in store::entries_of(tx, account).await? {
            let fact = Fact::Renamed { entrant, name: name.to_owned(), note: String::new() };
            self.record(tx, competition, fact).await?;
        }
        Ok(())
    }
    /// The table as the transaction sees it, in order, nobody left out but the hidden.
    pub async fn table(
        &self,
        tx: &mut Tx,
        competition: CompetitionId,
        audience: Audience,
    ) -> Result<Vec<Ranked>> {
        let subject = store::subject(tx, competition.0).await?;
        let events = store::events(tx, competition.0).await?;
        let mut entrants = HashMap::new();
        for event in &events {
            if let Fact::Joined { entrant, number, .. } = &event.fact {
                entrants.insert(*number, *entrant);
            }
        }
        let reducer = Reducer::replay(subject.rules, audience, events);
        let board = reducer.board();
        let ranked = |row: domain::standings::Row<'_>| {
            Some(Ranked {
                entrant: *entrants.get(&row.entrant.number)?,
                rank: row.rank,
                total: row.entrant.total(),
                total_text: subject.rules.format(row.entrant.total()),
                scored: board.scored(),
            })
        };
        Ok(board.rows(0).filter_map(ranked).collect())
    }

    async fn add(
        &self,
        tx: &mut Tx,
        subject: &Subject,
        head: &mut Head,
        fact: Fact,
        now: Timestamp,
    ) -> Result<()> {
        let Some(stage) = next_stage(head.stage, &fact) else { return Ok(()) };
        let mut fact = fact;
        let mut hidden = false;
        if let Some(entrant) = fact.entrant() {
            match store::entrant(tx, subject.id, entrant).await? {
                Some(_) if matches!(fact, Fact::Joined { .. }) => return Ok(()),
                Some(row) => hidden = row.hidden,
                None => self.add_entrant(tx, subject, head, entrant, &mut fact, now).await?,
            }
            match fact {
                Fact::Hidden { .. } if hidden => return Ok(()),
                Fact::Shown { .. } if !hidden => return Ok(()),
                Fact::Hidden { .. } => store::set_hidden(tx, subject.id, entrant, true).await?,
                Fact::Shown { .. } => {
                    store::set_hidden(tx, subject.id, entrant, false).await?;
                    hidden = false;
                }
                _ => {}
            }
        }
        let withheld = stage == Stage::Frozen && head.stage == Stage::Frozen;
        let told = matches!(fact, Fact::Announced { .. }) || (!withheld && !hidden);
        append(tx, subject, head, fact, told, now).await?;
        head.stage = stage;
        Ok(())
    }
    /// Gives an entrant its number; whoever has a result without having joined joins before it.
    async fn add_entrant(
        &self,
        tx: &mut Tx,
        subject: &Subject,
        head: &mut Head,
        entrant: RegistrationId,
        fact: &mut Fact,
        now: Timestamp,
    ) -> Result<()> {
        head.entrants += 1;
        let count = u32::try_from(head.entrants).map_err(|error| Error::bug(error.to_string()))?;
        store::add_entrant(tx, subject.id, entrant, head.entrants).await?;
        if let Fact::Joined { number, .. } = fact {
            *number = count;
            return Ok(());
        }
        let name = store::name_of(tx, entrant).await?;
        let joined = Fact::Joined { entrant, number: count, name, note: String::new() };
        append(tx, subject, head, joined, head.stage != Stage::Frozen, now).await
    }

    /// The desk of a public competition; its board is read at the first call.
    pub(super) async fn desk(&self, slug: &str) -> Result<Arc<Desk>> {
        if let Some(desk) = self.find(|desk| desk.subject.slug == slug) {
            return Ok(desk);
        }
        self.wake();
        let subject = store::subject_by_slug(&self.kit.db, slug).await?.ok_or_else(Error::not_found)?;
        if matches!(subject.state, State::Draft) {
            return Err(Error::not_found());
        }
        let desk = {
            let mut desks = self.desks.write().unwrap_or_else(PoisonError::into_inner);
            let topic = self.live.topic(subject.id);
            desks
                .entry(slug.to_owned())
                .or_insert_with(|| {
                    let desk = Arc::new(Desk::new(subject, topic));
                    tokio::spawn(desk.clone().follow(self.kit.db.clone()));
                    desk
                })
                .clone()
        };
        desk.catch_up(&self.kit.db).await?;
        Ok(desk)
    }
    fn find(&self, is: impl Fn(&Desk) -> bool) -> Option<Arc<Desk>> {
        let desks = self.desks.read().unwrap_or_else(PoisonError::into_inner);
        desks.values().find(|desk| is(desk)).cloned()
    }
    /// Begins to follow commits and to keep streams open, once, when the first board is looked at.
    fn wake(&self) {
        self.awake.call_once(|| {
            tokio::spawn(listen(self.kit.db.around.bus.hear(), Arc::downgrade(&self.desks)));
            tokio::spawn(self.live.clone().beat());
        });
    }
}

/// Hears which competitions moved, in this process or another one, and lets their desks follow.
async fn listen(mut notes: Receiver<Note>, desks: Weak<Desks>) {
    loop {
        let moved = match notes.recv().await {
            Ok(Note::Standings { competition, .. }) => Some(competition),
            // Something may have been missed: every desk looks for itself.
            Ok(Note::Resynchronise) | Err(RecvError::Lagged(_)) => None,
            Ok(_) => continue,
            Err(RecvError::Closed) => return,
        };
        let Some(desks) = desks.upgrade() else { return };
        let desks = desks.read().unwrap_or_else(PoisonError::into_inner);
        for desk in desks.values() {
            if moved.is_none_or(|id| id == desk.subject.id) {
                desk.hint();
            }
        }
    }
}

/// The changes of state that the timetable asks for and that were not recorded yet.
fn due(subject: &Subject, stage: Stage, now: Timestamp) -> Vec<Fact> {
    let mut due = Vec::new();
    if stage == Stage::Waiting && now >= subject.timetable.starts {
        due.push(Fact::Started);
    }
    if matches!(stage, Stage::Waiting | Stage::Open) && subject.timetable.hidden(now) {
        due.push(Fact::Frozen);
    }
    due
}

/// The stage after a fact; nothing if the fact changes nothing.
fn next_stage(stage: Stage, fact: &Fact) -> Option<Stage> {
    match (fact, stage) {
        (Fact::Started, Stage::Waiting) => Some(Stage::Open),
        (Fact::Frozen, Stage::Waiting | Stage::Open) => Some(Stage::Frozen),
        (Fact::Thawed, Stage::Frozen) => Some(Stage::Thawed),
        (Fact::Finalised, Stage::Waiting | Stage::Open | Stage::Frozen | Stage::Thawed) => Some(Stage::Final),
        (Fact::Started | Fact::Frozen | Fact::Thawed | Fact::Finalised, _) => None,
        _ => Some(stage),
    }
}

async fn append(
    tx: &mut Tx,
    subject: &Subject,
    head: &mut Head,
    fact: Fact,
    told: bool,
    now: Timestamp,
) -> Result<()> {
    head.sequence += 1;
    head.public += i64::from(told);
    let event = Event { sequence: head.sequence, public: told.then_some(head.public), fact };
    store::append(tx, subject.id, &event, now).await
}
