//! What a webhook's answer means, and what of it a player is given: as in the browser (`src/delivery/response.rs`), so that a page
//! sees the same with a relay as without one.

use crate::store::{Answer, CallFailure, CallOutcome};
use cuehook_json::check;
use cuehook_protocol::{RESPONSE_DEPTH, Response};

/// Longer values of header fields are not passed on, in bytes.
const MAX_FIELD: usize = 200;

/// What becomes of a call whose last attempt has ended with this response.
pub(crate) fn judge(response: &Response) -> CallOutcome {
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn response(status: u16, content_type: &str, body: &[u8]) -> Response {
        let content_type = (!content_type.is_empty()).then(|| content_type.to_owned());
        Response { status, content_type, body: body.into(), ..Response::default() }
    }

    /// What a player is given, in one line: status, fields, body.
    fn told(response: &Response) -> String {
        match judge(response) {
            CallOutcome::Failed(failure) => failure.outcome().as_str().to_owned(),
            CallOutcome::Answer(Answer { status, headers, body }) => {
                let fields: String = headers.iter().map(|(name, value)| format!(" {name}={value}")).collect();
                format!("{status}{fields} {}", String::from_utf8_lossy(&body))
            }
        }
    }

    #[test]
    fn an_answer_is_passed_on_as_the_browser_would_have_read_it() {
        for (status, content_type, body, expected) in [
            (200, "application/json", "{\"a\":1}", "200 content-type=application/json {\"a\":1}"),
            (201, "application/problem+json; a=b", "{}", "201 content-type=application/problem+json; a=b {}"),
            (200, "", " {} ", "200 content-type=application/json  {} "),
            (200, "text/html", "{}", "200 content-type=application/json {}"),
            (200, "image/svg+xml", "{}", "200 content-type=application/json {}"),
            (200, "text/plain", "{\"a\":1}", "200 content-type=application/json {\"a\":1}"),
            (200, "", "\u{feff}{}", "200 content-type=application/json {}"),
            (200, "text/plain; charset=utf-8", "OK", "200 content-type=text/plain; charset=utf-8 OK"),
            (200, "text/plain", "[1,2]", "200 content-type=text/plain [1,2]"),
            (200, "text/plain", "{nearly", "webhook-bad-json"),
            (200, "text/html", "<p>", "webhook-bad-json"),
            (200, "", "OK", "webhook-bad-json"),
            (200, "application/json", "[1,2]", "webhook-bad-json"),
            (200, "application/json", "{\"n\":1e400}", "webhook-bad-json"),
            (200, "application/json", "\u{feff}\u{feff}{}", "webhook-bad-json"),
            (200, "text/html", " \r\n", "200 "),
            (204, "application/json", "{}", "204 "),
            (205, "", "OK", "205 "),
            (
                404,
                "application/json",
                "{\"why\":\"sold out\"}",
                "404 content-type=application/json {\"why\":\"sold out\"}",
            ),
            (422, "text/html", "[1]", "422 content-type=application/json [1]"),
            (500, "text/html", "<h1>nginx</h1>", "500 "),
            (500, "text/plain", "Traceback", "500 "),
            (304, "application/json", "{}", "304 "),
            (599, "", "", "599 "),
            (301, "application/json", "{}", "webhook-network"),
            (307, "", "", "webhook-network"),
            (101, "", "", "webhook-network"),
            (199, "application/json", "{}", "webhook-network"),
            (600, "application/json", "{}", "webhook-network"),
            (0, "", "", "webhook-network"),
        ] {
            assert_eq!(told(&response(status, content_type, body.as_bytes())), expected, "{status} {body}");
        }
        let nested = |depth: usize| [b"{\"a\":".repeat(depth), b"1".to_vec(), b"}".repeat(depth)].concat();
        assert!(told(&response(200, "", &nested(RESPONSE_DEPTH))).starts_with("200"));
        assert_eq!(told(&response(200, "", &nested(RESPONSE_DEPTH + 1))), "webhook-bad-json");
        assert_eq!(told(&response(400, "", &nested(RESPONSE_DEPTH + 1))), "400 ");
        assert_eq!(told(&response(200, "text/plain", b"\xFF")), "200 content-type=text/plain \u{fffd}");
        assert_eq!(told(&response(200, "", b"{\"a\":\"\xFF\"}")), "webhook-bad-json");
    }

    #[test]
    fn fields_are_passed_on_only_if_they_can_be_written() {
        let with = |content_type: &str, retry_after: &str| Response {
            retry_after: Some(retry_after.to_owned()),
            ..response(503, content_type, b"{}")
        };
        assert_eq!(told(&with("", "7")), "503 content-type=application/json retry-after=7 {}");
        let date = "Wed, 21 Oct 2026 07:28:00 GMT";
        assert_eq!(
            told(&with("", date)),
            format!("503 content-type=application/json retry-after={date} {{}}")
        );
        for field in ["", " ", "1\r\nset-cookie: a=b", "1\n", "größer", &"1".repeat(MAX_FIELD + 1)] {
            // A line break at its end belongs to nothing.
            let shown = field.trim();
            let expected = if shown == "1" { " retry-after=1" } else { "" };
            assert_eq!(told(&with("", field)), format!("503 content-type=application/json{expected} {{}}"));
        }
        let forged = "application/json\r\nset-cookie: a=b";
        assert_eq!(told(&response(200, forged, b"{}")), "200 content-type=application/json {}");
        let forged = "text/plain; charset=\u{0}";
        assert_eq!(told(&response(200, forged, b"OK")), "200 content-type=text/plain OK");
    }

    fn bytes(answer: &Value) -> Vec<u8> {
        let Some(digits) = answer["bytes"].as_str() else {
            return answer["body"].as_str().unwrap_or_default().into();
        };
        let pairs = digits.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
        pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
    }

    /// The runtime runs the same cases (`src/delivery/relay.rs`): a page sees the same with a relay as without one.
    #[test]
    fn contract_cases() {
        let cases: Vec<Value> =
            serde_json::from_str(include_str!("../../../tests/relay/answers.json")).unwrap();
        for case in &cases {
            let (name, answer) = (&case["name"], &case["answer"]);
            let text = |of: &Value, field: &str| of[field].as_str().map(str::to_owned);
            let response = Response {
                status: u16::try_from(answer["status"].as_u64().unwrap()).unwrap(),
                content_type: text(answer, "type"),
                retry_after: text(answer, "retryAfter"),
                body: bytes(answer),
                ..Response::default()
            };
            match judge(&response) {
                CallOutcome::Failed(failure) => {
                    assert_eq!(case["outcome"], failure.outcome().as_str(), "{name}")
                }
                CallOutcome::Answer(passed_on) => {
                    let expected = &case["passedOn"];
                    assert!(expected.is_object() && passed_on.status == response.status, "{name}");
                    let names = [("content-type", "type"), ("retry-after", "retryAfter")];
                    let fields = names
                        .iter()
                        .filter_map(|(field, name)| Some(((*field).to_owned(), text(expected, name)?)));
                    assert_eq!(passed_on.headers, fields.collect::<Vec<_>>(), "{name}");
                    assert_eq!(passed_on.body, bytes(expected), "{name}");
                }
            }
        }
        assert!(cases.len() > 40);
    }
}
