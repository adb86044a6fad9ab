//! Stories: what people do, through the public door, on both engines.

mod support;

mod accounts;
mod courses;
mod house;
mod jobs;
mod orders;
mod payments;
mod rewards;
mod standings;
