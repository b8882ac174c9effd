//! What a relay's response means: it may be the webhook's, or be about the call.

use super::response::classify;
use crate::error::{CuehookError, ErrorCode};
use crate::json::{Object, check};
use crate::protocol::{RESPONSE_DEPTH, RelayOutcome, Response, TransportFailure, is_retryable};

/// So many characters of what a relay says are passed on.
const LONGEST_MESSAGE: usize = 300;

/// What to do after an attempt at a relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Nothing: the relay has said what became of the call, and would say it again.
    End,
    /// The same again, after a while.
    Again,
    /// Send the call (again), after a while: the relay knows nothing of it.
    Call,
    /// Ask what has become of the call, after a while.
    Ask,
    /// The same again with a fresh token, once.
    Renew,
}

/// What the end of an attempt at a relay means: the data or the error, if nothing more can be done, and what can be done.
///
/// # Errors
/// As [`classify`], and `relay-auth`, `relay-unavailable`, `outcome-unknown`, `timeout` or `config-invalid`.
pub fn hear(outcome: &Result<Response, TransportFailure>) -> (Result<Option<Object>, CuehookError>, Next) {
    let response = match outcome {
        Ok(response) => response,
        Err(TransportFailure::Network) => {
            let message = "the relay could not be reached: no network, or it refuses this page (CORS)";
            return (Err(CuehookError::new(ErrorCode::RelayUnavailable, message)), Next::Again);
        }
        Err(_) => return (classify(outcome), Next::End),
    };
    let word = response.outcome.as_deref().unwrap_or_default();
    let place = RelayOutcome::WORDS.iter().position(|known| *known == word);
    let (code, next) = match place.and_then(RelayOutcome::at) {
        Some(RelayOutcome::Answer) => return (classify(outcome), Next::End),
        Some(RelayOutcome::RelayAuth) => (ErrorCode::RelayAuth, Next::Renew),
        Some(RelayOutcome::UnknownWebhook) => (ErrorCode::ConfigInvalid, Next::End),
        Some(RelayOutcome::UnknownCall) => (ErrorCode::RelayUnavailable, Next::Call),
        Some(RelayOutcome::RateLimited | RelayOutcome::Unavailable) => {
            (ErrorCode::RelayUnavailable, Next::Again)
        }
        Some(RelayOutcome::InProgress) => (ErrorCode::Timeout, Next::Ask),
        Some(RelayOutcome::OutcomeUnknown) => (ErrorCode::OutcomeUnknown, Next::End),
        Some(RelayOutcome::WebhookNetwork | RelayOutcome::WebhookForbidden) => {
            (ErrorCode::Network, Next::End)
        }
        Some(RelayOutcome::WebhookTimeout) => (ErrorCode::Timeout, Next::End),
        Some(RelayOutcome::TooLarge | RelayOutcome::WebhookTooLarge) => (ErrorCode::TooLarge, Next::End),
        Some(RelayOutcome::WebhookBadJson) => (ErrorCode::BadJson, Next::End),
        Some(RelayOutcome::BadRequest | RelayOutcome::IdReused) => (ErrorCode::HttpStatus, Next::End),
        Some(RelayOutcome::Accepted) | None => {
            let message = "what answered is no relay: the response has no `cuehook-outcome`; look at the relay's address, and \
                           at what stands before it";
            let next = if is_retryable(outcome) { Next::Again } else { Next::End };
            return (Err(error(ErrorCode::RelayUnavailable, message.to_owned(), response)), next);
        }
    };
    (Err(error(code, ["the relay says `", word, "`: ", &said(response)].concat(), response)), next)
}

fn error(code: ErrorCode, message: String, response: &Response) -> CuehookError {
    CuehookError { code, message, status: Some(response.status) }
}

