//! The page of the player tests at `/tests/players/`, with the players' bundles and the streams that they play.

use std::path::Path;

use axum::Router;
use axum::extract::Request;
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use tower_http::services::ServeDir;

/// What players ask for besides what Cuehook needs: style sheets that scripts make, media and workers out of memory,
/// frames, templates that are compiled. No other page is served with it.
const POLICY: &str = "default-src 'none'; script-src 'self' 'unsafe-eval' blob:; connect-src 'self' blob: data:; \
    img-src 'self' data: blob:; media-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; font-src 'self' data:; \
    worker-src 'self' blob:; frame-src 'self'; base-uri 'none'; form-action 'none'";

/// `tests/players/page/` at `/tests/players/`, the streams and the bundles below it.
pub fn router(root: &Path) -> Router {
    let sources = root.join("tests/players");
    Router::new()
        .nest_service("/tests/players", ServeDir::new(sources.join("page")))
        .nest_service("/tests/players/streams", ServeDir::new(sources.join("streams")))
        .nest_service("/tests/players/built", ServeDir::new(crate::players::folder(root)))
        .layer(from_fn(add_headers))
}

async fn add_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}
