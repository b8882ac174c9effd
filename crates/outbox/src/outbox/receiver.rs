//! How a receiver is doing: whether it is sent something, and when.

use crate::row::Address;

/// After so many failures without a success one probe is sent at a time.
const PROBE_AFTER: u32 = 3;
/// Deliveries under way to one receiver, as long as nothing has gone wrong.
const PER_RECEIVER: usize = 2;

/// A receiver that this page knows.
#[derive(Debug)]
pub(super) struct Receiver {
    pub(super) key: String,
    pub(super) address: Address,
    /// Its address is stored as it is.
    pub(super) is_stored: bool,
    /// When the first of its rows that wait is due: Unix time in milliseconds, infinite if none waits.
    waiting_ms: f64,
    /// Not before: Unix time in milliseconds.
    pub(super) until_ms: f64,
    /// Failures since the last success.
    pub(super) failures: u32,
    /// Deliveries under way.
    pub(super) under_way: usize,
}

impl Receiver {
    pub(super) fn new(key: String, address: Address) -> Self {
        Self {
            key,
            address,
            is_stored: false,
            waiting_ms: f64::INFINITY,
            until_ms: 0.0,
            failures: 0,
            under_way: 0,
        }
    }

    /// A row waits until then.
    pub(super) fn waits(&mut self, until_ms: f64) {
        self.waiting_ms = self.waiting_ms.min(until_ms);
    }

    /// Nothing is known to wait.
    pub(super) fn forget(&mut self) {
        self.waiting_ms = f64::INFINITY;
    }

    /// When something can be sent, as far as is known.
    pub(super) fn due_ms(&self) -> f64 {
        self.waiting_ms.max(self.until_ms)
    }

    /// Whether another delivery may be begun.
    pub(super) fn has_room(&self, now: f64) -> bool {
        let most = if self.failures >= PROBE_AFTER { 1 } else { PER_RECEIVER };
        self.until_ms <= now && self.under_way < most
    }
}
