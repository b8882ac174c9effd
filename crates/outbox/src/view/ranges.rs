//! Ranges of media time that were watched, merged.

use cuehook_json::write_rounded;

/// What lies nearer together counts as one: players report a few times a second, so at each seek a moment is missed.
const JOIN: f64 = 0.3;

/// At most so many ranges are kept: then the two that are nearest to each other become one.
pub(super) const MAX_RANGES: usize = 200;

/// Ranges in ascending order, in seconds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ranges {
    list: Vec<(f64, f64)>,
    /// Seconds between ranges that became one for want of room. They do not count as watched.
    filled: f64,
}

impl Ranges {
    /// Adds a range.
    pub fn add(&mut self, mut from: f64, mut to: f64) {
        let mut list = Vec::with_capacity(self.list.len() + 1);
        let mut is_added = false;
        for range in &self.list {
            if range.1 + JOIN < from {
                list.push(*range);
            } else if range.0 > to + JOIN {
                if !is_added {
                    list.push((from, to));
                    is_added = true;
                }
                list.push(*range);
            } else {
                (from, to) = (from.min(range.0), to.max(range.1));
            }
        }
        if !is_added {
            list.push((from, to));
        }
        self.list = list;
        if self.list.len() > MAX_RANGES {
            self.coalesce();
        }
    }

    fn coalesce(&mut self) {
        let (mut nearest, mut least, mut end) = (0.0, f64::INFINITY, f64::NEG_INFINITY);
        for range in &self.list {
            if range.0 - end < least {
                (nearest, least) = (range.0, range.0 - end);
            }
            end = range.1;
        }
        self.filled += least;
        let mut list: Vec<(f64, f64)> = Vec::with_capacity(MAX_RANGES);
        for range in &self.list {
            match list.last_mut() {
                Some(before) if range.0 == nearest => before.1 = range.1,
                _ => list.push(*range),
            }
        }
        self.list = list;
    }

    /// Distinct seconds that were watched.
    pub fn seconds(&self) -> f64 {
        self.list.iter().map(|range| range.1 - range.0).sum::<f64>() - self.filled
    }

    /// The furthest second that was watched.
    pub fn furthest(&self) -> f64 {
        self.list.last().map_or(0.0, |range| range.1)
    }

    /// Appends them as `[[0,7.5],[9,12]]`.
    pub fn write(&self, out: &mut String) {
        let mut sign = '[';
        for range in &self.list {
            out.push(sign);
            out.push('[');
            write_rounded(range.0, out);
            out.push(',');
            write_rounded(range.1, out);
            out.push(']');
            sign = ',';
        }
        if sign == '[' {
            out.push('[');
        }
        out.push(']');
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    fn of(list: &[(f64, f64)]) -> Ranges {
        let mut ranges = Ranges::default();
        for range in list {
            ranges.add(range.0, range.1);
        }
        ranges
    }

    fn written(ranges: &Ranges) -> String {
        let mut out = String::new();
        ranges.write(&mut out);
        out
    }

    #[test]
    fn what_touches_becomes_one() {
        for (list, expected) in [
            (&[][..], "[]"),
            (&[(1.0, 2.0)], "[[1,2]]"),
            (&[(5.0, 6.0), (1.0, 2.0)], "[[1,2],[5,6]]"),
            (&[(1.0, 2.0), (2.0, 3.0)], "[[1,3]]"),
            (&[(1.0, 2.0), (2.25, 3.0)], "[[1,3]]"),
            (&[(1.0, 2.0), (2.5, 3.0)], "[[1,2],[2.5,3]]"),
            (&[(1.0, 2.0), (5.0, 6.0), (8.0, 9.0), (1.5, 8.5)], "[[1,9]]"),
            (&[(1.0, 9.0), (3.0, 4.0)], "[[1,9]]"),
            (&[(3.0, 4.0), (1.0, 1.2345678)], "[[1,1.235],[3,4]]"),
        ] {
            assert_eq!(written(&of(list)), expected);
        }
        assert_eq!(of(&[(1.0, 2.0), (5.0, 6.5)]).seconds(), 2.5);
        assert_eq!(of(&[(5.0, 6.5), (1.0, 2.0)]).furthest(), 6.5);
        assert_eq!((of(&[]).seconds(), of(&[]).furthest()), (0.0, 0.0));
    }

    #[test]
    fn the_nearest_become_one_when_there_are_too_many() {
        let mut ranges = Ranges::default();
        for number in 0..MAX_RANGES {
            ranges.add(number as f64 * 10.0, number as f64 * 10.0 + 5.0);
        }
        let before = ranges.seconds();
        // Two seconds behind one of them, and so nearest.
        ranges.add(57.0, 58.0);
        assert_eq!(ranges.list.len(), MAX_RANGES);
        assert!(written(&ranges).contains("[50,58]"), "{}", written(&ranges));
        assert_eq!(ranges.seconds(), before + 1.0, "what was passed over does not count");
    }
}