/// What a relay says of an error in the body of a response: `{"error": {"message"}}`.
fn said(response: &Response) -> String {
    let body = check(response.content(), RESPONSE_DEPTH).ok();
    let message = body.as_ref().and_then(|body| body.get("error")?.get("message")?.as_str());
    message.unwrap_or("it says no more").chars().take(LONGEST_MESSAGE).collect()
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;
    use crate::json::Json;
    use serde_json::Value;
    use std::sync::Arc;

    fn response(status: u16, outcome: &str, body: &str) -> Result<Response, TransportFailure> {
        let outcome = Some(outcome.to_owned()).filter(|word| !word.is_empty());
        Ok(Response { status, outcome, body: body.into(), ..Response::default() })
    }

    #[test]
    fn the_header_decides_and_not_the_status() {
        for (outcome, expected) in [
            (RelayOutcome::Answer, (None, Next::End)),
            (RelayOutcome::Accepted, (Some(ErrorCode::RelayUnavailable), Next::End)),
            (RelayOutcome::RelayAuth, (Some(ErrorCode::RelayAuth), Next::Renew)),
            (RelayOutcome::UnknownWebhook, (Some(ErrorCode::ConfigInvalid), Next::End)),
            (RelayOutcome::UnknownCall, (Some(ErrorCode::RelayUnavailable), Next::Call)),
            (RelayOutcome::BadRequest, (Some(ErrorCode::HttpStatus), Next::End)),
            (RelayOutcome::TooLarge, (Some(ErrorCode::TooLarge), Next::End)),
            (RelayOutcome::RateLimited, (Some(ErrorCode::RelayUnavailable), Next::Again)),
            (RelayOutcome::InProgress, (Some(ErrorCode::Timeout), Next::Ask)),
            (RelayOutcome::IdReused, (Some(ErrorCode::HttpStatus), Next::End)),
            (RelayOutcome::Unavailable, (Some(ErrorCode::RelayUnavailable), Next::Again)),
            (RelayOutcome::OutcomeUnknown, (Some(ErrorCode::OutcomeUnknown), Next::End)),
            (RelayOutcome::WebhookNetwork, (Some(ErrorCode::Network), Next::End)),
            (RelayOutcome::WebhookForbidden, (Some(ErrorCode::Network), Next::End)),
            (RelayOutcome::WebhookTimeout, (Some(ErrorCode::Timeout), Next::End)),
            (RelayOutcome::WebhookTooLarge, (Some(ErrorCode::TooLarge), Next::End)),
            (RelayOutcome::WebhookBadJson, (Some(ErrorCode::BadJson), Next::End)),
        ] {
            for status in [outcome.status(), 200] {
                let (result, next) = hear(&response(status, outcome.as_str(), "{}"));
                assert_eq!((result.err().map(|error| error.code), next), expected, "{outcome:?} {status}");
            }
        }
    }

    #[test]
    fn an_answer_is_what_it_would_be_without_a_relay() {
        for (status, body) in
            [(200, "{\"a\":1}"), (204, ""), (500, "{}"), (503, ""), (200, "[]"), (409, "{}")]
        {
            let outcome = response(status, "answer", body);
            assert_eq!(hear(&outcome), (classify(&outcome), Next::End), "{status} {body}");
        }
    }

    #[test]
    fn what_does_not_say_so_is_no_relay() {
        for (status, outcome, next) in [
            (200, "", Next::End),
            (404, "", Next::End),
            (502, "", Next::Again),
            (503, "", Next::Again),
            (200, "Answer", Next::End),
            (200, "something-new", Next::End),
        ] {
            let (result, found) = hear(&response(status, outcome, "{\"discountCode\":\"no data\"}"));
            let error = result.unwrap_err();
            assert_eq!((error.code, found), (ErrorCode::RelayUnavailable, next), "{status} {outcome}");
            assert!(error.message.contains("is no relay"), "{}", error.message);
        }
    }

    #[test]
    fn the_relays_own_words_are_passed_on() {
        let long = "x".repeat(1_000);
        for (body, expected) in [
            ("{\"error\":{\"code\":\"c\",\"message\":\"No route.\"}}", "No route."),
            (&["{\"error\":{\"message\":\"", &long, "\"}}"].concat(), &long[..300]),
            ("{\"error\":{\"message\":5}}", "it says no more"),
            ("<html>", "it says no more"),
        ] {
            let error = hear(&response(502, "webhook-network", body)).0.unwrap_err();
            assert_eq!(error.message, ["the relay says `webhook-network`: ", expected].concat());
            assert_eq!(error.status, Some(502));
        }
    }

    #[test]
    fn without_a_response_only_a_network_may_pass() {
        for (failure, expected) in [
            (TransportFailure::Network, (ErrorCode::RelayUnavailable, Next::Again)),
            (TransportFailure::Csp, (ErrorCode::Csp, Next::End)),
            (TransportFailure::Aborted, (ErrorCode::Aborted, Next::End)),
            (TransportFailure::TooLarge { status: 200 }, (ErrorCode::TooLarge, Next::End)),
        ] {
            let (result, next) = hear(&Err(failure));
            assert_eq!((result.unwrap_err().code, next), expected);
        }
    }

    /// The relay runs the same cases (`relay/src/core/answer.rs`): a page sees the same with it as without it.
    #[test]
    fn contract_cases_of_answers() {
        let cases: Vec<Value> = serde_json::from_str(include_str!("../../tests/relay/answers.json")).unwrap();
        let of = |status: u64, answer: &Value, outcome: Option<&str>| {
            let digits = answer["bytes"].as_str().unwrap_or_default().as_bytes();
            let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
            let bytes: Vec<u8> = digits.chunks(2).map(byte).collect();
            let text = |field: &str| answer[field].as_str().map(str::to_owned);
            Ok(Response {
                status: u16::try_from(status).unwrap(),
                content_type: text("type"),
                retry_after: text("retryAfter"),
                outcome: outcome.map(str::to_owned),
                body: text("body").map_or(bytes, String::into_bytes),
            })
        };
        for case in &cases {
            let (name, page) = (case["name"].as_str().unwrap(), &case["page"]);
            assert_eq!(cases.iter().filter(|other| other["name"] == name).count(), 1, "{name}");
            let check = |seen: Result<Option<Object>, CuehookError>, how: &str| match seen {
                Ok(None) => assert_eq!(page.get("data"), Some(&Value::Null), "{name}, {how}"),
                Ok(Some(_)) if page["data"] == "any" => {}
                Ok(Some(data)) => {
                    let data: Value = serde_json::from_str(&Json::Object(Arc::new(data)).to_text()).unwrap();
                    assert_eq!(data, page["data"], "{name}, {how}");
                }
                Err(error) => assert_eq!(page["code"], error.code.as_str(), "{name}, {how}"),
            };
            let status = case["answer"]["status"].as_u64().unwrap();
            if case["unseen"] != true {
                check(classify(&of(status, &case["answer"], None)), "directly");
            }
            let passed_on = match case["outcome"].as_str() {
                None => of(status, &case["passedOn"], Some("answer")),
                Some(outcome) => of(502, &Value::Null, Some(outcome)),
            };
            let (seen, next) = hear(&passed_on);
            assert_eq!(next, Next::End, "{name}");
            check(seen, "through the relay");
        }
    }
}
