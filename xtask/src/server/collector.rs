//! `/collect/<queue>`: a receiver of events that keeps a ledger of each queue, and misbehaves when told.
//!
//! - `POST /collect/<queue>`, also with a path behind it: an event, several, or what a peer of the bench sends.
//! - `GET /collect/<queue>`: the ledger; with `?brief=1` only its numbers.
//! - `PUT /collect/<queue>`: what the next requests are answered, as [`Script`] has it.
//! - `DELETE /collect/<queue>`: forgets the queue.
//! - `PUT /collect-down`: `true` or `false`. While it is down, every sender's connection is reset.
//!
//! An event is held once its request has been processed, whatever becomes of the response.

mod answer;
mod ledger;
mod payload;

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{ConnectInfo, DefaultBodyLimit, Path, Query, Request, State};
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS, CACHE_CONTROL,
    CONNECTION,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, put};
use axum::{Json, Router};
use serde::Deserialize;

use self::answer::{Answer, Lost, Script};
use self::ledger::Ledger;
use super::BODY_LIMIT;
use super::connection::Reset;

/// The most queues that are kept; requests of others are refused.
const MOST_QUEUES: usize = 1_000;
/// The longest name of a queue, in bytes.
const LONGEST_NAME: usize = 64;
/// The longest delay, in milliseconds.
const LONGEST_DELAY: u64 = 600_000;
/// How long browsers may keep a preflight's answer, in seconds.
const MAX_AGE: &str = "600";

/// What a queue holds, and what its next requests are answered.
#[derive(Debug, Default)]
struct Queue {
    ledger: Ledger,
    answers: VecDeque<Answer>,
    otherwise: Answer,
    /// Somebody told it what to answer, so requests are counted closely: see [`Collector::collect`].
    told: bool,
}

impl Queue {
    /// The answer that a request would be given now.
    fn next(&self) -> &Answer {
        self.answers.front().unwrap_or(&self.otherwise)
    }

    /// Takes the answer for a request.
    fn take(&mut self) -> Answer {
        match self.answers.front_mut() {
            Some(first) if first.times > 1 => {
                first.times -= 1;
                first.clone()
            }
            Some(_) => self.answers.pop_front().unwrap_or_default(),
            None => self.otherwise.clone(),
        }
    }
}

/// All queues.
#[derive(Debug, Default)]
struct Collector {
    down: AtomicBool,
    queues: Mutex<BTreeMap<String, Queue>>,
}

impl Collector {
    fn queues(&self) -> MutexGuard<'_, BTreeMap<String, Queue>> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The routes of the collector. It keeps what it holds as long as the server runs.
pub fn router() -> Router {
    Router::new()
        .route("/collect/{queue}", any(of_queue))
        .route("/collect/{queue}/{*path}", any(of_path))
        .route("/collect-down", put(switch))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(Arc::new(Collector::default()))
}

/// `PUT /collect-down`.
async fn switch(State(collector): State<Arc<Collector>>, Json(down): Json<bool>) -> Json<bool> {
    collector.down.store(down, Ordering::Relaxed);
    Json(down)
}

/// The query of `GET /collect/<queue>`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Options {
    brief: u8,
}

async fn of_queue(
    State(collector): State<Arc<Collector>>,
    Path(queue): Path<String>,
    ConnectInfo(connection): ConnectInfo<Reset>,
    request: Request,
) -> Response {
    let (head, body) = request.into_parts();
    match head.method {
        Method::POST | Method::OPTIONS => {
            received(&collector, &queue, &head.method, &head.headers, body, &connection).await
        }
        Method::GET => match Query::<Options>::try_from_uri(&head.uri) {
            Ok(Query(options)) => {
                let queues = collector.queues();
                let empty = Queue::default();
                Json(queues.get(&queue).unwrap_or(&empty).ledger.as_json(options.brief == 1)).into_response()
            }
            Err(rejection) => rejection.into_response(),
        },
        Method::PUT => {
            let Ok(body) = axum::body::to_bytes(body, BODY_LIMIT).await else {
                return StatusCode::PAYLOAD_TOO_LARGE.into_response();
            };
            tell(&collector, queue, &body)
        }
        Method::DELETE => Json(collector.queues().remove(&queue).is_some()).into_response(),
        _ => StatusCode::METHOD_NOT_ALLOWED.into_response(),
    }
}

/// Senders of others add paths of their own, and some ask for settings first: they get none.
async fn of_path(
    State(collector): State<Arc<Collector>>,
    Path((queue, _)): Path<(String, String)>,
    ConnectInfo(connection): ConnectInfo<Reset>,
    request: Request,
) -> Response {
    let (head, body) = request.into_parts();
    received(&collector, &queue, &head.method, &head.headers, body, &connection).await
}

