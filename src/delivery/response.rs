//! What a response means: data, nothing new, or an error. An error's body is never data.

use crate::error::{CuehookError, ErrorCode};
use crate::json::{Object, check};
use crate::protocol::{RESPONSE_DEPTH, RESPONSE_LIMIT, Response, TransportFailure};

/// The data of a response: a JSON object, whatever the content type says of it; or nothing, if there is no body, or plain
/// text such as `OK`. Only the object's own entries are read; lists and objects in it are
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
        200..=299 => {}
        status => {
            let message = format!("the response's status was {status}; expected 200 to 299");
            return Err(error(ErrorCode::HttpStatus, message));
        }
    }
    let content = response.content().trim_ascii();
    // What begins like an object is meant to be one.
    if content.is_empty() || response.is_plain_text() && !content.starts_with(b"{") {
        return Ok(None);
    }
    match check(response.content(), RESPONSE_DEPTH) {
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
        Ok(Response { status, body: body.into(), ..Response::default() })
    }

    fn of_type(content_type: &str, body: &[u8]) -> Result<Response, TransportFailure> {
        let content_type = Some(content_type.to_owned());
        Ok(Response { status: 200, content_type, body: body.into(), ..Response::default() })
    }

    #[test]
    fn an_object_is_data_under_any_content_type() {
        // Many frameworks send JSON as text or HTML unless told otherwise.
        for content_type in ["application/json", "text/plain;charset=UTF-8", "text/html", "", "x"] {
            let outcome = of_type(content_type, b"\xEF\xBB\xBF {\"a\":1}\n");
            let data = classify(&outcome).unwrap().unwrap();
            assert_eq!(data.get("a"), Some(&Json::Integer(1)), "{content_type}");
        }
    }

    #[test]
    fn plain_text_and_an_empty_body_bring_no_data() {
        for body in ["OK", "Webhook received", "[1,2]", "true", "\u{feff}done", "\u{fffd}", "<p>"] {
            assert_eq!(classify(&of_type("text/plain", body.as_bytes())), Ok(None), "{body}");
        }
        assert_eq!(classify(&of_type("text/plain", b"\xFF")), Ok(None), "in another character set");
        for status in [200, 201, 202, 204, 205, 299] {
            for body in ["", "\n", "\u{feff}"] {
                assert_eq!(classify(&response(status, body.as_bytes())), Ok(None), "{status}");
            }
        }
        assert_eq!(classify(&of_type("text/html", b" ")), Ok(None));
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
            (response(200, b"OK"), ErrorCode::BadJson),
            (response(200, b"<!doctype html>"), ErrorCode::BadJson),
            (of_type("text/html", b"OK"), ErrorCode::BadJson),
            (of_type("application/json", b"OK"), ErrorCode::BadJson),
            (of_type("text/plain", b"{\"discountCode\":"), ErrorCode::BadJson),
            (of_type("text/plain", b"\xEF\xBB\xBF\n{]"), ErrorCode::BadJson),
            (response(200, b"{\"n\":1e400}"), ErrorCode::BadJson),
            (response(200, b"[1,2]"), ErrorCode::BadJson),
            (response(200, b"\"text\""), ErrorCode::BadJson),
            (response(200, b"\xEF\xBB\xBF\xEF\xBB\xBF{}"), ErrorCode::BadJson),
            (response(200, &deep), ErrorCode::BadJson),
            (response(500, br#"{"discountCode":"not data"}"#), ErrorCode::HttpStatus),
            (response(404, b"{}"), ErrorCode::HttpStatus),
            (response(304, b""), ErrorCode::HttpStatus),
            (response(199, b"{}"), ErrorCode::HttpStatus),
            (response(300, b"{}"), ErrorCode::HttpStatus),
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
