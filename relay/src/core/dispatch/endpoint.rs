//! How many requests an endpoint gets at once. It begins with few and is given more while it does well; one that does not answer keeps
//! little of what all share.

use super::Limits;
use super::breaker::{Breaker, Passage};
use super::health::Condition;
use super::judge::Standing;
use crate::store::DeliveryId;
use std::collections::VecDeque;

/// An endpoint that nothing is known of, or that was not well lately, gets so many at once.
const FEW: usize = 2;
/// For so many milliseconds after a success an endpoint is one that works.
const WORKS_MS: u64 = 60_000;
/// When much is under way, for so many milliseconds.
const WORKS_BUSY_MS: u64 = 3_000;
/// For so many milliseconds what is claimed waits for its turn; then it is given back.
pub(super) const PATIENCE_MS: u64 = 1_000;
/// After too many requests an endpoint is left alone for so many milliseconds, unless it says how long.
const REST_MS: u64 = 5_000;
/// For no longer than this an endpoint is left alone because it asks for it, in milliseconds.
const LONGEST_REST_MS: u64 = 60_000;

/// What is in hand of all endpoints.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Load {
    /// Requests that are under way.
    pub(super) under_way: usize,
    /// Bytes of events.
    pub(super) bytes: usize,
}

/// An endpoint: a webhook to which something is to be sent, or was.
#[derive(Debug)]
pub(super) struct Endpoint {
    /// Requests that are under way.
    pub(super) under_way: usize,
    /// Deliveries that are claimed and wait for their turn.
    pub(super) queue: VecDeque<DeliveryId>,
    /// Since when the first of them waits.
    pub(super) queued_ms: u64,
    /// How many it gets at once while it does well.
    allowance: usize,
    /// When it did well last.
    well_ms: Option<u64>,
    /// The last attempt did not go well.
    is_suspect: bool,
    pub(super) breaker: Breaker,
    /// It lets nobody in: it is tried again then.
    pub(super) paused_until_ms: Option<u64>,
    /// It asked to be left alone until then.
    rests_until_ms: u64,
    /// There may be more for it in the store.
    pub(super) has_more: bool,
    pub(super) condition: Condition,
}

impl Endpoint {
    pub(super) fn new(webhook: &str) -> Self {
        Self {
            under_way: 0,
            queue: VecDeque::new(),
            queued_ms: 0,
            allowance: FEW,
            well_ms: None,
            is_suspect: false,
            breaker: Breaker::default(),
            paused_until_ms: None,
            rests_until_ms: 0,
            has_more: false,
            condition: Condition::new(webhook),
        }
    }

    /// Its settings or its secrets have changed, or it was enabled: whoever did that wants to see whether it works now.
    pub(super) fn forgive(&mut self) {
        self.breaker = Breaker::default();
        self.paused_until_ms = None;
        self.rests_until_ms = 0;
        self.is_suspect = false;
        self.has_more = true;
    }

    /// When it may be sent something again; none if it may now.
    pub(super) fn blocked_until_ms(&self, clock_ms: u64) -> Option<u64> {
        let paused = self.paused_until_ms.filter(|until_ms| clock_ms < *until_ms);
        let rests = Some(self.rests_until_ms).filter(|until_ms| clock_ms < *until_ms);
        let closed = match self.breaker.passage(clock_ms) {
            Passage::Closed(until_ms) => Some(until_ms),
            Passage::Free | Passage::Probe => None,
        };
        paused.max(rests).max(closed)
    }

    pub(super) fn is_open(&self, clock_ms: u64) -> bool {
        matches!(self.breaker.passage(clock_ms), Passage::Closed(_))
    }

