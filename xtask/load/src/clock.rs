//! What is measured, and what is before and after.

use std::sync::OnceLock;
use std::time::Instant;

/// Where a plan has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Caches fill, connections are made.
    Warming,
    /// What happens now counts.
    Measured,
    /// Nothing new is begun.
    Over,
}

/// The moments at which what is measured begins and ends.
#[derive(Debug, Default)]
pub struct Clock {
    begun: OnceLock<Instant>,
    ended: OnceLock<Instant>,
}

impl Clock {
    /// From now on it counts.
    pub fn begin(&self) {
        self.begun.get_or_init(Instant::now);
    }

    /// From now on it does not count any more.
    pub fn end(&self) {
        self.ended.get_or_init(Instant::now);
    }

    /// Where the plan has come to.
    pub fn phase(&self) -> Phase {
        match (self.begun.get(), self.ended.get()) {
            (_, Some(_)) => Phase::Over,
            (Some(_), None) => Phase::Measured,
            (None, None) => Phase::Warming,
        }
    }

    /// How long it counted, in seconds; 0 before it has ended.
    pub fn seconds(&self) -> f64 {
        let (Some(begun), Some(ended)) = (self.begun.get(), self.ended.get()) else { return 0.0 };
        ended.duration_since(*begun).as_secs_f64()
    }
}
