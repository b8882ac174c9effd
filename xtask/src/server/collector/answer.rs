//! What a queue answers when it is told to.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// How large a huge body is, in bytes.
const HUGE: usize = 64 * 1024 * 1024;

/// The body of `PUT /collect/<queue>`. What is left out stays as it was.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Script {
    /// Answers for the next requests, one after the other.
    pub answers: Option<Vec<Answer>>,
    /// The answer for all others.
    pub otherwise: Option<Answer>,
}

/// One answer.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct Answer {
    /// For so many requests.
    pub times: u32,
    /// Status code. With one that is no 2xx the events are not held.
    pub status: u16,
    /// Milliseconds to wait before it, once the request has been processed.
    pub delay_ms: Option<u64>,
    /// The body, as text.
    pub body: Option<String>,
    /// The body is 64 MiB long.
    pub huge: bool,
    /// A verdict for each event in the order of the request; the last one is for all that follow.
    pub verdicts: Vec<String>,
    /// Value of the Retry-After field.
    pub retry_after: Option<String>,
    /// The connection is reset.
    pub lost: Option<Lost>,
    /// The events are acknowledged and not held: what a receiver has that loses them.
    pub forget: bool,
    /// There is no answer, though the request has been processed.
    pub hang: bool,
    /// Whether preflight and response are open to other origins.
    pub cors: bool,
}

/// What a connection that is reset takes along.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lost {
    /// The request: its events are not held.
    Request,
    /// The response alone: its events are held.
    Response,
}

impl Default for Answer {
    fn default() -> Self {
        Answer {
            times: 1,
            status: 200,
            delay_ms: None,
            body: None,
            huge: false,
            verdicts: Vec::new(),
            retry_after: None,
            lost: None,
            forget: false,
            hang: false,
            cors: true,
        }
    }
}

impl Answer {
    /// Whether the event at this place of the request is held.
    pub fn holds(&self, place: usize) -> bool {
        !self.forget && self.verdict(place).is_none_or(|verdict| verdict == "ok" || verdict == "dup")
    }

    fn verdict(&self, place: usize) -> Option<&str> {
        self.verdicts.get(place).or(self.verdicts.last()).map(String::as_str)
    }

    /// The response to a request with these events.
    pub fn response(&self, events: &[String]) -> Response {
        let body = if self.huge {
            Body::from(vec![b' '; HUGE])
        } else if let Some(body) = &self.body {
            Body::from(body.clone())
        } else if self.verdicts.is_empty() {
            Body::from("{}")
        } else {
            let results: Map<String, Value> = events
                .iter()
                .enumerate()
                .map(|(place, id)| (id.clone(), json!(self.verdict(place))))
                .collect();
            Body::from(json!({ "results": results }).to_string())
        };
        // Those below 200 are no answers, and cannot be sent as such.
        let Some(status) = StatusCode::from_u16(self.status).ok().filter(|_| self.status >= 200) else {
            return (StatusCode::BAD_REQUEST, format!("{} is no status of an answer\n", self.status))
                .into_response();
        };
        let mut response = Response::new(if status == StatusCode::NO_CONTENT { Body::empty() } else { body });
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(Ok(value)) = self.retry_after.as_deref().map(HeaderValue::from_str) {
            headers.insert(RETRY_AFTER, value);
        }
        response
    }
}
