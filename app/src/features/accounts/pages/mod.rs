//! Pages of accounts, one file each.

pub mod admin;
pub mod log_in;
pub mod person;
pub mod register;
pub mod set_up;
pub mod settings;
