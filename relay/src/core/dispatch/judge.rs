//! What the end of an attempt means.

use super::{End, Sent};
use crate::store::EXCERPT;
use cuehook_protocol::{Verdict, retry_hint_ms, verdict};
use std::time::SystemTime;

/// What the end of an attempt means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Standing {
    /// Any 2xx: the receiver has it.
    Delivered,
    /// 2xx, and the receiver says that it is to be sent again.
    Again,
    /// 2xx, and the receiver says that it does not want it.
    Unwanted,
    /// It cannot take it at the moment: 408, 425, 5xx.
    Busy,
    /// It was sent too many requests: 429.
    Limited,
    /// No answer in time.
    Late,
    /// No answer, or one that is none: redirects, too.
    Unreachable,
    /// It is working on an earlier attempt: 409.
    InProgress,
    /// It does not take this: 4xx.
    Refused,
    /// It does not take anything from us: 401, 403.
    Unauthorized,
    /// There is no such receiver any more: 410.
    Gone,
    /// It does not take anything so large: 413.
    TooLarge,
    /// The request could not be made.
    Unprepared,
    /// There was nothing to be sent.
    Nothing,
}

impl Standing {
    /// Whether it was the receiver that has failed, so that it is better left alone.
    pub(super) fn is_breakdown(self) -> bool {
        matches!(self, Self::Busy | Self::Late | Self::Unreachable)
    }

    /// Whether the receiver works: something like the other requests will do well.
    pub(super) fn is_well(self) -> bool {
        matches!(self, Self::Delivered | Self::Again | Self::Unwanted)
    }

    /// Whether it counts as failing, for whom nothing can be delivered to is disabled in the end.
    pub(super) fn is_failing(self) -> bool {
        self.is_breakdown() || matches!(self, Self::Limited | Self::Refused | Self::Unauthorized | Self::Gone)
    }
}

/// What is said of a receiver that is not there any more.
pub(super) const GONE: &str = "it says that it is gone (status 410)";

/// An attempt that has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Judged {
    pub(super) standing: Standing,
    /// For how long the receiver asks us to wait, in milliseconds; 0 if it does not.
    pub(super) hint_ms: u64,
    /// The response's status.
    pub(super) status: Option<u16>,
    /// What went wrong, for people; empty if nothing did.
    pub(super) fault: String,
    /// How the body began.
    pub(super) response: String,
}

/// What the end of an attempt to deliver this event means.
pub(super) fn judge(sent: Sent, event: &str, wall_ms: i64) -> Judged {
    let without =
        |standing, fault| Judged { standing, hint_ms: 0, status: None, fault, response: String::new() };
    let response = match sent.end {
        End::Answered(response) => response,
        End::Failed { is_late: true, fault } => return without(Standing::Late, fault),
        End::Failed { fault, .. } => return without(Standing::Unreachable, fault),
        End::Unprepared(fault) => return without(Standing::Unprepared, fault),
        End::Nothing(reason) => return without(Standing::Nothing, reason),
    };
    let standing = match response.status {
        200..=299 => match verdict(&response, event) {
            Verdict::Taken => Standing::Delivered,
            Verdict::Again => Standing::Again,
            Verdict::Dropped => Standing::Unwanted,
        },
        408 | 425 | 500..=599 => Standing::Busy,
        429 => Standing::Limited,
        409 => Standing::InProgress,
        401 | 403 => Standing::Unauthorized,
        410 => Standing::Gone,
        413 => Standing::TooLarge,
        400..=499 => Standing::Refused,
        _ => Standing::Unreachable,
    };
    Judged {
        standing,
        hint_ms: hint_ms(&response, wall_ms),
        status: Some(response.status),
        fault: fault(standing, response.status),
        response: excerpt(&response.body),
    }
}

/// For how long the receiver asks us to wait: in seconds, as a date, or in its body.
fn hint_ms(response: &cuehook_protocol::Response, wall_ms: i64) -> u64 {
    let date = response.retry_after.as_deref().and_then(|text| httpdate::parse_http_date(text.trim()).ok());
    let date = date.and_then(|date| date.duration_since(SystemTime::UNIX_EPOCH).ok());
    let date = date.map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX));
    let until_date = date.saturating_sub(u64::try_from(wall_ms).unwrap_or(0));
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let said = retry_hint_ms(response).unwrap_or(0.0) as u64;
    said.max(until_date)
}

