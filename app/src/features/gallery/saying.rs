//! States, messages, progress.
use leptos::prelude::*;
use ui::{Alert, AlertKind, Chip, ChipKind, EmptyState, Progress, Ring, Skeleton, Spark};

use super::Family;
use crate::i18n::{href, t, use_locale};

/// What says how things stand.
#[component]
pub fn States() -> impl IntoView {
    let l = use_locale();
    view! {
        <Family id="states" title=t::gallery::states(l)>
            <p class="chips">
                <Chip kind=ChipKind::Live>{t::gallery::live(l)}</Chip>
                <Chip>{t::gallery::open(l)}</Chip>
                <Chip kind=ChipKind::Done>{t::gallery::verified(l)}</Chip>
                <Chip kind=ChipKind::Warning>{t::gallery::waiting(l)}</Chip>
                <Chip kind=ChipKind::Wrong>{t::gallery::refused(l)}</Chip>
                <Chip kind=ChipKind::Outline>{t::gallery::tag(l)}</Chip>
                <span class="connection live">{t::gallery::connection_live(l)}</span>
                <span class="connection waiting">{t::gallery::connection_waiting(l)}</span>
                <span class="connection stale">{t::gallery::connection_stale(l)}</span>
            </p>
            <div class="columns even">
                <div class="stack">
                    <Alert>{t::gallery::alert_note(l)}</Alert>
                    <Alert kind=AlertKind::Success>{t::gallery::alert_success(l)}</Alert>
                    <Alert kind=AlertKind::Warning>{t::gallery::alert_warning(l)}</Alert>
                    <Alert kind=AlertKind::Error>{t::gallery::alert_error(l)}</Alert>
                    <p class="note">{t::gallery::type_body(l)}</p>
                </div>
                <div class="stack">
                    <Progress value=5_u32 max=12_u32 label=t::gallery::progress(l) figure="5 / 12"/>
                    <p class="cluster"><Ring percent=42/><b class="figure">"42 %"</b></p>
                    <p class="cluster">
                        <Spark values=vec![0.91, 0.93, 0.92, 0.955, 0.962, 0.979] label=t::gallery::trend(l)/>
                        <b class="number">"0.9790"</b>
                    </p>
                    <Skeleton label=t::gallery::loading(l)/>
                </div>
            </div>
            <EmptyState title=t::gallery::empty_title(l) text=t::gallery::empty_text(l)>
                <a class="button" href=href(l, "/courses")>{t::gallery::see_courses(l)}</a>
            </EmptyState>
        </Family>
    }
}
