//! Pages of certificates, one file each.

pub mod certificate;
pub mod check;
