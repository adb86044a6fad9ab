//! Rows travel to their new place: where each was is measured before the change, and it glides from
//! there. None of it when reduced motion is asked for.

use std::collections::HashMap;

use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};

/// How long a row travels, in milliseconds.
const TAKES: f64 = 300.0;

/// Makes a change to the rows, and lets those that moved travel.
pub fn travel(change: impl FnOnce()) {
    if asks_for_stillness() {
        change();
        return;
    }
    let before = tops();
    change();
    // The change reaches the document before the next frame is drawn.
    request_animation_frame(move || {
        for (number, row) in rows() {
            let now = row.get_bounding_client_rect().top();
            match before.get(&number) {
                Some(then) if (then - now).abs() >= 1.0 => glide(&row, then - now),
                _ => {}
            }
        }
    });
}

fn asks_for_stillness() -> bool {
    let query = window().match_media("(prefers-reduced-motion: reduce)");
    query.ok().flatten().is_some_and(|query| query.matches())
}

fn rows() -> Vec<(String, web_sys::Element)> {
    let Ok(list) = document().query_selector_all("#board tbody tr[data-number]") else { return Vec::new() };
    (0..list.length())
        .filter_map(|index| list.item(index)?.dyn_into::<web_sys::Element>().ok())
        .filter_map(|row| Some((row.get_attribute("data-number")?, row)))
        .collect()
}

fn tops() -> HashMap<String, f64> {
    rows().into_iter().map(|(number, row)| (number, row.get_bounding_client_rect().top())).collect()
}

/// `row.animate([{ transform: 'translateY(..)' }, { transform: 'none' }], { duration, easing })`.
fn glide(row: &web_sys::Element, by: f64) {
    let frame = |transform: &str| {
        let frame = js_sys::Object::new();
        let _ = js_sys::Reflect::set(&frame, &"transform".into(), &transform.into());
        frame
    };
    let frames = js_sys::Array::of2(&frame(&format!("translateY({by}px)")), &frame("none"));
    let options = js_sys::Object::new();
    let _ = js_sys::Reflect::set(&options, &"duration".into(), &JsValue::from_f64(TAKES));
    let _ = js_sys::Reflect::set(&options, &"easing".into(), &"cubic-bezier(0.2, 0, 0, 1)".into());
    if let Ok(animate) = js_sys::Reflect::get(row, &"animate".into())
        && let Some(animate) = animate.dyn_ref::<js_sys::Function>()
    {
        let _ = animate.call2(row, &frames, &options);
    }
}
