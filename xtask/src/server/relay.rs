//! `GET /relay.json`: where the relay is, and a token for this page.
//!
//! A page's own server makes tokens, because it knows its visitors; here everybody is welcome. The key that tokens are signed with stays
//! with servers.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, HOST};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::relay::Access;

/// What browsers say of the page that asks.
const SITE: &str = "sec-fetch-site";

/// Answers a page of the server's own origin, and nobody who comes from elsewhere: `null` without a relay.
pub async fn show(State(access): State<Option<Arc<Access>>>, headers: HeaderMap) -> Response {
    let site = headers.get(SITE).map(|site| site.as_bytes());
    if site.is_some_and(|site| site != b"same-origin" && site != b"none") {
        return (StatusCode::FORBIDDEN, "Tokens are for pages of this server.\n").into_response();
    }
    let Some(access) = access else { return Json(Value::Null).into_response() };
    // It was looked at before: see `host`.
    let Some(host) = headers.get(HOST).and_then(|host| host.to_str().ok()) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let origin = format!("http://{}", host.to_ascii_lowercase());
    let (address, webhooks) = (access.origin(), access.told());
    let minted = tokio::task::spawn_blocking(move || access.token(&origin)).await;
    match minted {
        Ok(Ok(token)) => {
            let told = json!({ "address": address, "token": token, "webhooks": webhooks });
            ([(CACHE_CONTROL, "no-store")], Json(told)).into_response()
        }
        Ok(Err(error)) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{error:#}\n")).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")).into_response(),
    }
}
