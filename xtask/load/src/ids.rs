//! Ids of events and calls, and words to fill them.

use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// Sixteen words, of which texts are made: a database that compresses finds about as much to save as in others.
const WORDS: [&str; 16] = [
    "lamp", "window", "of", "blue", "the", "seven", "morning", "and", "discount", "green", "for", "spring",
    "with", "street", "a", "yellow",
];

/// In which order ids come. A database finds room for those that grow at one place, and for others everywhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Order {
    /// UUIDs of version 7, as Cuehook's own: the time comes first.
    #[default]
    Time,
    /// UUIDs of version 4.
    Random,
}

/// Makes ids; those of two seeds and of two connections are different.
#[derive(Clone, Debug)]
pub struct Ids {
    state: u64,
    order: Order,
}

impl Ids {
    /// For a connection: numbers that follow from these alone (SplitMix64).
    pub fn new(seed: u64, connection: u64, order: Order) -> Self {
        let mut ids = Self { state: seed, order };
        // Mixed, so that no connection goes on where another one is already.
        ids.state = ids.number() ^ connection;
        ids.state = ids.number();
        ids
    }

    /// The next id.
    pub fn next_id(&mut self) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        self.id_at(u64::try_from(now.as_millis()).unwrap_or_default())
    }

    /// Appends words, of so many bytes.
    pub(crate) fn write_words(&mut self, bytes: usize, out: &mut String) {
        let end = out.len() + bytes;
        while out.len() < end {
            let mut number = self.number();
            for _ in 0..16 {
                let word = usize::try_from(number & 15).ok().and_then(|place| WORDS.get(place));
                out.push_str(word.copied().unwrap_or_default());
                out.push(' ');
                number >>= 4;
            }
        }
        // All of it is ASCII.
        out.truncate(end);
    }

    /// The next id, at a time in Unix milliseconds.
    fn id_at(&mut self, now_ms: u64) -> String {
        let (first, last) = (self.number(), self.number());
        let (head, version) = match self.order {
            Order::Time => (now_ms, 7),
            Order::Random => (first >> 16, 4),
        };
        format!(
            "{:08x}-{:04x}-{version}{:03x}-{:04x}-{:012x}",
            head >> 16 & 0xffff_ffff,
            head & 0xffff,
            first & 0xfff,
            0x8000 | last >> 48 & 0x3fff,
            last & 0xffff_ffff_ffff,
        )
    }

    fn number(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn ids_are_uuids_of_their_version() {
        for (order, version) in [(Order::Time, '7'), (Order::Random, '4')] {
            let id = Ids::new(3, 0, order).id_at(0x0192_aaaa_bbbb);
            assert_eq!(id.len(), 36);
            let dashes = id.bytes().enumerate().filter(|(_, byte)| *byte == b'-').map(|(at, _)| at);
            assert_eq!(dashes.collect::<Vec<_>>(), [8, 13, 18, 23], "{id}");
            assert_eq!(id.chars().nth(14), Some(version), "{id}");
            assert!(matches!(id.as_bytes()[19], b'8' | b'9' | b'a' | b'b'), "{id}");
            assert_eq!(id.starts_with("0192aaaa-bbbb-"), order == Order::Time, "{id}");
        }
    }

    #[test]
    fn no_two_are_the_same() {
        let (mut one, mut two) = (Ids::new(1, 1, Order::Time), Ids::new(1, 2, Order::Time));
        let ids: BTreeSet<String> = (0..1_000).flat_map(|_| [one.id_at(5), two.id_at(5)]).collect();
        assert_eq!(ids.len(), 2_000);
    }

    #[test]
    fn texts_have_their_length_and_differ() {
        let mut ids = Ids::new(1, 0, Order::Time);
        let mut texts = ["", "before: "].map(str::to_owned);
        for text in &mut texts {
            ids.write_words(300, text);
        }
        assert_eq!(texts.each_ref().map(String::len), [300, 308]);
        assert_ne!(texts[0], texts[1][8..]);
        ids.write_words(0, &mut texts[0]);
        assert_eq!(texts[0].len(), 300);
    }

    #[test]
    fn those_of_time_grow() {
        let mut ids = Ids::new(1, 0, Order::Time);
        let made: Vec<String> = (0..100).map(|ms| ids.id_at(1_795_852_800_000 + ms)).collect();
        assert!(made.is_sorted());
    }
}
