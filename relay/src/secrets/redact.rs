//! Takes secrets out of what somebody else has written: an endpoint that echoes its request would hand them to the browser.
//!
//! What is found: a value as it is, also within other text; spelt as JSON spells it, also twice (JSON within a JSON string);
//! percent-encoded; as base64 of either alphabet, also in the middle of longer base64; and any of these within JSON or percent-encoded.
//! Of a value like `Bearer abc` or `Basic dXNlcjpwdw==` what follows the word alone, and what Basic credentials consist of.
//!
//! What is not found: values shorter than [`SHORTEST_SECRET`] bytes, which occur by themselves all the time; parts of values;
//! other transformations (hashes, compression, hexadecimal, letter case). It does not replace being careful whom one sends secrets.
//!
//! The work is linear in the text, for each value. How many there are is the operator's choice, and bounded by the configuration.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use memchr::memmem;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret as _, SecretString};
use std::ops::Range;

/// What stands where a secret was.
pub const REMOVED: &str = "[removed]";
/// Values with fewer bytes are not searched for.
pub const SHORTEST_SECRET: usize = 4;
/// Fewer characters of base64 are found by chance.
const SHORTEST_BASE64: usize = 5;

/// A text without secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redacted {
    /// The text.
    pub bytes: Vec<u8>,
    /// How many places were replaced.
    pub removed: usize,
}

/// Replaces every occurrence of a secret by [`REMOVED`]. What was UTF-8 stays UTF-8; what was JSON stays JSON, unless the secret
/// was (part of) a number or a word of its own there.
pub fn redact(bytes: &[u8], secrets: &[SecretString]) -> Redacted {
    let needles = needles(secrets);
    let mut found = Vec::new();
    if !needles.is_empty() {
        for reading in readings(bytes) {
            for needle in &needles {
                found.extend(
                    memmem::find_iter(&reading.bytes, needle.as_slice())
                        .filter_map(|at| reading.source(at..at + needle.len())),
                );
            }
        }
    }
    // Half of an escape would make what was JSON something else.
    if !found.is_empty()
        && let Some(escapes) = escapes(bytes)
    {
        found.iter_mut().for_each(|range| escapes.widen(range));
    }
    found.sort_unstable_by_key(|range| (range.start, range.end));
    let (mut out, mut removed, mut done) = (Vec::with_capacity(bytes.len()), 0, 0);
    for range in found {
        // Places that overlap or touch are one.
        if removed == 0 || range.start > done {
            out.extend_from_slice(bytes.get(done..range.start).unwrap_or_default());
            out.extend_from_slice(REMOVED.as_bytes());
            removed += 1;
        }
        done = done.max(range.end);
    }
    out.extend_from_slice(bytes.get(done..).unwrap_or_default());
    Redacted { bytes: out, removed }
}

/// [`redact()`] for texts, such as messages of errors.
pub fn redact_text(text: &str, secrets: &[SecretString]) -> String {
    let redacted = redact(text.as_bytes(), secrets);
    String::from_utf8_lossy(&redacted.bytes).into_owned()
}

type Needle = Zeroizing<Vec<u8>>;

/// What is searched for.
fn needles(secrets: &[SecretString]) -> Vec<Needle> {
    let mut needles = Vec::new();
    for secret in secrets {
        let secret = secret.expose_secret();
        add(&mut needles, secret.as_bytes());
        // `Bearer …`, and other schemes of `Authorization`.
        let Some((scheme, rest)) = secret.split_once(' ') else { continue };
        if scheme.is_empty() || !scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
            continue;
        }
        let rest = rest.trim();
        add(&mut needles, rest.as_bytes());
        let decoded = STANDARD.decode(rest).or_else(|_| STANDARD_NO_PAD.decode(rest)).map(Zeroizing::new);
        if let Ok(decoded) = decoded
            && scheme.eq_ignore_ascii_case("basic")
        {
            add(&mut needles, &decoded);
            let colon = decoded.iter().position(|byte| *byte == b':');
            add(&mut needles, colon.and_then(|colon| decoded.get(colon + 1..)).unwrap_or_default());
        }
    }
    needles
}

