//! Delivery of events: what the end of an attempt means, here and in a relay.

use crate::response::{Response, TransportFailure};
use cuehook_json::View;

/// What the end of an attempt means for the events that were sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Any 2xx: the receiver has them, but for what its [verdicts](verdict) say.
    Delivered,
    /// No response that can be read: no network, a redirect, no CORS header. Tried again.
    Unreachable,
    /// The receiver cannot take them at the moment: 408, 425, 429, 5xx. Tried again.
    Busy,
    /// An attempt with the same id is being worked on: 409.
    InProgress,
    /// The receiver does not take them: 400, 404, 405, 415, 422 and all else. Tried three times in about ten minutes, since it may
    /// be about to be replaced.
    Refused,
    /// The receiver does not take anything from us: 401, 403. All wait until it does.
    Unauthorized,
    /// There is no such receiver any more: 410.
    Gone,
    /// Too much at once: 413. A batch is split.
    TooLarge,
}

/// What the end of an attempt means.
pub fn standing(outcome: &Result<Response, TransportFailure>) -> Standing {
    let status = match outcome {
        Ok(response) => response.status,
        Err(TransportFailure::TooLarge { status }) => *status,
        Err(_) => return Standing::Unreachable,
    };
    match status {
        200..=299 => Standing::Delivered,
        408 | 425 | 429 | 500..=599 => Standing::Busy,
        409 => Standing::InProgress,
        401 | 403 => Standing::Unauthorized,
        410 => Standing::Gone,
        413 => Standing::TooLarge,
        400..=499 => Standing::Refused,
        // Redirects are not followed: a POST would become a GET without a body.
        _ => Standing::Unreachable,
    }
}

/// What a receiver says of one event in the body of a 2xx: `{"results": {"<event id>": "ok"}}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It has it, from before perhaps (`"ok"`, `"dup"`). Also if nothing is said.
    Taken,
    /// It is to be sent again (`"retry"`).
    Again,
    /// It is not wanted (`"drop"`).
    Dropped,
}

/// What a receiver's response says of an event.
pub fn verdict(response: &Response, event: &str) -> Verdict {
    let word = content(response).and_then(|body| body.get("results")?.str(event));
    match word.as_deref() {
        Some("retry") => Verdict::Again,
        Some("drop") => Verdict::Dropped,
        _ => Verdict::Taken,
    }
}

/// How long a receiver asks us to wait, in milliseconds: `Retry-After` in seconds, or `retry_after_ms` in the body, because
/// browsers hide that header from most pages. The longer of both.
pub fn retry_hint_ms(response: &Response) -> Option<f64> {
    let of_header = response.retry_after.as_deref().and_then(|text| View::of(text)?.as_f64());
    let of_body = content(response).and_then(|body| body.number("retry_after_ms"));
    let longer = of_header.map_or(0.0, |seconds| seconds * 1_000.0).max(of_body.unwrap_or(0.0));
    Some(longer).filter(|ms| *ms > 0.0)
}

/// Milliseconds to wait after `failures` failed attempts: `U(0.5, 1) · min(cap, 1 s · 2^(failures - 1))`. `unit` is chance in
/// [0, 1).
pub fn backoff_ms(failures: u32, unit: f64, cap_ms: f64) -> f64 {
    let bound = 1_000.0 * f64::from(1_u32 << failures.saturating_sub(1).min(20));
    bound.min(cap_ms) * (0.5 + unit / 2.0)
}

fn content(response: &Response) -> Option<View<'_>> {
    View::of(std::str::from_utf8(response.content()).ok()?)
}
