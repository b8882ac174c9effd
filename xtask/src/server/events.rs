//! The page of the events bench at `/bench/events/`, with the bundles of its peers.

use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use tower_http::services::ServeDir;

use super::bench::ISOLATION;
use crate::bench::events;

/// `benches/events/page/` at `/bench/events/`, the bundles below it. Its pages may call both origins.
pub fn router(root: &Path, origins: &[String; 2]) -> Router {
    let policy = format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' {}; img-src 'self' data:; \
         media-src 'self'; style-src 'self'; base-uri 'none'; form-action 'none'",
        origins.join(" ")
    );
    Router::new()
        .nest_service("/bench/events/built", ServeDir::new(events::bundles(root)))
        .nest_service("/bench/events", ServeDir::new(root.join("benches/events/page")))
        .layer(from_fn_with_state(Arc::new(HeaderValue::from_str(&policy).ok()), add_headers))
}

async fn add_headers(
    State(policy): State<Arc<Option<HeaderValue>>>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(policy) = policy.as_ref() {
        headers.insert(CONTENT_SECURITY_POLICY, policy.clone());
    }
    for (name, value) in ISOLATION {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    response
}
