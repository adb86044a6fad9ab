//! Time as one line.
use leptos::prelude::*;

/// Where a [`Phase`] stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhaseState {
    /// Over.
    Done,
    /// Going on.
    Now,
    /// Still to come.
    Next,
}

/// One stretch of a [`PhaseLine`].
#[derive(Clone, Debug)]
pub struct Phase {
    /// Its name.
    pub label: String,
    /// When, in words; under the name.
    pub when: Option<String>,
    /// Over, now, or to come.
    pub state: PhaseState,
    /// Its share of the line, 1 to 5.
    pub weight: u8,
}

/// The phases of a timetable as one line, now in red. The child is the ticking clock shown under the phase that is now.
#[component]
pub fn PhaseLine(
    /// The stretches in order.
    phases: Vec<Phase>,
    /// The list's name for screen readers.
    #[prop(into)]
    label: String,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let mut clock = children.map(|children| children());
    view! {
        <ol class="phases" aria-label=label>
            {phases
                .into_iter()
                .map(|Phase { label, when, state, weight }| {
                    let (class, current) = match state {
                        PhaseState::Done => ("done", None),
                        PhaseState::Now => ("now", Some("step")),
                        PhaseState::Next => ("next", None),
                    };
                    let clock = if state == PhaseState::Now { clock.take() } else { None };
                    view! {
                        <li class=class data-weight=weight.to_string() aria-current=current>
                            <span>{label}</span>
                            {when.map(|when| view! { <span class="when">{when}</span> })}
                            {clock}
                        </li>
                    }
                })
                .collect_view()}
        </ol>
    }
}
