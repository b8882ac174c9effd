//! `POST /webhook-test`: a webhook that answers from what it received.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{ConnectInfo, Query, State};
use axum::http::header::HOST;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::answers::{Answers, text};
use super::connection::Reset;
use super::faults::Faults;
use super::hold::Held;
use super::log::{Log, Received};

/// The longest delay, in milliseconds.
const LONGEST_DELAY: u64 = 600_000;

/// How many requests or sessions are counted before counting starts anew.
const MOST_COUNTED: usize = 10_000;

/// A larger body is not echoed: the runtime reads 256 KiB of an answer.
const LARGEST_ECHO: usize = 128 * 1024;

/// What requests leave behind.
#[derive(Debug, Default)]
pub struct App {
    /// What was received.
    pub log: Log,
    /// Whose answers may go.
    pub held: Held,
    answers: Answers,
    attempts: Mutex<HashMap<String, u32>>,
}

impl App {
    /// Whether this is one of the first `limit` attempts under this key.
    fn is_early(&self, key: String, limit: u32) -> bool {
        let mut attempts = self.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        if attempts.len() >= MOST_COUNTED {
            attempts.clear();
        }
        let count = attempts.entry(key).or_default();
        *count = count.saturating_add(1);
        *count <= limit
    }

    /// What is to be done wrong this time. With `fail` or `fail-first` the later attempts behave well.
    fn due(&self, faults: Faults, headers: &HeaderMap, request: &Value) -> Faults {
        let mut early = None;
        if let Some(limit) = faults.fail {
            let id =
                ["webhook-id", "idempotency-key"].iter().find_map(|name| headers.get(*name)?.to_str().ok());
            let id = id.unwrap_or_else(|| text(request, "/id"));
            early = Some(self.is_early(format!("fail {id}"), limit));
        }
        if let Some(limit) = faults.fail_first {
            let key = faults.key.as_deref().unwrap_or_default();
            let is_early = self.is_early(format!("first {key} {}", text(request, "/session/id")), limit);
            early = Some(early.unwrap_or(false) || is_early);
        }
        match early {
            None => faults,
            Some(true) => faults.or_unavailable(),
            Some(false) => faults.none(),
        }
    }
}

/// Notes the request, then answers well or as wrongly as told. Both modes are understood: the body is JSON whether it
/// comes as `application/json` or as `text/plain`.
pub async fn answer(
    State(app): State<Arc<App>>,
    ConnectInfo(connection): ConnectInfo<Reset>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let received = Received::new(&method, &uri, &headers, &body);
    app.log.push(received.clone());
    let faults = match Query::<Faults>::try_from_uri(&uri) {
        Ok(Query(faults)) => faults,
        Err(rejection) => return rejection.into_response(),
    };
    let request = serde_json::from_slice::<Value>(&body);
    let faults = app.due(faults, &headers, request.as_ref().unwrap_or(&Value::Null));
    if faults.hold == Some(1) {
        app.held.wait(faults.key.as_deref().unwrap_or_default()).await;
    }
    if let Some(delay) = faults.delay {
        tokio::time::sleep(Duration::from_millis(delay.min(LONGEST_DELAY))).await;
    }
    if faults.reset == Some(1) {
        connection.request();
        return StatusCode::NO_CONTENT.into_response();
    }
    match request {
        Ok(request) => {
            let mut answer = app.answers.good(faults.answer, &request);
            let given = text(&request, "/params/body").to_owned();
            if faults.addresses.is_some() {
                let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
                make_absolute(&mut answer, host);
            }
            if faults.echo.is_none() {
                add_echo(&mut answer, request, received, body.len());
            }
            faults.answer(answer.to_string(), given)
        }
        Err(error) => {
            let message = format!("The body is not JSON: {error}");
            (StatusCode::BAD_REQUEST, json!({ "error": message }).to_string()).into_response()
        }
    }
}

/// Makes paths in an answer whole addresses of this server.
fn make_absolute(answer: &mut Value, host: &str) {
    match answer {
        Value::String(text) if text.starts_with('/') => *text = format!("http://{host}{text}"),
        Value::Array(list) => list.iter_mut().for_each(|item| make_absolute(item, host)),
        Value::Object(fields) => fields.values_mut().for_each(|field| make_absolute(field, host)),
        _ => {}
    }
}

/// Repeats what was received, for tests.
fn add_echo(answer: &mut Value, request: Value, received: Received, bytes: usize) {
    answer["received"] = if bytes <= LARGEST_ECHO { request } else { Value::Null };
    answer["receivedBytes"] = json!(bytes);
    answer["headers"] = Value::Object(received.headers);
}
