//! The pages of the framework tests at `/tests/frameworks/`, with their bundles.

use std::path::Path;

use axum::Router;
use axum::extract::Request;
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use tower_http::services::ServeDir;

/// The demo's strict policy without Trusted Types: Svelte makes its nodes by `innerHTML`.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; \
    img-src 'self' data:; media-src 'self'; style-src 'self'; base-uri 'none'; form-action 'none'";

/// `tests/frameworks/page/` at `/tests/frameworks/`, the bundles below it.
pub fn router(root: &Path) -> Router {
    Router::new()
        .nest_service("/tests/frameworks", ServeDir::new(root.join("tests/frameworks/page")))
        .nest_service("/tests/frameworks/built", ServeDir::new(crate::frameworks::folder(root)))
        .layer(from_fn(add_headers))
}

async fn add_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}
