//! Which mutants are tried, and what has come of them so far.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What has come of a mutant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// A test failed.
    Caught,
    /// No test failed.
    Missed,
    /// It took too long, which is noticed as well.
    Timeout,
    /// It does not compile.
    Unviable,
}

impl Outcome {
    /// All there are, with the files in which cargo-mutants lists them.
    pub const ALL: [(Outcome, &'static str); 4] = [
        (Outcome::Caught, "caught.txt"),
        (Outcome::Missed, "missed.txt"),
        (Outcome::Timeout, "timeout.txt"),
        (Outcome::Unviable, "unviable.txt"),
    ];
}

/// What is known of mutants of one state of the sources.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Results {
    /// Stands for the sources and tests.
    pub sources: String,
    /// By the mutants' names.
    pub outcomes: BTreeMap<String, Outcome>,
}

impl Results {
    /// What is known of these sources: nothing, if the results are of others; or `again`, if those have other tests
    /// alone, all but what was missed.
    pub fn of(sources: String, kept: Option<Results>, again: bool) -> Self {
        match kept {
            Some(kept) if kept.sources == sources && !again => kept,
            Some(mut kept) if again => {
                kept.outcomes.retain(|_, outcome| *outcome != Outcome::Missed);
                Results { sources, ..kept }
            }
            _ => Results { sources, outcomes: BTreeMap::new() },
        }
    }

    /// Those of a sample that have not been tried.
    pub fn missing<'a>(&self, sample: &'a [String]) -> Vec<&'a String> {
        sample.iter().filter(|name| !self.outcomes.contains_key(*name)).collect()
    }

    /// What has come of a sample.
    pub fn verdict(&self, sample: &[String]) -> Verdict {
        let mut verdict = Verdict::default();
        for name in sample {
            match self.outcomes.get(name) {
                Some(Outcome::Caught) => verdict.caught += 1,
                Some(Outcome::Timeout) => verdict.timeouts += 1,
                Some(Outcome::Unviable) => verdict.unviable += 1,
                Some(Outcome::Missed) => verdict.missed.push(name.clone()),
                None => verdict.untried += 1,
            }
        }
        verdict
    }
}

/// The sum over a sample.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    pub caught: usize,
    pub timeouts: usize,
    pub unviable: usize,
    pub untried: usize,
    pub missed: Vec<String>,
}

impl Verdict {
    /// Whether so many in a hundred of the viable ones were noticed, and all were tried.
    pub fn suffices(&self, percent: usize) -> bool {
        let noticed = self.caught + self.timeouts;
        self.untried == 0 && noticed * 100 >= (noticed + self.missed.len()) * percent
    }
}

/// A random sample of `names`, always the same one for the same seed; a larger one begins with the smaller.
pub fn sample(mut names: Vec<String>, size: usize, seed: u64) -> Vec<String> {
    names.sort();
    names.dedup();
    names.sort_by_key(|name| rank(seed, name));
    names.truncate(size);
    names
}

/// A number that looks random: FNV-1a, mixed as in splitmix64.
fn rank(seed: u64, name: &str) -> u64 {
    let start = 0xcbf2_9ce4_8422_2325 ^ seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let hash =
        name.bytes().fold(start, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    let mixed = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// A regular expression for these names and no others.
pub fn pattern(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| quote(name)).collect();
    format!("^(?:{})$", quoted.join("|"))
}

fn quote(text: &str) -> String {
    let mut quoted = String::new();
    for character in text.chars() {
        if r"\.+*?()|[]{}^$#&-~".contains(character) {
            quoted.push('\\');
        }
        quoted.push(character);
    }
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(count: usize) -> Vec<String> {
        (0..count).map(|number| format!("src/a.rs:{number}: replace f with ()")).collect()
    }

    #[test]
    fn a_sample_is_fixed_by_its_seed_and_grows() {
        let small = sample(names(1_000), 30, 1);
        assert_eq!(small.len(), 30);
        let mut turned = names(1_000);
        turned.reverse();
        assert_eq!(sample(turned, 30, 1), small);
        assert_eq!(sample(names(1_000), 60, 1).get(..30), Some(&small[..]));
        assert_ne!(sample(names(1_000), 30, 2), small);
        assert_eq!(sample(names(10), 30, 1).len(), 10);
        let first = names(500);
        let of_first_half = sample(names(1_000), 200, 7).iter().filter(|name| first.contains(name)).count();
        assert!((70..130).contains(&of_first_half), "{of_first_half} of 200");
    }

    #[test]
    fn a_second_call_goes_on_where_the_first_stopped() {
        let sample = names(3);
        let mut results = Results::of("x".to_owned(), None, false);
        results.outcomes.insert(sample[1].clone(), Outcome::Missed);
        let kept = serde_json::to_string(&results).unwrap();
        let of = |sources: &str, again| {
            Results::of(sources.to_owned(), serde_json::from_str(&kept).unwrap(), again)
        };
        assert_eq!(of("x", false), results);
        assert_eq!(of("x", false).missing(&sample), [&sample[0], &sample[2]]);
        assert_eq!(of("y", false).missing(&sample).len(), 3, "the sources have changed");
    }

    #[test]
    fn what_was_missed_is_tried_again_when_tests_have_changed() {
        let sample = names(3);
        let outcomes = [(sample[0].clone(), Outcome::Caught), (sample[1].clone(), Outcome::Missed)];
        let kept = Results { sources: "x".to_owned(), outcomes: BTreeMap::from(outcomes) };
        let again = Results::of("y".to_owned(), Some(kept), true);
        assert_eq!(again.missing(&sample), [&sample[1], &sample[2]]);
        assert_eq!(again.sources, "y");
    }

    #[test]
    fn nine_of_ten_suffice_and_unviable_ones_do_not_count() {
        let sample = names(13);
        let mut results = Results::default();
        let outcome = |number| match number {
            0..8 => Outcome::Caught,
            8 => Outcome::Timeout,
            9 => Outcome::Missed,
            _ => Outcome::Unviable,
        };
        for (number, name) in sample.iter().enumerate() {
            assert!(!results.verdict(&sample).suffices(90), "not all were tried");
            results.outcomes.insert(name.clone(), outcome(number));
        }
        let verdict = results.verdict(&sample);
        assert_eq!((verdict.caught, verdict.timeouts, verdict.unviable, verdict.missed.len()), (8, 1, 3, 1));
        assert!(verdict.suffices(90) && !verdict.suffices(91));
    }

    #[test]
    fn a_pattern_means_these_names() {
        let names = ["a.rs:1: replace f -> Vec<u8> with vec![]".to_owned(), "b".to_owned()];
        assert_eq!(pattern(&names), r"^(?:a\.rs:1: replace f \-> Vec<u8> with vec!\[\]|b)$");
    }
}
