//! Identifiers and chance: UUIDs of version 7, and the random numbers behind them and behind jitter.

/// Whether a text has the form of a UUID: 36 characters, in lower case.
pub fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(place, byte)| match place {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
        })
}

/// Makes UUIDv7 identifiers (RFC 9562) that sort in the order in which they were made.
///
/// They need to be unique, not secret, so one seed from the browser's cryptographic source is enough; the rest
/// is the xoshiro256** generator. A seed also makes simulations repeatable.
#[derive(Clone, Debug)]
pub struct IdSource {
    state: [u64; 4],
    last_ms: u64,
    counter: u16,
}

impl IdSource {
    /// A source that starts from `seed`. All zeros is no valid seed and is replaced.
    pub fn new(seed: [u64; 4]) -> Self {
        let state = if seed == [0; 4] { [0x9E37_79B9_7F4A_7C15, 1, 2, 3] } else { seed };
        Self { state, last_ms: 0, counter: 0 }
    }

    /// A new identifier for the Unix time `wall_ms` (milliseconds), in the usual 36 characters.
    ///
    /// Within one millisecond, and while the clock runs backwards, the twelve bits after the time count up
    /// (RFC 9562, section 6.2, method 1), so that order survives.
    pub fn uuid(&mut self, wall_ms: f64) -> String {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let now = wall_ms as u64;
        if now > self.last_ms {
            self.last_ms = now;
            // The top bit stays free, so that 2,048 identifiers fit into a millisecond at least.
            self.counter = (self.next() & 0x7FF) as u16;
        } else if self.counter < 0xFFF {
            self.counter += 1;
        } else {
            self.last_ms += 1;
            self.counter = 0;
        }
        let high = (self.last_ms << 16) | 0x7000 | u64::from(self.counter);
        let low = (self.next() & 0x3FFF_FFFF_FFFF_FFFF) | 0x8000_0000_0000_0000;
        hyphenated(high, low)
    }

    /// A random number in [0, 1).
    pub fn unit(&mut self) -> f64 {
        #[allow(clippy::cast_precision_loss)]
        let value = (self.next() >> 11) as f64;
        value / 9_007_199_254_740_992.0
    }

    /// xoshiro256** by Blackman and Vigna (public domain).
    fn next(&mut self) -> u64 {
        let [a, b, c, d] = self.state;
        let result = b.wrapping_mul(5).rotate_left(7).wrapping_mul(9);
        let c = c ^ a;
        let d = d ^ b;
        self.state = [a ^ d, b ^ c, c ^ (b << 17), d.rotate_left(45)];
        result
    }
}

/// Hexadecimal in the groups 8-4-4-4-12.
fn hyphenated(high: u64, low: u64) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(36);
    for place in 0..32 {
        if matches!(place, 8 | 12 | 16 | 20) {
            text.push('-');
        }
        let word = if place < 16 { high } else { low };
        let nibble = (word >> (60 - 4 * (place % 16))) & 0xF;
        text.push(DIGITS.get(nibble as usize).copied().unwrap_or(b'0').into());
    }
    text
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    #[test]
    fn has_the_form_of_a_version_7_uuid() {
        let mut ids = IdSource::new([1, 2, 3, 4]);
        let id = ids.uuid(1_732_147_620_123.0);
        assert_eq!(id.len(), 36);
        assert_eq!(&id[..13], "01934c0b-291b", "the first 48 bits are the time");
        assert_eq!(&id[14..15], "7", "version");
        assert!(matches!(&id[19..20], "8" | "9" | "a" | "b"), "variant of {id}");
    }

    #[test]
    fn sorts_in_order_even_when_the_clock_stands_still_or_runs_backwards() {
        let mut ids = IdSource::new([1, 2, 3, 4]);
        let mut all = Vec::new();
        for step in 0..10_000 {
            all.push(ids.uuid(if step < 5_000 { 1e12 } else { 1e12 - 500.0 }));
        }
        assert!(all.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn a_millisecond_has_room_and_all_else_is_chance() {
        let mut ids = IdSource::new([1, 2, 3, 4]);
        let number = |id: &str| u64::from_str_radix(&id.replace('-', "")[16..], 16).unwrap();
        let (mut set, mut clear) = (0, 0);
        for millisecond in 0..100 {
            let first = ids.uuid(1e12 + f64::from(millisecond));
            assert!(
                matches!(&first[14..16], "70" | "71" | "72" | "73" | "74" | "75" | "76" | "77"),
                "{first}"
            );
            assert!(matches!(&first[19..20], "8" | "9" | "a" | "b"), "{first}");
            set |= number(&first);
            clear |= !number(&first);
        }
        assert_eq!((set, clear), (0xBFFF_FFFF_FFFF_FFFF, 0x7FFF_FFFF_FFFF_FFFF), "62 bits of chance");
        let mut ids = IdSource::new([1, 2, 3, 4]);
        let all: Vec<String> = (0..2_048).map(|_| ids.uuid(1e12)).collect();
        assert!(all.iter().all(|id| id[..13] == all[0][..13]), "they fit into their millisecond");
    }

    #[test]
    fn chance_fills_its_range() {
        let mut ids = IdSource::new([0; 4]);
        let values: Vec<f64> = (0..1_000).map(|_| ids.unit()).collect();
        assert!(values.iter().all(|value| (0.0..1.0).contains(value)));
        assert!(values.iter().any(|value| *value < 0.05) && values.iter().any(|value| *value > 0.95));
    }

    #[test]
    fn so_many_of_a_millisecond_carry_its_time() {
        let mut ids = IdSource::new([1, 2, 3, 4]);
        let all: Vec<String> = (0..5_000).map(|_| ids.uuid(1e12)).collect();
        let with_its_time = all.iter().take_while(|id| id[..13] == all[0][..13]).count();
        assert!((2_048..=4_096).contains(&with_its_time), "{with_its_time}");
        assert_eq!(all[with_its_time][15..18], *"000", "the next one counts from the beginning");
    }

    #[test]
    fn the_generator_is_xoshiro256_starstar() {
        let mut ids = IdSource::new([1, 2, 3, 4]);
        // The first numbers of the authors' program for this seed.
        let published: [u64; 10] = [
            11_520,
            0,
            1_509_978_240,
            1_215_971_899_390_074_240,
            1_216_172_134_540_287_360,
            607_988_272_756_665_600,
            16_172_922_978_634_559_625,
            8_476_171_486_693_032_832,
            10_595_114_339_597_558_777,
            2_904_607_092_377_533_576,
        ];
        assert_eq!(published.map(|_| ids.next()), published);
    }
}
