//! Who is asking: resolves the session once for each request.

use std::net::{IpAddr, SocketAddr};

use app::context::{PageContext, Viewer};
use app::cx::Origin;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::Response;
use domain::actor::{Actor, Role};
use domain::locale::Locale;

use super::Edge;
use super::drafts;

/// The names of the session cookie: on https or loopback, and on plain http.
pub const COOKIE_NAMES: [&str; 2] = ["__Host-session", "session"];

/// The value of a cookie.
pub fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

/// Puts the actor, the origin and the page context into the request.
pub async fn layer(State(edge): State<Edge>, mut request: Request, next: Next) -> Response {
    let origin = origin_of(&edge, &request);
    let (method, headers) = (request.method().clone(), request.headers().clone());
    let path = request.uri().path().to_owned();
    let concerned = !path.starts_with("/pkg/") && !path.starts_with("/fonts/");
    if concerned {
        let actor = match &origin.token {
            Some(token) => edge.services.accounts.identify(token).await.unwrap_or_else(|error| {
                tracing::error!(%error, "a session could not be read");
                None
            }),
            None => None,
        };
        let (actor, remembered) = actor.map_or((None, None), |(actor, theme)| (Some(actor), Some(theme)));
        let page = PageContext {
            viewer: actor.as_ref().map(Viewer::from),
            waiting: waiting(&edge, actor.as_ref(), &path).await,
            draft: drafts::take(&edge, &method, &path, &headers).await,
            demonstration: edge.services.kit.demonstration,
            theme: remembered.unwrap_or_else(|| theme(&headers).to_owned()),
            package: edge.package.to_string(),
            public_url: edge.services.kit.config.public_url.clone(),
            start_id: edge.start_id.as_deref().map(str::to_owned),
        };
        if let Some(actor) = actor {
            request.extensions_mut().insert(actor);
        }
        request.extensions_mut().insert(page);
    }
    request.extensions_mut().insert(origin);
    next.run(request).await
}

/// How much waits for a person, where a page is shown to somebody who may look at it.
async fn waiting(edge: &Edge, actor: Option<&Actor>, path: &str) -> i64 {
    if !actor.is_some_and(|actor| actor.is(Role::Admin)) || Locale::of_path(path).is_none() {
        return 0;
    }
    edge.services.payments.count_waiting().await.unwrap_or_else(|error| {
        tracing::error!(%error, "what waits could not be counted");
        0
    })
}

/// The theme that the browser remembers.
pub fn theme(headers: &HeaderMap) -> &'static str {
    match cookie(headers, "theme") {
        Some("light") => "light",
        Some("dark") => "dark",
        _ => "system",
    }
}

fn origin_of(edge: &Edge, request: &Request) -> Origin {
    let config = &edge.services.kit.config;
    let [secure, plain] = COOKIE_NAMES;
    let name = if config.secure_cookies() { secure } else { plain };
    let direct = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    let address = forwarded(request.headers(), config.trusted_proxies).or(direct);
    let agent =
        request.headers().get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or("?");
    Origin {
        address: address.map_or_else(|| "unknown".to_owned(), network),
        agent: agent.chars().take(200).collect(),
        token: cookie(request.headers(), name).map(str::to_owned),
        received_at: edge.services.kit.now(),
    }
}

/// The address that the outermost trusted proxy saw, counted from the right: what lies further left may be made up.
fn forwarded(headers: &HeaderMap, trusted: usize) -> Option<IpAddr> {
    let hops: Vec<&str> = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .collect();
    let index = hops.len().checked_sub(trusted).filter(|_| trusted > 0)?;
    hops.get(index)?.parse().ok()
}

/// An address as limits count it: IPv4 whole, IPv6 as its /64.
fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forwarded_addresses_count_from_the_right() {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", header::HeaderValue::from_static("6.6.6.6, 1.2.3.4, 10.0.0.1"));
        assert_eq!(forwarded(&headers, 0), None);
        assert_eq!(forwarded(&headers, 2), Some(IpAddr::from([1, 2, 3, 4])));
        assert_eq!(forwarded(&headers, 9), None);
    }

    #[test]
    fn a_network_of_ipv6_is_one_neighbour() {
        let address = |text: &str| network(text.parse().unwrap());
        assert_eq!(address("2001:db8:1:2:3::4"), address("2001:db8:1:2:ffff::9"));
        assert_eq!(address("::ffff:1.2.3.4"), "1.2.3.4");
    }
}
