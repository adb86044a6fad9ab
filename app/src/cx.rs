//! What a server function may reach: who is asking, and the ports that the server filled in.

use std::sync::Arc;

use domain::actor::Actor;
use domain::locale::Locale;
use domain::time::Timestamp;
use http::header::{ACCEPT_LANGUAGE, REFERER, SET_COOKIE};
use http::request::Parts;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;

use crate::error::{Answer, Fault};
use crate::features::accounts::Accounts;
use crate::features::competitions::Competitions;
use crate::features::courses::{CourseDesks, Courses};
use crate::features::finance::Finance;
use crate::features::home::Home;
use crate::features::jobs::Jobs;
use crate::features::judging::Judging;
use crate::features::messages::Messages;
use crate::features::offers::Offers;
use crate::features::orders::Orders;
use crate::features::payments::Payments;
use crate::features::payouts::Payouts;
use crate::features::refunds::Refunds;
use crate::features::rewards::Rewards;
use crate::features::standings::Standings;
use crate::features::subscriptions::Subscriptions;
use crate::features::wallet::Wallet;
use crate::i18n::href;

/// What the pages need from the server, one port a feature.
#[derive(Clone)]
pub struct Ports {
    /// Accounts and sessions.
    pub accounts: Arc<dyn Accounts>,
    /// Courses, for readers and learners.
    pub courses: Arc<dyn Courses>,
    /// Courses, for their authors.
    pub course_desks: Arc<dyn CourseDesks>,
    /// The first page.
    pub home: Arc<dyn Home>,
    /// Competitions.
    pub competitions: Arc<dyn Competitions>,
    /// Jobs that wait for a person.
    pub jobs: Arc<dyn Jobs>,
    /// Judging.
    pub judging: Arc<dyn Judging>,
    /// Messages to people.
    pub messages: Arc<dyn Messages>,
    /// Coupons, bundles, gifts, points and carts.
    pub offers: Arc<dyn Offers>,
    /// Orders.
    pub orders: Arc<dyn Orders>,
    /// Payments.
    pub payments: Arc<dyn Payments>,
    /// The ledger.
    pub finance: Arc<dyn Finance>,
    /// Earnings and payouts.
    pub payouts: Arc<dyn Payouts>,
    /// Refunds.
    pub refunds: Arc<dyn Refunds>,
    /// Customers' credit.
    pub wallet: Arc<dyn Wallet>,
    /// Certificates.
    pub rewards: Arc<dyn Rewards>,
    /// Standings.
    pub standings: Arc<dyn Standings>,
    /// Plans and subscriptions.
    pub subscriptions: Arc<dyn Subscriptions>,
}

/// The surroundings of a server function.
#[derive(Clone)]
pub struct Cx {
    /// The ports.
    pub ports: Ports,
    /// The language that the caller reads.
    pub locale: Locale,
    parts: Option<Parts>,
}

/// Where a request came from, as the edge worked it out.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// The address of the browser; IPv6 as its /64.
    pub address: String,
    /// The name that the browser gives itself, shortened.
    pub agent: String,
    /// The session's token, if the browser sent one.
    pub token: Option<String>,
    /// When the headers of the request arrived: what a deadline is held against.
    pub received_at: Timestamp,
}

impl Cx {
    /// The surroundings of the running server function.
    pub fn current() -> Self {
        let parts = use_context::<Parts>();
        let locale = parts.as_ref().map(locale_of).unwrap_or_default();
        Self { ports: expect_context::<Ports>(), locale, parts }
    }
    /// Who is asking, if anybody is logged in.
    pub fn viewer(&self) -> Option<&Actor> {
        self.parts.as_ref()?.extensions.get::<Actor>()
    }
    /// Who is asking; a fault where nobody is logged in.
    pub fn actor(&self) -> Answer<&Actor> {
        self.viewer().ok_or(Fault::Unauthenticated)
    }
    /// Where the request came from.
    pub fn origin(&self) -> Origin {
        self.parts.as_ref().and_then(|parts| parts.extensions.get::<Origin>().cloned()).unwrap_or_default()
    }
    /// Sends the browser to a page in its own language.
    pub fn redirect(&self, path: &str) {
        leptos_axum::redirect(&href(self.locale, path));
    }
    /// Sends the browser to an address as it is.
    pub fn redirect_to(&self, address: &str) {
        leptos_axum::redirect(address);
    }
    /// Sends the browser back to the page that it came from, if that is one of ours.
    pub fn redirect_back(&self) {
        let from = self.parts.as_ref().and_then(|parts| parts.headers.get(REFERER)?.to_str().ok());
        let page = from.and_then(|from| from.parse::<http::Uri>().ok());
        match page
            .as_ref()
            .and_then(http::Uri::path_and_query)
            .filter(|page| Locale::of_path(page.path()).is_some())
        {
            Some(page) => leptos_axum::redirect(page.as_str()),
            None => self.redirect("/"),
        }
    }
    /// Gives the browser a cookie, written as a `Set-Cookie` value.
    pub fn set_cookie(&self, cookie: &str) {
        let response = expect_context::<ResponseOptions>();
        if let Ok(value) = http::HeaderValue::from_str(cookie) {
            response.append_header(SET_COOKIE, value);
        }
    }
}

/// The language of the page that a request came from, of the account, or of the browser.
fn locale_of(parts: &Parts) -> Locale {
    let header = |name| parts.headers.get(name).and_then(|value: &http::HeaderValue| value.to_str().ok());
    let page = || {
        let address: http::Uri = header(REFERER)?.parse().ok()?;
        Locale::of_path(address.path())
    };
    Locale::of_path(parts.uri.path())
        .or_else(page)
        .or_else(|| parts.extensions.get::<Actor>().map(|actor| actor.locale))
        .unwrap_or_else(|| Locale::negotiate(header(ACCEPT_LANGUAGE).unwrap_or_default()))
}
