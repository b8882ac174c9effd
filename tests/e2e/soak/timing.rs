//! How long events took from the browser to a receiver's log: printed, and never asserted.

use crate::chaos::ledger::Ledger;
use cuehook_protocol::Priority;
use std::fmt::{self, Display, Formatter};

/// What many durations come to, in milliseconds.
pub struct Latencies {
    pub count: usize,
    half: f64,
    most: f64,
    longest: f64,
}

impl Latencies {
    fn of(mut durations: Vec<f64>) -> Latencies {
        durations.sort_by(f64::total_cmp);
        let at = |percent: usize| {
            let rank = (durations.len() * percent).div_ceil(100);
            durations.get(rank.saturating_sub(1)).copied().unwrap_or_default()
        };
        Latencies { count: durations.len(), half: at(50), most: at(99), longest: at(100) }
    }
}

impl Display for Latencies {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let Latencies { count, half, most, longest } = self;
        write!(out, "p50 {half:.0} ms, p99 {most:.0} ms, longest {longest:.0} ms ({count} events)")
    }
}

/// Of leads and answers, which leave at once, and of all others, which wait a moment for more.
pub fn of(ledger: &Ledger) -> (Latencies, Latencies) {
    let (mut leads, mut others) = (Vec::new(), Vec::new());
    for (kind, happened, came) in ledger.times() {
        let durations = if Priority::of(kind) == Priority::Lead { &mut leads } else { &mut others };
        durations.push(came - happened);
    }
    (Latencies::of(leads), Latencies::of(others))
}
