//! When the next attempt is.

use super::Limits;
use super::judge::Standing;

const SECOND_MS: u64 = 1_000;
const MINUTE_MS: u64 = 60 * SECOND_MS;
/// What a receiver asks for is kept to up to this, in milliseconds.
const LONGEST_HINT_MS: u64 = 24 * 60 * MINUTE_MS;
/// Attempts of a delivery whose first ones end with 409 are so soon after one another, doubling from a second.
const MAX_IN_PROGRESS: u32 = 5;
/// What is refused is tried again after so many milliseconds, since the receiver may be about to be replaced.
const REFUSED_MS: [u64; 2] = [2 * MINUTE_MS, 8 * MINUTE_MS];
/// A request that could not be made is tried so often.
pub(super) const MAX_UNPREPARED: u32 = 5;

/// Milliseconds until the next attempt; none if the delivery is given up.
///
/// `attempts` is how many there were since it was taken, or replayed last; `refusals` how many of these were refused, as far as is known;
/// `hint_ms` what the receiver asks for; `unit` chance in [0, 1).
pub(super) fn next_ms(
    limits: &Limits,
    standing: Standing,
    attempts: u32,
    refusals: u32,
    hint_ms: u64,
    unit: f64,
) -> Option<u64> {
    let place = usize::try_from(attempts).unwrap_or(usize::MAX);
    let scheduled = limits.schedule_ms.get(place).copied();
    let jittered = |ms: u64| {
        #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let ms = (ms as f64 * (0.8 + 0.4 * unit)) as u64;
        ms
    };
    let own = match standing {
        Standing::InProgress if attempts <= MAX_IN_PROGRESS => {
            SECOND_MS << attempts.saturating_sub(1).min(MAX_IN_PROGRESS)
        }
        Standing::Refused => {
            scheduled?;
            let place = usize::try_from(refusals.saturating_sub(1)).unwrap_or(usize::MAX);
            jittered(*REFUSED_MS.get(place)?)
        }
        Standing::Unprepared if attempts >= MAX_UNPREPARED => return None,
        Standing::Late | Standing::Limited => jittered(scheduled?).max(limits.breather_ms),
        _ => jittered(scheduled?),
    };
    Some(own.max(hint_ms.min(LONGEST_HINT_MS)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(standing: Standing, unit: f64) -> Vec<u64> {
        let limits = Limits::default();
        (1..20).map_while(|attempts| next_ms(&limits, standing, attempts, attempts, 0, unit)).collect()
    }

    #[test]
    fn thirteen_attempts_in_about_three_days() {
        let middle = waits(Standing::Busy, 0.5);
        assert_eq!(middle.len(), 12);
        assert_eq!(middle[..4], [5_000, 30_000, 120_000, 600_000]);
        let hours = middle.iter().sum::<u64>() / 3_600_000;
        assert_eq!(hours, 76);
        assert_eq!(waits(Standing::Busy, 0.0)[0], 4_000);
        assert_eq!(waits(Standing::Busy, 0.999_999)[0], 5_999);
    }

    #[test]
    fn some_ends_have_times_of_their_own() {
        assert_eq!(waits(Standing::Late, 0.5)[..3], [60_000, 60_000, 120_000]);
        assert_eq!(waits(Standing::Limited, 0.0)[..2], [60_000, 60_000]);
        assert_eq!(waits(Standing::Refused, 0.5), [120_000, 480_000], "three tries in ten minutes");
        assert_eq!(waits(Standing::InProgress, 0.5)[..6], [1_000, 2_000, 4_000, 8_000, 16_000, 3_600_000]);
        assert_eq!(waits(Standing::Unprepared, 0.5).len(), 4, "five tries");
    }

    #[test]
    fn a_receiver_may_ask_for_more_time_but_not_for_less() {
        let wait = |hint| next_ms(&Limits::default(), Standing::Busy, 2, 0, hint, 0.5);
        assert_eq!(wait(1_000), Some(30_000));
        assert_eq!(wait(90_000), Some(90_000));
        assert_eq!(wait(u64::MAX), Some(LONGEST_HINT_MS));
        assert_eq!(
            next_ms(&Limits { schedule_ms: vec![0], ..Limits::default() }, Standing::Busy, 1, 0, 90_000, 0.5),
            None,
            "it is given up all the same"
        );
        // A delivery that has failed otherwise before meets a receiver that is being replaced.
        let refused = |refusals| next_ms(&Limits::default(), Standing::Refused, 9, refusals, 0, 0.5);
        assert_eq!((refused(1), refused(3)), (Some(120_000), None));
    }
}