/// A value, and its base64 at each of the three places in which it can stand there.
fn add(needles: &mut Vec<Needle>, value: &[u8]) {
    if value.len() < SHORTEST_SECRET {
        return;
    }
    needles.push(Zeroizing::new(value.to_vec()));
    for shift in 0..3 {
        let mut shifted = Zeroizing::new(Vec::with_capacity(value.len() + shift));
        shifted.resize(shift, 0);
        shifted.extend_from_slice(value);
        // Characters that hold bits of what stands before or after are not known.
        let known = (shift * 8).div_ceil(6)..shifted.len() * 8 / 6;
        let mut spellings = [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD]
            .map(|engine| Zeroizing::new(engine.encode(shifted.as_slice()).into_bytes()))
            .map(|encoded| Zeroizing::new(encoded.get(known.clone()).unwrap_or_default().to_vec()))
            .to_vec();
        spellings.dedup();
        needles.extend(spellings.into_iter().filter(|spelling| spelling.len() >= SHORTEST_BASE64));
    }
}

/// The text as somebody reads it who undoes an encoding, and where each byte of it comes from.
struct Reading {
    bytes: Vec<u8>,
    /// Where each byte begins in the source, and where the last one ends; none if it is the source itself.
    starts: Option<Vec<usize>>,
}

impl Reading {
    fn source(&self, range: Range<usize>) -> Option<Range<usize>> {
        let Some(starts) = &self.starts else { return Some(range) };
        Some(*starts.get(range.start)?..*starts.get(range.end)?)
    }

    /// Makes a range of the source one of whole bytes of this reading.
    fn widen(&self, range: &mut Range<usize>) {
        let Some(starts) = &self.starts else { return };
        let (before, after) =
            (starts.partition_point(|at| *at <= range.start), starts.partition_point(|at| *at < range.end));
        range.start = before.checked_sub(1).and_then(|at| starts.get(at)).copied().unwrap_or(range.start);
        range.end = starts.get(after).copied().unwrap_or(range.end);
    }

    /// Undoes one more encoding; none if there is nothing to undo.
    fn undo(&self, mark: &[u8], one: impl Fn(&[u8]) -> Option<(u8, usize)>) -> Option<Self> {
        self.bytes.iter().find(|byte| mark.contains(byte))?;
        let (mut bytes, mut starts, mut at) = (Vec::with_capacity(self.bytes.len()), Vec::new(), 0);
        while let Some(rest) = self.bytes.get(at..).filter(|rest| !rest.is_empty()) {
            let plain = rest.first().copied().unwrap_or_default();
            let (byte, length) = one(rest).unwrap_or((plain, 1));
            bytes.push(byte);
            starts.push(self.source(at..at)?.start);
            at += length;
        }
        starts.push(self.source(at..at)?.end);
        Some(Self { bytes, starts: Some(starts) })
    }
}

/// The text as JSON spells it, undone; none if there are no escapes.
fn escapes(bytes: &[u8]) -> Option<Reading> {
    Reading { bytes: bytes.to_vec(), starts: None }.undo(b"\\", json_escape)
}

/// The text as it is, and with its encodings undone: JSON once and twice, percent-encoding in each of these.
fn readings(bytes: &[u8]) -> Vec<Reading> {
    let mut readings = vec![Reading { bytes: bytes.to_vec(), starts: None }];
    let once = readings.last().and_then(|plain| plain.undo(b"\\", json_escape));
    let twice = once.as_ref().and_then(|once| once.undo(b"\\", json_escape));
    readings.extend(once);
    readings.extend(twice);
    let percent: Vec<Reading> = readings.iter().filter_map(|reading| reading.undo(b"%", percent)).collect();
    // Forms write a blank as `+`, which a value may have itself: both are looked for.
    let form: Vec<Reading> = readings.iter().filter_map(|reading| reading.undo(b"+", plus)).collect();
    readings.extend(percent);
    readings.extend(form);
    readings
}

fn json_escape(rest: &[u8]) -> Option<(u8, usize)> {
    let [b'\\', escape, after @ ..] = rest else { return None };
    Some(match escape {
        b'"' | b'\\' | b'/' => (*escape, 2),
        b'b' => (8, 2),
        b'f' => (12, 2),
        b'n' => (b'\n', 2),
        b'r' => (b'\r', 2),
        b't' => (b'\t', 2),
        b'u' => match after {
            // Others than ASCII are in no header field.
            [b'0', b'0', high, low, ..] => (hex(*high)? * 16 + hex(*low)?, 6),
            _ => return None,
        },
        _ => return None,
    })
}

fn percent(rest: &[u8]) -> Option<(u8, usize)> {
    match rest {
        [b'%', high, low, ..] => Some((hex(*high)? * 16 + hex(*low)?, 3)),
        _ => None,
    }
}

fn plus(rest: &[u8]) -> Option<(u8, usize)> {
    match rest {
        [b'+', ..] => Some((b' ', 1)),
        _ => percent(rest),
    }
}

/// The value of a hexadecimal digit.
fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}
