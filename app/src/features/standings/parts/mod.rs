//! Parts of standings that pages are made of.

pub mod aside;
pub mod row;
pub mod small_board;
pub mod table;
