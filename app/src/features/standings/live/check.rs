//! "Check this ranking": the published log, folded by the same code, against the table on the page.

use domain::standings::{Audience, Event, Reducer, Rules};
use gloo_net::http::Request;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Deserialize;

use super::open;
use crate::features::standings::view::Check;

#[derive(Deserialize)]
struct LogPage {
    rules: Rules,
    events: Vec<Event>,
    next: Option<i64>,
}

/// Recomputes the table from the published log, and says whether it is the one on the page.
pub fn check() {
    let Some(client) = open() else { return };
    let (slug, view, shown) = {
        let client = client.borrow();
        (client.slug.clone(), client.view, client.board.clone())
    };
    let Some(shown) = shown else { return };
    view.check.set(Some(Check::Running));
    spawn_local(async move {
        let verdict = match recompute(&slug, shown.sequence()).await {
            Some((reducer, events)) => {
                let (ours, theirs) = (reducer.board().snapshot(), shown.snapshot());
                let first = ours.rows.iter().zip(&theirs.rows).position(|(ours, theirs)| ours != theirs);
                if ours == theirs {
                    Check::Same { events, seq: shown.sequence() }
                } else {
                    let place = first.unwrap_or(ours.rows.len().min(theirs.rows.len()));
                    Check::Differs { place: u32::try_from(place).unwrap_or(u32::MAX).saturating_add(1) }
                }
            }
            None => Check::Failed,
        };
        view.check.set(Some(verdict));
    });
}

async fn recompute(slug: &str, until: i64) -> Option<(Reducer, usize)> {
    let mut skip = Some(0);
    let mut reducer: Option<Reducer> = None;
    let mut count = 0;
    while let Some(from) = skip {
        let address = format!("/live/competitions/{slug}/log.json?until={until}&skip={from}");
        let text = Request::get(&address).send().await.ok()?.text().await.ok()?;
        let page: LogPage = serde_json::from_str(&text).ok()?;
        let reducer = reducer.get_or_insert_with(|| {
            let mut fresh = Reducer::new(page.rules, Audience::Public);
            fresh.begin_replay();
            fresh
        });
        count += page.events.len();
        for event in page.events {
            reducer.apply(event);
        }
        skip = page.next;
    }
    let mut reducer = reducer?;
    reducer.end_replay();
    Some((reducer, count))
}
