//! An endpoint that fails again and again is left alone for a while.

/// So many failures one after the other open it.
const CONSECUTIVE: u32 = 10;
/// So many attempts in the window are enough to speak of a share.
const LEAST: u32 = 10;
/// This share of them opens it, in percent.
const SHARE: u32 = 70;
/// The window: so many parts of so many milliseconds.
const PARTS: u64 = 5;
const PART_MS: u64 = 60_000;
/// At first it is open for so many milliseconds, then for twice as long, and so on.
const FIRST_MS: u64 = 30_000;
/// It is open for no longer than this.
const LONGEST_MS: u64 = 300_000;

/// Whether an endpoint is sent anything.
#[derive(Clone, Debug, Default)]
pub(super) struct Breaker {
    consecutive: u32,
    /// Of the last parts of the window: which part, how many attempts, how many failures.
    parts: [(u64, u32, u32); PARTS as usize],
    /// How often it was opened since the endpoint was well last, and until when it is.
    opened: u32,
    open_until_ms: Option<u64>,
}

/// What an endpoint may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Passage {
    /// Whatever there is.
    Free,
    /// One request, to see how it is doing.
    Probe,
    /// Nothing until then.
    Closed(u64),
}

impl Breaker {
    pub(super) fn passage(&self, clock_ms: u64) -> Passage {
        match self.open_until_ms {
            None => Passage::Free,
            Some(until_ms) if clock_ms < until_ms => Passage::Closed(until_ms),
            Some(_) => Passage::Probe,
        }
    }

    /// An attempt went well.
    pub(super) fn well(&mut self, clock_ms: u64) {
        if self.open_until_ms.is_some() {
            *self = Self::default();
        }
        self.consecutive = 0;
        self.opened = 0;
        self.count(clock_ms, 0);
    }

    /// An attempt has failed.
    pub(super) fn failed(&mut self, clock_ms: u64) {
        self.consecutive = self.consecutive.saturating_add(1);
        self.count(clock_ms, 1);
        let opens = match self.passage(clock_ms) {
            // What was under way when it was opened says nothing new.
            Passage::Closed(_) => false,
            Passage::Probe => true,
            Passage::Free => {
                let first = (clock_ms / PART_MS).saturating_sub(PARTS - 1);
                let recent = self.parts.iter().filter(|(part, ..)| *part >= first);
                let (all, failed) = recent.fold((0_u32, 0_u32), |(all, failed), (_, more, of_them)| {
                    (all.saturating_add(*more), failed.saturating_add(*of_them))
                });
                let is_share = all >= LEAST && failed.saturating_mul(100) >= all.saturating_mul(SHARE);
                self.consecutive >= CONSECUTIVE || is_share
            }
        };
        if opens {
            let open_ms = (FIRST_MS << self.opened.min(8)).min(LONGEST_MS);
            self.open_until_ms = Some(clock_ms.saturating_add(open_ms));
            self.opened = self.opened.saturating_add(1);
        }
    }

    fn count(&mut self, clock_ms: u64, failed: u32) {
        let part = clock_ms / PART_MS;
        let place = usize::try_from(part % PARTS).unwrap_or(0);
        let Some(counted) = self.parts.get_mut(place) else { return };
        if counted.0 != part {
            *counted = (part, 0, 0);
        }
        counted.1 = counted.1.saturating_add(1);
        counted.2 = counted.2.saturating_add(failed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_failures_open_it_for_longer_each_time() {
        let mut breaker = Breaker::default();
        for place in 0..9 {
            breaker.failed(place);
        }
        assert_eq!(breaker.passage(9), Passage::Free);
        breaker.failed(9);
        assert_eq!(breaker.passage(9), Passage::Closed(30_009));
        breaker.failed(10);
        assert_eq!(breaker.passage(30_008), Passage::Closed(30_009), "it was under way");
        assert_eq!(breaker.passage(30_009), Passage::Probe);
        let mut now = 30_009;
        for open_ms in [60_000, 120_000, 240_000, 300_000, 300_000] {
            breaker.failed(now);
            assert_eq!(breaker.passage(now), Passage::Closed(now + open_ms));
            now += open_ms;
        }
        breaker.well(now);
        assert_eq!(breaker.passage(now), Passage::Free);
        for place in 0..9 {
            breaker.failed(now + place);
        }
        assert_eq!(breaker.passage(now + 8), Passage::Closed(now + 8 + 30_000), "it begins anew");
    }

    #[test]
    fn a_large_share_of_the_last_minutes_opens_it() {
        let turns = |fails: &[bool], step_ms: u64| {
            let mut breaker = Breaker::default();
            let (mut now, mut was_open) = (1_000_000, false);
            for fails in fails.iter().cycle().take(40) {
                if *fails {
                    breaker.failed(now)
                } else {
                    breaker.well(now)
                }
                was_open |= breaker.passage(now) != Passage::Free;
                now += step_ms;
            }
            was_open
        };
        assert!(turns(&[true, true, true, false], 1_000), "75 %");
        assert!(!turns(&[true, false], 1_000), "50 %");
        assert!(!turns(&[true, true, true, false], 60_000), "too few in five minutes");
    }
}
