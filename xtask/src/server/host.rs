//! Only pages of this machine's own addresses are answered.
//!
//! A page of another site may point a name of its own at 127.0.0.1 (DNS rebinding). To the browser that is the page's
//! own origin, so its scripts could read the log. The name is in the request's `Host`.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::HOST;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// What browsers call this machine.
const NAMES: [&str; 3] = ["127.0.0.1", "localhost", "[::1]"];

/// Every `Host` that is answered.
#[derive(Debug)]
pub struct Hosts(Vec<String>);

impl Hosts {
    /// Those of a server that listens at these addresses.
    pub fn of(addresses: &[SocketAddr]) -> Self {
        let hosts = |address: &SocketAddr| {
            let port = address.port();
            NAMES.into_iter().map(move |name| match port {
                80 => name.to_owned(),
                _ => format!("{name}:{port}"),
            })
        };
        Hosts(addresses.iter().flat_map(hosts).collect())
    }

    fn knows(&self, host: &str) -> bool {
        self.0.iter().any(|known| known.eq_ignore_ascii_case(host))
    }
}

/// Answers 403 to a request under any other name.
pub async fn check(State(hosts): State<Arc<Hosts>>, request: Request, next: Next) -> Response {
    let mut named = request.headers().get_all(HOST).iter();
    let host = named.next().map(|host| String::from_utf8_lossy(host.as_bytes()).into_owned());
    // An address in the request line takes the place of the field.
    let in_line = request.uri().authority().is_none_or(|authority| hosts.knows(authority.as_str()));
    match host {
        Some(host) if hosts.knows(&host) && named.next().is_none() && in_line => next.run(request).await,
        host => {
            let message = format!(
                "This server answers requests to {} only, and this one is to {}: a page of another site could read \
                 what is here under a name of its own.\n",
                hosts.0.join(", "),
                host.as_deref().unwrap_or("no host"),
            );
            (StatusCode::FORBIDDEN, message).into_response()
        }
    }
}
