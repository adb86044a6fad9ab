//! What courses do, by who does it.

mod author;
mod learner;
mod outline;
mod pictures;
mod quiz;
mod reader;
mod views;

pub use pictures::MAX_PICTURE;
