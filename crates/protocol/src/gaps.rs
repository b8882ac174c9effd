//! What a receiver has not been sent: the numbers that are missing.

/// The numbers that are missing below the highest, as ranges of first and last, from the `seq` of all events of a session that a
/// receiver has; in any order, and with repetitions.
///
/// ```
/// assert_eq!(cuehook_protocol::gaps(&[1, 2, 6, 4, 4]), [(3, 3), (5, 5)]);
/// ```
pub fn gaps(seqs: &[u64]) -> Vec<(u64, u64)> {
    let mut sorted = seqs.to_vec();
    sorted.sort_unstable();
    let mut gaps = Vec::new();
    let mut next = 1;
    for seq in sorted {
        if seq > next {
            gaps.push((next, seq - 1));
        }
        next = next.max(seq.saturating_add(1));
    }
    gaps
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;
    use crate::IdSource;

    #[test]
    fn the_first_may_be_missing_and_the_last_is_not_known() {
        for (seqs, expected) in [
            (&[][..], &[][..]),
            (&[1], &[]),
            (&[3], &[(1, 2)]),
            (&[1, 2, 3], &[]),
            (&[3, 1, 2, 1], &[]),
            (&[5, 1], &[(2, 4)]),
            (&[0, 1, u64::MAX], &[(2, u64::MAX - 1)]),
        ] {
            assert_eq!(gaps(seqs), expected, "{seqs:?}");
        }
    }

    #[test]
    fn every_injected_gap_is_found() {
        let mut found = 0;
        for seed in 1..2_000_u64 {
            let mut chance = IdSource::new([2, seed.wrapping_mul(0x9E37_79B9_7F4A_7C15), 3, 4]);
            let mut below = |number: u64| (chance.unit() * number as f64) as u64;
            let count = 2 + below(200);
            let lost: Vec<u64> = (1..count).filter(|_| below(8) == 0).collect();
            // The rest arrives in any order, some of it twice.
            let mut seqs: Vec<u64> = (1..=count).filter(|seq| !lost.contains(seq)).collect();
            for _ in 0..below(40) {
                seqs.push(seqs[below(seqs.len() as u64) as usize]);
            }
            for place in 0..seqs.len() {
                let other = below(seqs.len() as u64) as usize;
                seqs.swap(place, other);
            }
            let gaps = gaps(&seqs);
            let missing: Vec<u64> = gaps.iter().flat_map(|(first, last)| *first..=*last).collect();
            assert_eq!(missing, lost, "seed {seed}");
            assert!(
                gaps.windows(2).all(|pair| pair[0].1 + 1 < pair[1].0),
                "ranges are as long as they can be"
            );
            found += lost.len();
        }
        assert!(found > 10_000);
    }
}
