//! Pages of judging, one file each.

pub mod quiz;
pub mod submissions;
