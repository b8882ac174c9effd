//! What a webhook's answer means, and what of it a player is given: as in the browser (`src/delivery/response.rs`), so that a page
//! sees the same with a relay as without one.

use crate::store::{Answer, CallFailure, CallOutcome};
use cuehook_json::check;
use cuehook_protocol::{RESPONSE_DEPTH, Response};

/// Longer values of header fields are not passed on, in bytes.
const MAX_FIELD: usize = 200;

/// What becomes of a call whose last attempt has ended with this response.
pub(super) fn judge(response: &Response) -> CallOutcome {
    match response.status {
        200..=299 => of_success(response),
        // Redirects are not followed. A browser sees them, and what is no final answer, as if there was no network.
        301 | 302 | 303 | 307 | 308 => CallOutcome::Failed(CallFailure::Network),
        300..=599 => of_failure(response),
        _ => CallOutcome::Failed(CallFailure::Network),
    }
}

fn of_success(response: &Response) -> CallOutcome {
    let content = response.content();
    let trimmed = content.trim_ascii();
    if trimmed.is_empty() || has_no_body(response.status) {
        return answer(response, None, Vec::new());
    }
    // What begins like an object is meant to be one.
    if response.is_plain_text() && !trimmed.starts_with(b"{") {
        let content_type = clean(response.content_type.as_deref()).unwrap_or("text/plain");
        return answer(response, Some(content_type), response.body.clone());
    }
    match check(content, RESPONSE_DEPTH) {
        Ok(json) if json.as_object().is_some() => {
            answer(response, Some(json_type(response)), content.to_vec())
        }
        _ => CallOutcome::Failed(CallFailure::BadJson),
    }
}

/// Of an error its status counts. What else it says is for the page only if it is JSON: never a page of HTML.
fn of_failure(response: &Response) -> CallOutcome {
    let content = response.content();
    if has_no_body(response.status) || check(content, RESPONSE_DEPTH).is_err() {
        return answer(response, None, Vec::new());
    }
    answer(response, Some(json_type(response)), content.to_vec())
}

/// The one place that says which header fields are passed on: what the body is, and when to come back. What else a webhook sends
/// may set cookies, open caches or speak of its own network.
fn answer(response: &Response, content_type: Option<&str>, body: Vec<u8>) -> CallOutcome {
    let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let mut headers = Vec::new();
    if let Some(content_type) = content_type {
        headers.push(field("content-type", content_type));
    }
    if let Some(retry_after) = clean(response.retry_after.as_deref()) {
        headers.push(field("retry-after", retry_after));
    }
    CallOutcome::Answer(Answer { status: response.status, headers, body })
}

/// The type of a body that is JSON. Many frameworks send it as HTML; under a type that browsers would show as a page it is not
/// passed on.
fn json_type(response: &Response) -> &str {
    const JSON: &str = "application/json";
    let Some(field) = clean(response.content_type.as_deref()) else { return JSON };
    let essence = field.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let is_json = essence == JSON || essence.starts_with("application/") && essence.ends_with("+json");
    if is_json { field } else { JSON }
}

/// A value of a header field that can be written as it is.
fn clean(field: Option<&str>) -> Option<&str> {
    let field = field?.trim();
    let is_visible = field.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    (is_visible && !field.is_empty() && field.len() <= MAX_FIELD).then_some(field)
}

/// Responses that end with their head (RFC 9110, section 6.4.1).
fn has_no_body(status: u16) -> bool {
    matches!(status, 204 | 205 | 304)
}
