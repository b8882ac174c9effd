//! Pages that are killed, at `/tests/chaos/`: strict, but for what those tests are about.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use tower_http::services::ServeDir;

/// `tests/chaos/` at `/tests/chaos/`, with the package below it. They may send to whatever is on this machine, such as a relay, and be in
/// frames of other sites, for which `localhost` is one. All of it may be read by frames without an origin. Pages are asked for
/// anew instead of not being kept, since the back/forward cache takes no others.
pub fn router(root: &Path, addresses: [SocketAddr; 2]) -> Router {
    let origins: Vec<String> = addresses
        .iter()
        .flat_map(|address| [format!("http://{address}"), format!("http://localhost:{}", address.port())])
        .collect();
    let origins = origins.join(" ");
    let policy = format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' http://127.0.0.1:* http://localhost:*; frame-src {origins}; \
         img-src 'self' data:; media-src 'self'; style-src 'self'; base-uri 'none'; form-action 'none'; \
         require-trusted-types-for 'script'; trusted-types 'none'"
    );
    Router::new()
        .nest_service("/tests/chaos/pkg", ServeDir::new(root.join("pkg")))
        .nest_service("/tests/chaos", ServeDir::new(root.join("tests/chaos")))
        .layer(from_fn_with_state(Arc::new(HeaderValue::from_str(&policy).ok()), add_headers))
}

async fn add_headers(
    State(policy): State<Arc<Option<HeaderValue>>>,
    request: Request,
    next: Next,
) -> Response {
    let Some(policy) = policy.as_ref().clone() else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(CONTENT_SECURITY_POLICY, policy);
    response
}
