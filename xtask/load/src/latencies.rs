//! What many durations come to.

use serde::{Deserialize, Serialize};

/// Durations in microseconds: how many, and those that so many of a hundred do not exceed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Latencies {
    /// How many.
    pub count: u64,
    /// Half are at most this.
    pub p50: u64,
    /// 99 of 100 are at most this.
    pub p99: u64,
    /// The longest.
    pub most: u64,
}

impl Latencies {
    /// Of these; all 0 if there are none.
    pub fn of(mut durations: Vec<u64>) -> Self {
        durations.sort_unstable();
        Self {
            count: u64::try_from(durations.len()).unwrap_or(u64::MAX),
            p50: percentile(&durations, 50),
            p99: percentile(&durations, 99),
            most: durations.last().copied().unwrap_or_default(),
        }
    }
}

/// The smallest of sorted values that at least so many of a hundred do not exceed (nearest rank); 0 if there are none.
fn percentile(sorted: &[u64], percent: usize) -> u64 {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_were_there() {
        let latencies = Latencies::of((1..=1_000).rev().collect());
        assert_eq!(latencies, Latencies { count: 1_000, p50: 500, p99: 990, most: 1_000 });
        assert_eq!(Latencies::of(vec![7]), Latencies { count: 1, p50: 7, p99: 7, most: 7 });
        assert_eq!(Latencies::of(vec![3, 1]), Latencies { count: 2, p50: 1, p99: 3, most: 3 });
        assert_eq!(Latencies::of(Vec::new()), Latencies::default());
    }

    #[test]
    fn one_of_a_hundred_may_be_slow() {
        let mut durations = vec![10; 99];
        durations.push(9_000);
        assert_eq!(Latencies::of(durations.clone()).p99, 10);
        durations.push(9_000);
        assert_eq!(Latencies::of(durations).p99, 9_000);
    }
}
