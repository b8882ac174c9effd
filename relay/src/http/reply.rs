//! What the core replies, as a response.

use super::fault::Fault;
use crate::core::Reply;
use crate::store::{Answer, CallFailure};
use axum::body::Body;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use cuehook_protocol::{OUTCOME_HEADER, RelayOutcome};

/// JSON of ours.
pub(super) fn json(outcome: RelayOutcome, body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    let fields = response.headers_mut();
    fields.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    fields.insert(HeaderName::from_static(OUTCOME_HEADER), HeaderValue::from_static(outcome.as_str()));
    response
}

/// What a call has come to.
pub(super) fn call(reply: Reply) -> Response {
    match reply {
        Reply::Answer(answer) => pass_on(answer),
        Reply::Failed(failure) => failed(failure).into_response(),
        Reply::Refused(refusal) => Fault::from(refusal).into_response(),
        Reply::Events { .. } => misunderstood().into_response(),
    }
}

/// A webhook's answer, as it was.
fn pass_on(answer: Answer) -> Response {
    let Some(status) = StatusCode::from_u16(answer.status).ok().filter(|status| !status.is_informational())
    else {
        return failed(CallFailure::Network).into_response();
    };
    let is_empty = status == StatusCode::NO_CONTENT || status == StatusCode::NOT_MODIFIED;
    let mut response = Response::new(if is_empty { Body::empty() } else { Body::from(answer.body) });
    *response.status_mut() = status;
    let fields = response.headers_mut();
    for (name, value) in &answer.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value))
            && may_pass(&name)
        {
            fields.insert(name, value);
        }
    }
    let outcome = HeaderValue::from_static(RelayOutcome::Answer.as_str());
    fields.insert(HeaderName::from_static(OUTCOME_HEADER), outcome);
    response
}

/// Fields that speak of this connection or to this browser are ours, whatever a webhook says.
fn may_pass(name: &HeaderName) -> bool {
    let text = name.as_str();
    let ours =
        ["connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"];
    !ours.contains(&text)
        && !["access-control-", "set-cookie", "cuehook-", "clear-site-data", "strict-transport-"]
            .into_iter()
            .any(|start| text.starts_with(start))
        && name != CONTENT_LENGTH
}

/// Why there is no answer.
fn failed(failure: CallFailure) -> Fault {
    let message = match failure {
        CallFailure::Network => "the webhook could not be reached, or the connection to it broke",
        CallFailure::Forbidden => "the webhook's address is one that the relay does not call",
        CallFailure::Timeout => "the webhook did not answer in time",
        CallFailure::TooLarge => "the webhook's answer is larger than is read",
        CallFailure::BadJson => "the webhook's answer is neither a JSON object nor plain text nor empty",
    };
    Fault::new(failure.outcome(), message)
}

/// A reply that does not fit what was asked.
pub(super) fn misunderstood() -> Fault {
    tracing::error!("the core has replied to something else");
    Fault::unavailable("the relay has made a mistake")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, headers: &[(&str, &str)]) -> Response {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        pass_on(Answer { status, headers, body: b"{}".to_vec() })
    }

    #[test]
    fn answers_are_passed_on() {
        let response = answer(418, &[("content-type", "application/json"), ("etag", "\"1\"")]);
        assert_eq!(response.status(), 418);
        assert_eq!(response.headers()["content-type"], "application/json");
        assert_eq!(response.headers()["etag"], "\"1\"");
        assert_eq!(response.headers()[OUTCOME_HEADER], "answer");
    }

    #[test]
    fn what_is_ours_a_webhook_does_not_say() {
        let names = [
            "set-cookie",
            "access-control-allow-origin",
            "cuehook-outcome",
            "connection",
            "content-length",
            "upgrade",
        ];
        for name in names {
            let response = answer(200, &[(name, "x")]);
            assert!(response.headers().get(name).is_none_or(|value| value == "answer"), "{name}");
        }
    }

    #[test]
    fn a_status_that_is_none_is_no_answer() {
        for status in [0, 99, 101, 1_000] {
            assert_eq!(answer(status, &[]).headers()[OUTCOME_HEADER], "webhook-network", "{status}");
        }
    }
}
