//! What a response means: data, nothing new, or an error. An error's body is never data.

use crate::error::{CuehookError, ErrorCode};
use crate::json::{Object, check};
use crate::protocol::{RESPONSE_DEPTH, RESPONSE_LIMIT, Response, TransportFailure};

/// The data of a response: a JSON object, or nothing (204). Only its own entries are read; lists and objects in it are
/// [`Lazy`](crate::json::Json::Lazy).
///
/// # Errors
/// `network`, `csp`, `aborted`, `too-large`, `http-status` or `bad-json`.
pub fn classify(outcome: &Result<Response, TransportFailure>) -> Result<Option<Object>, CuehookError> {
    let response = match outcome {
        Ok(response) => response,
        Err(failure) => return Err(transport(*failure)),
    };
    let error = |code, message: String| CuehookError { code, message, status: Some(response.status) };
    match response.status {
        204 => return Ok(None),
        200..=299 => {}
        status => {
            let message = format!("the response's status was {status}; expected 200 to 299");
            return Err(error(ErrorCode::HttpStatus, message));
        }
    }
    if response.body.is_empty() {
        let message = "the response was empty; expected a JSON object, or status 204".into();
        return Err(error(ErrorCode::BadJson, message));
    }
    match check(&response.body, RESPONSE_DEPTH) {
        Ok(checked) => match checked.as_object() {
            Some(object) => Ok(Some(object.clone())),
            None => {
                let message = format!("the response was {}; expected a JSON object", checked.kind());
                Err(error(ErrorCode::BadJson, message))
            }
        },
        Err(fault) => Err(error(ErrorCode::BadJson, format!("the response is not JSON: {fault}"))),
    }
}

fn transport(failure: TransportFailure) -> CuehookError {
    match failure {
        TransportFailure::Network => CuehookError::new(
            ErrorCode::Network,
            "no response: the browser says no more; it may be offline, or the receiver refuses this page (CORS), \
             redirects, or was blocked",
        ),
        TransportFailure::Csp => CuehookError::new(
            ErrorCode::Csp,
            "the page's Content-Security-Policy refused the request; add the webhook's origin to connect-src",
        ),
        TransportFailure::TooLarge { status } => CuehookError {
            code: ErrorCode::TooLarge,
            message: format!("the response was larger than {RESPONSE_LIMIT} bytes"),
            status: Some(status),
        },
        TransportFailure::Aborted => CuehookError::new(ErrorCode::Aborted, "the request was aborted"),
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;
    use crate::json::Json;

    fn response(status: u16, body: &[u8]) -> Result<Response, TransportFailure> {
        Ok(Response { status, retry_after: None, body: body.into() })
    }

    #[test]
    fn an_object_is_data_and_204_is_nothing_new() {
        let data = classify(&response(200, br#"{"discountCode":"A1"}"#)).unwrap().unwrap();
        assert_eq!(data.get("discountCode"), Some(&Json::from("A1")));
        assert!(classify(&response(201, b"{}")).unwrap().unwrap().is_empty());
        assert_eq!(classify(&response(204, b"")), Ok(None));
    }

    #[test]
    fn everything_else_is_an_error_with_its_code() {
        let deep = [b"{\"a\":".repeat(65), b"1".to_vec(), b"}".repeat(65)].concat();
        for (outcome, code) in [
            (response(200, b""), ErrorCode::BadJson),
            (response(202, b""), ErrorCode::BadJson),
            (response(200, b"<!doctype html>"), ErrorCode::BadJson),
            (response(200, b"[1,2]"), ErrorCode::BadJson),
            (response(200, b"\"text\""), ErrorCode::BadJson),
            (response(200, b"\xEF\xBB\xBF{}"), ErrorCode::BadJson),
            (response(200, &deep), ErrorCode::BadJson),
            (response(500, br#"{"discountCode":"not data"}"#), ErrorCode::HttpStatus),
            (response(404, b"{}"), ErrorCode::HttpStatus),
            (response(304, b""), ErrorCode::HttpStatus),
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
        let message = classify(&response(200, b"[1,2]")).unwrap_err().message;
        assert_eq!(message, "the response was a list; expected a JSON object");
        assert_eq!(classify(&response(503, b"")).unwrap_err().status, Some(503));
    }
}
