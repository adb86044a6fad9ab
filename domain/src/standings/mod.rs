//! Standings: one reducer turns the facts of a competition, in order, into its ranking.
//!
//! Everything that shows a rank reads this reducer's output: page, stream, certificate, export. The
//! same code runs on the server and in the browser, so that a viewer can apply the changes that
//! arrive and recompute the whole table from the published log.
//!
//! * [`Event`] is what happened, in the order of its commit. [`Reducer`] folds events for one
//!   [`Audience`] into a [`Board`].
//! * [`Board`] knows the result of each entrant and the order of all: a rank, a place or a page of
//!   rows costs O(log n).
//! * [`Snapshot`] and [`Diff`] are what travels. A diff carries whole results of the entrants it
//!   names, never differences of figures, so that applying one twice does no harm.

mod board;
mod event;
mod order;
mod reducer;
mod rules;
mod stage;
mod wire;

pub use board::{Board, Cell, Entrant, Row, Versus, Why};
pub use event::{Event, Fact, ScoreEvent};
pub use reducer::{Audience, Reducer};
pub use rules::{Key, Mode, Rules};
pub use stage::Stage;
pub use wire::{Diff, Gap, Named, Placed, Snapshot, WIRE_VERSION};

#[cfg(test)]
mod tests;
