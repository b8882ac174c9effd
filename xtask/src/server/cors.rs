//! The test webhook is open to every origin, unless it is told `cors=none`.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS, CACHE_CONTROL,
    CONNECTION,
};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::log::Received;
use super::webhook_test::App;

/// How long browsers may keep a preflight's answer, in seconds.
const MAX_AGE: &str = "600";

/// Answers preflights and marks answers as readable.
pub async fn open(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let denied = request.uri().query().unwrap_or_default().split('&').any(|pair| pair == "cors=none");
    let asked_for = request.headers().get(ACCESS_CONTROL_REQUEST_HEADERS).cloned();
    let mut response = if request.method() == Method::OPTIONS {
        app.log.push(Received::new(request.method(), request.uri(), request.headers(), &[]));
        let mut response = StatusCode::NO_CONTENT.into_response();
        if !denied {
            let headers = response.headers_mut();
            headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST"));
            headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(MAX_AGE));
            if let Some(asked_for) = asked_for {
                headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, asked_for);
            }
        }
        response
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    if !denied {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("retry-after"));
    }
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Browsers send a request a second time by themselves when a reused connection breaks. Fresh connections keep
    // the number of requests equal to the number of attempts.
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
    response
}