/// What is wrong, and what to do.
fn fault(standing: Standing, status: u16) -> String {
    match standing {
        Standing::Delivered => String::new(),
        Standing::Again => "its answer says that the event is to be sent again".into(),
        Standing::Unwanted => "its answer says that the event is not wanted".into(),
        Standing::InProgress => format!("it works on an earlier attempt (status {status})"),
        Standing::Unauthorized => {
            format!(
                "it lets nobody in with these credentials (status {status}); look at header fields and secrets"
            )
        }
        Standing::Gone => GONE.into(),
        Standing::TooLarge => format!("it takes nothing so large (status {status})"),
        Standing::Limited => format!("it was sent too many requests (status {status})"),
        Standing::Unreachable if matches!(status, 300..=399) => {
            format!(
                "it redirects (status {status}), which is not followed; use the address that it redirects to"
            )
        }
        Standing::Unreachable => format!("the status {status} is not an answer"),
        _ => format!("it answered with status {status}"),
    }
}

/// How a body begins, as text.
fn excerpt(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body.get(..EXCERPT).unwrap_or(body)).replace('\0', "\u{fffd}");
    let end = (0..=EXCERPT.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    text.get(..end).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use cuehook_protocol::Response;

    fn answered(status: u16, retry_after: Option<&str>, body: &[u8]) -> Judged {
        let retry_after = retry_after.map(str::to_owned);
        let response = Response { status, retry_after, body: body.to_vec(), ..Response::default() };
        judge(Sent { took_ms: 1, end: End::Answered(response) }, "e1", 1_000_000)
    }

    #[test]
    fn every_status_means_something() {
        for (status, standing) in [
            (200, Standing::Delivered),
            (204, Standing::Delivered),
            (299, Standing::Delivered),
            (100, Standing::Unreachable),
            (301, Standing::Unreachable),
            (304, Standing::Unreachable),
            (308, Standing::Unreachable),
            (400, Standing::Refused),
            (401, Standing::Unauthorized),
            (403, Standing::Unauthorized),
            (404, Standing::Refused),
            (408, Standing::Busy),
            (409, Standing::InProgress),
            (410, Standing::Gone),
            (413, Standing::TooLarge),
            (422, Standing::Refused),
            (425, Standing::Busy),
            (429, Standing::Limited),
            (500, Standing::Busy),
            (599, Standing::Busy),
            (600, Standing::Unreachable),
        ] {
            let judged = answered(status, None, b"");
            assert_eq!(judged.standing, standing, "{status}");
            assert_eq!(
                judged.fault.is_empty(),
                standing == Standing::Delivered,
                "{status}: {}",
                judged.fault
            );
            assert_eq!(judged.status, Some(status));
        }
        assert!(answered(307, None, b"").fault.contains("address that it redirects to"));
    }

    #[test]
    fn a_receiver_speaks_of_the_event_in_its_answer() {
        let of = |body: &str| answered(200, None, body.as_bytes()).standing;
        assert_eq!(of(r#"{"results":{"e1":"retry"}}"#), Standing::Again);
        assert_eq!(of(r#"{"results":{"e1":"drop"}}"#), Standing::Unwanted);
        assert_eq!(of(r#"{"results":{"e1":"dup"}}"#), Standing::Delivered);
        assert_eq!(of(r#"{"results":{"e2":"retry"}}"#), Standing::Delivered);
        assert_eq!(of("<html>"), Standing::Delivered);
        assert_eq!(answered(500, None, br#"{"results":{"e1":"drop"}}"#).standing, Standing::Busy);
    }

    #[test]
    fn hints_are_seconds_dates_or_in_the_body() {
        let hint = |text: &str| answered(503, Some(text), b"").hint_ms;
        assert_eq!((hint("7"), hint("soon"), hint("-7"), hint("1e300")), (7_000, 0, 0, u64::MAX));
        assert_eq!(hint("Thu, 01 Jan 1970 00:20:00 GMT"), 200_000);
        assert_eq!(hint("Thu, 01 Jan 1970 00:00:00 GMT"), 0, "in the past");
        assert_eq!(answered(503, Some("1"), br#"{"retry_after_ms":2500}"#).hint_ms, 2_500);
    }

    #[test]
    fn of_a_body_its_beginning_is_kept() {
        let long = "ö".repeat(EXCERPT);
        let kept = answered(500, None, long.as_bytes()).response;
        assert!(kept.len() <= EXCERPT && kept.len() >= EXCERPT - 3 && long.starts_with(&kept));
        assert_eq!(answered(500, None, b"a\xff\0b").response, "a\u{fffd}\u{fffd}b");
        let wide = answered(500, None, &[0xff; 2 * EXCERPT]).response;
        assert!(wide.len() <= EXCERPT);
    }
}
