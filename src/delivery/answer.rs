//! What an answer means: data, nothing new, or an error. An error's body is never data.

use crate::engine::{Answer, TransportFailure};
use crate::error::ErrorCode;
use crate::json::{Object, check};

/// The most bytes of a body that are read.
pub const BODY_LIMIT: usize = 256 * 1024;
/// The deepest nesting that is read.
pub const JSON_DEPTH: usize = 64;

/// Why a request did not bring data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The stable code.
    pub code: ErrorCode,
    /// For developers: what was found and what was expected.
    pub message: String,
    /// The status of the answer, if there was one.
    pub status: Option<u16>,
}

impl Fault {
    /// A fault without an answer.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), status: None }
    }
}

/// The data of an answer: a JSON object, or nothing (204). Only its own entries are read; lists and objects in it are
/// [`Lazy`](crate::json::Json::Lazy).
///
/// # Errors
/// `network`, `csp`, `aborted`, `too-large`, `http-status` or `bad-json`.
pub fn classify(outcome: &Result<Answer, TransportFailure>) -> Result<Option<Object>, Fault> {
    let answer = match outcome {
        Ok(answer) => answer,
        Err(failure) => return Err(transport(*failure)),
    };
    let fault = |code, message: String| Fault { code, message, status: Some(answer.status) };
    match answer.status {
        204 => return Ok(None),
        200..=299 => {}
        status => {
            let message = format!("the answer's status was {status}; expected 200 to 299");
            return Err(fault(ErrorCode::HttpStatus, message));
        }
    }
    if answer.body.is_empty() {
        let message = "the answer was empty; expected a JSON object, or status 204".into();
        return Err(fault(ErrorCode::BadJson, message));
    }
    match check(&answer.body, JSON_DEPTH) {
        Ok(checked) => match checked.as_object() {
            Some(object) => Ok(Some(object.clone())),
            None => {
                let message = format!("the answer was {}; expected a JSON object", checked.kind());
                Err(fault(ErrorCode::BadJson, message))
            }
        },
        Err(error) => Err(fault(ErrorCode::BadJson, format!("the answer is not JSON: {error}"))),
    }
}

fn transport(failure: TransportFailure) -> Fault {
    match failure {
        TransportFailure::Network => Fault::new(
            ErrorCode::Network,
            "no answer: the browser says no more; it may be offline, or the receiver refuses this page (CORS), \
             redirects, or was blocked",
        ),
        TransportFailure::Csp => Fault::new(
            ErrorCode::Csp,
            "the page's Content-Security-Policy refused the request; add the webhook's origin to connect-src",
        ),
        TransportFailure::TooLarge { status } => Fault {
            code: ErrorCode::TooLarge,
            message: format!("the answer was larger than {BODY_LIMIT} bytes"),
            status: Some(status),
        },
        TransportFailure::Aborted => Fault::new(ErrorCode::Aborted, "the request was aborted"),
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;
    use crate::json::Json;

    fn answer(status: u16, body: &[u8]) -> Result<Answer, TransportFailure> {
        Ok(Answer { status, retry_after: None, body: body.into() })
    }

    #[test]
    fn an_object_is_data_and_204_is_nothing_new() {
        let data = classify(&answer(200, br#"{"discountCode":"A1"}"#)).unwrap().unwrap();
        assert_eq!(data.get("discountCode"), Some(&Json::from("A1")));
        assert!(classify(&answer(201, b"{}")).unwrap().unwrap().is_empty());
        assert_eq!(classify(&answer(204, b"")), Ok(None));
    }

    #[test]
    fn everything_else_is_an_error_with_its_code() {
        let deep = [b"{\"a\":".repeat(65), b"1".to_vec(), b"}".repeat(65)].concat();
        for (outcome, code) in [
            (answer(200, b""), ErrorCode::BadJson),
            (answer(202, b""), ErrorCode::BadJson),
            (answer(200, b"<!doctype html>"), ErrorCode::BadJson),
            (answer(200, b"[1,2]"), ErrorCode::BadJson),
            (answer(200, b"\"text\""), ErrorCode::BadJson),
            (answer(200, b"\xEF\xBB\xBF{}"), ErrorCode::BadJson),
            (answer(200, &deep), ErrorCode::BadJson),
            (answer(500, br#"{"discountCode":"not data"}"#), ErrorCode::HttpStatus),
            (answer(404, b"{}"), ErrorCode::HttpStatus),
            (answer(304, b""), ErrorCode::HttpStatus),
            (Err(TransportFailure::Network), ErrorCode::Network),
            (Err(TransportFailure::Csp), ErrorCode::Csp),
            (Err(TransportFailure::TooLarge { status: 200 }), ErrorCode::TooLarge),
            (Err(TransportFailure::Aborted), ErrorCode::Aborted),
        ] {
            assert_eq!(classify(&outcome).unwrap_err().code, code, "{outcome:?}");
        }
    }

    #[test]
    fn names_what_was_found() {
        let message = classify(&answer(200, b"[1,2]")).unwrap_err().message;
        assert_eq!(message, "the answer was a list; expected a JSON object");
        assert_eq!(classify(&answer(503, b"")).unwrap_err().status, Some(503));
    }
}
