//! The pages of offers.

mod bundle;
mod cart;
mod desk;
mod gift;
mod point_desk;
mod points;

pub use bundle::{BundlePage, BundlesPage};
pub use cart::CartPage;
pub use desk::{BundleDeskPage, CouponsPage, GrantsPage};
pub use gift::{GiftPage, GiftsPage, RedeemPage};
pub use point_desk::PointDeskPage;
pub use points::PointsPage;
