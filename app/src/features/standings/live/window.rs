//! The rows in view: of thousands, only those near the screen are in the document.

use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::{open, with};

/// Up to this many rows are simply all there.
const ALL: u32 = 120;
/// Rows kept ready above and below the screen.
const MARGIN: u32 = 20;

/// Follows the scroll position.
pub fn follow() {
    request_animation_frame(|| {
        measure();
        with(|client| client.show());
    });
}

/// Learns the height of rows once they are there, makes room for the others, and goes to a place.
pub fn settle(place: u32) {
    request_animation_frame(move || {
        measure();
        with(|client| client.show());
        if place > 0 {
            // The room is there in the next frame.
            request_animation_frame(move || scroll_to(place, 0.0));
        }
    });
}

/// Which rows of `total` should be in the document: from, to.
pub fn in_view(total: u32, height: f64) -> (u32, u32) {
    if total <= ALL {
        return (0, total);
    }
    let height = if height > 0.0 { height } else { 56.0 };
    let top = document()
        .query_selector("#board tbody")
        .ok()
        .flatten()
        .map_or(0.0, |body| body.get_bounding_client_rect().top());
    let screen = window().inner_height().ok().and_then(|height| height.as_f64()).unwrap_or(800.0);
    let first = (-top / height).floor().max(0.0) as u32;
    let shown = (screen / height).ceil() as u32;
    let from = first.saturating_sub(MARGIN).min(total);
    (from, (first + shown + MARGIN).clamp(from, total).max(total.min(from + shown + 2 * MARGIN)))
}

/// Learns how high a usual row is.
fn measure() {
    let Ok(rows) = document().query_selector_all("#board tbody tr[data-number]:not(.podium)") else { return };
    let heights = (0..rows.length().min(12))
        .filter_map(|index| rows.item(index)?.dyn_into::<web_sys::Element>().ok())
        .map(|row| row.get_bounding_client_rect().height());
    let lowest = heights.fold(f64::INFINITY, f64::min);
    if lowest.is_finite() && lowest > 0.0 {
        with(|client| {
            if (client.view.row_height.get_untracked() - lowest).abs() > 0.5 {
                client.view.row_height.set(lowest);
            }
        });
    }
}

/// Brings the viewer's own row to the middle of the screen.
pub fn scroll_to_mine() {
    let Some(client) = open() else { return };
    let place = {
        let client = client.borrow();
        let view = client.view;
        if !view.find.get_untracked().is_empty() {
            view.find.set(String::new());
        }
        let Some(place) = view.mine.with_untracked(|mine| mine.as_ref().map(|mine| mine.place)) else {
            return;
        };
        place
    };
    let middle = window().inner_height().ok().and_then(|height| height.as_f64()).unwrap_or(800.0) / 2.0;
    scroll_to(place, middle);
}

/// Scrolls so that a place of the board stands so far below the top of the screen.
fn scroll_to(place: u32, below: f64) {
    let Some(client) = open() else { return };
    let height = client.borrow().view.row_height.get_untracked().max(40.0);
    let top = document()
        .query_selector("#board tbody")
        .ok()
        .flatten()
        .map_or(0.0, |body| body.get_bounding_client_rect().top());
    let scrolled = window().scroll_y().unwrap_or(0.0);
    let target = (scrolled + top + f64::from(place) * height - below).max(0.0);
    window().scroll_to_with_x_and_y(0.0, target);
    follow();
}
