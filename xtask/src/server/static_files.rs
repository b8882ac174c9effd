//! The pages and the package, as a strict site would serve them.

use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use tower_http::services::ServeDir;

/// The policies that pages can be served with.
struct Policies {
    /// The strictest one under which Cuehook works, and the demo's relay, if there is one.
    strict: Option<HeaderValue>,
    /// With `?csp=cross-origin`: the server's two origins may be called too.
    cross_origin: Option<HeaderValue>,
    /// With `?csp=loopback`: everything on this machine may be called, whatever its port.
    loopback: Option<HeaderValue>,
    /// With `?csp=no-wasm`: WebAssembly may not be compiled.
    no_wasm: Option<HeaderValue>,
    /// With `?csp=no-media`: nothing is said of media, so there are none.
    no_media: Option<HeaderValue>,
}

/// What pages are served with that are attacked: whatever gets past Cuehook shows as a violation.
const NO_MEDIA: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; \
    img-src 'self' data:; style-src 'self'; require-trusted-types-for 'script'; trusted-types 'none'";

/// `www/` at `/`, `pkg/` at `/pkg/`, pages for tests only at `/tests/`.
///
/// [`ServeDir`] knows the types, answers ranges (seeking in a video needs them) and never leaves its folder.
pub fn router(root: &Path, origins: &[String; 2], relay: Option<&str>) -> Router {
    let www = root.join("www");
    let header = |policy: String| HeaderValue::from_str(&policy).ok();
    let policies = Arc::new(Policies {
        strict: header(policy(&["'self'"].into_iter().chain(relay).collect::<Vec<_>>().join(" "))),
        loopback: header(policy("'self' http://127.0.0.1:*")),
        cross_origin: header(policy(&format!("'self' {}", origins.join(" ")))),
        no_wasm: header(policy("'self'").replace(" 'wasm-unsafe-eval'", "")),
        no_media: header(NO_MEDIA.to_owned()),
    });
    Router::new()
        .nest_service("/pkg", ServeDir::new(root.join("pkg")))
        .nest_service("/tests", ServeDir::new(root.join("tests/pages")))
        .fallback_service(ServeDir::new(www))
        .layer(from_fn_with_state(policies, add_headers))
}

fn policy(connect: &str) -> String {
    format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src {connect}; img-src 'self' data:; \
         media-src 'self'; style-src 'self'; base-uri 'none'; form-action 'none'; \
         require-trusted-types-for 'script'; trusted-types 'none'"
    )
}

async fn add_headers(State(policies): State<Arc<Policies>>, request: Request, next: Next) -> Response {
    let query = request.uri().query().unwrap_or_default();
    let is_watched = query.split('&').any(|parameter| parameter == "watched");
    let policy = match query.split('&').find_map(|parameter| parameter.strip_prefix("csp=")) {
        Some("cross-origin") => &policies.cross_origin,
        Some("loopback") => &policies.loopback,
        Some("no-wasm") => &policies.no_wasm,
        Some("no-media") => &policies.no_media,
        _ => &policies.strict,
    };
    let mut response = next.run(request).await;
    if is_watched {
        response = watched(response).await;
    }
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Some(policy) = policy {
        headers.insert(CONTENT_SECURITY_POLICY, policy.clone());
    }
    response
}

/// The largest page that is watched, in bytes.
const PAGE_LIMIT: usize = 1024 * 1024;

/// With `?watched`, what tests know of their own pages is known of this one, too: watch.js goes before all that is there.
async fn watched(response: Response) -> Response {
    let (mut head, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, PAGE_LIMIT).await else {
        head.status = StatusCode::PAYLOAD_TOO_LARGE;
        return Response::from_parts(head, Body::empty());
    };
    let page = String::from_utf8_lossy(&bytes).replacen(
        "<head>",
        "<head><script src=\"/tests/watch.js\"></script>",
        1,
    );
    head.headers.insert(CONTENT_LENGTH, HeaderValue::from(page.len()));
    Response::from_parts(head, Body::from(page))
}
