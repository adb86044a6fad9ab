//! The pages of standings, one lazy route a file.

pub mod board;
