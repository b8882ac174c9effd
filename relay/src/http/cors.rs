//! Which pages may ask, and how browsers are told (Fetch Standard, CORS protocol).

use super::fault::Fault;
use axum::body::Body;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, VARY,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use cuehook_protocol::{EVENTS_PATH, SETTINGS_PATH};
use std::collections::BTreeSet;

/// For how long browsers need not ask again, in seconds: Chromium's most.
const MAX_AGE: &str = "7200";
/// What pages may send.
const ALLOWED: &str =
    "authorization,content-type,cuehook-budget-ms,idempotency-key,webhook-id,webhook-timestamp,x-request-id";
/// What pages may see.
const EXPOSED: &str = "cuehook-outcome,retry-after,x-request-id";

/// Pages that may ask.
#[derive(Clone, Debug)]
pub enum Origins {
    /// All that have an origin: of a relay that is only reached from its own machine.
    Any,
    /// These alone, compared letter by letter.
    These(BTreeSet<String>),
}

impl Origins {
    /// Those of a relay's settings.
    pub fn of(settings: &crate::config::Settings) -> Self {
        if settings.origins.is_empty() && settings.is_loopback() {
            return Self::Any;
        }
        Self::These(settings.origins.iter().cloned().collect())
    }

    /// Whether a page may ask.
    pub fn allow(&self, origin: &str) -> bool {
        match self {
            // Every sandboxed page, file and redirect has the origin `null`.
            Self::Any => origin != "null",
            Self::These(origins) => origins.contains(origin),
        }
    }
}

/// Whether a browser asks whether a page may ask.
pub(super) fn is_preflight(method: &Method, fields: &HeaderMap) -> bool {
    method == Method::OPTIONS && fields.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

/// What a browser is told that asks whether an allowed page may ask; [`allow`] adds the rest.
pub(super) fn preflight(path: &str) -> Response {
    let Some(method) = method(path) else { return Fault::not_found().into_response() };
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let fields = response.headers_mut();
    fields.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(method));
    fields.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(ALLOWED));
    fields.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(MAX_AGE));
    response
}

/// What pages may do with a route. What needs an API key is for servers.
fn method(path: &str) -> Option<&'static str> {
    if path.starts_with("/v1/call/") || path == EVENTS_PATH {
        Some("POST")
    } else if path.starts_with("/v1/calls/") || path == SETTINGS_PATH {
        Some("GET")
    } else {
        None
    }
}

/// Lets an allowed page see a response. Credentials of browsers are never asked for.
pub(super) fn allow(origin: &HeaderValue, fields: &mut HeaderMap) {
    fields.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    fields.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
}

/// What is kept of a response is kept for one page.
pub(super) fn vary(fields: &mut HeaderMap) {
    fields.insert(VARY, HeaderValue::from_static("origin"));
}

#[cfg(test)]
mod tests {
    use super::*;
    use cuehook_protocol::{BUDGET_HEADER, OUTCOME_HEADER, call_path, calls_path};

    #[test]
    fn pages_are_compared_letter_by_letter() {
        let origins = Origins::These(["https://shop.example".to_owned()].into());
        assert!(origins.allow("https://shop.example"));
        for other in [
            "http://shop.example",
            "https://shop.example.",
            "https://shop.example:443",
            "https://shop.example/",
            "https://SHOP.example",
            "https://a.shop.example",
            "https://shop.example.evil.example",
            "http://localhost:8000",
            "null",
            "*",
            "",
        ] {
            assert!(!origins.allow(other), "{other}");
        }
    }

    #[test]
    fn only_on_loopback_any_page_may_ask() {
        assert!(Origins::Any.allow("http://localhost:8000"));
        assert!(!Origins::Any.allow("null"));
    }

    #[test]
    fn pages_may_do_what_players_do() {
        for (path, expected) in [
            (call_path("discount"), Some("POST")),
            (calls_path("x"), Some("GET")),
            (EVENTS_PATH.to_owned(), Some("POST")),
            (SETTINGS_PATH.to_owned(), Some("GET")),
            ("/v1/counts".to_owned(), None),
            ("/metrics".to_owned(), None),
            ("/".to_owned(), None),
        ] {
            assert_eq!(method(&path), expected, "{path}");
        }
        assert!(ALLOWED.split(',').any(|name| name == BUDGET_HEADER));
        assert!(EXPOSED.split(',').any(|name| name == OUTCOME_HEADER));
        for (name, _) in cuehook_protocol::request_headers(false, "x", 0.0, &[]) {
            assert!(ALLOWED.split(',').any(|allowed| allowed == name), "{name}");
        }
    }
}
