//! How the test webhook misbehaves when its query says so.

use std::convert::Infallible;
use std::io;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_TYPE, LOCATION, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use super::answers::Answer;

/// The query of `POST /webhook-test`. Everything combines; a misspelt name is answered with 400.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Faults {
    /// Milliseconds to wait before the answer.
    pub delay: Option<u64>,
    /// 1: wait for `POST /webhook-release` with the same key.
    pub hold: Option<u8>,
    /// Status code of the answer.
    pub status: Option<u16>,
    /// What to answer instead of the JSON object.
    pub body: Option<WrongBody>,
    /// 1: reset the connection without an answer.
    pub reset: Option<u8>,
    /// Redirect to the well-behaved webhook with this status code.
    pub redirect: Option<u16>,
    /// `none`: neither preflight nor answer is open to other origins. Heeded in `cors.rs`.
    pub cors: Option<Cors>,
    /// Value of the answer's Retry-After field.
    pub retry_after: Option<String>,
    /// Only the first N attempts of one request (same `webhook-id` or `idempotency-key`) misbehave.
    pub fail: Option<u32>,
    /// Only the first N requests of one viewer session misbehave.
    pub fail_first: Option<u32>,
    /// Counts `fail-first` apart from other uses in the same session.
    pub key: Option<String>,
    /// `none`: a good answer says only what a shop would say, and not what was received.
    pub echo: Option<Echo>,
    /// What a good answer is about; without this a discount code.
    pub answer: Option<Answer>,
    /// `absolute`: addresses in a good answer are whole, as those are that a webhook gives to pages of other origins.
    pub addresses: Option<Addresses>,
}

/// How addresses in a good answer are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Addresses {
    /// With this server's origin, as the request names it.
    Absolute,
}

/// Whether a good answer repeats what was received.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Echo {
    /// It does not.
    None,
}

/// A body that is not the JSON object it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WrongBody {
    /// JSON that ends too early.
    BadJson,
    /// A page, as captive portals send it.
    Html,
    /// A JSON string in an object, 64 MiB long.
    Huge,
    /// No bytes.
    Empty,
    /// `OK` as plain text, as many endpoints say.
    Text,
    /// JSON, but no object.
    Array,
    /// A good object, one byte each 200 ms for 30 s.
    Trickle,
    /// An object in an object, 200 deep.
    Deep,
    /// The connection breaks after half of the object.
    Cut,
    /// The text in `params.body` of the request; with an error status as a page.
    Given,
}

/// Whether other origins may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cors {
    /// They may not.
    None,
}

const TRICKLE_PAUSE: Duration = Duration::from_millis(200);
const TRICKLE_BYTES: usize = 150;
const HUGE_CHUNK: usize = 64 * 1024;
const HUGE_CHUNKS: usize = 1024;
const DEPTH: usize = 200;

impl Faults {
    /// What is left of them for an attempt that behaves well.
    pub fn none(&self) -> Self {
        Faults {
            cors: self.cors,
            echo: self.echo,
            answer: self.answer,
            addresses: self.addresses,
            ..Faults::default()
        }
    }

    /// For an attempt that must fail though nobody said how: 503.
    pub fn or_unavailable(mut self) -> Self {
        let told = self.delay.is_some()
            || self.status.is_some()
            || self.body.is_some()
            || self.redirect.is_some()
            || self.reset == Some(1);
        if !told {
            self.status = Some(503);
        }
        self
    }

