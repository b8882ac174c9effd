//! Leaving the page for another one: not before the requests that were made are on their way.
//!
//! Browsers end the requests of a page that is left, unless they are marked `keepalive`. Those arrive, also after a CORS
//! preflight: seen in Chromium, Firefox and WebKit.

use super::effect::Effect;
use super::input::Timer;
use super::machine::Engine;
use super::requests::PendingRequest;

/// A navigation waits no longer than so many milliseconds.
const LEAVE_AFTER_MS: f64 = 2_000.0;
/// Bodies of so many bytes are sent with `keepalive` at the same time. Browsers fail what goes beyond 64 KiB, and the page
/// has requests of its own.
const KEEPALIVE_BYTES: usize = 48 * 1024;

/// A navigation that waits.
#[derive(Debug)]
pub(super) struct Leaving {
    url: String,
    timed: bool,
}

impl Engine {
    /// Goes to another page as soon as no request is lost by that. Of several navigations the last counts, as in browsers.
    pub(super) fn leave(&mut self, url: String) {
        let timed = self.leaving.as_ref().is_some_and(|leaving| leaving.timed);
        self.leaving = Some(Leaving { url, timed });
    }

    /// Goes if nothing is lost by that. Comes after everything else of an input.
    pub(super) fn leave_if_possible(&mut self) {
        let Some(leaving) = &mut self.leaving else { return };
        if self.requests.iter().all(|request| request.keepalive) {
            self.leave_now();
        } else if !std::mem::replace(&mut leaving.timed, true) {
            self.out.push(Effect::StartTimer { timer: Timer::Leave, after_ms: LEAVE_AFTER_MS });
        }
    }

    /// Goes, whatever is lost.
    pub(super) fn leave_now(&mut self) {
        let Some(Leaving { url, timed }) = self.leaving.take() else { return };
        if timed {
            self.out.push(Effect::StopTimer(Timer::Leave));
        }
        self.out.push(Effect::OpenUrl { url, new_tab: false });
    }

    /// Whether the next attempt of a request should go on when the page is left. Only where that is about to happen: the
    /// room for such requests is small, and the page's own need it, too.
    pub(super) fn wants_keepalive(&self, request: &PendingRequest) -> bool {
        let bytes = |request: &PendingRequest| request.sealed.as_ref().map_or(0, |sealed| sealed.size());
        let others: usize = self.requests.iter().filter(|other| other.keepalive).map(bytes).sum();
        // One that failed may have failed for want of room.
        self.setup.keepalive
            && self.leaving.is_some()
            && request.attempts == 0
            && others + bytes(request) <= KEEPALIVE_BYTES
    }
}

/// Whether a URL replaces the page. Others open a program of the viewer's, or scroll.
pub(super) fn replaces_page(url: &str) -> bool {
    !["mailto:", "tel:", "#"]
        .iter()
        .any(|start| url.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start)))
}
