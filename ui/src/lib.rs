//! The design system of Leitai: markup of components, no data and no domain.
//!
//! Each component renders the same HTML on the server and in the browser: ids come from props, nothing is
//! random, nothing asks for the time. Class names are those of `style/parts`; `docs/DESIGN.md` lists them.

pub mod alert;
pub mod avatar;
pub mod breadcrumbs;
pub mod chip;
pub mod cover;
pub mod dialog;
pub mod empty_state;
pub mod facts;
pub mod field;
pub mod frame;
pub mod icon;
pub mod menu;
pub mod page_head;
pub mod pagination;
pub mod phase_line;
pub mod progress;
pub mod seal;
pub mod skeleton;
pub mod spark;
pub mod table;
pub mod tabs;
pub mod toast;

pub use alert::{Alert, AlertKind};
pub use avatar::Avatar;
pub use breadcrumbs::{Breadcrumbs, Crumb};
pub use chip::{Chip, ChipKind};
pub use cover::Cover;
pub use dialog::Dialog;
pub use empty_state::EmptyState;
pub use facts::{Fact, Facts};
pub use field::{Check, Field, described_by};
pub use frame::{BottomBar, DemonstrationBar, NavItem, SiteFooter, SiteHeader, ThemeSwitch};
pub use icon::Icon;
pub use menu::{Menu, MenuItem};
pub use page_head::PageHead;
pub use pagination::{PageLink, Pagination, page_numbers};
pub use phase_line::{Phase, PhaseLine, PhaseState};
pub use progress::{Progress, Ring};
pub use seal::Seal;
pub use skeleton::Skeleton;
pub use spark::Spark;
pub use table::{Column, DataTable};
pub use tabs::{Tab, Tabs};
pub use toast::Toast;