    /// How many requests it may have under way now.
    pub(super) fn most(&self, limits: &Limits, load: Load, clock_ms: u64) -> usize {
        let is_blocked = self.blocked_until_ms(clock_ms).is_some() || self.condition.is_gone();
        if is_blocked || load.under_way >= limits.at_once {
            return 0;
        }
        let works_within = |ms: u64| {
            !self.is_suspect && self.well_ms.is_some_and(|at_ms| clock_ms < at_ms.saturating_add(ms))
        };
        let works = works_within(WORKS_MS);
        // The last eighth is for those that work; and what they have been sent is answered soon.
        if !works && (load.under_way >= limits.at_once / 8 * 7 || load.bytes > limits.bytes / 2) {
            return 0;
        }
        let is_probe = self.paused_until_ms.is_some() || self.breaker.passage(clock_ms) == Passage::Probe;
        if is_probe {
            return 1;
        }
        let is_busy = load.under_way >= limits.at_once / 2;
        let is_few = !works || is_busy && !works_within(WORKS_BUSY_MS);
        let most = if is_few { self.allowance.min(FEW) } else { self.allowance };
        most.min(limits.per_webhook)
    }

    /// Whether something may be claimed for it: it can be sent now, or its turn will come soon.
    pub(super) fn has_room(&self, limits: &Limits, load: Load, clock_ms: u64) -> bool {
        let most = self.most(limits, load, clock_ms);
        let ahead = if self.is_swift(clock_ms) { most } else { 0 };
        self.under_way + self.queue.len() < most + ahead
    }

    /// Whether what waits for its turn will have it soon.
    fn is_swift(&self, clock_ms: u64) -> bool {
        !self.is_suspect && self.well_ms.is_some_and(|at_ms| clock_ms < at_ms.saturating_add(PATIENCE_MS))
    }

    /// Whether what waits for its turn is to be given back, so that it is there for others.
    pub(super) fn gives_back(&self, clock_ms: u64) -> bool {
        let is_late = clock_ms >= self.queued_ms.saturating_add(PATIENCE_MS) && !self.is_swift(clock_ms);
        !self.queue.is_empty()
            && (self.is_suspect
                || is_late
                || self.condition.is_gone()
                || self.blocked_until_ms(clock_ms).is_some())
    }

    /// An attempt has ended.
    pub(super) fn ended(&mut self, limits: &Limits, standing: Standing, hint_ms: u64, clock_ms: u64) {
        if standing.is_well() {
            self.breaker.well(clock_ms);
            self.well_ms = Some(clock_ms);
            self.is_suspect = false;
            self.paused_until_ms = None;
            self.allowance = (self.allowance + 1).min(limits.per_webhook);
            return;
        }
        self.is_suspect |=
            standing.is_breakdown() || matches!(standing, Standing::Limited | Standing::Unauthorized);
        match standing {
            Standing::Late | Standing::Limited => self.allowance = 1,
            _ if standing.is_breakdown() => self.allowance = (self.allowance / 2).max(1),
            Standing::Unauthorized => self.paused_until_ms = Some(clock_ms.saturating_add(limits.pause_ms)),
            _ => {}
        }
        if standing.is_breakdown() {
            self.breaker.failed(clock_ms);
            // One probe, and then the next one: not all that waits.
            if self.paused_until_ms.is_some_and(|until_ms| until_ms <= clock_ms) {
                self.paused_until_ms = Some(clock_ms.saturating_add(limits.pause_ms));
            }
        } else if standing.is_failing() && standing != Standing::Unauthorized {
            // It does not take this, but it answers.
            self.breaker.well(clock_ms);
            self.paused_until_ms = None;
        }
        let rest_ms = match standing {
            Standing::Limited => hint_ms.max(REST_MS),
            Standing::Busy => hint_ms,
            _ => 0,
        };
        self.rests_until_ms = self.rests_until_ms.max(clock_ms.saturating_add(rest_ms.min(LONGEST_REST_MS)));
    }

    /// Nothing is in hand for it, and nothing is to be remembered.
    pub(super) fn is_at_rest(&self) -> bool {
        self.under_way == 0 && self.queue.is_empty()
    }
}
