//! How much is in hand at most, and how patient a relay is.

use super::super::limits::Limits as CoreLimits;

const SECOND_MS: u64 = 1_000;
const MINUTE_MS: u64 = 60 * SECOND_MS;
const HOUR_MS: u64 = 60 * MINUTE_MS;

/// How much is in hand at most, and how patient a relay is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Requests to one webhook at the same time.
    pub per_webhook: usize,
    /// Requests at the same time.
    pub at_once: usize,
    /// Bytes of events that are in hand.
    pub bytes: usize,
    /// Bytes of one event at most: before it is claimed nobody knows how many it has.
    pub event_bytes: usize,
    /// Milliseconds that an attempt may take, from looking up the name to the last byte of the answer.
    pub timeout_ms: u32,
    /// Milliseconds before each attempt, the first one included; each time a fifth more or less. When there are no more of them a delivery
    /// is given up.
    pub schedule_ms: Vec<u64>,
    /// After a timeout, or when there were too many requests, at least so many milliseconds pass.
    pub breather_ms: u64,
    /// A webhook that lets nobody in is tried again after so many milliseconds.
    pub pause_ms: u64,
    /// A webhook that fails for so many milliseconds is disabled.
    pub disable_after_ms: u64,
    /// How often it is looked for deliveries that others have taken, in milliseconds.
    pub poll_ms: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            per_webhook: 10,
            at_once: 1_024,
            bytes: 32 * 1024 * 1024,
            event_bytes: CoreLimits::default().event_bytes,
            timeout_ms: 30_000,
            schedule_ms: vec![
                0,
                5 * SECOND_MS,
                30 * SECOND_MS,
                2 * MINUTE_MS,
                10 * MINUTE_MS,
                30 * MINUTE_MS,
                HOUR_MS,
                2 * HOUR_MS,
                5 * HOUR_MS,
                10 * HOUR_MS,
                14 * HOUR_MS,
                20 * HOUR_MS,
                24 * HOUR_MS,
            ],
            breather_ms: MINUTE_MS,
            pause_ms: 10 * MINUTE_MS,
            disable_after_ms: 120 * HOUR_MS,
            poll_ms: SECOND_MS,
        }
    }
}

impl Limits {
    /// For how long deliveries are claimed, in milliseconds: an attempt, and writing down how it ended.
    pub(super) fn lease_ms(&self) -> u64 {
        u64::from(self.timeout_ms).saturating_add(15 * SECOND_MS)
    }
}
