//! The table itself: who stands where, and why.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::order::Order;
use super::rules::{Key, Rules};
use super::stage::Stage;
use super::wire::{Diff, Gap, Named, Placed, Snapshot, WIRE_VERSION};
use crate::competitions::TieRule;
use crate::time::Timestamp;

/// More entrants than this are refused: a number is a place in a vector.
const MOST_ENTRANTS: u32 = 1_000_000;

/// What counts for one problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "(i64, u32, Timestamp)", into = "(i64, u32, Timestamp)")]
pub struct Cell {
    /// The score of the submission that counts.
    pub score: i64,
    /// How many submissions were judged.
    pub tries: u32,
    /// When the submission that counts arrived.
    pub at: Timestamp,
}

impl From<(i64, u32, Timestamp)> for Cell {
    fn from((score, tries, at): (i64, u32, Timestamp)) -> Self {
        Self { score, tries, at }
    }
}
impl From<Cell> for (i64, u32, Timestamp) {
    fn from(cell: Cell) -> Self {
        (cell.score, cell.tries, cell.at)
    }
}

/// Somebody on the board.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entrant {
    /// The short number on this board.
    pub number: u32,
    /// The name.
    pub name: String,
    /// What stands under the name.
    pub note: String,
    /// What counts for each problem.
    pub cells: Vec<Option<Cell>>,
    key: Key,
    listed: bool,
}

impl Entrant {
    /// The sum over the problems.
    pub fn total(&self) -> i64 {
        self.cells.iter().flatten().fold(0_i64, |sum, cell| sum.saturating_add(cell.score))
    }
    /// How many submissions were judged.
    pub fn tries(&self) -> u32 {
        self.cells.iter().flatten().fold(0, |sum, cell| sum.saturating_add(cell.tries))
    }
    /// When the last submission that counts arrived.
    pub fn reached(&self) -> Option<Timestamp> {
        self.cells.iter().flatten().map(|cell| cell.at).max()
    }
    /// Whether any submission counts.
    pub const fn has_score(&self) -> bool {
        !self.key.unscored
    }
}

/// A row of the board.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    /// The place from the top, counted from 0; nobody shares it.
    pub place: u32,
    /// The rank, counted from 1; equal results may share it, and whoever has no result has none.
    pub rank: Option<u32>,
    /// Who stands there.
    pub entrant: &'a Entrant,
}

/// What puts an entrant behind the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Versus {
    /// The other one has results for more problems.
    Problems {
        /// How many more.
        by: u16,
    },
    /// The other one has a better total.
    Total {
        /// How much better, never negative.
        by: i64,
    },
    /// The totals are equal, and the other one reached it earlier.
    Earlier {
        /// How many microseconds earlier.
        by: i64,
    },
    /// They share the rank.
    Level,
}

/// Why an entrant has its rank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Why {
    /// The rank.
    pub rank: u32,
    /// The total that counts.
    pub total: i64,
    /// How many entrants stand strictly before.
    pub before: u32,
    /// How many others share the rank.
    pub sharing: u32,
    /// The number of the entrant directly before, and what decides between the two.
    pub above: Option<(u32, Versus)>,
}

/// The result of each entrant and the order of all.
#[derive(Clone, Debug)]
pub struct Board {
    rules: Rules,
    stage: Stage,
    sequence: i64,
    entrants: Vec<Option<Entrant>>,
    order: Order,
    scored: u32,
    named: BTreeSet<u32>,
    changed: BTreeSet<u32>,
}

