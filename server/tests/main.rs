//! Stories: what people do, through the public door, on both engines.

mod support;

mod accounts;
mod competitions;
mod courses;
mod demo;
mod house;
mod jobs;
mod judging;
mod orders;
mod payments;
mod rewards;
mod standings;
