//! When a failed attempt is repeated.

use crate::response::{RESPONSE_DEPTH, Response, TransportFailure};
use cuehook_json::check;

/// The wait before the second attempt is at most this, then twice that, and so on.
const BASE_MS: f64 = 300.0;
/// No wait of our own choosing is longer.
const CAP_MS: f64 = 3_000.0;

/// Whether an attempt with this outcome may be repeated: the network, and statuses that speak of the moment
/// rather than of the request.
pub fn is_retryable(outcome: &Result<Response, TransportFailure>) -> bool {
    match outcome {
        Ok(response) => matches!(response.status, 408 | 425 | 429 | 502 | 503 | 504),
        Err(failure) => *failure == TransportFailure::Network,
    }
}

/// Milliseconds to wait before the next attempt, after `attempt` attempts.
///
/// Full jitter: anything between nothing and the exponential bound, chosen by `unit` in [0, 1), so that viewers whom
/// one outage hit do not return together. A receiver's hint (`Retry-After` in seconds, or `retry_after_ms`
/// in the body, because browsers hide that header from most pages) is a lower bound.
pub fn delay_ms(attempt: u32, unit: f64, outcome: &Result<Response, TransportFailure>) -> f64 {
    let bound = (BASE_MS * f64::from(1_u32 << attempt.saturating_sub(1).min(10))).min(CAP_MS);
    let hint = outcome.as_ref().ok().and_then(hint_ms).unwrap_or(0.0);
    hint + bound * unit
}

fn hint_ms(response: &Response) -> Option<f64> {
    let of_header = response
        .retry_after
        .as_deref()
        .and_then(|text| text.trim().parse::<u32>().ok())
        .map(|seconds| f64::from(seconds) * 1000.0);
    let of_body = || {
        let body = check(response.content(), RESPONSE_DEPTH).ok()?;
        body.get("retry_after_ms")?.as_f64().filter(|ms| *ms >= 0.0)
    };
    of_header.or_else(of_body)
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    fn response(status: u16, retry_after: Option<&str>, body: &str) -> Result<Response, TransportFailure> {
        let retry_after = retry_after.map(Into::into);
        Ok(Response { status, retry_after, body: body.into(), ..Response::default() })
    }

    #[test]
    fn repeats_what_may_pass() {
        for status in [408, 425, 429, 502, 503, 504] {
            assert!(is_retryable(&response(status, None, "")), "{status}");
        }
        for status in [200, 204, 301, 400, 401, 403, 404, 409, 410, 413, 422, 500, 501] {
            assert!(!is_retryable(&response(status, None, "")), "{status}");
        }
        assert!(is_retryable(&Err(TransportFailure::Network)));
        assert!(!is_retryable(&Err(TransportFailure::Csp)));
        assert!(!is_retryable(&Err(TransportFailure::TooLarge { status: 200 })));
    }

    #[test]
    fn waits_longer_each_time_up_to_a_cap() {
        let failure = Err(TransportFailure::Network);
        assert_eq!(delay_ms(1, 0.0, &failure), 0.0);
        assert_eq!(delay_ms(1, 0.5, &failure), 150.0);
        assert_eq!(delay_ms(2, 0.5, &failure), 300.0);
        assert_eq!(delay_ms(5, 0.5, &failure), 1_500.0);
        assert_eq!(delay_ms(4_000_000_000, 0.5, &failure), 1_500.0);
    }

    #[test]
    fn honours_the_receivers_hint() {
        assert_eq!(delay_ms(1, 0.0, &response(503, Some("2"), "")), 2_000.0);
        assert_eq!(delay_ms(1, 0.0, &response(503, None, r#"{"retry_after_ms":750}"#)), 750.0);
        assert_eq!(delay_ms(1, 0.0, &response(503, None, "\u{feff}{\"retry_after_ms\":750.0}")), 750.0);
        assert_eq!(delay_ms(1, 0.0, &response(503, Some("2"), r#"{"retry_after_ms":750}"#)), 2_000.0);
        assert_eq!(delay_ms(1, 0.5, &response(503, Some("2"), "")), 2_150.0, "chance comes on top");
        assert_eq!(delay_ms(1, 0.0, &response(503, Some("soon"), r#"{"retry_after_ms":-5}"#)), 0.0);
        assert_eq!(delay_ms(1, 0.0, &response(503, Some("Wed, 21 Oct 2026 07:28:00 GMT"), "")), 0.0);
    }
}
