//! What is the same for every request: its name, what is refused at once, what pages may see, its line of the log.

use super::fault::Fault;
use super::{Shared, cors, fields};
use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use cuehook_protocol::OUTCOME_HEADER;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;
use tracing::{Instrument, Span, field};

/// Where a connection comes from.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub IpAddr);

/// Goes around every handler.
pub(super) async fn around(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let id = match fields::request_id(request.headers()) {
        Some(id) => id.to_owned(),
        None => shared.request_id(),
    };
    let span = tracing::info_span!("request", id, webhook = field::Empty, project = field::Empty);
    let mut line = Line {
        shared: Arc::clone(&shared),
        span: span.clone(),
        started: Instant::now(),
        method: known(request.method()),
        route: request.extensions().get::<MatchedPath>().cloned(),
        outcome: None,
    };
    let origin = request.headers().get("origin").cloned();
    let (mut response, may_see) = answer(&shared, request, next).instrument(span.clone()).await;
    if let Some(fault) = response.extensions_mut().remove::<Fault>() {
        let body = fault.body(&id);
        response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
        *response.body_mut() = Body::from(body);
        span.in_scope(|| tracing::debug!(message = %fault.message, "refused"));
    }
    let fields = response.headers_mut();
    fields.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    fields.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    fields.insert(
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
    );
    if !fields.contains_key(CACHE_CONTROL) {
        fields.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if let Ok(id) = HeaderValue::try_from(&id) {
        fields.insert(HeaderName::from_static("x-request-id"), id);
    }
    cors::vary(fields);
    if let Some(origin) = origin.filter(|_| may_see) {
        cors::allow(&origin, fields);
    }
    let outcome =
        fields.get(OUTCOME_HEADER).and_then(|value| value.to_str().ok()).unwrap_or("none").to_owned();
    line.outcome = Some((response.status().as_u16(), outcome));
    response
}

/// The response, and whether the page that asked may see it.
async fn answer(shared: &Shared, request: Request, next: Next) -> (Response, bool) {
    if let Err(fault) = fields::check(request.uri(), request.headers()) {
        return (fault.into_response(), false);
    }
    match fields::origin(request.headers()) {
        Err(fault) => (fault.into_response(), false),
        Ok(Some(origin)) if !shared.origins.allow(origin) => {
            let fault =
                Fault::forbidden("this page is not among those that the relay answers (`players.origins`)");
            (fault.into_response(), false)
        }
        Ok(Some(_)) if cors::is_preflight(request.method(), request.headers()) => {
            (cors::preflight(request.uri().path()), true)
        }
        Ok(origin) => {
            let may_see = origin.is_some();
            (next.run(request).await, may_see)
        }
    }
}

impl Shared {
    pub(super) fn request_id(&self) -> String {
        let mut ids = self.ids.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        #[allow(clippy::cast_precision_loss)]
        ids.uuid(crate::serve::wall_ms() as f64)
    }
}

/// Methods that are counted by name: anybody can make up others.
fn known(method: &Method) -> &'static str {
    const KNOWN: [Method; 7] = [
        Method::GET,
        Method::POST,
        Method::OPTIONS,
        Method::HEAD,
        Method::PUT,
        Method::DELETE,
        Method::PATCH,
    ];
    const NAMES: [&str; 7] = ["GET", "POST", "OPTIONS", "HEAD", "PUT", "DELETE", "PATCH"];
    let place = KNOWN.iter().position(|known| known == method);
    place.and_then(|place| NAMES.get(place)).copied().unwrap_or("other")
}

/// The line of a request in the log. Written when it is dropped, so that a request whose client has gone has one, too.
struct Line {
    shared: Arc<Shared>,
    span: Span,
    started: Instant,
    method: &'static str,
    route: Option<MatchedPath>,
    outcome: Option<(u16, String)>,
}

impl Drop for Line {
    fn drop(&mut self) {
        let route = self.route.as_ref().map_or("other", MatchedPath::as_str);
        let (status, outcome) = match &self.outcome {
            Some((status, outcome)) => (*status, outcome.as_str()),
            None => (0, "gone"),
        };
        let took = self.started.elapsed();
        self.shared.metrics.request(route, status, outcome, took);
        let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        let method = self.method;
        self.span.in_scope(|| match route {
            // Asked every few seconds by whoever watches.
            "/health" | "/ready" | "/metrics" if status == 200 => {
                tracing::debug!(method, route, status, outcome, ms, "request");
            }
            _ => tracing::info!(method, route, status, outcome, ms, "request"),
        });
    }
}