    /// The answer, given the JSON text that a well-behaved webhook would send, and the text that the request asks for.
    pub fn answer(&self, good: String, given: String) -> Response {
        let mut response = match self.redirect {
            Some(_) => Response::new(Body::empty()),
            None => self.body(good, given),
        };
        let code = self.redirect.or(self.status).unwrap_or(200);
        // Those below 200 are no answers, and cannot be sent as such.
        let Some(status) = StatusCode::from_u16(code).ok().filter(|_| code >= 200) else {
            return (
                StatusCode::BAD_REQUEST,
                format!("{code} is no status of an answer: write 200 to 999\n"),
            )
                .into_response();
        };
        if matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED) {
            response = Response::new(Body::empty());
        }
        *response.status_mut() = status;
        if self.redirect.is_some() {
            response.headers_mut().insert(LOCATION, HeaderValue::from_static("/webhook-test"));
        }
        if let Some(Ok(value)) = self.retry_after.as_deref().map(HeaderValue::from_str) {
            response.headers_mut().insert(RETRY_AFTER, value);
        }
        response
    }

    fn body(&self, good: String, given: String) -> Response {
        let failed = self.status.is_some_and(|status| status >= 400);
        match self.body {
            None if failed => {
                json(r#"{"error":"This webhook was told to fail.","discountCode":"NOT-TO-BE-SHOWN"}"#)
            }
            None => json(good),
            Some(WrongBody::BadJson) => json(r#"{"discountCode":"LAKE-"#),
            Some(WrongBody::Html) => with_type(
                "text/html; charset=utf-8",
                "<!doctype html><title>Log in</title><h1>Log in</h1><script>document.title = 'broken'</script>",
            ),
            Some(WrongBody::Huge) => json(Body::from_stream(huge())),
            Some(WrongBody::Empty) => json(Body::empty()),
            Some(WrongBody::Text) => with_type("text/plain; charset=utf-8", "OK"),
            Some(WrongBody::Array) => json(r#"["LAKE-1","LAKE-2"]"#),
            Some(WrongBody::Trickle) => json(Body::from_stream(trickle())),
            Some(WrongBody::Deep) => {
                json(format!("{}null{}", r#"{"deeper":"#.repeat(DEPTH), "}".repeat(DEPTH)))
            }
            Some(WrongBody::Cut) => json(Body::from_stream(cut(good))),
            Some(WrongBody::Given) if failed => with_type("text/html; charset=utf-8", given),
            Some(WrongBody::Given) => json(given),
        }
    }
}

fn with_type(content_type: &'static str, body: impl Into<Body>) -> Response {
    ([(CONTENT_TYPE, content_type)], body.into()).into_response()
}

fn json(body: impl Into<Body>) -> Response {
    with_type("application/json", body)
}

/// The task ends when the client has gone: then sending fails.
fn huge() -> ReceiverStream<Result<Bytes, Infallible>> {
    let (sender, receiver) = mpsc::channel(1);
    tokio::spawn(async move {
        let chunk = Bytes::from(vec![b'x'; HUGE_CHUNK]);
        let filler = std::iter::repeat_n(chunk, HUGE_CHUNKS);
        let first = std::iter::once(Bytes::from_static(br#"{"discountCode":""#));
        for chunk in first.chain(filler).chain([Bytes::from_static(br#""}"#)]) {
            if sender.send(Ok(chunk)).await.is_err() {
                return;
            }
        }
    });
    ReceiverStream::new(receiver)
}

fn trickle() -> ReceiverStream<Result<Bytes, Infallible>> {
    let (sender, receiver) = mpsc::channel(1);
    tokio::spawn(async move {
        let text = format!("{:<TRICKLE_BYTES$}", r#"{"discountCode":"LAKE-SLOW"}"#);
        for byte in text.into_bytes() {
            if sender.send(Ok(Bytes::from(vec![byte]))).await.is_err() {
                return;
            }
            tokio::time::sleep(TRICKLE_PAUSE).await;
        }
    });
    ReceiverStream::new(receiver)
}

fn cut(good: String) -> ReceiverStream<io::Result<Bytes>> {
    let (sender, receiver) = mpsc::channel(1);
    tokio::spawn(async move {
        let mut bytes = Bytes::from(good);
        bytes.truncate(bytes.len() / 2);
        if sender.send(Ok(bytes)).await.is_ok() {
            // Without the pause the connection would break before the first half has left.
            tokio::time::sleep(TRICKLE_PAUSE).await;
            let _ = sender.send(Err(io::Error::from(io::ErrorKind::BrokenPipe))).await;
        }
    });
    ReceiverStream::new(receiver)
}
