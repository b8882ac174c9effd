//! Endpoints that answer well, badly, slowly, or never, and change their minds.

use super::world::World;
use crate::config::Webhook;
use crate::core::dispatch::{End, Sending, Sent};
use cuehook_protocol::Response;

/// How an endpoint behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Mode {
    Well,
    Slow,
    Hangs,
    Resets,
    Status(u16),
    /// It asks for an hour.
    Hints,
    SaysRetry,
    SaysDrop,
    Unprepared,
    Nothing,
    /// Anything of these, each time anew.
    Mixed,
}

pub(super) const IDS: [&str; 6] = ["ops", "a", "b", "kept", "late", "gone"];

pub(super) fn webhooks() -> Vec<Webhook> {
    let webhook = |id: &str, events: &[&str]| Webhook {
        id: id.into(),
        url: format!("https://{id}.example/hook"),
        events: events.iter().map(|pattern| (*pattern).to_owned()).collect(),
        ..Webhook::default()
    };
    vec![
        webhook("ops", &["endpoint.*", "delivery.*"]),
        webhook("a", &["*"]),
        webhook("b", &["*", "endpoint.disabled"]),
        Webhook { ordered: true, ..webhook("kept", &["*"]) },
        webhook("late", &["*"]),
        webhook("gone", &["*"]),
    ]
}

impl World {
    pub(super) fn any_mode(&mut self) -> Mode {
        let modes = [
            Mode::Well,
            Mode::Well,
            Mode::Well,
            Mode::Slow,
            Mode::Hangs,
            Mode::Resets,
            Mode::Status(500),
            Mode::Status(503),
            Mode::Status(429),
            Mode::Status(409),
            Mode::Status(404),
            Mode::Status(401),
            Mode::Status(302),
            Mode::Status(413),
            Mode::Hints,
            Mode::SaysRetry,
            Mode::SaysDrop,
            Mode::Unprepared,
            Mode::Nothing,
            Mode::Mixed,
            Mode::Mixed,
        ];
        if self.chance(0.02) {
            return Mode::Status(410);
        }
        modes[self.pick(modes.len())]
    }

    /// How an attempt ends, and when.
    pub(super) fn answer(&mut self, sending: &Sending) -> (u64, Sent, Mode) {
        let mut mode = if self.is_calm { Mode::Well } else { self.modes[&sending.delivery.webhook] };
        while mode == Mode::Mixed {
            mode = self.any_mode();
        }
        let quick = 1 + self.pick(50) as u64;
        let timeout = u64::from(sending.timeout_ms);
        let response = |status: u16, body: String| {
            End::Answered(Response { status, body: body.into(), ..Response::default() })
        };
        let says = |word: &str| format!("{{\"results\":{{\"{}\":\"{word}\"}}}}", sending.delivery.event);
        let fault = || "the connection broke".to_owned();
        let (after_ms, end) = match mode {
            Mode::Well | Mode::Mixed => (quick, response(200, String::new())),
            Mode::Slow => (1 + self.pick(29_000) as u64, response(204, String::new())),
            Mode::Hangs => (timeout, End::Failed { is_late: true, fault: fault() }),
            Mode::Resets => (quick, End::Failed { is_late: false, fault: fault() }),
            Mode::Status(status) => (quick, response(status, String::new())),
            Mode::Hints => {
                let retry_after = Some("3600".to_owned());
                (quick, End::Answered(Response { status: 503, retry_after, ..Response::default() }))
            }
            Mode::SaysRetry => (quick, response(200, says("retry"))),
            Mode::SaysDrop => (quick, response(200, says("drop"))),
            Mode::Unprepared => (0, End::Unprepared("the template cannot be used".into())),
            Mode::Nothing => (0, End::Nothing("its format has no body for this".into())),
        };
        let took_ms = u32::try_from(after_ms).unwrap();
        (after_ms, Sent { took_ms, end }, mode)
    }
}
