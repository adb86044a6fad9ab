//! A line of figures, small.
use leptos::prelude::*;

/// A small line of values with its last point marked; the label says in words what it shows.
#[component]
pub fn Spark(
    /// The values, oldest first.
    values: Vec<f64>,
    /// What it shows.
    #[prop(into)]
    label: String,
) -> impl IntoView {
    let points = points(&values);
    let (x, y) = points.last().copied().unwrap_or((0.0, 12.0));
    let line = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect::<Vec<_>>().join(" ");
    view! {
        <svg class="spark" viewBox="0 0 96 24" width="96" height="24" role="img" aria-label=label>
            <polyline points=line></polyline>
            <circle class="last" cx=format!("{x:.1}") cy=format!("{y:.1}") r="2.5"></circle>
        </svg>
    }
}

/// Scales values into a box of 96 by 24 with two units of margin.
fn points(values: &[f64]) -> Vec<(f64, f64)> {
    let finite = || values.iter().copied().filter(|value| value.is_finite());
    let low = finite().fold(f64::INFINITY, f64::min);
    let high = finite().fold(f64::NEG_INFINITY, f64::max);
    let range = if high > low { high - low } else { 1.0 };
    let count = finite().count().max(2) - 1;
    let steps = u32::try_from(count).map_or(1.0, f64::from);
    finite()
        .zip(0_u32..)
        .map(|(value, at)| (f64::from(at) / steps * 92.0 + 2.0, 22.0 - (value - low) / range * 20.0))
        .collect()
}
