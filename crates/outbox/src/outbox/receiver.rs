//! How a receiver is doing: whether it is sent something, and when.

use crate::endpoint::Endpoint;
use crate::row::Address;
use cuehook_protocol::EventType;

/// Events of a batch.
pub(super) const MAX_EVENTS: usize = 20;
/// After so many failures without a success one probe is sent at a time.
pub(super) const PROBE_AFTER: u32 = 3;
/// Deliveries under way to one receiver, as long as not many wait.
pub(super) const FEW: usize = 2;
/// When many wait, each success lets two more be under way, up to this.
const MANY: usize = 6;
/// So many are many.
const BACKLOG: f64 = 20.0;
/// After so many network failures, while others can be reached, something blocks this one.
const BLOCKED_AFTER: u32 = 5;

/// Whether a receiver takes anything.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Mood {
    /// As far as is known.
    Open,
    /// It has refused us since then: Unix time in milliseconds.
    Paused(f64),
    /// The browser cannot reach it, but others.
    Blocked,
    /// It is gone.
    Stopped,
}

/// A receiver that this page knows.
#[derive(Debug)]
pub(super) struct Receiver {
    pub(super) key: String,
    pub(super) address: Address,
    /// Its address is stored as it is.
    pub(super) is_stored: bool,
    /// The page may send to it.
    pub(super) is_allowed: bool,
    /// It has the page's origin: there is no preflight.
    pub(super) is_at_home: bool,
    pub(super) mood: Mood,
    /// When the first of its rows that wait is due: Unix time in milliseconds, infinite if none waits.
    waiting_ms: f64,
    /// When the oldest of them happened.
    pub(super) oldest_ms: f64,
    /// How many wait, as far as is known.
    pub(super) waiting: f64,
    /// How many the scan that is under way has come by.
    pub(super) counted: f64,
    /// Not before: Unix time in milliseconds.
    pub(super) until_ms: f64,
    /// Failures since the last success.
    pub(super) failures: u32,
    /// How many of the last failures in a row were the network's.
    pub(super) network: u32,
    /// Deliveries under way.
    pub(super) under_way: usize,
    most: usize,
    /// Events of a batch at most; with 1 it is sent single events.
    pub(super) most_in_batch: usize,
}

impl Receiver {
    pub(super) fn new(key: String, address: Address, is_allowed: bool, is_at_home: bool) -> Self {
        Self {
            key,
            is_stored: false,
            is_allowed,
            is_at_home,
            mood: Mood::Open,
            waiting_ms: f64::INFINITY,
            oldest_ms: f64::INFINITY,
            waiting: 0.0,
            counted: 0.0,
            until_ms: 0.0,
            failures: 0,
            network: 0,
            under_way: 0,
            most: FEW,
            most_in_batch: if address.batch { MAX_EVENTS } else { 1 },
            address,
        }
    }

    /// A subscription of it to one type.
    pub(super) fn endpoint(&self, kind: EventType, page: Option<String>) -> Endpoint {
        Endpoint {
            webhook: self.address.webhook.clone(),
            url: self.address.url.clone(),
            headers: self.address.headers.clone(),
            simple: self.address.simple,
            relay: self.address.relay,
            batch: self.address.batch,
            format: self.address.format,
            events: vec![kind.as_str().to_owned()],
            page,
        }
    }

    /// A row that happened at `at_ms` waits until then.
    pub(super) fn waits(&mut self, until_ms: f64, at_ms: f64) {
        if self.is_allowed {
            self.waiting_ms = self.waiting_ms.min(until_ms);
        }
        self.oldest_ms = self.oldest_ms.min(at_ms);
    }

    /// What waits need not wait for company.
    pub(super) fn hurry(&mut self, now: f64) {
        if self.waiting_ms.is_finite() {
            self.waiting_ms = self.waiting_ms.min(now);
        }
    }

    /// Nothing is known to wait.
    pub(super) fn forget(&mut self) {
        self.waiting_ms = f64::INFINITY;
        self.oldest_ms = f64::INFINITY;
    }

    /// Whether this page knows of no row that waits.
    pub(super) fn knows_of_none(&self) -> bool {
        self.waiting_ms.is_infinite()
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.mood == Mood::Stopped
    }

    /// When something can be sent, as far as is known.
    pub(super) fn due_ms(&self) -> f64 {
        self.waiting_ms.max(self.until_ms)
    }

    /// Whether something may be sent, apart from what is under way.
    pub(super) fn is_open(&self, now: f64) -> bool {
        self.is_allowed && (self.until_ms <= now || self.is_stopped())
    }

    /// Whether another delivery may be begun.
    pub(super) fn has_room(&self, now: f64) -> bool {
        let is_well = self.failures < PROBE_AFTER && self.mood == Mood::Open;
        self.is_open(now) && self.under_way < if is_well { self.most } else { 1 }
    }

    pub(super) fn succeeded(&mut self) {
        let was_out = self.failures >= PROBE_AFTER || self.mood != Mood::Open;
        self.most = if was_out || self.waiting < 1.0 {
            FEW
        } else if self.most > FEW || self.waiting >= BACKLOG {
            (self.most + 2).min(MANY)
        } else {
            FEW
        };
        self.failures = 0;
        self.network = 0;
        self.until_ms = 0.0;
        self.mood = Mood::Open;
    }

    /// Counts a failure; says whether it is blocked from now on.
    pub(super) fn failed(&mut self, is_network: bool, others_succeed: bool) -> bool {
        self.failures += 1;
        self.most = FEW;
        self.network = if is_network { self.network + 1 } else { 0 };
        self.network >= BLOCKED_AFTER && others_succeed
    }

    /// The clock was set back.
    pub(super) fn not_later(&mut self, latest_ms: f64) {
        if self.until_ms.is_finite() {
            self.until_ms = self.until_ms.min(latest_ms);
        }
        if self.waiting_ms.is_finite() {
            self.waiting_ms = self.waiting_ms.min(latest_ms);
        }
    }
}
