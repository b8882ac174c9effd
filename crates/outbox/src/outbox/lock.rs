//! One page of the origin sends at a time: it holds the lock.

use super::Outbox;
use crate::effect::{Effect, Timer};
use crate::input::Storage;

/// Milliseconds for which a page sends before it lets others.
const FLUSH_MS: f64 = 30_000.0;
/// Milliseconds between two renewals of the lease.
const RENEW_MS: f64 = 5_000.0;

/// Whether this page holds the lock.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Hold {
    /// No.
    None,
    /// It was asked for.
    Asked,
    /// Since then, on the monotonic clock.
    Held(f64),
}

impl Outbox {
    /// Takes the lock if there is something to send.
    pub(super) fn flush(&mut self) {
        let is_due = self.scan.is_wanted()
            && (self.scan.is_all() || self.receivers.iter().any(|one| one.due_ms() <= self.now.wall_ms));
        if self.hold == Hold::None && is_due && self.storage == Some(Storage::Durable) {
            self.hold = Hold::Asked;
            self.out.push(Effect::Lock { steal: false });
        }
    }

    pub(super) fn locked(&mut self) {
        if self.hold == Hold::Asked {
            self.hold = Hold::Held(self.now.clock_ms);
            self.begin_scan();
            self.renew();
        }
    }

    pub(super) fn lock_lost(&mut self) {
        self.hold = Hold::None;
        self.drop_queue();
    }

    /// Says that this page is alive.
    pub(super) fn renew(&mut self) {
        if matches!(self.hold, Hold::Held(_)) {
            self.out.push(Effect::StartTimer { timer: Timer::Lease, after_ms: RENEW_MS });
        }
    }

    pub(super) fn leased(&mut self) {}

    /// Whether new deliveries may be begun.
    pub(super) fn may_send(&self) -> bool {
        matches!(self.hold, Hold::Held(since) if self.now.clock_ms - since < FLUSH_MS)
    }

    /// Releases the lock when all is done that can be done now.
    pub(super) fn release(&mut self) {
        if !matches!(self.hold, Hold::Held(_)) {
            return;
        }
        if !self.may_send() {
            self.drop_queue();
        }
        let is_read = self.scan.is_over() || !self.may_send();
        if is_read && self.queue.is_empty() && self.underway.is_empty() && self.books.are_closed() {
            self.hold = Hold::None;
            self.out.push(Effect::StopTimer(Timer::Lease));
            self.out.push(Effect::Unlock);
            for ticket in std::mem::take(&mut self.flushes) {
                self.settle(ticket, Ok(()));
            }
        }
    }
}
