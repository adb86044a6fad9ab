//! Pages of competitions, one file each.

pub mod list;
pub mod manage;
pub mod new;
pub mod organise;
pub mod show;
