//! The bench page at `/bench/`, and the webhook that it calls.

use std::path::Path;
use std::time::Instant;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde::de::IgnoredAny;
use tower_http::services::ServeDir;

use super::BODY_LIMIT;

/// The demo's strict policy without Trusted Types and with `eval`: peers that Cuehook is measured against use `innerHTML`,
/// as pages without Cuehook do, and some compile their templates to JavaScript. No other page is served with it.
const POLICY: &str = "default-src 'none'; script-src 'self' 'unsafe-eval'; connect-src 'self'; \
    img-src 'self' data:; media-src 'self'; style-src 'self'; base-uri 'none'; form-action 'none'";

/// An isolated page gets a clock of 5 µs instead of 100 µs.
pub const ISOLATION: [(&str, &str); 2] =
    [("cross-origin-opener-policy", "same-origin"), ("cross-origin-embedder-policy", "require-corp")];

/// Always the same bytes, so that both sides have the same to do.
const ANSWER: &str = concat!(
    r#"{"discountCode":"LAKE-4F2A91","user":{"firstName":"John","lastName":"Doe","userName":"john.doe"},"score":120,"#,
    r#""imageUrl":"data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"}"#
);

/// `benches/page/` at `/bench/`, and `POST /bench/answer`.
pub fn router(root: &Path) -> Router {
    Router::new()
        .route("/bench/answer", post(answer).layer(DefaultBodyLimit::max(BODY_LIMIT)))
        .nest_service("/bench", ServeDir::new(root.join("benches/page")))
        .layer(from_fn(add_headers))
}

/// Checks that the body is JSON and answers. The time that this takes is told in `Server-Timing`, in milliseconds, for
/// the page to subtract.
async fn answer(body: Bytes) -> Response {
    let begun = Instant::now();
    if let Err(error) = serde_json::from_slice::<IgnoredAny>(&body) {
        return (StatusCode::BAD_REQUEST, format!("The body is not JSON: {error}")).into_response();
    }
    let timing = format!("answer;dur={:.3}", begun.elapsed().as_secs_f64() * 1_000.0);
    ([(CONTENT_TYPE.as_str(), "application/json"), ("server-timing", timing.as_str())], ANSWER)
        .into_response()
}

async fn add_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    for (name, value) in ISOLATION {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    response
}
