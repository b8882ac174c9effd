//! Webhooks that answer well, badly, slowly, after the timeout, or never.

use super::world::World;
use crate::config::{IncludeInteractions, Webhook};
use crate::core::Attempted;
use crate::store::{Answer, CallFailure, CallOutcome};
use cuehook_protocol::Response;

/// How an attempt ends.
#[derive(Clone, Debug)]
pub(super) struct End {
    /// After so many milliseconds.
    pub(super) after_ms: u64,
    pub(super) attempted: Attempted,
    /// What a player is to be given if it was the last one.
    pub(super) outcome: CallOutcome,
    /// How many milliseconds the webhook asks to wait before it is tried again; none if that is no use.
    pub(super) again_ms: Option<u64>,
}

pub(super) fn webhook(id: &str, timeout_ms: u32, retries: u8, projects: &[&str], events: &[&str]) -> Webhook {
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    Webhook {
        id: id.into(),
        name: id.into(),
        url: format!("https://{id}.example/hook"),
        headers: Vec::new(),
        wait_for_response: true,
        include_interactions: IncludeInteractions::Unsaid,
        timeout_ms,
        retries,
        projects: owned(projects),
        events: owned(events),
        ..Webhook::default()
    }
}

impl World {
    /// The webhook gets a request and answers as it pleases. Each answer can be told from all others.
    pub(super) fn answer(&mut self, timeout_ms: u32) -> End {
        self.serial += 1;
        let serial = self.serial;
        let body = format!("{{\"n\":{serial}}}");
        let json = ("content-type".to_owned(), "application/json".to_owned());
        let (response, outcome, again_ms) = match self.pick(18) {
            0..=4 => (response(200, None, &body), given(200, &[json], &body), None),
            5 => {
                let (text, plain) = (format!("OK {serial}"), "text/plain");
                let field = ("content-type".to_owned(), plain.to_owned());
                (response(200, Some(plain), &text), given(200, &[field], &text), None)
            }
            6 => (response(204, None, ""), given(204, &[], ""), None),
            7 => {
                let outcome = CallOutcome::Failed(CallFailure::BadJson);
                (response(200, Some("text/html"), "<p>"), outcome, None)
            }
            8 => (response(404, None, &body), given(404, &[json], &body), None),
            9 | 14..=16 => (response(503, None, &body), given(503, &[json], &body), Some(0)),
            10 => {
                let seconds = self.pick(4);
                let retry_after = ("retry-after".to_owned(), seconds.to_string());
                let response =
                    Response { retry_after: Some(seconds.to_string()), ..response(429, None, "<p>") };
                (response, given(429, &[retry_after], ""), Some(1_000 * seconds as u64))
            }
            11 => (response(302, None, ""), CallOutcome::Failed(CallFailure::Network), None),
            _ => return self.failure(timeout_ms),
        };
        let longest_ms = if self.chance(0.8) { 300 } else { 8_000 };
        let after_ms = self.pick(longest_ms) as u64;
        if after_ms >= u64::from(timeout_ms) {
            return timeout(timeout_ms);
        }
        End { after_ms, attempted: Attempted::Response(response), outcome, again_ms }
    }

    fn failure(&mut self, timeout_ms: u32) -> End {
        let failures =
            [CallFailure::Network, CallFailure::Network, CallFailure::Forbidden, CallFailure::TooLarge];
        let failure = match self.pick(failures.len() + 2) {
            place if place < failures.len() => failures[place],
            _ => return timeout(timeout_ms),
        };
        let again_ms = (failure == CallFailure::Network).then_some(0);
        let attempted = Attempted::Failed(failure);
        End { after_ms: 0, attempted, outcome: CallOutcome::Failed(failure), again_ms }
    }
}

/// It never answers, or too late.
fn timeout(timeout_ms: u32) -> End {
    let failure = CallFailure::Timeout;
    End {
        after_ms: timeout_ms.into(),
        attempted: Attempted::Failed(failure),
        outcome: CallOutcome::Failed(failure),
        again_ms: None,
    }
}

fn response(status: u16, content_type: Option<&str>, body: &str) -> Response {
    let content_type = content_type.map(str::to_owned);
    Response { status, content_type, body: body.into(), ..Response::default() }
}

fn given(status: u16, headers: &[(String, String)], body: &str) -> CallOutcome {
    CallOutcome::Answer(Answer { status, headers: headers.to_vec(), body: body.into() })
}
