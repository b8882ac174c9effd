//! Who asks: found out before anything of a body is read.

use super::fault::Fault;
use super::{Peer, Shared, fields};
use crate::core::{Player, Sender};
use crate::token::{ApiKey, Scope};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode};
use ipnet::IpNet;
use secrecy::{ExposeSecret, SecretString};
use std::net::{IpAddr, Ipv4Addr};
use tracing::Span;

/// The addresses of a request that has gone through more proxies than this are not looked at.
const MOST_PROXIES: usize = 8;
const MISSING: &str =
    "there is no token: the header field `authorization` has to be `Bearer`, one space, and the token";

/// The player that asks.
pub(super) fn player(shared: &Shared, request: &Parts) -> Result<Player, Fault> {
    let token = fields::bearer(&request.headers)?.ok_or_else(|| Fault::unauthorized(MISSING))?;
    player_of(shared, request, &token)
}

/// The player whose token this is.
fn player_of(shared: &Shared, request: &Parts, token: &SecretString) -> Result<Player, Fault> {
    let origin = fields::origin(&request.headers)?;
    let verify =
        |origin: Option<&str>| shared.tokens.verify(token.expose_secret(), origin, crate::serve::wall_ms());
    let claims = match (origin, own_host(request)?) {
        // Whether there is TLS in front of us is not known here.
        (None, Some(host)) => {
            verify(Some(&["https://", host].concat())).or_else(|_| verify(Some(&["http://", host].concat())))
        }
        (origin, _) => verify(origin),
    };
    let claims = claims.map_err(|fault| {
        let status = StatusCode::from_u16(fault.status()).unwrap_or(StatusCode::UNAUTHORIZED);
        Fault::unauthorized(fault.to_string()).with_status(status)
    })?;
    Span::current().record("project", &claims.project);
    Ok(Player { project: claims.project, origin: claims.origin, address: address(shared, request) })
}

/// The host of a page at our own origin. Browsers send no `Origin` with its GETs, but say that they are such (Fetch Metadata).
fn own_host(request: &Parts) -> Result<Option<&str>, Fault> {
    let is_own = request.method == Method::GET
        && fields::text(&request.headers, "sec-fetch-site")? == Some("same-origin");
    if is_own { fields::text(&request.headers, "host") } else { Ok(None) }
}

/// Whoever sends events: a page with a player's token, or a server with an API key. `query` is the token that a beacon has in its
/// address, since it cannot have header fields.
pub(super) fn sender(shared: &Shared, request: &Parts, query: Option<SecretString>) -> Result<Sender, Fault> {
    let token = match (fields::bearer(&request.headers)?, query) {
        (Some(_), Some(_)) => {
            return Err(Fault::bad("there are two tokens: one in the address and one in a header field"));
        }
        (None, Some(token)) => {
            if shared.keys.verify(token.expose_secret()).is_some() {
                return Err(Fault::unauthorized(
                    "an API key does not belong into an address, which others write into their logs: send it in the header field `authorization`",
                ));
            }
            return player_of(shared, request, &token).map(Sender::Player);
        }
        (Some(token), None) => token,
        (None, None) => return Err(Fault::unauthorized(MISSING)),
    };
    match shared.keys.verify(token.expose_secret()) {
        Some(key) => {
            let key = of_server(request, key)?;
            allowed(&key, Scope::EventsWrite)?;
            Ok(Sender::Server { key: key.name, project: key.project.unwrap_or_default() })
        }
        None => player_of(shared, request, &token).map(Sender::Player),
    }
}

/// The server that asks, which has to have an API key with this scope.
pub(super) fn server(shared: &Shared, request: &Parts, scope: Scope) -> Result<ApiKey, Fault> {
    let token = fields::bearer(&request.headers)?.ok_or_else(|| Fault::unauthorized(MISSING))?;
    let key = shared.keys.verify(token.expose_secret());
    let key = key.ok_or_else(|| Fault::unauthorized("this API key is not known"))?;
    let key = of_server(request, key)?;
    allowed(&key, scope)?;
    Ok(key)
}

/// The same for what is not told apart by project: a key that is for one of them is not enough.
pub(super) fn server_of_all(shared: &Shared, request: &Parts, scope: Scope) -> Result<(), Fault> {
    for_all(&server(shared, request, scope)?)
}

/// Refuses a key that is for one project.
pub(super) fn for_all(key: &ApiKey) -> Result<(), Fault> {
    match key.project {
        None => Ok(()),
        Some(_) => Err(Fault::forbidden(format!(
            "the API key `{}` is for one project, and this is about all of them",
            key.name
        ))),
    }
}

/// An API key in a page is one that everybody has.
fn of_server(request: &Parts, key: ApiKey) -> Result<ApiKey, Fault> {
    match fields::origin(&request.headers)? {
        None => Ok(key),
        Some(_) => Err(Fault::forbidden("API keys are for servers: in a page everybody can read them")),
    }
}

fn allowed(key: &ApiKey, scope: Scope) -> Result<(), Fault> {
    if key.allows(scope) {
        return Ok(());
    }
    Err(Fault::forbidden(format!("the API key `{}` does not have the scope `{}`", key.name, scope.as_str())))
}

/// The address that a request comes from, as far as it is known.
fn address(shared: &Shared, request: &Parts) -> String {
    let peer = request.extensions.get::<Peer>().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0);
    forwarded(peer, &request.headers, &shared.proxies).to_string()
}

/// The last address on the way here that no proxy of ours has: what is before it anybody can have written.
pub(super) fn forwarded(peer: IpAddr, fields: &HeaderMap, proxies: &[IpNet]) -> IpAddr {
    let is_ours = |address: &IpAddr| proxies.iter().any(|net| net.contains(address));
    let mut last = peer.to_canonical();
    let fields = fields.get_all("x-forwarded-for").iter().rev();
    let mut before = fields.filter_map(|field| field.to_str().ok()).flat_map(|field| field.rsplit(','));
    for _ in 0..MOST_PROXIES {
        if !is_ours(&last) {
            break;
        }
        match before.next().map(|address| address.trim().parse::<IpAddr>()) {
            Some(Ok(address)) => last = address.to_canonical(),
            _ => break,
        }
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn addresses_are_believed_from_the_end() {
        let proxies: Vec<IpNet> = vec!["10.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()];
        for (peer, forwards, expected) in [
            ("203.0.113.9", vec![], "203.0.113.9"),
            ("203.0.113.9", vec!["198.51.100.1"], "203.0.113.9"),
            ("10.0.0.1", vec!["198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", vec!["1.1.1.1, 198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", vec!["1.1.1.1", "198.51.100.1, 10.0.0.2"], "198.51.100.1"),
            ("10.0.0.1", vec!["1.1.1.1, x"], "10.0.0.1"),
            ("10.0.0.1", vec!["1.1.1.1, x, 10.0.0.2"], "10.0.0.2"),
            ("10.0.0.1", vec![], "10.0.0.1"),
            ("::ffff:10.0.0.1", vec!["198.51.100.1"], "198.51.100.1"),
            ("::1", vec!["2001:db8::1"], "2001:db8::1"),
        ] {
            let mut fields = HeaderMap::new();
            for forward in &forwards {
                fields.append("x-forwarded-for", HeaderValue::from_static(forward));
            }
            let found = forwarded(peer.parse().unwrap(), &fields, &proxies);
            assert_eq!(found, expected.parse::<IpAddr>().unwrap(), "{peer} {forwards:?}");
        }
    }
}