impl Board {
    /// An empty board.
    pub fn new(rules: Rules) -> Self {
        Self {
            rules,
            stage: Stage::Waiting,
            sequence: 0,
            entrants: Vec::new(),
            order: Order::default(),
            scored: 0,
            named: BTreeSet::new(),
            changed: BTreeSet::new(),
        }
    }
    /// The rules it follows.
    pub const fn rules(&self) -> &Rules {
        &self.rules
    }
    /// How far the competition has come.
    pub const fn stage(&self) -> Stage {
        self.stage
    }
    /// The public sequence number it stands for.
    pub const fn sequence(&self) -> i64 {
        self.sequence
    }
    /// How many entrants are listed.
    pub fn len(&self) -> u32 {
        self.order.len()
    }
    /// Whether nobody is listed.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// How many of them have a result.
    pub const fn scored(&self) -> u32 {
        self.scored
    }
    /// A listed entrant.
    pub fn entrant(&self, number: u32) -> Option<&Entrant> {
        self.slot(number).filter(|entrant| entrant.listed)
    }
    /// The row of a listed entrant.
    pub fn row(&self, number: u32) -> Option<Row<'_>> {
        let entrant = self.entrant(number)?;
        Some(Row { place: self.order.below(entrant.key), rank: self.rank(entrant), entrant })
    }
    /// The row at a place, counted from 0.
    pub fn at(&self, place: u32) -> Option<Row<'_>> {
        let entrant = self.entrant(self.order.at(place)?.number)?;
        Some(Row { place, rank: self.rank(entrant), entrant })
    }
    /// The rows in order, from a place on.
    pub fn rows(&self, from: u32) -> impl Iterator<Item = Row<'_>> {
        let mut shared: Option<(Key, Option<u32>)> = None;
        self.order.from(from).zip(from..).filter_map(move |(key, place)| {
            let entrant = self.entrant(key.number)?;
            let rank = match shared {
                Some((before, rank)) if before.level_with(key) => rank,
                Some(_) if !key.unscored => Some(place + 1),
                _ => self.rank(entrant),
            };
            shared = Some((key, rank));
            Some(Row { place, rank, entrant })
        })
    }
    /// Why an entrant has its rank; nothing for whoever has none.
    pub fn why(&self, number: u32) -> Option<Why> {
        let row = self.row(number)?;
        let (rank, key) = (row.rank?, row.entrant.key);
        let before = self.order.below(key.floor());
        let last = self.order.below(Key { number: u32::MAX, ..key });
        let above = row.place.checked_sub(1).and_then(|place| self.order.at(place));
        Some(Why {
            rank,
            total: row.entrant.total(),
            before,
            sharing: last.saturating_sub(before).saturating_sub(1),
            above: above.map(|above| (above.number, self.versus(above, key))),
        })
    }

    fn versus(&self, above: Key, key: Key) -> Versus {
        if above.missing != key.missing {
            Versus::Problems { by: key.missing.saturating_sub(above.missing) }
        } else if above.value != key.value {
            Versus::Total { by: key.value.saturating_sub(above.value) }
        } else if self.rules.ties == TieRule::Earlier && above.reached != key.reached {
            Versus::Earlier { by: key.reached.saturating_sub(above.reached) }
        } else {
            Versus::Level
        }
    }
    fn rank(&self, entrant: &Entrant) -> Option<u32> {
        entrant.has_score().then(|| self.order.below(entrant.key.floor()) + 1)
    }
    fn slot(&self, number: u32) -> Option<&Entrant> {
        self.entrants.get(number as usize)?.as_ref()
    }

    /// Adds an entrant, or gives one another name.
    pub(super) fn name(&mut self, number: u32, name: &str, note: &str) {
        if number > MOST_ENTRANTS {
            return;
        }
        if self.entrants.len() <= number as usize {
            self.entrants.resize_with(number as usize + 1, || None);
        }
        let Some(slot) = self.entrants.get_mut(number as usize) else { return };
        match slot {
            Some(entrant) => {
                name.clone_into(&mut entrant.name);
                note.clone_into(&mut entrant.note);
            }
            None => {
                let cells = Vec::new();
                *slot = Some(Entrant {
                    number,
                    name: name.to_owned(),
                    note: note.to_owned(),
                    key: self.rules.key(number, &cells),
                    cells,
                    listed: false,
                });
            }
        }
        self.named.insert(number);
    }
    /// Puts an entrant's results in place of the earlier ones, and the entrant where they put it.
    pub(super) fn place(&mut self, number: u32, cells: Vec<Option<Cell>>, listed: bool) {
        let Some(Some(entrant)) = self.entrants.get_mut(number as usize) else { return };
        let key = self.rules.key(number, &cells);
        if entrant.listed {
            self.order.remove(entrant.key);
            self.scored -= u32::from(!entrant.key.unscored);
        }
        if listed {
            self.order.insert(key);
            self.scored += u32::from(!key.unscored);
        }
        if listed && !entrant.listed {
            self.named.insert(number);
        }
        (entrant.key, entrant.cells, entrant.listed) = (key, cells, listed);
        self.changed.insert(number);
    }
    pub(super) const fn set_stage(&mut self, stage: Stage) {
        self.stage = stage;
    }
    pub(super) const fn set_sequence(&mut self, sequence: i64) {
        self.sequence = sequence;
    }

    /// Everything, in order.
    pub fn snapshot(&self) -> Snapshot<'_> {
        let listed = |key: Key| self.entrant(key.number);
        Snapshot {
            v: WIRE_VERSION,
            seq: self.sequence,
            stage: self.stage,
            rules: self.rules,
            entrants: self.order.from(0).filter_map(listed).map(Named::of).collect(),
            rows: self
                .order
                .from(0)
                .filter_map(listed)
                .filter(|entrant| entrant.has_score())
                .map(Placed::of)
                .collect(),
        }
    }
    /// What changed since the last call, for whoever stands at `from`.
    pub fn take_diff(&mut self, from: i64) -> Diff<'static> {
        let (named, changed) = (std::mem::take(&mut self.named), std::mem::take(&mut self.changed));
        let listed = |number: &u32| self.entrant(*number);
        Diff {
            from,
            seq: self.sequence,
            stage: self.stage,
            entrants: named.iter().filter_map(listed).map(|entrant| Named::of(entrant).owned()).collect(),
            rows: changed.iter().filter_map(listed).map(|entrant| Placed::of(entrant).owned()).collect(),
            gone: changed.iter().filter(|number| listed(number).is_none()).copied().collect(),
        }
    }
    /// How many results changed since the last diff was taken.
    pub fn pending(&self) -> usize {
        self.changed.len().max(self.named.len())
    }
    /// Forgets what changed.
    pub fn settle(&mut self) {
        self.named.clear();
        self.changed.clear();
    }

    /// The board that a snapshot describes.
    pub fn from_snapshot(snapshot: &Snapshot<'_>) -> Self {
        let mut board = Self::new(snapshot.rules);
        for named in &snapshot.entrants {
            board.name(named.0, &named.1, &named.2);
            board.place(named.0, Vec::new(), true);
        }
        for placed in &snapshot.rows {
            board.place(placed.0, placed.3.to_vec(), true);
        }
        (board.stage, board.sequence) = (snapshot.stage, snapshot.seq);
        board.settle();
        board
    }
    /// Applies what changed; refuses a diff that begins after the board's own number.
    ///
    /// A diff that the board has already seen does no harm. The numbers of the entrants whose
    /// results changed are given back.
    pub fn apply(&mut self, diff: &Diff<'_>) -> Result<Vec<u32>, Gap> {
        if diff.from > self.sequence {
            return Err(Gap { have: self.sequence, from: diff.from });
        }
        if diff.seq <= self.sequence {
            return Ok(Vec::new());
        }
        for named in &diff.entrants {
            self.name(named.0, &named.1, &named.2);
        }
        for number in &diff.gone {
            self.place(*number, Vec::new(), false);
        }
        for placed in &diff.rows {
            self.place(placed.0, placed.3.to_vec(), true);
        }
        (self.stage, self.sequence) = (diff.stage, diff.seq);
        let changed = self.changed.iter().copied().collect();
        self.settle();
        Ok(changed)
    }
}
