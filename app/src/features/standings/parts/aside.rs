//! What stands beside the board: how it is connected, announcements, what just happened, the check.

use domain::locale::Locale;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::features::standings::view::{BoardView, Check, Connection};
use crate::features::standings::{Announce, News};
use crate::i18n::{t, use_locale};
use crate::parts::{When, instant_text};

/// How the page is connected, in words and a mark.
#[component]
pub fn ConnectionLine(
    /// The state of the page.
    state: BoardView,
) -> impl IntoView {
    let locale = use_locale();
    let class = move || match state.connection.get() {
        Connection::Live | Connection::Polling => "connection live",
        Connection::Connecting | Connection::Reconnecting(_) => "connection waiting",
        Connection::Stale(_) => "connection stale",
        Connection::Off | Connection::Paused => "connection",
    };
    let text = move || match state.connection.get() {
        Connection::Off => t::standings::connection_off(locale).to_owned(),
        Connection::Connecting => t::standings::connection_connecting(locale).to_owned(),
        Connection::Live => t::standings::connection_live(locale).to_owned(),
        Connection::Reconnecting(seconds) => t::standings::connection_reconnecting(locale, seconds),
        Connection::Polling => t::standings::connection_polling(locale).to_owned(),
        Connection::Stale(since) => t::standings::connection_stale(locale, instant_text(since, locale)),
        Connection::Paused => t::standings::connection_paused(locale).to_owned(),
    };
    view! {
        <span class=class data-connection=move || word(state.connection.get())>{text}</span>
        {move || state.watching.get().map(|watching| view! {
            <span class="small dim">{t::standings::watching(locale, watching)}</span>
        })}
    }
}

/// The word by which tests and styles know a connection.
const fn word(connection: Connection) -> &'static str {
    match connection {
        Connection::Off => "off",
        Connection::Connecting => "connecting",
        Connection::Live => "live",
        Connection::Reconnecting(_) => "reconnecting",
        Connection::Polling => "polling",
        Connection::Stale(_) => "stale",
        Connection::Paused => "paused",
    }
}

/// The column beside the board.
#[component]
pub fn Aside(
    /// The state of the page.
    state: BoardView,
    /// The part of the address.
    slug: String,
    /// Whether the viewer runs the competition.
    organises: bool,
) -> impl IntoView {
    let locale = use_locale();
    let some_news = move || state.news.with(|news| !news.is_empty());
    view! {
        <aside class="board-aside stack">
            <section hidden=move || !some_news()>
                <h2>{t::standings::announcements(locale)}</h2>
                <ul class="plain-list">
                    <For each=move || state.news.get() key=|news| news.seq children=move |news| view! { <Told news/> }/>
                </ul>
            </section>
            {organises.then(|| view! { <AnnounceForm slug/> })}
            <section>
                <h2>{t::standings::just_now(locale)}</h2>
                {move || state.moments.with(Vec::is_empty).then(|| view! { <p class="dim small">{t::standings::quiet(locale)}</p> })}
                <ul class="plain-list">
                    {move || state.moments.get().into_iter().map(|moment| view! { <li>{moment}</li> }).collect_view()}
                </ul>
            </section>
        </aside>
    }
}

#[component]
fn Told(news: News) -> impl IntoView {
    let locale = use_locale();
    let text = domain::locale::Bilingual::new(news.en, news.zh);
    view! { <li>{text.get(locale).to_owned()}" "<span class="dim small"><When at=news.at/></span></li> }
}

/// The form with which an organiser tells everyone something.
#[component]
fn AnnounceForm(slug: String) -> impl IntoView {
    use crate::form::{FormAlert, FormState, TextArea};
    let locale = use_locale();
    let action = ServerAction::<Announce>::new();
    let form = FormState::of(action, Announce::PATH);
    view! {
        <details class="announce">
            <summary>{t::standings::announce(locale)}</summary>
            <ActionForm action>
                <FormAlert form/>
                <input type="hidden" name="competition" value=slug/>
                <TextArea form name="text_en" maxlength=400 label=t::standings::announce_en(locale)/>
                <TextArea form name="text_zh" maxlength=400 label=t::standings::announce_zh(locale)/>
                <button class="button" type="submit">{t::standings::announce_send(locale)}</button>
            </ActionForm>
        </details>
    }
}

/// The verdict of the check, in words.
pub fn check_text(locale: Locale, check: &Check) -> String {
    match check {
        Check::Running => t::standings::check_running(locale).to_owned(),
        Check::Same { events, seq } => t::standings::check_same(locale, events, seq),
        Check::Differs { place } => t::standings::check_differs(locale, place),
        Check::Failed => t::standings::check_failed(locale).to_owned(),
    }
}
