//! `GET /health`, `GET /ready` and `GET /metrics`.

use super::fault::Fault;
use super::{Shared, reply, who};
use crate::token::Scope;
use axum::extract::{Request, State};
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use cuehook_protocol::RelayOutcome;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

/// For how long is believed what the store has said: anybody may ask.
const BELIEVED: Duration = Duration::from_secs(1);
/// For how long the store is waited for.
const WAITED: Duration = Duration::from_secs(2);

/// What the store has said last, and when.
#[derive(Debug, Default)]
pub(super) struct Standing(Mutex<Option<(Instant, bool)>>);

/// The process lives.
#[utoipa::path(get, path = "/health", tag = "operation",
    responses((status = 200, description = "It does", body = super::openapi::Status)))]
pub(super) async fn health() -> Response {
    reply::json(RelayOutcome::Accepted, r#"{"status":"ok"}"#.to_owned())
}

/// Calls and events would be taken now.
#[utoipa::path(get, path = "/ready", tag = "operation",
    responses((status = 200, description = "They would", body = super::openapi::Status)))]
pub(super) async fn ready(State(shared): State<Arc<Shared>>) -> Response {
    if shared.driver.is_draining() {
        return Fault::unavailable("the relay is about to stop").into_response();
    }
    if !shared.is_store_up().await {
        return Fault::unavailable("the relay cannot store anything at the moment").into_response();
    }
    reply::json(RelayOutcome::Accepted, r#"{"status":"ready"}"#.to_owned())
}

/// What was counted, for Prometheus. An API key is needed also on loopback: behind a proxy every request comes from there.
#[utoipa::path(get, path = "/metrics", tag = "operation", security(("apiKey" = ["metrics:read"])),
    responses((status = 200, description = "The metrics", body = String, content_type = "text/plain; version=0.0.4; charset=utf-8")))]
pub(super) async fn metrics(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (head, _) = request.into_parts();
    if let Err(fault) = who::server_of_all(&shared, &head, Scope::MetricsRead) {
        return fault.into_response();
    }
    shared.driver.report();
    let mut response = reply::json(RelayOutcome::Accepted, shared.metrics.render());
    let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

impl Shared {
    /// Whether the store can be written to. Of many who ask at the same time one looks, the others wait for it.
    async fn is_store_up(&self) -> bool {
        let mut last = self.standing.0.lock().await;
        if let Some((at, is_up)) = *last
            && at.elapsed() < BELIEVED
        {
            return is_up;
        }
        let is_up = match timeout(WAITED, self.store.health()).await {
            Ok(Ok(_)) => true,
            Ok(Err(error)) => {
                tracing::warn!(%error, "the store is not ready");
                false
            }
            Err(_) => {
                tracing::warn!("the store does not say whether it is ready");
                false
            }
        };
        *last = Some((Instant::now(), is_up));
        is_up
    }
}
