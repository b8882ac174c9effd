//! What the test webhook has received, for tests and curious people.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::Json;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, Method, Uri};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::webhook_test::App;
use crate::relay::SECRET_HEADER;

/// How many requests are kept.
const COUNT: usize = 200;

/// What browsers are told of a secret.
const HIDDEN: &str = "(hidden)";

/// How many bytes of bodies are kept.
const BYTES: usize = 64 * 1024 * 1024;

/// One request.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Received {
    /// When it was complete, in milliseconds since 1970.
    pub at: u64,
    /// `POST`, or `OPTIONS` for a preflight.
    pub method: String,
    /// Path and query.
    pub url: String,
    /// Field names in lower case; of repeated ones the last.
    pub headers: Map<String, Value>,
    /// The raw body; bytes that are not UTF-8 are replaced.
    pub body: String,
}

impl Received {
    /// Notes a request.
    pub fn new(method: &Method, uri: &Uri, headers: &HeaderMap, body: &[u8]) -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Received {
            at: u64::try_from(now.as_millis()).unwrap_or(u64::MAX),
            method: method.to_string(),
            url: uri.to_string(),
            headers: headers
                .iter()
                .map(|(name, value)| {
                    (name.to_string(), Value::from(String::from_utf8_lossy(value.as_bytes())))
                })
                .collect(),
            body: String::from_utf8_lossy(body).into_owned(),
        }
    }
}

impl Received {
    /// Says that the secret is there, and not what it is.
    fn hide_secret(&mut self) {
        if let Some(value) = self.headers.get_mut(&SECRET_HEADER.to_ascii_lowercase()) {
            *value = Value::from(HIDDEN);
        }
    }
}

/// The last requests, oldest first.
#[derive(Debug, Default)]
pub struct Log(Mutex<VecDeque<Received>>);

impl Log {
    /// Adds a request; the oldest make room.
    pub fn push(&self, received: Received) {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.push_back(received);
        while entries.len() > COUNT || entries.iter().map(|entry| entry.body.len()).sum::<usize>() > BYTES {
            entries.pop_front();
        }
    }

    fn entries(&self, clear: bool) -> Vec<Received> {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let copy = entries.iter().cloned().collect();
        if clear {
            entries.clear();
        }
        copy
    }
}

/// The query of `GET /webhook-log`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Options {
    clear: Option<u8>,
}

/// `GET /webhook-log`: the last requests; `?clear=1` forgets them afterwards. What the relay keeps from browsers they are not told
/// here either.
pub async fn show(
    State(app): State<Arc<App>>,
    Query(options): Query<Options>,
    headers: HeaderMap,
) -> Json<Vec<Received>> {
    let mut entries = app.log.entries(options.clear == Some(1));
    // Every browser says this, and no program by itself.
    if headers.contains_key("sec-fetch-site") {
        entries.iter_mut().for_each(Received::hide_secret);
    }
    Json(entries)
}
