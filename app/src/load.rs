//! What a page waits for before it is shown.

use codee::{Decoder, Encoder};
use leptos::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// JSON, read from bytes as the answers of server functions are.
///
/// leptos's own reads from text: then every type of every page has its reader twice in the browser's module.
pub struct Json;

impl<T: Serialize> Encoder<T> for Json {
    type Error = serde_json::Error;
    type Encoded = String;
    fn encode(value: &T) -> Result<String, serde_json::Error> {
        serde_json::to_string(value)
    }
}

impl<T: DeserializeOwned> Decoder<T> for Json {
    type Error = serde_json::Error;
    type Encoded = str;
    fn decode(text: &str) -> Result<T, serde_json::Error> {
        serde_json::from_slice(text.as_bytes())
    }
}

/// What [`load`] gives.
pub type Loaded<T> = Resource<T, Json>;

/// Loads something now and whenever `source` changes; the page is not sent before it is there.
#[track_caller]
pub fn load<T, S, Fut>(
    source: impl Fn() -> S + Send + Sync + 'static,
    fetch: impl Fn(S) -> Fut + Send + Sync + 'static,
) -> Loaded<T>
where
    T: Serialize + DeserializeOwned + Send + Sync + 'static,
    S: Clone + PartialEq + Send + Sync + 'static,
    Fut: Future<Output = T> + Send + 'static,
{
    Resource::new_with_options(source, fetch, true)
}

/// Asks again every few seconds while the page is shown, and draws it anew once the answer is another one.
///
/// Only then: what stays as it is keeps the focus and the dialog that is open in it.
#[cfg(feature = "hydrate")]
pub fn look_again<T, Fut>(
    resource: Loaded<crate::error::Answer<T>>,
    shown: T,
    ask: impl Fn() -> Fut + Clone + 'static,
    pause: std::time::Duration,
) where
    T: Serialize + DeserializeOwned + PartialEq + Send + Sync + 'static,
    Fut: Future<Output = crate::error::Answer<T>> + 'static,
{
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    let left = Arc::new(AtomicBool::new(false));
    let asking = Arc::new(AtomicBool::new(false));
    let shown = Arc::new(shown);
    let gone = Arc::clone(&left);
    let look = move || {
        if asking.swap(true, Ordering::Relaxed) {
            return;
        }
        let (answer, shown) = (ask(), Arc::clone(&shown));
        let (asking, gone) = (Arc::clone(&asking), Arc::clone(&gone));
        leptos::task::spawn_local(async move {
            let found = answer.await;
            asking.store(false, Ordering::Relaxed);
            let other = found.is_ok_and(|found| found != *shown);
            if other && !gone.load(Ordering::Relaxed) {
                resource.refetch();
            }
        });
    };
    Effect::new(move || {
        let left = Arc::clone(&left);
        if let Ok(handle) = set_interval_with_handle(look.clone(), pause) {
            on_cleanup(move || {
                left.store(true, Ordering::Relaxed);
                handle.clear();
            });
        }
    });
}

/// Where scripts do not run, the browser loads the page again after some seconds.
pub fn reload_without_scripts() -> AnyView {
    view! { <noscript inner_html="<meta http-equiv=\"refresh\" content=\"6\">"></noscript> }.into_any()
}
