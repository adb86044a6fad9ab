//! The pages of offers.

mod bundle;
mod cart;
mod desk;
mod gift;
mod points;

pub use bundle::{BundlePage, BundlesPage};
pub use cart::CartPage;
pub use desk::{BundleDeskPage, CouponsPage, GrantsPage};
pub use gift::{GiftPage, GiftsPage, RedeemPage};
pub use points::PointsPage;
