//! The demonstration world: real courses, real data, and people who compete.

pub mod assets;
pub mod career;
pub mod dataset;
pub mod dice;
pub mod learners;
pub mod models;
pub mod people;