/// `PUT /collect/<queue>`.
fn tell(collector: &Collector, name: String, body: &[u8]) -> Response {
    let script: Script = match serde_json::from_slice(body) {
        Ok(script) => script,
        Err(error) => return (StatusCode::BAD_REQUEST, format!("{error}\n")).into_response(),
    };
    let mut queues = collector.queues();
    let Some(queue) = known(&mut queues, &name) else { return refused() };
    queue.told = true;
    if let Some(answers) = script.answers {
        queue.answers = answers.into();
    }
    if let Some(otherwise) = script.otherwise {
        queue.otherwise = otherwise;
    }
    Json(true).into_response()
}

/// The queue of that name; none if the name is no name or there are too many.
fn known<'a>(queues: &'a mut BTreeMap<String, Queue>, name: &str) -> Option<&'a mut Queue> {
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let is_good = !name.is_empty() && name.len() <= LONGEST_NAME && name.bytes().all(is_name);
    let has_room = queues.len() < MOST_QUEUES || queues.contains_key(name);
    (is_good && has_room).then(|| queues.entry(name.to_owned()).or_default())
}

fn refused() -> Response {
    let message = format!(
        "The name of a queue has at most {LONGEST_NAME} letters, digits, `-`, `_` and `.`, and there are at most {MOST_QUEUES} \
         queues.\n"
    );
    (StatusCode::INSUFFICIENT_STORAGE, message).into_response()
}

/// A request of a sender: a preflight, an event, or several.
async fn received(
    collector: &Collector,
    name: &str,
    method: &Method,
    headers: &HeaderMap,
    body: axum::body::Body,
    connection: &Reset,
) -> Response {
    if collector.down.load(Ordering::Relaxed) {
        connection.request();
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    if *method == Method::OPTIONS {
        return preflight(collector, name, headers, connection);
    }
    if *method == Method::GET {
        return open(Json(serde_json::json!({})).into_response(), false);
    }
    let Ok(body) = axum::body::to_bytes(body, BODY_LIMIT).await else {
        return open(StatusCode::PAYLOAD_TOO_LARGE.into_response(), false);
    };
    let (answer, events, told) = {
        let mut queues = collector.queues();
        let Some(queue) = known(&mut queues, name) else { return refused() };
        let answer = queue.take();
        let events = collect(queue, &answer, headers, &body);
        (answer, events, queue.told)
    };
    if let Some(delay) = answer.delay_ms {
        tokio::time::sleep(Duration::from_millis(delay.min(LONGEST_DELAY))).await;
    }
    if answer.hang {
        tokio::time::sleep(Duration::from_millis(LONGEST_DELAY)).await;
    }
    if answer.lost.is_some() {
        connection.request();
    }
    let mut response = answer.response(&events);
    if answer.cors {
        response = open(response, told);
    }
    response
}

/// Notes a request in the queue's ledger, and gives the ids of its events.
fn collect(queue: &mut Queue, answer: &Answer, headers: &HeaderMap, body: &Bytes) -> Vec<String> {
    let webhook_id = headers.get("webhook-id").map(|id| String::from_utf8_lossy(id.as_bytes()).into_owned());
    let events = match payload::events(body, webhook_id.as_deref()) {
        Ok(events) => events,
        Err(problem) => {
            queue.ledger.problem(problem);
            Vec::new()
        }
    };
    let ids = events.iter().map(|event| event.id.clone()).collect();
    let is_processed = (200..300).contains(&answer.status) && answer.lost != Some(Lost::Request);
    let held = events.into_iter().enumerate().filter(|(place, _)| answer.holds(*place));
    let held: Vec<_> = held.map(|(_, event)| event).collect();
    queue.ledger.request(is_processed, webhook_id.as_deref(), body, &held);
    ids
}

/// A preflight meets what the request after it will meet, and uses nothing up.
fn preflight(collector: &Collector, name: &str, headers: &HeaderMap, connection: &Reset) -> Response {
    let mut queues = collector.queues();
    let Some(queue) = known(&mut queues, name) else { return refused() };
    queue.ledger.preflight();
    if queue.next().lost == Some(Lost::Request) {
        connection.request();
    }
    let mut response = StatusCode::NO_CONTENT.into_response();
    if !queue.next().cors {
        return response;
    }
    let allowed = response.headers_mut();
    allowed.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST"));
    allowed.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(MAX_AGE));
    if let Some(asked_for) = headers.get(ACCESS_CONTROL_REQUEST_HEADERS) {
        allowed.insert(ACCESS_CONTROL_ALLOW_HEADERS, asked_for.clone());
    }
    let told = queue.told;
    drop(queues);
    open(response, told)
}

/// Lets pages of all origins read a response.
fn open(mut response: Response, told: bool) -> Response {
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("retry-after"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Isolated pages may read it, too.
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
    if told {
        // Browsers send a request a second time by themselves when a reused connection breaks. Fresh connections keep the number
        // of requests equal to the number of attempts.
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}
